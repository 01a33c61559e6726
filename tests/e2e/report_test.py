"""The JSON report: whole, true, and written safely wherever it is sent."""

import datetime
import json
import os
import re
import stat
import subprocess

from harness import ROOT, Failure, Skip, test

JOBS = ["true", "echo x; exit 3", "kill -9 $$", "kill -SEGV $$", "no-such-program-here", "/dev/null",
        "echo oops >&2; exit 1", "sleep 1", r"echo '\377\0' >&2; false", "probe alloc 50000000"]


def schema():
    return json.loads((ROOT / "schema/antsrun.report-1.json").read_text())


def validate(report):
    try:
        import jsonschema
    except ImportError:
        raise Skip("python3-jsonschema is not installed") from None
    found = jsonschema.Draft7Validator(schema()).iter_errors(report)
    errors = [f"{list(e.path)}: {e.message}" for e in found]
    if errors:
        raise Failure("the schema says: " + "; ".join(errors[:5]))


@test("it is valid against its schema, in every kind of run")
def valid(t):
    validate(t.run("-j3", jobs=JOBS).report)
    validate(t.run().report)
    validate(t.run("-u", "-v", jobs=["echo a", "false"]).report)
    validate(t.run("--report-limit", "2", jobs=JOBS).report)
    validate(t.run("-a", "/proc/self/mem").report)
    validate(t.run("-0", jobs=b"echo \xff\0printf '\xfe\x80' >&2; false\0").report)


@test("it has every field that design.md names")
def fields(t):
    report = t.run("-j3", jobs=JOBS).report

    def has(value, names, where):
        missing = [name for name in names.split() if name not in value]
        t.check(not missing, f"{where} lacks {missing}")

    has(report, "schema version argv host started finished wall_seconds exit_status halted pool jobs "
        "latency throughput_per_second failures panics workers slowest", "report")
    t.equal(report["schema"], "antsrun.report/1")
    has(report["pool"], "capacity carriers peak_running workers_spawned workers_purged tunes", "pool")
    has(report["jobs"], "read started succeeded failed panicked timed_out retried flaky skipped "
        "not_started", "jobs")
    has(report["latency"], "p50 p90 p99 max mean", "latency")
    has(report["failures"][0], "seq command slot host attempts cause exit_code signal started seconds "
        "user_seconds system_seconds max_rss_bytes stderr_tail", "failures[]")
    has(report["panics"][0], "seq command slot kind signal core_dumped what", "panics[]")
    has(report["workers"][0], "id jobs failed panics busy_seconds idle_seconds utilization user_seconds "
        "system_seconds max_rss_bytes", "workers[]")
    has(report["slowest"][0], "seq command seconds", "slowest[]")


@test("it says what happened")
def truth(t):
    arguments = ["-j3", "--color", "never"]
    result = t.run(*arguments, jobs=JOBS)
    report = result.report
    t.equal(report["exit_status"], 7, "exit_status")
    t.equal(result.status, 7, "status")
    t.equal(report["argv"][1:], arguments, "argv")
    t.equal(report["host"], os.uname().nodename, "host")
    counts = {k: report["jobs"][k] for k in "read started succeeded failed panicked not_started".split()}
    # A job that could not be executed was not started, or was: both counts can be argued for.
    t.check(counts.pop("started") in (8, 9, 10), "started")
    t.equal(counts, {"read": 10, "succeeded": 3, "failed": 7, "panicked": 1, "not_started": 0}, "jobs")
    causes = {f["seq"]: f["cause"] for f in report["failures"]}
    t.equal(causes, {2: "exit", 3: "signal", 4: "panic", 5: "not_found", 6: "cannot_run", 7: "exit",
                     9: "exit"}, "causes")
    by_seq = {f["seq"]: f for f in report["failures"]}
    t.equal(by_seq[2]["exit_code"], 3, "exit code")
    t.equal(by_seq[2]["command"], JOBS[1], "command")
    t.equal(by_seq[7]["stderr_tail"], "oops\n", "stderr_tail")
    t.check(str(by_seq[3]["signal"]) in ("9", "SIGKILL"), "signal")
    t.equal([p["seq"] for p in report["panics"]], [4], "panics")
    t.equal(report["panics"][0]["kind"], "crash", "kind")


@test("its figures add up")
def sums(t):
    report = t.run("-j3", jobs=JOBS * 3).report
    workers = report["workers"]
    t.equal(sum(w["jobs"] for w in workers), 30, "jobs of all workers")
    t.equal(sum(w["failed"] for w in workers), 21, "failures of all workers")
    t.equal(sum(w["panics"] for w in workers), 3, "panics of all workers")
    t.check(1 <= len(workers) <= 3 and {w["id"] for w in workers} <= {1, 2, 3}, "ids")
    t.check(report["pool"]["capacity"] == 3 and report["pool"]["peak_running"] <= 3, "pool")
    wall = report["wall_seconds"]
    for worker in workers:
        t.check(worker["busy_seconds"] + worker["idle_seconds"] <= wall + 0.05, "busy + idle > wall")
        t.check(0 <= worker["utilization"] <= 1, "utilization")
    t.check(max(w["max_rss_bytes"] for w in workers) >= 50000000, "max_rss_bytes of 50 MB")
    latency = report["latency"]
    t.check(latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["max"], "latency order")
    t.check(latency["max"] >= 1, "latency.max")
    t.check(abs(report["throughput_per_second"] - 30 / wall) < 0.15 * 30 / wall, "throughput")
    t.check("sleep 1" in [s["command"] for s in report["slowest"]], "slowest")
    t.equal(report["slowest"][0]["seconds"], latency["max"], "the slowest")
    seconds = [s["seconds"] for s in report["slowest"]]
    t.equal(seconds, sorted(seconds, reverse=True), "order of slowest")


@test("times are RFC 3339 and true")
def times(t):
    before = datetime.datetime.now(datetime.timezone.utc)
    report = t.run(jobs=["sleep 0.2; false"]).report
    after = datetime.datetime.now(datetime.timezone.utc)
    moments = [report["started"], report["failures"][0]["started"], report["finished"]]
    for moment in moments:
        t.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", moment)
    parsed = [datetime.datetime.fromisoformat(m) for m in moments]
    slack = datetime.timedelta(seconds=1)
    t.check(before - slack <= parsed[0] <= parsed[1] + slack and parsed[1] <= parsed[2] <= after + slack,
            f"{before} {moments} {after}")
    t.check(0.2 <= report["wall_seconds"] < 2, "wall_seconds")


@test("user and system time of jobs are counted")
def usage(t):
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; false"
    failure = t.run(jobs=[busy]).report["failures"][0]
    t.check(failure["user_seconds"] > 0.02, "user_seconds")
    t.check(failure["user_seconds"] <= failure["seconds"] + 0.05, "more than the time it took")


@test("lists are bounded by --report-limit, with counts of what was left out")
def limit(t):
    report = t.run("--report-limit", "3", jobs=["false"] * 5 + ["kill -SEGV $$"] * 4).report
    t.equal((len(report["failures"]), report["failures_omitted"]), (3, 6), "failures")
    t.equal((len(report["panics"]), report["panics_omitted"]), (3, 1), "panics")
    report = t.run("--report-limit", "0", jobs=["false"]).report
    t.equal((len(report["failures"]), report["failures_omitted"]), (0, 1), "failures")


@test("S8: strict UTF-8 JSON whatever the bytes, escaped as \\xNN, and it says so")
def any_bytes(t):
    job = b"printf '\\377\\001\"\\\\\\n' >&2; false # \xff\xc3(\xed\xa0\x80\xf4\x90\x80\x80\x01"
    t.run("-0", "--report", "report.json", jobs=job + b"\0")
    text = (t.dir / "report.json").read_bytes().decode("utf-8", errors="strict")
    failure = json.loads(text)["failures"][0]
    t.check("\\xff\\xc3(" in failure["command"], failure["command"])
    t.check(failure["stderr_tail"].startswith("\\xff\x01\""), repr(failure["stderr_tail"]))
    said = [k for k, v in failure.items() if "escaped" in k and v]
    t.check(said, f"nothing says that bytes were escaped: {sorted(failure)}")


@test("where it goes: one line on stderr, --report FILE, - for stdout, none")
def destinations(t):
    result = t.run(jobs=["echo x"])
    t.equal(result.out, b"x\n", "stdout")
    t.equal(len([line for line in result.err.splitlines() if line.startswith(b"{")]), 1, "lines on stderr")
    t.equal(t.run("--report", "none", jobs=["echo x"]).err, b"", "stderr")
    result = t.run("--report", "-", jobs=["echo x"])
    t.equal(result.out.split(b"\n", 1)[0], b"x", "the job's output first")
    json.loads(result.out.split(b"\n", 1)[1])
    t.equal(result.err, b"", "stderr")
    result = t.run("--report", "r.json", jobs=["echo x"])
    t.equal((result.err, t.report_file("r.json")["jobs"]["read"]), (b"", 1), "file")


@test("faults 72, S5: the file has the user's umask, is never group-writable, and replaces an old one whole")
def file_mode(t):
    t.write("r.json", "x" * 1000000)
    os.chmod(t.dir / "r.json", 0o600)
    for mask, mode in (("022", 0o644), ("027", 0o640), ("000", 0o644), ("077", 0o600)):
        t.sh(f"umask {mask}; rm -f new.json; antsrun --report new.json")
        t.equal(stat.S_IMODE((t.dir / "new.json").stat().st_mode), mode, f"mode with umask {mask}")
    t.run("--report", "r.json", jobs=["true"])
    t.equal(t.report_file("r.json")["jobs"]["read"], 1, "report")
    t.equal([p.name for p in t.dir.iterdir() if "json" in p.name and p.name not in ("r.json", "new.json")], [],
            "files left beside it")


@test("faults 72: the old report stays until the new one is complete")
def atomic(t):
    t.write("r.json", "old")
    t.ended(t.run("--report", "r.json", jobs=["cat r.json"]), 0, "old")
    t.equal(t.report_file("r.json")["jobs"]["read"], 1, "report")


@test("faults 72: unwritable paths are refused before the first job")
def unwritable(t):
    t.write("plain", "")
    for path in ("/nonexistent/r.json", "plain/r.json", ".", "/proc/r.json"):
        result = t.run("--report", path, jobs=["touch made"])
        t.ended(result, 255)
        t.match("^antsrun: ", result.err)
    t.check(not (t.dir / "made").exists(), "a job ran")


@test("faults 72: a report on a full device: said, 255, jobs ran")
def full(t):
    result = t.ended(t.run("--report", "/dev/full", jobs=["echo x"]), 255)
    t.match("(?i)^antsrun: .*No space left", result.err)


@test("faults 72, S6: a fifo, a device, /dev/fd/N are written in place, never replaced")
def in_place(t):
    os.mkfifo(t.dir / "fifo")
    reader = subprocess.Popen(["cat", "fifo"], stdout=subprocess.PIPE, cwd=t.dir)
    t.ended(t.run("--report", "fifo", jobs=["true"]), 0)
    t.equal(json.loads(reader.communicate(timeout=5)[0])["jobs"]["read"], 1, "through the fifo")
    t.check(stat.S_ISFIFO((t.dir / "fifo").stat().st_mode), "the fifo was replaced")
    t.ended(t.run("--report", "/dev/null", jobs=["true"]), 0)
    t.check(stat.S_ISCHR(os.stat("/dev/null").st_mode), "/dev/null was replaced")
    result = t.sh("echo true | antsrun --report /dev/fd/5 5>fd5; cat fd5")
    t.equal(json.loads(result.out)["jobs"]["read"], 1, "through /dev/fd/5")
    result = t.sh("echo 'probe fds' | antsrun --report /dev/fd/2 2>fd2; cat fd2")
    t.equal(json.loads(result.out.split(b"\n", 1)[1])["jobs"]["read"], 1, "through /dev/fd/2")
    result = t.sh("echo true | antsrun --report /dev/stdout")
    t.equal(json.loads(result.out)["jobs"]["read"], 1, "through /dev/stdout")


@test("S6: a symlink is followed where it is safe, in a sticky directory of others it is not")
def symlinks(t):
    t.write("target", "old")
    (t.dir / "link.json").symlink_to("target")
    t.ended(t.run("--report", "link.json", jobs=["true"]), 0)
    t.check((t.dir / "link.json").is_symlink(), "the link was replaced")
    t.equal(json.loads((t.dir / "target").read_text())["jobs"]["read"], 1, "report in the target")
    if os.getuid() != 0:
        raise Skip("needs root to make another user's link")
    shared = t.dir / "shared"
    shared.mkdir()
    os.chmod(shared, 0o1777)
    (shared / "r.json").symlink_to(t.dir / "victim")
    os.lchown(shared / "r.json", 64321, 64321)
    t.write("victim", "precious")
    result = t.run("--report", "shared/r.json", jobs=["true"])
    t.equal((t.dir / "victim").read_text(), "precious", "the file behind another user's link")
    t.check(result.status in (0, 255), f"status {result.status}")


@test("faults 72: a directory that becomes read-only, a file system that is full: said, 255, no old report lost")
def full_directory(t):
    script = ("mkdir small; mount -t tmpfs -o size=16k tmpfs small || exit 77; echo old >small/r.json;"
              "antsrun -a jobs --report small/r.json >out 2>err; echo $? >status;"
              "cat small/r.json >after; ls small >names; umount small")
    t.write("jobs", "false # " + "x" * 300 + "\n" + ("false # " + "y" * 300 + "\n") * 200)
    if t.sh(f"exec unshare --mount sh -c '{script}'").status == 77 or not (t.dir / "status").exists():
        raise Skip("no right to mount")
    t.equal((t.dir / "status").read_text(), "255\n", "status")
    t.match("(?i)^antsrun: .*No space left", (t.dir / "err").read_bytes())
    t.equal((t.dir / "after").read_text(), "old\n", "the old report")
    t.equal((t.dir / "names").read_text(), "r.json\n", "files")


@test("S3: no values of the environment in report or messages")
def no_secrets(t):
    t.env["SECRET_TOKEN"] = "hunter2hunter2"
    result = t.run("-j2", jobs=["false", "kill -SEGV $$", "no-such-program $SECRET_TOKEN"])
    shown = result.err.replace(b"no-such-program $SECRET_TOKEN", b"")
    t.check(b"hunter2" not in re.sub(rb"not found: hunter2\S*", b"", shown), "the secret is shown")


@test("the summary names the failed jobs before the report: number, command, cause; at most ten")
def summary(t):
    result = t.run("-j1", jobs=["true"] + [f"echo last words {i} >&2; exit {i}" for i in range(1, 15)])
    text = result.messages.decode()
    t.check(result.err.rstrip().endswith(b"}"), "the report is not last")
    t.match(r"exit 1\b", text)
    own = [line for line in text.splitlines() if line.startswith("antsrun:")]
    t.check(own, "nothing of ours")
    named = {int(n) for n in re.findall(r"(?:job|#)\s*(\d+)", text)}
    t.check(2 in named and len(named) <= 11, f"jobs named: {sorted(named)}\n{text}")
    t.check("4 more" in text or "14" in text, f"does not say how many there are\n{text}")


@test("no summary when all succeeded")
def no_summary(t):
    t.equal(t.run("--report", "none", jobs=["echo e >&2"]).err, b"e\n", "stderr")


@test("the last words of a failed job are in the report, bounded, under --group, --lb, and with floods")
def stderr_tail(t):
    for options in ([], ["--lb"], ["-k"]):
        report = t.run(*options, jobs=["probe flood-err 100000 err 'the end' exit 2"]).report
        tail = report["failures"][0]["stderr_tail"]
        t.check(tail.endswith("the end\n") and len(tail) <= 2048, f"{options}: {tail[-200:]!r}")
