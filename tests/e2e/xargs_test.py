"""--xargs-mode beside the xargs that is installed: the same output and exit status, case by case."""

import os
import pty
import random
import shutil
import subprocess

from harness import Skip, read_for, test

# X is the one or the other. Each runs in a directory of its own.
CASES = r"""
printf 'a "b c" d\\ e\nf' | X -n1 printf '<%s>'
printf 'a "b\nc' | X echo
printf 'x y "b\nc' | X -n1 echo
printf '"" a' | X -n1 echo x
printf '%s\n' 'it'"'"'s' | X echo
printf 'a\\\nb' | X -n1 echo
printf 'a\tb\n\tc' | X -n1 echo
printf 'a\r\nb\r\n' | X -n1 echo | od -c
printf 'a\r\nb\r\n' | X -d '\n' -n1 echo | od -c
printf 'a;b$c*\n' | X echo
printf 'a_b' | X -d _ -n1 echo
printf 'a_b_' | X -d _ -n1 echo
printf 'a b\nc' | X -d '\n' -n1 echo
printf 'a\0b c\0' | X -0 -n1 echo
printf 'a b E c' | X -E E echo
printf 'a b E c' | X -eE echo
printf '' | X echo hi
printf '' | X
printf '' | X -r echo hi
printf '' | X -I{} echo hi
printf '  a b  \n\n c"d e"\n' | X -I Q echo '<Q>'
printf 'a b\nc' | X -i echo '{}' x{}
printf 'a b\nc' | X -iR echo 'R' x{}
printf 'a\nb\n' | X --replace=Q echo Q-Q
printf 'a\nb\n' | X -n1 -I{} echo {}
printf 'a b\nb\n' | X -n2 -I{} echo {}
printf 'a b\n' | X -0 -I{} echo {}x
printf 'a b\n\nc \nd\ne' | X -L1 echo '<'
printf 'a b c d e\nf' | X -L2 echo
printf 'a b c d e' | X -n2 -L1 echo
printf 'a b\nc\nd' | X -l echo
printf 'a b\nc\nd' | X -l2 echo
printf 'a\nb\n' | X --max-lines=2 echo
printf 'a\nb\n' | X --max-args 1 echo
seq 100000 | X | awk '{print length($0)}'
seq 300000 | X -n 777 echo | cksum
seq 100000 | X -s 1000 | cksum
seq 100000 | X -s 5000 -n 100 echo x | cksum
printf 'aaaaaaaaaaaaaa b' | X -s 12 echo
printf 'b aaaaaaaaaaaaaa c' | X -s 12 echo
printf 'aa bb cc' | X -n2 -s 10 echo
printf 'aa bb cc' | X -x -n2 -s 10 echo
printf '1 2 3' | X -n1 sh -c 'exit 255'
printf '1 2 3' | X -n1 sh -c 'kill -9 $$'
printf '1 2 3' | X -n1 nonexist
printf '1 2 3' | X -n1 /etc/passwd
printf '1 2 3' | X -n1 sh -c 'exit 3'
printf '1 2 3' | X -n1 sh -c 'echo $0; [ $0 != 2 ]'
printf 'a b' | X -P 3 -n1 sh -c 'exit 1'
printf 'a b' | X -t -n1 echo 'x y'
printf 'a b\n' | X -n1 -t sh -c 'exit $1' x
printf 'a b' | X --process-slot-var=S -n1 sh -c 'echo $S'
printf 'a' | X -I{} sh -c 'cat; echo {}'
printf 'a b' >f; echo stdin | X -a f sh -c 'cat; echo $*' x
printf 'x\n' | X -a nonexist echo
printf 'a\n' | X -nx echo
printf 'a\n' | X --nosuch echo
printf 'a\n' | X -n 0 echo
printf '%s ' $(seq 30) | X -P0 -n1 echo | sort
printf 'a b c' | X -P2 -n1 echo | sort
""".strip().splitlines()


def outcome(t, case, program, directory):
    directory.mkdir()
    script = f"X() {{ {program} \"$@\"; }}; {case}"
    done = subprocess.run(["/bin/sh", "-c", script], cwd=directory, env=t.env, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout


@test("--xargs-mode gives what xargs gives", limit=120)
def as_xargs(t):
    if not shutil.which("xargs"):
        raise Skip("there is no xargs here")
    for number, case in enumerate(CASES):
        theirs = outcome(t, case, "xargs", t.dir / f"x{number}")
        ours = outcome(t, case, "antsrun --xargs-mode", t.dir / f"a{number}")
        t.equal(ours, theirs, case)


@test("--xargs-mode splits any input as xargs does", limit=120)
def splits(t):
    if not shutil.which("xargs"):
        raise Skip("there is no xargs here")
    choose = random.Random(304)
    for number in range(150):
        text = "".join(choose.choices("aab _'\"\\\n\t", k=choose.randrange(12)))
        t.write("in", text + "\n")  # without, xargs passes over an item that is empty, or marks the end
        options = choose.choice(["", "-n1", "-n2", "-L1", "-L2", "-I{}", "-E a", "-d _", "-x -s 25"])
        case = f"X {options} printf '<%s>\\n' {'{}' if options == '-I{}' else ''} <../in"
        theirs = outcome(t, case, "xargs", t.dir / f"x{number}")
        ours = outcome(t, case, "antsrun --xargs-mode", t.dir / f"a{number}")
        if theirs[0] != 0:  # a quote without its end: what ran before it is up to chance
            ours, theirs = ours[0], theirs[0]
        t.equal(ours, theirs, f"{case} with {(t.dir / 'in').read_text()!r}")


@test("called as antsrun-xargs it is xargs, and silent")
def by_name(t):
    (t.dir / "bin" / "antsrun-xargs").symlink_to(t.antsrun)
    result = t.ended(t.sh("printf 'a b' | antsrun-xargs -n1 echo x"), 0, "x a\nx b\n")
    t.equal(result.err, b"", "stderr")
    result = t.ended(t.sh("printf 'a b' | antsrun-xargs -n1 sh -c 'exit 3'"), 123, "")
    t.equal(result.err, b"", "stderr")


@test("--xargs-mode: antsrun's own options work besides, and a report if asked for")
def own_options(t):
    result = t.sh("seq 20 | antsrun --xargs-mode -P4 -k -n1 --report r.json sh -c 'sleep 0.0$(($1 % 3)); echo $1' x")
    t.ended(result, 0, "".join(f"{i}\n" for i in range(1, 21)))
    t.equal(t.report_file("r.json")["jobs"]["succeeded"], 20, "jobs in the report")


@test("after a job that ends the run nothing starts")
def ends_run(t):
    for _ in range(30):
        result = t.sh("seq 4 | antsrun --xargs-mode -n1 sh -c 'echo $0; [ $0 != 2 ] || exit 255'")
        t.equal((result.status, result.out), (124, b"1\n2\n"), "result")


@test("--xargs-mode must come first")
def first(t):
    result = t.ended(t.sh("echo a | antsrun -j2 --xargs-mode echo"), 255, "")
    t.match("must be the first option", result.err)


def on_terminal(t, script, answers):
    """A shell on a terminal; what it shows, with each answer typed when its prompt is there."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(t.dir)
        os.execve("/bin/sh", ["sh", "-c", script], t.env)
    seen = b""
    with os.fdopen(terminal, "r+b", buffering=0) as stream:
        for prompt, answer in answers:
            shown = read_for(stream, 20, until=prompt)
            seen += shown
            t.check(prompt in shown, f"no prompt {prompt!r} in {seen!r}")
            stream.write(answer)
        while True:
            try:
                more = stream.read(4096)
            except OSError:
                break
            if not more:
                break
            seen += more
    status = os.waitpid(pid, 0)[1]
    return os.waitstatus_to_exitcode(status), seen


@test("-p asks on the terminal before each job, in both modes")
def asks(t):
    for call in ("antsrun --xargs-mode -p -n1 echo got", "antsrun -p --report none echo got"):
        status, seen = on_terminal(t, f"printf 'a\\nb\\nc\\n' | {call}",
                                   [(b"a ?...", b"y\n"), (b"b ?...", b"n\n"), (b"c ?...", b"Yes\n")])
        t.equal(status, 0, "status")
        t.equal([line for line in (b"got a", b"got b", b"got c") if seen.count(line + b"\r\n")],
                [b"got a", b"got c"], f"jobs in {seen!r}")


@test("-p without a terminal is an error, and nothing runs")
def no_terminal(t):
    result = t.sh("echo a | setsid antsrun -p echo got")
    t.ended(result, 255, "")
    t.match("/dev/tty", result.err)


@test("-o gives jobs the terminal as standard input")
def open_terminal(t):
    status, seen = on_terminal(t, "echo a | antsrun --xargs-mode -o sh -c 'echo ask; read x; echo read-$x'",
                               [(b"ask", b"hello\n")])
    t.equal(status, 0, "status")
    t.check(b"read-hello" in seen, f"{seen!r}")
