"""Transcripts: tests that read like a terminal session.

    == a sentence that says what is promised
    $ printf 'echo a' | antsrun
    a
    $ printf 'false\\n' | antsrun
    [1]
    2~ a regular expression that stderr must match

Each `$` line (continued by `> ` lines) is given to /bin/sh in the directory of the test; what follows is
its exact stdout, then its exit status if that is not 0. Lines before the first == are comments, and so
is what follows ` ## ` in a title.
"""

import re

from harness import Failure, Test


class Step:
    def __init__(self, command, line):
        self.command, self.line = command, line
        self.out, self.status, self.patterns = [], 0, []


def read_steps(lines):
    steps = []
    for number, line in lines:
        if line.startswith("$ "):
            steps.append(Step(line[2:], number))
        elif line.startswith("> ") and not steps[-1].out:
            steps[-1].command += "\n" + line[2:]
        elif line.startswith("2~ "):
            steps[-1].patterns.append(line[3:])
        elif re.fullmatch(r"\[\d+\]", line):
            steps[-1].status = int(line[1:-1])
        else:
            steps[-1].out.append(line)
    return steps


def play(case, name, steps):
    for step in steps:
        while step.out and step.out[-1] == "":
            step.out.pop()
        expected = "".join(line + "\n" for line in step.out)
        result = case.sh(step.command)
        actual = result.out.decode(errors="backslashreplace")
        missing = [p for p in step.patterns if not re.search(p, result.err.decode("latin1"), re.M)]
        if actual != expected or result.status != step.status or missing:
            raise Failure(f"{name}:{step.line}: $ {step.command}\n"
                          f"expected [{step.status}] {expected!r}\n"
                          f"     got [{result.status}] {actual!r:.2000}\n"
                          f"  stderr {result.err.decode(errors='backslashreplace')[-1500:]!r}\n"
                          + "".join(f"  lacks {p!r}\n" for p in missing))


def load(path):
    tests, title, lines = [], None, []

    def finish():
        if title is not None:
            steps = read_steps(lines)
            tests.append(Test(title, lambda case: play(case, path.name, steps)))

    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("== "):
            finish()
            title, lines = line[3:].partition(" ## ")[0].strip(), []
        elif title is not None and (line or lines):
            lines.append((number, line))
    finish()
    return tests
