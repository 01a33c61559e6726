"""options.py ANTSRUN: the options in the code, in --help and in the man page are the same ones.

In the code they are the names in the table of src/cli/option_table.cpp and those in src/cli/parse.cpp; in the page those of the .It lines.
Also: README and man page use no option that does not exist.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = re.compile(r"(?<![\w-])(--?[A-Za-z0-9][\w-]*)")


def in_code():
    """Every string literal that is a list of option names: "-j,-P,--jobs"."""
    text = "".join((ROOT / "src/cli" / name).read_text() for name in ("option_table.cpp", "parse.cpp"))
    names = set()
    for literal in re.findall(r'"(-[^"\s]*)"', text):
        words = literal.lstrip("!").split(",")
        if all(re.fullmatch(r"-[A-Za-z0-9]|--[a-z][\w-]*", word) for word in words):
            names.update(words)
    return names


def in_help(antsrun):
    text = subprocess.run([antsrun, "--help"], capture_output=True, text=True, check=True).stdout
    names = set()
    for line in text.splitlines():
        head = re.match(r"\s+(-.*?)(?:\s{2,}|$)", line)
        if head:
            names.update(NAME.findall(head[1]))
    return names


def in_page():
    names = set()
    for line in (ROOT / "man/antsrun.1").read_text().splitlines():
        if line.startswith(".It "):
            for name in re.findall(r"\bFl (\S+)", line):
                names.add("-" + name.replace("\\", ""))
    return names


def unknown_in_examples(known):
    """Options of antsrun in the documents' command lines."""
    for path in (ROOT / "README.md", ROOT / "man/antsrun.1"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for call in re.findall(r"\bantsrun((?: +-[^\s|;<>()`]+)+)", line):
                for word in call.replace("\\", "").split():
                    names = [word.split("=")[0]] if word.startswith("--") else [word[:2]]
                    for name in names:
                        if name not in known:
                            yield f"{path.name}:{number}: {name} is no option"


def main():
    code, shown, page = in_code(), in_help(sys.argv[1]), in_page()
    found = [f"{name}: in {where}, not in {other}"
             for where, names, other, others in (("the code", code, "--help", shown),
                                                 ("--help", shown, "the code", code),
                                                 ("--help", shown, "man/antsrun.1", page),
                                                 ("man/antsrun.1", page, "--help", shown))
             for name in sorted(names - others)]
    found += list(unknown_in_examples(shown))
    print("\n".join(found) or f"{len(shown)} options, the same in code, help and page")
    return 1 if found or not shown else 0


sys.exit(main())
