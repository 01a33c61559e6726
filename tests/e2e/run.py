"""Run the end-to-end tests: run.py [-j N] [-k PATTERN] [--list] [GROUP...]

A group is a file here: input.t (transcripts) or signals_test.py. The program under test is $ANTSRUN, the
probe is $PROBE. A test that fails keeps its directory and names it. Exits 1 if one failed.
"""

import argparse
import importlib
import os
import pathlib
import re
import select
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness  # noqa: E402
import transcripts  # noqa: E402

PASSED, FAILED, SKIPPED = 0, 1, 77


def load(groups):
    here = harness.HERE
    tests = []
    for path in sorted([*here.glob("*.t"), *here.glob("*_test.py")]):
        group = path.stem.removesuffix("_test")
        if groups and group not in groups:
            continue
        if path.suffix == ".t":
            found = transcripts.load(path)
        else:
            harness.REGISTERED.clear()
            importlib.import_module(path.stem)
            found = list(harness.REGISTERED)
        for each in found:
            each.group = group
        tests += found
    return tests


class Running:
    """One test in a process of its own, with its directory and the file its words go to."""

    def __init__(self, test, number, base, programs):
        self.test = test
        self.started = time.monotonic()
        name = re.sub(r"[^A-Za-z0-9]+", "-", f"{test.group}-{test.title}")[:60].strip("-")
        self.dir = base / f"{number:03}-{name}"
        self.dir.mkdir()
        self.words = base / f"{number:03}.words"
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(self.child(programs))
        self.ended = os.pidfd_open(self.pid)

    def child(self, programs):
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        words = os.open(self.words, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(null, 0)
        os.dup2(words, 1)
        os.dup2(words, 2)
        os.closerange(3, 256)
        harness.become_subreaper()
        harness.forget_signals()
        try:
            harness.run_case(harness.Case(self.dir, *programs), self.test)
            status = PASSED
        except harness.Skip as why:
            print(why)
            status = SKIPPED
        except harness.Failure as failure:
            print(failure)
            where = [f for f in traceback.extract_tb(failure.__traceback__) if "_test.py" in f.filename]
            if where:
                print(f"  at {pathlib.Path(where[-1].filename).name}:{where[-1].lineno}")
            status = FAILED
        except BaseException:  # a broken test must not look like anything else
            traceback.print_exc()
            status = FAILED
        harness.kill_below(os.getpid())
        sys.stdout.flush()
        return status

    def is_late(self):
        return time.monotonic() - self.started > self.test.limit

    def end(self):
        """Wait for its end, or make it end; (status, seconds, words)."""
        late = self.is_late() and not select.select([self.ended], [], [], 0)[0]
        if late:
            harness.kill_below(self.pid)
            os.kill(self.pid, 9)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.ended)
        text = self.words.read_text(errors="backslashreplace") if self.words.exists() else ""
        self.words.unlink(missing_ok=True)
        if late:
            status, text = FAILED, text + f"hung: killed after {self.test.limit} s\n"
        return status, time.monotonic() - self.started, text


def show(running, status, seconds, words):
    word = {PASSED: "ok  ", SKIPPED: "skip"}.get(status, "FAIL")
    print(f"{word} {running.test.group}: {running.test.title} ({seconds:.2f} s)")
    if status != PASSED:
        print("     " + words.strip().replace("\n", "\n     "))
    if status in (PASSED, SKIPPED):
        shutil.rmtree(running.dir, ignore_errors=True)
    else:
        print(f"     kept: {running.dir}")
    sys.stdout.flush()


def run_all(tests, width, base, programs):
    """At most `width` at a time."""
    waiting = list(tests)
    running, counts, number = [], {PASSED: 0, FAILED: 0, SKIPPED: 0}, 0
    while waiting or running:
        while waiting and len(running) < width:
            number += 1
            running.append(Running(waiting.pop(0), number, base, programs))
        select.select([r.ended for r in running], [], [], 0.5)
        for each in list(running):
            if each.is_late() or select.select([each.ended], [], [], 0)[0]:
                running.remove(each)
                status, seconds, words = each.end()
                show(each, status, seconds, words)
                counts[status if status in counts else FAILED] += 1
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("groups", nargs="*")
    parser.add_argument("-j", "--jobs", type=int, default=4)
    parser.add_argument("-k", "--keyword", default="", help="only titles that match this")
    parser.add_argument("--sanitized", action="store_true", help="leave out what a sanitizer distorts, wait longer")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()

    tests = [t for t in load(options.groups)
             if re.search(options.keyword, t.title) and (t.sanitizers or not options.sanitized)]
    if options.sanitized:
        for each in tests:
            each.limit *= 4
    if options.list:
        print("\n".join(f"{t.group}: {t.title}" for t in tests))
        return 0
    if not tests:
        print("no such test")
        return 1
    programs = [pathlib.Path(os.environ[name]).resolve() for name in ("ANTSRUN", "PROBE")]
    for program in programs:
        if not os.access(program, os.X_OK):
            print(f"{program}: no such program")
            return 1
    harness.become_subreaper()
    base = pathlib.Path(tempfile.mkdtemp(prefix="antsrun-e2e-"))
    base.chmod(0o755)  # some tests become another user
    counts = run_all(tests, options.jobs, base, [*programs, options.sanitized])
    print(f"{counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped")
    if not counts[FAILED]:
        shutil.rmtree(base, ignore_errors=True)
    return 1 if counts[FAILED] else 0


sys.exit(main())
