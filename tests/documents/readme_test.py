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
# What is there before the first example.
FILES = {"jobs.txt": "sleep 0.2; echo slow\necho quick\n", "a.log": "a", "b.log": "b", "c.log": "c"}


def split(transcript):
    """What is typed, and all that is printed. Not command by command: a job in the background prints
    when it pleases."""
    lines = transcript.splitlines(keepends=True)
    typed = "".join(line[2:] for line in lines if line.startswith("$ "))
    return typed, "".join(line for line in lines if not line.startswith("$ "))


def run(typed, with_stderr, directory, environment):
    stderr = subprocess.STDOUT if with_stderr else subprocess.DEVNULL
    done = subprocess.run(["bash", "-c", typed], cwd=directory, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=stderr, timeout=60)
    return done.stdout


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
            typed, expected = split(text)
            printed = run(typed, bool(marker), directory, environment)
            if printed != expected:
                failed += 1
                print(f"typed:\n{typed}expected:\n{expected}printed:\n{printed}")
    print(f"{len(blocks)} examples, {failed} that print something else")
    return 1 if failed else 0


sys.exit(main())
