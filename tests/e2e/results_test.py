"""--results: a job's output goes to files of its own."""

import os
import re

from harness import test, wait_until


def tree(t, top="r"):
    """Every file below, by its path, with its content."""
    return {str(path.relative_to(t.dir / top)): path.read_bytes().decode()
            for path in (t.dir / top).rglob("*") if path.is_file()}


@test("--results DIR: DIR/1/ITEM/2/ITEM2/{stdout,stderr,seq}, and nothing is printed")
def by_items(t):
    result = t.run("--results", "r", "--report", "none", "echo {1} {2}; echo e{1} >&2", ":::", "a", "b", ":::", "1")
    t.equal((t.ended(result, 0, "").err, tree(t)), (b"", {
        "1/a/2/1/stdout": "a 1\n", "1/a/2/1/stderr": "ea\n", "1/a/2/1/seq": "1",
        "1/b/2/1/stdout": "b 1\n", "1/b/2/1/stderr": "eb\n", "1/b/2/1/seq": "2"}), "stderr, files")


@test("--results: items that are no file names, in every output mode; command lines too")
def odd_items(t):
    items = ["a/b", "..", "x\\y", "x" * 300, " ", "c\td"]
    for number, mode in enumerate((["-j3"], ["-k"], ["--lb"], ["-u"], ["-j1", "--tag"])):
        top = f"r{number}"
        t.ended(t.run("--results", top, *mode, "printf {#}", ":::", *items), 0, "")
        files = tree(t, top)
        names = ["a\\_b", "\\..", "x\\\\y", " ", "c\\td"]
        for name in names:
            t.check(f"1/{name}/stdout" in files, f"{mode}: no {name!r} in {list(files)}")
        out = {files[name] for name in files if name.endswith("stdout")}
        t.equal(out, {str(i) for i in range(1, 7)}, f"{mode}: contents")
    t.ended(t.run("--results", "lines", jobs="echo a/b\n"), 0, "")
    t.equal(tree(t, "lines")["1/echo a\\_b/stdout"], "a/b\n", "of a command line")


@test("--results with a placeholder names the files; with a slash at the end, directories")
def by_placeholder(t):
    t.ended(t.run("--results", "r/{}.{#}", "echo {}; echo e >&2", ":::", "a", "b/c"), 0, "")
    t.equal(tree(t), {"a.1": "a\n", "a.1.err": "e\n", "a.1.seq": "1",
                      "b/c.2": "b/c\n", "b/c.2.err": "e\n", "b/c.2.seq": "2"}, "files")
    t.ended(t.run("--results", "s/{}/", "echo", ":::", "a"), 0, "")
    t.equal(tree(t, "s"), {"a/stdout": "a\n", "a/stderr": "", "a/seq": "1"}, "files")


@test("--results: what a job writes is in the file while it runs")
def live(t):
    run = t.start("--results", "r/{#}", "--report", "none")
    run.stdin.write(b"echo first; while [ ! -e go ]; do sleep 0.02; done; echo last\n")
    out = t.dir / "r/1"
    wait_until(lambda: out.exists() and out.read_text() == "first\n", what="the first line")
    t.write("go", "")
    t.ended(run.finish(), 0, "")
    t.equal(out.read_text(), "first\nlast\n", "at the end")


@test("--results: a large output, the report's stderr_tail and byte counts are there")
def large(t):
    result = t.run("--results", "r/{#}", "--jsonl", "lines", jobs="probe flood-out 5000000; echo why >&2; exit 1")
    t.equal(t.ended(result, 1, "").report["failures"][0]["stderr_tail"], "why\n", "stderr_tail")
    t.ended(t.sh("probe check-flood 5000000 <r/1"), 0)
    t.match('"stdout_bytes":5000000', (t.dir / "lines").read_text())


@test("--results: files that cannot be made fail that job only, and it is not run")
def not_possible(t):
    t.write("file", "")
    result = t.run("--results", "{}/", "touch ran{#}", ":::", "file", "r")
    failure = t.ended(result, 1).report["failures"][0]
    t.equal((failure["seq"], failure["cause"]), (1, "cannot_run"), "failure")
    t.match("'file/stdout': Not a directory", failure["message"])
    t.equal(sorted(p.name for p in t.dir.glob("ran*")), ["ran2"], "jobs that ran")


@test("--results: output that cannot be written is said once, 255")
def full(t):
    (t.dir / "r").mkdir()
    for name in "12":
        os.symlink("/dev/full", t.dir / "r" / name)
    result = t.ended(t.run("--results", "r/{#}", jobs=["echo a", "echo b"]), 255, "")
    t.equal(len(re.findall(b"write 'r/.': No space left", result.err)), 1, "messages")


@test("--results: no directory, or a table: refused")
def refused(t):
    for value in ("", "x.csv"):
        t.match("^antsrun: --results '", t.ended(t.run("--results", value, jobs="touch ran"), 255).err)
    t.check(not (t.dir / "ran").exists(), "ran a job")
