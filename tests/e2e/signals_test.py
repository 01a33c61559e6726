"""INT, TERM and HUP: the trees end, the report is written, antsrun dies by that signal. KILL: nothing stays."""

import os
import signal
import subprocess
import time

from harness import below, children, living, read_for, status_field, test, wait_until

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def pids(t, count, name="pids"):
    """The pids that jobs appended to a file, once there are so many."""
    path = t.dir / name

    def enough():
        lines = path.read_text().split() if path.exists() else []
        return len(lines) >= count and [int(line) for line in lines]

    return wait_until(enough, 20, f"{count} pids in {name}")


def started(t, jobs, *options, count=None, **how):
    """antsrun with jobs that have all said their pid."""
    t.write("jobs", "\n".join(jobs) + "\n")
    how.setdefault("stdin", subprocess.DEVNULL)
    run = t.start("-a", "jobs", "-j", str(max(2, len(jobs))), "--report", "report.json", *options, **how)
    return run, pids(t, count or len(jobs))


def gone(t, which, seconds=2.0):
    wait_until(lambda: not living(which), seconds, f"the end of {which}")


@test("faults 56, 57: INT, TERM, HUP: trees end, the report is written, death by that signal")
def once(t):
    for number in ENDING:
        (t.dir / "pids").unlink(missing_ok=True)
        run, jobs = started(t, ["echo begun; echo $$ >>pids; sleep 300",
                                "sh -c 'echo $$ >>pids; sleep 301' & echo $$ >>pids; wait",
                                "exec probe pidfile pids sleep 302"], count=4)
        everything = below(run.pid)
        run.signal(number)
        t.ended(run.finish(timeout=20), -number, "begun\n")
        gone(t, everything + jobs)
        report = t.report_file()
        t.equal([f["cause"] for f in report["failures"]], ["killed"] * 3, "causes")
        t.check(report["halted"], "halted is empty")
        t.equal(report["exit_status"], 128 + number, "exit_status in the report")


@test("faults 56: what was not started is counted, and nothing is started any more")
def not_started(t):
    jobs = ["echo $$ >>pids; sleep 300"] * 2 + ["touch late"] * 50
    t.write("jobs", "\n".join(jobs) + "\n")
    run = t.start("-a", "jobs", "-j2", "--report", "report.json", stdin=subprocess.DEVNULL)
    pids(t, 2)
    run.signal(signal.SIGTERM)
    t.ended(run.finish(timeout=8), -signal.SIGTERM)
    t.check(not (t.dir / "late").exists(), "a job was started after the signal")
    counts = t.report_file()["jobs"]
    t.equal(counts["started"], 2, "started")
    t.equal(counts["started"] + counts["not_started"], counts["read"], "the rest")


@test("a signal to the whole foreground group, as from a terminal, is taken once")
def to_the_group(t):
    run, _ = started(t, ["trap 'echo got >>log; exit 1' INT TERM; echo $$ >>pids; while :; do sleep 0.05; done"],
                     start_new_session=True)
    os.killpg(run.pid, signal.SIGINT)
    t.ended(run.finish(timeout=8), -signal.SIGINT)
    t.equal((t.dir / "log").read_text(), "got\n", "signals the job saw")


@test("jobs that clean up on TERM are given the time for it")
def cleaning_up(t):
    run, _ = started(t, ["trap 'sleep 0.5; echo cleaned; exit 0' TERM; echo $$ >>pids; "
                         "while :; do sleep 0.05; done"])
    run.signal(signal.SIGTERM)
    t.ended(run.finish(timeout=8), -signal.SIGTERM, "cleaned\n")


@test("faults 51, 56: jobs that ignore TERM are killed after the grace")
def ignoring_jobs(t):
    run, jobs = started(t, ["exec probe ignore TERM ignore INT ignore HUP pidfile pids sleep 300"] * 2)
    begun = time.monotonic()
    run.signal(signal.SIGTERM)
    t.ended(run.finish(timeout=8), -signal.SIGTERM)
    took = time.monotonic() - begun
    t.check(1 <= took < 5, f"ended after {took:.1f} s")
    gone(t, jobs)
    t.equal({f["signal"] for f in t.report_file()["failures"]} & {None, 0}, set(), "signals")


@test("faults 58: a second signal kills at once, also jobs that ignore everything")
def twice(t):
    for first, second in ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT)):
        (t.dir / "pids").unlink(missing_ok=True)
        run, jobs = started(t, ["exec probe ignore TERM ignore INT ignore HUP pidfile pids sleep 300"] * 2,
                            "--grace", "60")
        run.signal(first)
        time.sleep(0.3)
        t.check(run.is_running(), "ended before the second signal")
        begun = time.monotonic()
        run.signal(second)
        result = run.finish(timeout=20)
        took = time.monotonic() - begun
        t.check(result.status in (-first, -second), f"status {result.status}")
        t.check(took < 20, f"ended {took:.1f} s after the second signal")
        gone(t, jobs)
        t.check(t.report_file()["halted"], "no report")


@test("a job that has stopped itself is ended too")
def stopped_job(t):
    run, jobs = started(t, ["echo $$ >>pids; kill -STOP $$; echo woken"])
    wait_until(lambda: status_field(jobs[0], "State")[0] == "T", what="the stop")
    run.signal(signal.SIGTERM)
    t.ended(run.finish(timeout=8), -signal.SIGTERM)
    gone(t, jobs)


@test("faults 59: TERM also ends what has gone into sessions of its own, and double forks")
def other_sessions(t):
    run, left = started(t, ["setsid probe pidfile pids sleep 300 & wait",
                            "(setsid probe pidfile pids sleep 301 &) ; sleep 302",
                            "(setsid sh -c 'setsid probe pidfile pids sleep 303 & probe pidfile pids sleep 304' &); "
                            "sleep 305"], count=4)
    run.signal(signal.SIGTERM)
    t.ended(run.finish(timeout=8), -signal.SIGTERM)
    gone(t, left)


@test("TERM ends what jobs that are already over have left running")
def left_by_finished(t):
    run, left = started(t, ["setsid probe pidfile pids sleep 300 >/dev/null 2>&1 & sleep 0.2; echo over",
                            "echo $$ >>pids; sleep 302"], count=2)
    t.equal(read_for(run.stdout, 20, until=b"over\n"), b"over\n", "output of the first")
    t.equal(living(left), left, "before the signal")
    run.signal(signal.SIGTERM)
    t.ended(run.finish(timeout=8), -signal.SIGTERM)
    gone(t, left)


@test("faults 57: HUP ignored at start (nohup) stays ignored")
def nohup(t):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    run, _ = started(t, ["echo $$ >>pids; sleep 1; echo done"], preexec_fn=ignore)
    run.signal(signal.SIGHUP)
    t.ended(run.finish(), 0, "done\n")


@test("INT ignored at start, as in a shell's background job, stays ignored")
def background(t):
    script = ("printf 'touch here; sleep 1; echo done\\n' >jobs; antsrun -a jobs --report none & "
              "while [ ! -e here ]; do sleep 0.02; done; kill -INT $!; wait $!; echo $?")
    t.ended(t.sh(script), 0, "done\n0\n")


@test("faults 58: a second signal kills what finished jobs have left running, too")
def twice_with_strays(t):
    run, left = started(t, ["setsid probe ignore TERM pidfile pids sleep 300 >/dev/null 2>&1 & "
                            "until [ -s pids ]; do sleep 0.02; done; echo over",
                            "until [ -e never ]; do sleep 0.02; done"], "--grace", "60", count=1)
    t.equal(read_for(run.stdout, 20, until=b"over\n"), b"over\n", "output of the first")
    run.signal(signal.SIGTERM)
    time.sleep(0.3)
    t.check(run.is_running(), "did not give it the time to end")
    t.equal(living(left), left, "before the second signal")
    run.signal(signal.SIGTERM)
    t.ended(run.finish(timeout=20), -signal.SIGTERM)
    gone(t, left)
    t.equal(t.report_file()["jobs"]["succeeded"], 1, "in the report")


@test("faults 60: antsrun killed by SIGKILL: everything is gone within 2 s")
def front_killed(t):
    run, jobs = started(t, ["echo $$ >>pids; sleep 300", "probe pidfile pids sleep 301 & echo $$ >>pids; wait",
                            "(setsid probe pidfile pids ignore TERM sleep 302 &); echo $$ >>pids; sleep 303",
                            "exec probe ignore TERM pidfile pids sleep 304"], count=6)
    everything = below(run.pid)
    run.signal(signal.SIGKILL)
    gone(t, jobs + everything)
    t.equal(run.finish().status, -signal.SIGKILL, "status")


@test("faults 60: the core killed by SIGKILL: everything is gone within 2 s, 255 and a message")
def core_killed(t):
    run, jobs = started(t, ["echo $$ >>pids; sleep 300", "probe pidfile pids sleep 301 & echo $$ >>pids; wait",
                            "(setsid probe pidfile pids ignore TERM sleep 302 &); echo $$ >>pids; sleep 303",
                            "exec probe ignore TERM pidfile pids sleep 304"], count=6)
    everything = below(run.pid)
    os.kill(run.core(), signal.SIGKILL)
    gone(t, jobs + [pid for pid in everything if pid != run.pid])
    result = t.ended(run.finish(timeout=3), 255)
    t.match("^antsrun: ", result.err)


@test("faults 60: both killed at once: the jobs' own leaders die with them")
def both_killed(t):
    run, jobs = started(t, ["exec probe pidfile pids sleep 300", "exec probe pidfile pids sleep 301"])
    os.kill(run.pid, signal.SIGSTOP)
    os.kill(run.core(), signal.SIGKILL)
    run.signal(signal.SIGKILL)
    gone(t, jobs)
    run.finish()


@test("faults 63: TERM while it waits for input: at once")
def waiting_for_input(t):
    os.mkfifo(t.dir / "queue")
    for options, stdin in ((["-a", "queue"], subprocess.DEVNULL), ([], subprocess.PIPE)):
        for number in ENDING:
            run = t.start(*options, "--report", "none", stdin=stdin)
            core = run.core()
            wait_until(lambda: status_field(core, "State")[0] == "S", what="waiting")
            begun = time.monotonic()
            run.signal(number)
            t.equal(run.popen.wait(5), -number, "status")
            t.check(time.monotonic() - begun < 1, "late")


@test("faults 63: TERM while nobody reads its output: within a few seconds, nothing stays")
def blocked_in_write(t):
    t.write("jobs", "probe flood-out 5000000\n" * 8)
    run = t.start("-j2", "-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL)
    core = run.core()
    time.sleep(1)
    everything = below(run.pid)
    run.signal(signal.SIGTERM)
    t.equal(run.popen.wait(8), -signal.SIGTERM, "status")
    gone(t, [core, *everything])
    run.stdout.close()
    run.popen.stdout = None


@test("a second signal while nobody reads its output: at once")
def blocked_twice(t):
    t.write("jobs", "probe flood-out 5000000\n" * 8)
    run = t.start("-j2", "-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL)
    run.core()
    time.sleep(1)
    run.signal(signal.SIGTERM)
    time.sleep(0.2)
    begun = time.monotonic()
    run.signal(signal.SIGTERM)
    t.equal(run.popen.wait(8), -signal.SIGTERM, "status")
    t.check(time.monotonic() - begun < 3, "late")
    run.stdout.close()
    run.popen.stdout = None


@test("a signal in the first moments is not lost", limit=60)
def early(t):
    t.write("jobs", "sleep 300\n" * 4)
    for delay in [0.0005 * i for i in range(24)]:
        run = t.start("-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL)
        time.sleep(delay)
        run.signal(signal.SIGTERM)
        t.equal(run.finish(timeout=8).status, -signal.SIGTERM, f"status, signal after {delay * 1000:.1f} ms")


@test("a signal while thousands of short jobs start and end", limit=60)
def storm(t):
    t.write("jobs", "touch begun\n" + "true\n" * 200000)
    for number in ENDING:
        run = t.start("-j8", "-a", "jobs", "--report", "report.json", stdin=subprocess.DEVNULL)
        wait_until(lambda: (t.dir / "begun").exists(), 20, "the first job")
        (t.dir / "begun").unlink()
        time.sleep(0.3)
        run.signal(number)
        t.equal(run.finish(timeout=20).status, -number, "status")
        counts = t.report_file()["jobs"]
        t.equal(counts["started"], counts["succeeded"] + counts["failed"], "started and ended")
        t.equal(counts["read"], counts["started"] + counts["not_started"], "read")


@test("signals sent to the core by name are not obeyed twice")
def core_signalled(t):
    run, _ = started(t, ["trap 'echo got >>log' TERM; echo $$ >>pids; while [ ! -e go ]; do sleep 0.05; done"])
    os.kill(run.core(), signal.SIGTERM)
    time.sleep(0.3)
    t.check(run.is_running() and not (t.dir / "log").exists(), "the core obeyed")
    t.write("go", "")
    t.ended(run.finish(), 0)


@test("after an end by signal no process of it is left, not even a zombie")
def no_remains(t):
    run, _ = started(t, ["echo $$ >>pids; sleep 300"] * 5)
    run.signal(signal.SIGINT)
    t.ended(run.finish(), -signal.SIGINT)
    t.equal(children(os.getpid()), [], "children of the caller")


@test("a shell that runs antsrun sees 128+n and the end by signal")
def seen_by_shell(t):
    script = ("printf 'touch here; sleep 300\\n' >jobs; (while [ ! -e here ]; do sleep 0.05; done; "
              "kill -TERM $(cat pid)) & sh -c 'echo $$ >pid; exec antsrun -a jobs --report none'; echo $?")
    t.equal(t.sh(script).out, b"143\n")
