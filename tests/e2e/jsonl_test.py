"""--jsonl: one line of JSON for each job, as it ends."""

import json
import os
import re
import signal

from harness import test, wait_until


def lines(t, name="jobs.jsonl"):
    return [json.loads(line) for line in (t.dir / name).read_text().splitlines()]


@test("--jsonl has a line for each job, in the order of their ends, whatever became of it")
def each_job(t):
    jobs = ["while [ ! -s jobs.jsonl ]; do sleep 0.02; done; printf 12345; echo e >&2", "echo x; exit 3",
            "no-such-program-at-all", "kill -SEGV $$"]
    t.ended(t.run("-j1", "--jsonl", "jobs.jsonl", jobs=jobs[1:]), 3)
    t.equal([(j["seq"], j["cause"], j["exit_code"], j["signal"]) for j in lines(t)],
            [(1, "exit", 3, None), (2, "not_found", 127, None), (3, "panic", None, signal.SIGSEGV)], "jobs")
    t.ended(t.run("-j2", "--jsonl", "jobs.jsonl", jobs=jobs[:2]), 1)
    second, first = lines(t)
    t.equal((first["seq"], second["seq"]), (1, 2), "order of ends")
    t.equal((first["cause"], first["exit_code"], first["message"]), (None, 0, "exit 0"), "success")
    t.equal((first["stdout_bytes"], first["stderr_bytes"], first["stderr_tail"]), (5, 2, "e\n"), "output")
    t.equal((first["command"], first["arguments"]), (jobs[0], [jobs[0]]), "command")


@test("--jsonl: a failed job's line is its entry in the report, with arguments and byte counts")
def as_in_report(t):
    result = t.run("--jsonl", "jobs.jsonl", jobs=["echo out; echo why >&2; exit 3"])
    entry = lines(t)[0]
    added = {name: entry.pop(name) for name in ("arguments", "stdout_bytes", "stderr_bytes")}
    t.equal(entry, result.report["failures"][0], "entry")
    t.equal((added["stdout_bytes"], added["stderr_bytes"]), (4, 4), "bytes")


@test("--jsonl: the line is there as soon as the job has ended, while others run")
def at_once(t):
    run = t.start("-j2", "--jsonl", "jobs.jsonl", "--report", "none")
    run.stdin.write(b"while [ ! -e go ]; do sleep 0.02; done\ntrue\n")
    path = t.dir / "jobs.jsonl"
    wait_until(lambda: path.exists() and path.stat().st_size > 0, what="a line")
    t.equal(lines(t)[0]["seq"], 2, "job")
    t.write("go", "")
    t.ended(run.finish(), 0)
    t.equal(len(lines(t)), 2, "lines")


@test("--jsonl to a fifo that is not read: the jobs go on, and every line arrives in the end")
def fifo(t):
    os.mkfifo(t.dir / "fifo")
    reader = os.open(t.dir / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    jobs = [f": {'x' * 500} {i}" for i in range(500)] + ["touch done"]
    run = t.start("-j2", "--jsonl", "fifo", "--report", "none")
    run.stdin.write("\n".join(jobs).encode())
    run.stdin.close()
    run.popen.stdin = None
    wait_until(lambda: (t.dir / "done").exists(), what="the last job")
    os.set_blocking(reader, True)
    with open(reader, "rb") as stream:
        found = [json.loads(line) for line in stream]
    t.ended(run.finish(), 0)
    t.equal(sorted(j["seq"] for j in found), list(range(1, 502)), "jobs")


@test("--jsonl to a fifo that is not read: signals end the run all the same")
def stuck_fifo(t):
    os.mkfifo(t.dir / "fifo")
    reader = os.open(t.dir / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    run = t.start("-j2", "--jsonl", "fifo", "--report", "none")
    run.stdin.write(f": {'x' * 3000}\n".encode() * 100 + b"touch done\n")
    wait_until(lambda: (t.dir / "done").exists(), what="the last job")
    run.signal(signal.SIGTERM)
    t.ended(run.finish(), -signal.SIGTERM)
    os.close(reader)


@test("--jsonl: a file that cannot be made: 255, no job is run; an old one is emptied")
def not_possible(t):
    for path in ("missing/x", "."):
        result = t.ended(t.run("--jsonl", path, jobs="touch ran"), 255, "")
        t.match(f"(?m)^antsrun: .*'{re.escape(path)}'", result.err)
    t.check(not (t.dir / "ran").exists(), "ran a job")
    t.write("jobs.jsonl", "old\n")
    t.ended(t.run("--jsonl", "jobs.jsonl", jobs=""), 0)
    t.equal((t.dir / "jobs.jsonl").read_text(), "", "content")
    t.write("jobs.jsonl", "old\n")
    t.ended(t.run("--jsonl", "jobs.jsonl", "--dry-run", jobs="true"), 0, "true\n")
    t.equal((t.dir / "jobs.jsonl").read_text(), "old\n", "content after --dry-run")


@test("--jsonl: a full disk is said once, the jobs all run, 255")
def full(t):
    result = t.ended(t.run("-k", "--jsonl", "/dev/full", jobs=["echo a", "echo b"]), 255, "a\nb\n")
    t.equal(len(re.findall(b"No space left", result.err)), 1, "messages")
    t.equal(result.report["exit_status"], 255, "exit status in the report")


@test("--jsonl after a signal: the jobs that were ended have their lines")
def after_signal(t):
    run = t.start("-j2", "--jsonl", "jobs.jsonl", "--report", "none")
    run.stdin.write(b"touch a; exec sleep 60\ntouch b; exec sleep 60\n")
    wait_until(lambda: (t.dir / "a").exists() and (t.dir / "b").exists(), what="both jobs")
    run.signal(signal.SIGTERM)
    run.finish()
    t.equal({(j["seq"], j["cause"]) for j in lines(t)}, {(1, "killed"), (2, "killed")}, "lines")
    t.equal(os.stat(t.dir / "jobs.jsonl").st_mode & 0o077 & ~0o044, 0, "mode: others may write")
