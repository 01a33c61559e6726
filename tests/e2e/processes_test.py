"""Processes: what jobs leave behind, zombies, and antsrun's own appetite."""

import os
import pathlib
import subprocess
import time

from harness import (Skip, below, children_of_all, is_alive, living, peak_memory, read_for, stat_of,
                     test, wait_until)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@test("faults 28, 29: a job that leaves a process on its pipe is over when it exits; reported, left alone",
      leaves=True)
def grandchild_on_pipe(t):
    jobs = ["echo a; sleep 97 & echo $! >>pids", "echo b; setsid sleep 98 & echo $! >>pids",
            "probe out c stray 99 grandchild 99"]
    result = t.ended(t.run("-k", "-j3", jobs=jobs), 0, "a\nb\nc\n")
    t.check(result.seconds < 20, f"took {result.seconds:.1f} s")
    t.equal(result.report["jobs"]["leaked"], 3, "jobs.leaked")
    left = [int(pid) for pid in (t.dir / "pids").read_text().split()]
    t.equal(living(left), left, "still running")


@test("a process left behind that has let go of the pipes: not waited for, left alone", leaves=True)
def grandchild_silent(t):
    result = t.ended(t.run(jobs=["sleep 97 >/dev/null 2>&1 & echo a; echo $! >pid"]), 0, "a\n")
    t.check(result.seconds < 20, f"took {result.seconds:.1f} s")
    t.check(is_alive(int((t.dir / "pid").read_text())), "it was ended")
    t.equal(result.report["jobs"]["leaked"], 1, "jobs.leaked")


@test("jobs that leave nothing are not counted as leaked")
def nothing_leaked(t):
    jobs = ["sleep 0.05 & wait", "echo a | cat", "true", "(sleep 0.01 &)"] * 5
    t.check(t.run(jobs=jobs).report["jobs"]["leaked"] <= 5, "jobs.leaked")
    t.equal(t.run(jobs=jobs[:3]).report["jobs"]["leaked"], 0, "jobs.leaked")


@test("what a left process writes later does not reach another job's output, nor kill it", leaves=True)
def late_writer(t):
    jobs = ["(sleep 0.8; echo late; echo $? >alive) & echo a", "sleep 1.5; echo b"]
    t.ended(t.run("-k", "-j2", jobs=jobs), 0, "a\nb\n")
    t.equal((t.dir / "alive").read_text(), "0\n", "its write")


@test("what is written before the leader exits is kept, though a grandchild holds the pipe", leaves=True)
def drained_with_grandchild(t):
    t.write("jobs", "sleep 97 & probe flood-out 3000000\n")
    result = t.sh("antsrun -a jobs --report none | probe check-flood 3000000")
    t.ended(result, 0)


@test("many jobs that each leave a process do not slow the run", limit=60, leaves=True)
def many_leaks(t):
    result = t.ended(t.run("-j8", jobs=["sleep 96 & echo x"] * 60), 0, "x\n" * 60)
    t.equal(result.report["jobs"]["leaked"], 60, "jobs.leaked")
    t.check(result.seconds < 15, f"took {result.seconds:.1f} s")


@test("faults 55: zombies, own and adopted: at most one for a moment")
def zombies(t):
    jobs = ["true"] * 40 + ["(sh -c 'sleep 0.05 & exit 0' &) ; sleep 0.02"] * 20 + ["touch done; sleep 1"]
    run = t.start("-j2", "-a", t.write("jobs", "\n".join(jobs)), "--report", "none",
                  stdin=subprocess.DEVNULL)
    wait_until(lambda: (t.dir / "done").exists(), 20)
    time.sleep(0.4)
    dead = [pid for pid in below(run.pid) if (stat_of(pid) or " ")[0] == "Z"]
    t.check(len(dead) <= 1, f"{len(dead)} zombies")
    t.ended(run.finish(), 0)


@test("a job that double forks and exits is over at once; its daemon is left", leaves=True)
def daemon(t):
    result = t.run(jobs=["(setsid sleep 95 >/dev/null 2>&1 &); echo up"])
    t.ended(result, 0, "up\n")
    t.check(result.seconds < 20, "waited for the daemon")


@test("two processes, no more: front and core")
def two_processes(t):
    run = t.start("-j4", "--report", "none")
    run.stdin.write(b"sleep 60\n")
    wait_until(lambda: len(below(run.pid)) == 2, what="core and job")
    core = run.core()
    t.equal(len(children_of_all().get(core, [])), 1, "children of the core")
    t.equal(os.getsid(core), core, "session of the core")
    t.equal(os.getsid(run.pid), os.getsid(0), "session of the front")
    run.signal(15)
    run.finish()


@test("faults 74: idle means idle: no polling while one job sleeps, or none is there")
def idle(t):
    for first in (b"sleep 60\n", b""):
        run = t.start("-j4", "--report", "none")
        run.stdin.write(first)
        core = run.core()
        time.sleep(0.5)
        before = cpu_seconds(core) + cpu_seconds(run.pid)
        time.sleep(1.5)
        used = cpu_seconds(core) + cpu_seconds(run.pid) - before
        t.check(used <= 0.02, f"{used:.2f} s of CPU in 1.5 s")
        run.signal(15)
        run.finish()


@test("idle also with a stuck reader, a closed pipe of a job, a left process", leaves=True)
def idle_in_odd_states(t):
    t.write("jobs", "exec >&- 2>&-; sleep 60\nsleep 61 & echo x\nprobe flood-out 3000000 sleep 60\n")
    run = t.start("-j4", "-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL)
    core = run.core()
    time.sleep(2)
    before = cpu_seconds(core)
    time.sleep(1.5)
    used = cpu_seconds(core) - before
    t.check(used <= 0.02, f"{used:.2f} s of CPU in 1.5 s")
    run.signal(15)
    run.finish()


@test("faults 15: what is read ahead is bounded: 3 million lines behind one sleeping job", limit=60)
def read_ahead(t):
    with open(t.dir / "jobs", "wb") as jobs:
        jobs.write(b"sleep 60\n" + b"true\n" * 3000000)
    run = t.start("-j1", "-a", "jobs", "--report", "report.json", stdin=subprocess.DEVNULL)
    core = run.core()
    time.sleep(1.5)
    t.check(t.sanitized or peak_memory(core) < 60 << 20, f"{peak_memory(core) >> 20} MB")
    run.signal(15)
    run.finish()
    t.check(t.report_file()["jobs"]["read"] <= 4, "more than 2j jobs were read ahead")


@test("faults 15: an endless producer is held back", limit=60)
def endless_producer(t):
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    run = t.start("-j1", "--report", "none", stdin=read_end)
    os.close(read_end)
    taken = os.write(write_end, b"sleep 60\n")
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            taken += os.write(write_end, b"true\n" * 800)
        except BlockingIOError:
            time.sleep(0.01)
    t.check(taken < 4 << 20, f"{taken >> 10} KB were taken though one job runs")
    run.signal(15)
    os.close(write_end)
    run.finish()


@test("memory does not grow with the number of jobs: 20,000", limit=100, sanitizers=False)
def memory_flat(t):
    run = t.start("-j4", "--report", "none")
    core = run.core()
    memory = []
    for part in range(4):
        run.stdin.write(b"true\n" * 5000 + b"touch done%d\n" % part)
        wait_until(lambda: (t.dir / f"done{part}").exists(), 60, "the end of 5,000 jobs")
        memory.append(peak_memory(core))
    t.check(memory[-1] < 12 << 20, f"{memory[-1] >> 10} KB")
    t.check(memory[-1] - memory[0] < 1 << 20, f"grew: {[m >> 10 for m in memory]} KB")
    t.ended(run.finish(timeout=60), 0)


@test("memory does not grow with failures either: 10,000", limit=100, sanitizers=False)
def memory_of_failures(t):
    run = t.start("-j4", "--report", "report.json")
    core = run.core()
    run.stdin.write(b"false\n" * 10000 + b"touch done\n")
    wait_until(lambda: (t.dir / "done").exists(), 60, "the end of all jobs")
    memory = peak_memory(core)
    t.check(memory < 25 << 20, f"{memory >> 10} KB")
    t.ended(run.finish(timeout=60), 101)
    report = t.report_file()
    t.equal((len(report["failures"]), report["failures_omitted"]), (1000, 9000), "failures")


@test("-j 1000 with 900 sleepers: memory bounded", limit=100, sanitizers=False)
def many_sleepers(t):
    run = t.start("-j1000", "--report", "report.json")
    core = run.core()
    run.stdin.write(b"sleep 300\n" * 900)
    wait_until(lambda: len(below(core)) == 900, 30, "900 sleepers")
    run.stdin.write(b"true\n" * 1000)
    time.sleep(1)
    t.check(peak_memory(core) < 25 << 20, f"{peak_memory(core) >> 10} KB")
    begun = time.monotonic()
    run.signal(15)
    t.equal(run.finish(timeout=20).status, -15, "status")
    t.check(time.monotonic() - begun < 8, "slow to end them")
    t.equal(t.report_file()["pool"]["peak_running"] >= 900, True, "peak_running")


@test("faults 73: -j 5000 with 150 jobs: resources on demand", limit=60)
def on_demand(t):
    run = t.start("-j5000", "--report", "report.json")
    core = run.core()
    run.stdin.write(b"true\n" * 150)
    time.sleep(1)
    threads = len(os.listdir(f"/proc/{core}/task"))
    t.check(threads <= 3 + len(os.sched_getaffinity(0)), f"{threads} threads")
    t.check(t.sanitized or peak_memory(core) < 12 << 20, f"{peak_memory(core) >> 10} KB")
    t.ended(run.finish(), 0)


@test("-j 0 costs nothing at the start", limit=30)
def as_many_as_possible(t):
    result = t.ended(t.run("-j0", jobs=["echo x"] * 20), 0)
    t.check(result.seconds < 10, f"{result.seconds:.1f} s")


@test("started by a process that is gone: jobs run, and end with it", limit=30)
def orphaned(t):
    t.sh("(printf 'sleep 0.3; echo $ANTSRUN_SEQ >done\\n' | antsrun --report none &)")
    wait_until(lambda: (t.dir / "done").exists() and (t.dir / "done").read_text(), 5)
    wait_until(lambda: not living(below(os.getpid())), 3)


@test("as process 1 of a container: reaps everything, ends what is left", limit=30)
def as_init(t):
    if subprocess.run(["unshare", "-rpf", "--mount-proc", "true"], capture_output=True).returncode:
        raise Skip("no right to make a pid namespace")
    t.write("jobs", "(setsid sleep 90 &); echo x\nexit 3\n")
    result = t.sh("exec unshare -rpf --mount-proc antsrun -k -a jobs")
    t.ended(result, 1, "x\n")


@test("input arrives byte by byte, jobs start as lines end")
def byte_by_byte(t):
    run = t.start("--report", "none")
    for byte in b"echo hello":
        run.stdin.write(bytes([byte]))
        time.sleep(0.005)
    t.equal(read_for(run.stdout, 0.2), b"", "before the newline")
    run.stdin.write(b"\n")
    t.equal(read_for(run.stdout, 20, until=b"\n"), b"hello\n")
    t.ended(run.finish(), 0)
