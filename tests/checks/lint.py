"""lint.py shell|format|man: shellcheck, clang-format or mandoc over the files they concern.

Exits 77 (skipped) where the tool is missing, or where clang-format is not the version whose layout
the sources have.
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLANG_FORMAT = "14"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def tool(*names):
    for name in names:
        if shutil.which(name):
            return name
    return skip(f"{names[-1]} is not installed")


def run(command, files):
    if not files:
        sys.exit("no files to look at")
    print(f"{' '.join(command)}: {len(files)} files")
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True)
    print(done.stdout + done.stderr, end="")
    return done


def shell():
    scripts = [p for p in [*ROOT.glob("scripts/*"), ROOT / ".ci/run", *ROOT.glob("tests/*/*")]
               if p.is_file() and p.read_bytes().startswith(b"#!/bin/sh")]
    return run([tool("shellcheck")], scripts).returncode


def format_():
    name = tool("clang-format-" + CLANG_FORMAT, "clang-format")
    version = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
    if not re.search(rf"version {CLANG_FORMAT}\.", version):
        skip(f"needs clang-format {CLANG_FORMAT}, here is {version.strip()}")
    files = [p for top in ("src", "include", "tests") for p in sorted((ROOT / top).rglob("*.[ch]pp"))]
    return run([name, "--dry-run", "--Werror"], files).returncode


def man():
    done = run([tool("mandoc"), "-T", "lint", "-W", "warning"], sorted(ROOT.glob("man/*.[1-8]")))
    return 1 if done.returncode or done.stdout else 0


sys.exit({"shell": shell, "format": format_, "man": man}[sys.argv[1]]())
