"""Runs the EXAMPLES of man/antsrun.1, each .Dl line and each .Bd -literal block, with the antsrun given.

man_examples_test.py ANTSRUN

Each is typed into `sh` in a directory of its own that has the files the examples speak of, and what
must come of it stands in EXPECTED. Every example has its entry there, and every entry its example.
"""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys

import examples

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "man/antsrun.1"

# What is there before each example. The last job of jobs.txt fails the first time.
FILES = {
    "jobs.txt": "sleep 0.2; echo slow\necho quick\nmkdir done && exit 3; echo again\n",
    "checks.txt": "test -e jobs.txt\ntest 2 -gt 1\n",
    "a.log": "a\n", "b c.log": "b\n", "below/d.log": "d\n",
    "big one.iso": "1\n" * 400_000, "small.iso": "2\n",
    "list.tsv": "name\turl\nfirst.html\thttp://example/1\nsecond page.html\thttp://example/?a=2&b=$x\n",
    "big.log": "".join(f"{number % 7} of many lines in a large log\n" for number in range(500_000)),
    **{f"source/{n}.c": f"int a;\n// TODO {n}\n" for n in range(50)},
}
GZIPPED = {"one.txt.gz": "1\n", "three of them.txt.gz": "1\n2\n3\n"}
# Programs that do what the example needs of them and no more.
PROGRAMS = {
    "curl": '#!/bin/sh\n[ $# = 4 ] && [ "$1 $3" = "-fsS -o" ] && echo "from $2" >"$4"\n',
    "make": '#!/bin/sh\necho "made $*"\n',
}
MODEL = '#!/bin/sh\n[ "$1 $3" = "--rate --size" ] && echo "rate $2 size $4"\n'


@dataclasses.dataclass
class Comes:
    """What must come of an example."""

    printed: str = ""
    status: int = 0
    in_any_order: bool = False  # Printed is what was printed, sorted.
    look: str = ""  # Typed afterwards,
    seen: str = ""  # to print this.
    goes_on: bool = False  # It does not end by itself, but prints this much.


EXPECTED = {
    "antsrun -j16 <jobs.txt": Comes("quick\nslow\n", status=1),
    "antsrun gzip -9 ::: *.log": Comes(
        look="ls *.log*; zcat a.log.gz 'b c.log.gz'", seen="a.log.gz\nb c.log.gz\nbig.log.gz\na\nb\n"),
    "antsrun --dry-run gzip -9 ::: *.log": Comes(
        "gzip -9 a.log\ngzip -9 'b c.log'\ngzip -9 big.log\n",
        look="ls *.gz", seen="one.txt.gz\nthree of them.txt.gz\n"),
    "antsrun --tag 'gunzip <{} >{.} && wc -l <{.}' ::: *.gz": Comes(
        "one.txt.gz\t1\nthree of them.txt.gz\t3\n", in_any_order=True,
        look="cat 'three of them.txt'", seen="1\n2\n3\n"),
    "antsrun -k sha256sum ::: *.iso >SHA256SUMS": Comes(
        look="sha256sum -c SHA256SUMS", seen="big one.iso: OK\nsmall.iso: OK\n"),
    "find . -name '*.log' -print0 | antsrun -0 -X gzip -9": Comes(
        look="find . -name '*.log*' | sort; zcat below/d.log.gz",
        seen="./a.log.gz\n./b c.log.gz\n./below/d.log.gz\n./big.log.gz\nd\n"),
    "antsrun --results runs ./model --rate {1} --size {2} ::: 0.1 0.5 ::: 10 100": Comes(
        look="cat runs/1/0.5/2/100/stdout; find runs -name stdout | sort",
        seen="rate 0.5 size 100\n" + "".join(f"runs/1/{rate}/2/{size}/stdout\n"
                                             for rate in ("0.1", "0.5") for size in (10, 100))),
    "antsrun -j200% --header : --colsep '\\t' 'curl -fsS {url} -o {name}' :::: list.tsv": Comes(
        look="cat first.html 'second page.html'",
        seen="from http://example/1\nfrom http://example/?a=2&b=$x\n"),
    "antsrun -k --pipe --block 10M gzip -9 <big.log >big.log.gz": Comes(
        look="zcat big.log.gz | cmp - big.log && echo the same", seen="the same\n"),
    "antsrun --pipepart -a big.log --block -1 sort -u | sort -u >lines": Comes(
        look="cat lines", seen="".join(f"{number} of many lines in a large log\n" for number in range(7))),
    "find . -name '*.c' -print0 | antsrun-xargs -0 -n20 -P4 -k grep -n TODO": Comes(
        "".join(sorted(f"./source/{n}.c:2:// TODO {n}\n" for n in range(50))), in_any_order=True),
    "if antsrun --report none <checks.txt; then echo all well; fi": Comes("all well\n"),
    "antsrun --report r.json <jobs.txt\njq -r '.failures[].command' r.json": Comes(
        "quick\nslow\nmkdir done && exit 3; echo again\n"),
    "antsrun --jsonl log <jobs.txt\n"
    "jq -r 'select(.exit_code == 0).command' log | grep -vxFf - jobs.txt | antsrun": Comes(
        "quick\nslow\nagain\n"),
    "touch queue\ntail -n +1 -f queue | antsrun &\necho 'make all' >>queue": Comes(
        "made all\n", goes_on=True),
}


def plain(mdoc):
    """The text that mdoc shows for it; a KeyError for an escape not known here."""
    return re.sub(r"\\(.)", lambda found: {"&": "", "-": "-", "e": "\\"}[found[1]], mdoc)


def in_page():
    section = re.search(r"^\.Sh EXAMPLES\n(.*?)^\.Sh ", PAGE.read_text(), re.DOTALL | re.MULTILINE)[1]
    displays = re.findall(r"^\.Dl (.*)$|^\.Bd -literal.*\n([^\0]*?)\n\.Ed$", section, re.MULTILINE)
    assert len(displays) == len(re.findall(r"^\.(?:D1|Dl|Bd) ", section, re.MULTILINE)), "displays not found"
    return [plain(line or block) for line, block in displays]


def not_shown(typed):
    """The lines that a reader cannot copy from the page, because mandoc breaks or changes them."""
    if not shutil.which("mandoc"):
        return []
    page = subprocess.run(["mandoc", "-T", "ascii", PAGE], capture_output=True, text=True, check=True).stdout
    shown = {line.strip() for line in re.sub(".\b", "", page).splitlines()}
    return [line for example in typed for line in example.splitlines() if line not in shown]


def prepare(directory):
    directory.mkdir()
    examples.write(directory, FILES)
    examples.write(directory, {"model": MODEL}, mode=0o755)
    for name, text in GZIPPED.items():
        subprocess.run("gzip", input=text.encode(), stdout=(directory / name).open("wb"), check=True)


def check(typed, comes, directory, environment):
    prepare(directory)
    status, printed = examples.run("sh", typed, directory, environment,
                                   until=len(comes.printed) if comes.goes_on else None)
    if comes.in_any_order:
        printed = "".join(sorted(printed.splitlines(keepends=True)))
    _, seen = examples.run("sh", comes.look, directory, environment)
    if (status, printed, seen) == (comes.status, comes.printed, comes.seen):
        return True
    print(f"typed:\n{typed}\nexpected: {(comes.status, comes.printed, comes.seen)}\n"
          f"came:     {(status, printed, seen)}")
    return False


def complaints(typed):
    for each in typed:
        if each not in EXPECTED:
            yield f"no entry in EXPECTED: {each}"
    for each in EXPECTED:
        if each not in typed:
            yield f"in EXPECTED, not in the page: {each}"
    for line in not_shown(typed):
        yield f"not in the page as mandoc prints it: {line}"


def main():
    if not shutil.which("jq"):
        print("skipped: needs jq")
        return 77
    typed = in_page()
    wrong = list(complaints(typed))
    print("".join(f"{each}\n" for each in wrong), end="")
    with examples.place(sys.argv[1], PROGRAMS) as (directory, environment):
        known = [each for each in typed if each in EXPECTED]
        failed = [each for number, each in enumerate(known)
                  if not check(each, EXPECTED[each], directory / str(number), environment)]
        print(f"{len(typed)} examples, {len(failed)} that do something else")
        if failed or wrong:
            sys.exit(1)
    return 0


sys.exit(main())
