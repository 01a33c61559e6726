"""Runs the examples of README.md: each `console` block marked <!-- example --> with the antsrun given.

readme_test.py ANTSRUN

A block is a transcript: `$ ` before what is typed, then what is printed. The lines are typed into one shell
in one directory, as a reader would. Standard error is looked at only after <!-- example: stderr -->.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- example(: stderr)? -->\n```console\n(.*?)```\n", re.DOTALL)
MARK = "-- end of command --"
# What is there before the first example.
FILES = {"jobs.txt": "sleep 0.2; echo slow\necho quick\n", "a.log": "a", "b.log": "b", "c.log": "c"}


def steps(block):
    """[command, what it prints] for each command."""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append([line[2:], ""])
        else:
            found[-1][1] += line
    return found


def run(block, with_stderr, directory, environment):
    """What each command of the block prints, all in one shell. $? is kept from one to the next."""
    script = "".join(f"{command}s=$?; echo '{MARK}'; (exit $s)\n" for command, _ in block)
    stderr = subprocess.STDOUT if with_stderr else subprocess.DEVNULL
    done = subprocess.run(["bash", "-c", script], cwd=directory, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=stderr, timeout=60)
    return done.stdout.split(MARK + "\n")[:-1]


def main():
    antsrun = pathlib.Path(sys.argv[1]).resolve()
    if not shutil.which("jq"):
        print("skipped: needs jq")
        return 77
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    assert len(blocks) == 10, f"{len(blocks)} examples"
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for name, text in FILES.items():
            (pathlib.Path(directory) / name).write_text(text)
        environment = {**os.environ, "PATH": f"{antsrun.parent}:{os.environ['PATH']}"}
        for marker, text in blocks:
            block = steps(text)
            printed = run(block, bool(marker), directory, environment)
            for (command, expected), actual in zip(block, printed, strict=True):
                if actual != expected:
                    failed += 1
                    print(f"$ {command}expected:\n{expected}printed:\n{actual}")
    print(f"{len(blocks)} examples, {failed} commands that print something else")
    return 1 if failed else 0


sys.exit(main())
