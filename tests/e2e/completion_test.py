"""--completion: scripts for shells, with every option there is."""

import re
import shutil

from harness import Skip, test


def script_for(t, shell):
    script = t.ended(t.sh(f"antsrun --completion {shell}"), 0).out.decode()
    t.write(f"antsrun.{shell}", script)
    return script


def options_in_help(t):
    text = t.ended(t.sh("antsrun --help"), 0).out.decode()
    heads = re.findall(r"^  (-.*?)(?:\s{2,}|$)", text, re.M)
    return sorted({name for head in heads for name in re.findall(r"(?<![\w-])--?[A-Za-z0-9][\w-]*", head)})


@test("--completion: the scripts have every option")
def every_option(t):
    options = options_in_help(t)
    t.check(len(options) > 60, f"{len(options)} options in --help")
    bash, zsh, fish = (script_for(t, shell) for shell in ("bash", "zsh", "fish"))
    for name in options:
        t.check(re.search(rf"[ '|]{name}[ '|]", bash), f"bash: {name}")
        t.check(f"'*{name}[" in zsh, f"zsh: {name}")
        kind = f" -l {name[2:]} " if name.startswith("--") else f" -s {name[1:]} "
        t.check(kind in fish, f"fish: {name}")


@test("--completion: bash completes options, their values, files and commands")
def in_bash(t):
    if not shutil.which("bash"):
        raise Skip("there is no bash here")
    script_for(t, "bash")
    t.write("afile", "")

    def complete(*words):
        call = " ".join(f"'{word}'" for word in words)
        done = t.sh(f"bash -c 'source ./antsrun.bash; COMP_WORDS=(antsrun {call}); "
                    f"COMP_CWORD={len(words)}; _antsrun; printf \"%s\\n\" \"${{COMPREPLY[@]}}\"'".replace(
                        f"'{words[-1]}'", f'"{words[-1]}"').replace(f"'{words[0]}'", f'"{words[0]}"'))
        return t.ended(done, 0).out.decode().split()

    t.equal(complete("--keep"), ["--keep-order"], "an option")
    t.equal(complete("--color", "al"), ["always"], "a value")
    t.equal(complete("-a", "afi"), ["afile"], "a file")
    t.equal(complete("--jobs", "1"), [], "a number")
    t.check("antsrun" in complete("antsru"), "a command")


@test("--completion: zsh and fish can read theirs")
def syntax(t):
    found = [shell for shell in ("bash", "zsh", "fish") if shutil.which(shell)]
    if not found:
        raise Skip("none of these shells is here")
    for shell in found:
        script_for(t, shell)
        t.ended(t.sh(f"{shell} -n antsrun.{shell}"), 0, "")


@test("--completion: for another shell it is an error")
def unknown(t):
    t.match("expected bash, zsh or fish", t.ended(t.sh("antsrun --completion csh"), 255, "").err)
