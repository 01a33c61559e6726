"""--tag and --tagstring: a tag before each line, exactly one, however the line came."""

from harness import read_for, test

MODES = (["-j4"], ["-j4", "-k"], ["-j4", "--lb"], ["-j4", "-k", "--lb"], ["-j1"])


@test("--tag puts the command line and a tab before each line of both streams, in every mode")
def both_streams(t):
    jobs = ["echo a; echo b; echo; echo e >&2", "printf 'c\\nd'; printf f >&2"]
    out = [f"{jobs[0]}\t{line}" for line in ("a", "b", "")] + [f"{jobs[1]}\t{line}" for line in "cd"]
    err = [f"{jobs[0]}\te", f"{jobs[1]}\tf"]
    for mode in MODES:
        result = t.ended(t.run("--tag", "--report", "none", *mode, jobs=jobs), 0)
        t.equal(sorted(result.out.decode().splitlines()), sorted(out), f"{mode}: stdout")
        t.equal(sorted(result.err.decode().splitlines()), sorted(err), f"{mode}: stderr")
        t.check(result.out.endswith(b"\n") and result.err.endswith(b"\n"), f"{mode}: a last newline is missing")


@test("--tagstring: its text with placeholders, \\t is a tab; it goes before --tag; empty: nothing")
def text(t):
    for extra in ([], ["--tag"]):
        t.ended(t.run("--tagstring", "x\\ty\\n", *extra, jobs="echo a"), 0, "x\ty\\n\ta\n")
    t.ended(t.run("-k", "--tagstring", "{#}\\t{}", jobs=["echo 'a'", "echo b"]), 0,
            "1\techo 'a'\ta\n2\techo b\tb\n")
    t.ended(t.run("--tag", "--tagstring", "", jobs="printf a"), 0, "a")


@test("--tag with a command: its arguments, joined by spaces; placeholders as the command has them")
def arguments(t):
    t.ended(t.run("-k", "--tag", "echo", ":::", "a b", ":::", "c", "d"), 0, "a b c\ta b c\na b d\ta b d\n")
    t.ended(t.run("-I", "X", "--tagstring", "X/{}", "echo", ":::", "a"), 0, "a/{}\ta\n")
    t.ended(t.run("--header", ":", "--tagstring", "{x}!", "echo", ":::", "x", "1"), 0, "1!\t1\n")


@test("a job that prints nothing gets no tag; -v tags the command line, -t does not hurt")
def silent(t):
    t.ended(t.run("--tag", jobs="true"), 0, "")
    t.ended(t.run("--tag", "-v", jobs="true"), 0, "true\ttrue\n")


@test("a line of 3 MB that comes in pieces gets one tag, held or live")
def long_line(t):
    job = "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end"
    line = b"T\t" + b"x" * 3000000 + b"\nT\tend\n"
    for mode in MODES:
        out = t.ended(t.run("--tagstring", "T", *mode, jobs=[job, job]), 0).out
        t.check(out == 2 * line, f"{mode}: {len(out)} bytes, {out.count(b'T')} tags")


@test("live output is tagged as it comes; a line that comes in two halves gets one tag")
def live(t):
    run = t.start("-j1", "--tagstring", "T", "--report", "none")
    run.stdin.write(b"printf par; while [ ! -e go ]; do sleep 0.02; done; echo tial; printf end\n")
    t.equal(read_for(run.stdout, 20, until=b"par"), b"T\tpar", "before the end of the job")
    t.write("go", "")
    t.ended(run.finish(), 0, "tial\nT\tend\n")


@test("output that waited in a file is tagged, every line of it", limit=120)
def spilled(t):
    t.write("jobs", "while [ ! -e written ]; do sleep 0.02; done\nprobe flood-out 20000000; touch written")
    result = t.ended(t.run("-k", "-j2", "-a", "jobs", "--tagstring", "T", "--report", "none", timeout=100), 0)
    lines = result.out.split(b"\n")
    t.check(all(line.startswith(b"T\t") for line in lines[:-1]), "a line has no tag")
    plain = t.ended(t.sh("probe flood-out 20000000"), 0).out
    t.check(b"\n".join(line[2:] for line in lines).rstrip(b"\n") == plain.rstrip(b"\n"), "bytes are wrong")


@test("a tag holds what the line holds: bytes that are not UTF-8, blanks, newlines with -0")
def odd_tags(t):
    t.ended(t.run("--tag", jobs=b"echo  \xff\n"), 0, b"echo  \xff\t\xff\n")
    t.ended(t.run("--tag", "-0", jobs=b"echo a;\necho b\0"), 0, b"echo a;\necho b\ta\necho a;\necho b\tb\n")


@test("the report and the list of failures show stderr without tags")
def tail(t):
    result = t.run("--tagstring", "TAG", jobs=["echo why >&2; exit 3"])
    t.equal(result.report["failures"][0]["stderr_tail"], "why\n", "stderr_tail")


@test("-u and --tag: an error, no job is run")
def ungrouped(t):
    for options in (["-u", "--tag"], ["--tagstring", "x", "--ungroup"]):
        result = t.ended(t.run(*options, jobs="echo ran"), 255, "")
        t.match("^antsrun: .*--tag", result.err)
