"""Runs the examples of README.md: each `console` block marked <!-- example --> with the antsrun given.

readme_test.py ANTSRUN

A block is a transcript: `$ ` before what is typed, then what is printed. The lines are typed into one shell
in one directory, as a reader would. Standard error is looked at only after <!-- example: stderr -->.
"""

import pathlib
import re
import shutil
import subprocess
import sys

import examples

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- example(: stderr)? -->\n```console\n(.*?)```\n", re.DOTALL)
# What is there before the first example.
FILES = {
    "jobs.txt": "sleep 0.2; echo slow\necho quick\n",
    "a.log": "1\n", "b.log": "1\n2\n", "c.log": "1\n2\n3\n",
    "customers.csv": "customer,city\n\"O'Neil, Smith & Sons\",Cork\n$HOME Furniture,York\n",
}


def split(transcript):
    """What is typed, and all that is printed. Not command by command: a job in the background prints
    when it pleases."""
    lines = transcript.splitlines(keepends=True)
    typed = "".join(line[2:] for line in lines if line.startswith("$ "))
    return typed, "".join(line for line in lines if not line.startswith("$ "))


def main():
    if not shutil.which("jq"):
        print("skipped: needs jq")
        return 77
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    assert len(blocks) == 10, f"{len(blocks)} examples"
    with examples.place(sys.argv[1]) as (directory, environment):
        examples.write(directory, FILES)
        failed = 0
        for marker, text in blocks:
            typed, expected = split(text)
            stderr = subprocess.STDOUT if marker else subprocess.DEVNULL
            _, printed = examples.run("bash", typed, directory, environment, stderr=stderr)
            if printed != expected:
                failed += 1
                print(f"typed:\n{typed}expected:\n{expected}printed:\n{printed}")
        print(f"{len(blocks)} examples, {failed} that print something else")
        if failed:
            sys.exit(1)
    return 0


sys.exit(main())
