"""Jobs that fail: --timeout, --retries, --halt, --exit-status, --kill-strays."""

import os
import signal
import sys
import time

from harness import below, living, read_for, test, wait_until


def lines(t, name):
    path = t.dir / name
    return path.read_text().splitlines() if path.exists() else []


@test("--timeout: the job has failed, what it printed is printed, others go on")
def timeout(t):
    result = t.run("-j2", "--timeout", "0.4", "--report", "r.json",
                   "echo begun {}; sleep {}; echo done {}", ":::", "0", "300")
    t.equal(result.status, 1, "status")
    t.equal(sorted(result.out.splitlines()), [b"begun 0", b"begun 300", b"done 0"], "output")
    report = t.report_file("r.json")
    t.equal(report["jobs"]["timed_out"], 1, "timed_out")
    [failure] = report["failures"]
    t.equal((failure["cause"], failure["exit_code"], failure["signal"]), ("timeout", None, 15), "failure")
    t.check(0.4 <= failure["seconds"] < 10, f"took {failure['seconds']}")
    t.match(r"timed out after 0\.4", result.err)


@test("--timeout: the whole tree ends, whatever it ignores and in whatever session; then the next job runs")
def timeout_tree(t):
    stray = "setsid sh -c 'trap \"\" TERM; echo $$ >>pids; while :; do sleep 0.1; done' & "
    lost = "(setsid sh -c 'trap \"\" TERM; echo $$ >>pids; while :; do sleep 0.1; done' &); "
    t.write("jobs", stray + lost + "echo $$ >>pids; while :; do sleep 0.1; done\n"
            "for p in $(cat pids); do grep -qs '^State:.[^ZX]' /proc/$p/status && echo alive; done; echo next\n")
    result = t.run("-j1", "-a", "jobs", "--timeout", "1", "--grace", "0.2", "--report", "r.json")
    t.equal((result.status, result.out), (1, b"next\n"), "result")
    t.equal(len(lines(t, "pids")), 3, "processes")
    t.equal(t.report_file("r.json")["jobs"]["leaked"], 0, "leaked")


@test("--timeout: a stopped job ends, and one that ends when asked to is not killed")
def timeout_kinds(t):
    result = t.run("-k", "--timeout", "0.3", "--grace", "60", "--report", "r.json",
                   jobs=["kill -STOP $$", "trap 'echo cleaned; exit 0' TERM; sleep 300 & wait"])
    t.equal((result.status, result.out), (2, b"cleaned\n"), "result")
    t.check(result.seconds < 20, "somebody waited for the grace to end")
    codes = {f["seq"]: (f["cause"], f["exit_code"]) for f in t.report_file("r.json")["failures"]}
    t.equal(codes, {1: ("timeout", None), 2: ("timeout", 124)}, "failures")


@test("faults 53: a job that stops itself is named, and goes on when it is told to")
def stopped_job(t):
    run = t.start("-j2", "--report", "none", "kill -STOP $$; echo {}", ":::", "a")
    said = read_for(run.stderr, 20, until=b"\n")
    t.match(r"^antsrun: job 1 is stopped; to let it go on: kill -CONT -\d+$", said)
    os.killpg(int(said.split(b"-")[-1]), signal.SIGCONT)
    t.ended(run.finish(timeout=20), 0, "a\n")


@test("--timeout N%: of the median of those that succeeded")
def timeout_percent(t):
    result = t.run("-j1", "--timeout", "400%", "--report", "r.json", "sleep {}", ":::", "0.3", "0.3", "0.3", "300")
    t.equal(result.status, 1, "status")
    [failure] = t.report_file("r.json")["failures"]
    t.equal((failure["seq"], failure["cause"]), (4, "timeout"), "failure")
    t.check(failure["seconds"] >= 1.2, f"too early: {failure['seconds']}")


@test("--retries: so many attempts in all; only the last counts, and only its output is printed")
def retries(t):
    script = "echo try $ANTSRUN_ATTEMPT; echo x >>n{}; test $(wc -l <n{}) -ge {}"
    result = t.run("-k", "-j3", "--retries", "3", "--report", "r.json", script, ":::", "1", "2", "3", "9")
    t.equal((result.status, result.out), (1, b"try 1\ntry 2\ntry 3\ntry 3\n"), "result")
    report = t.report_file("r.json")
    counts = {name: report["jobs"][name] for name in ("read", "started", "succeeded", "failed", "retried", "flaky")}
    t.equal(counts, {"read": 4, "started": 4, "succeeded": 3, "failed": 1, "retried": 3, "flaky": 2}, "jobs")
    [failure] = report["failures"]
    t.equal((failure["seq"], failure["attempts"], len(failure["earlier"])), (4, 3, 2), "failure")
    t.equal(sorted((f["seq"], f["attempts"], f["earlier"][0]["cause"]) for f in report["flaky"]),
            [(2, 2, "exit"), (3, 3, "exit")], "flaky")
    t.equal(len(lines(t, "n9")), 3, "attempts at the last")


@test("--retries: also with -k, -j1, --lb, -u and --results")
def retries_modes(t):
    job = "echo $ANTSRUN_ATTEMPT; sleep 0.05; test $ANTSRUN_ATTEMPT = 2"
    for options, out in (((), b"2\n"), (("-k",), b"2\n"), (("-j1",), b"2\n"), (("--lb",), b"1\n2\n"), (("-u",), b"1\n2\n")):
        result = t.run(*options, "--retries", "2", "--report", "none", jobs=[job])
        t.equal((result.status, result.out), (0, out), options)
    t.ended(t.run("--retries", "2", "--results", "d", ": {}; " + job, ":::", "a"), 0, "")
    t.equal((t.dir / "d/1/a/stdout").read_text(), "2\n", "result file")


@test("--retries 0: until it succeeds; a signal ends that")
def retries_forever(t):
    t.ended(t.run("--retries", "0", jobs=["test $ANTSRUN_ATTEMPT = 30"]), 0)
    run = t.start("--retries", "0", "echo x >>tries; false", ":::", "a")
    wait_until(lambda: len(lines(t, "tries")) > 5, 20, "more tries")
    run.signal(signal.SIGTERM)
    result = run.finish(timeout=20)
    t.equal(result.status, -signal.SIGTERM, "status")
    t.equal((result.report["jobs"]["failed"], result.report["jobs"]["not_started"]), (1, 0), "jobs")


@test("--retry-delay: before another attempt; others run meanwhile")
def retry_delay(t):
    run = t.start("-j1", "--retries", "3", "--retry-delay", "0.3", "--report", "r.json",
                  "echo {}; test {} != bad", ":::", "bad", "good")
    t.equal(read_for(run.stdout, 20, until=b"good\n"), b"good\n", "output of the other job")
    result = run.finish(timeout=20)
    t.equal(result.status, 1, "status")
    t.check(result.seconds >= 0.9, f"took {result.seconds}: 0.3 s and 0.6 s were to be waited")


@test("--halt now: what runs is ended with its tree, nothing starts later, the status is that of the job")
def halt_now(t):
    tree = "(setsid sh -c 'echo $$ >>pids; sleep 300' &); sleep 301 & echo $$ >>pids; wait"
    t.write("jobs", tree + "\nuntil [ $(wc -l <pids) = 2 ]; do sleep 0.05; done; exit 5\n" + "touch late\n" * 20)
    result = t.run("-j2", "-a", "jobs", "--halt", "now,fail=1", "--report", "r.json", timeout=20)
    t.equal(result.status, 5, "status")
    t.equal(living([int(pid) for pid in lines(t, "pids")]), [], "still living")
    t.check(not (t.dir / "late").exists(), "a job was started later")
    report = t.report_file("r.json")
    t.equal(report["halted"], "--halt now,fail=1", "halted")
    t.equal({f["seq"]: f["cause"] for f in report["failures"]}, {1: "killed", 2: "exit"}, "causes")
    t.match("--halt now,fail=1: ending all jobs", result.err)


@test("--halt soon: what runs may end and is printed, nothing starts later")
def halt_soon(t):
    for _ in range(5):
        result = t.run("-j2", "--halt", "soon,fail=1", "--report", "none", jobs=[
            "touch begun; until [ -e failed ]; do sleep 0.02; done; sleep 0.3; echo done",
            "until [ -e begun ]; do sleep 0.02; done; touch failed; exit 7"] + ["touch late"] * 20)
        t.equal((result.status, result.out), (7, b"done\n"), "result")
        t.check(not (t.dir / "late").exists(), "a job was started later")
        (t.dir / "failed").unlink()
        (t.dir / "begun").unlink()


@test("--halt: counts, percentages, success, done, old forms; statuses as GNU parallel has them")
def halt_forms(t):
    for form, statuses, expected, started in (
            ("soon,fail=2", "0 5 3 4", 2, 3), ("now,fail=1", "0 137 3", 137, 2),
            ("now,fail=50%", "0 5 3 4 0 0", 50, 4), ("now,success=1", "5 0 3 4", 0, 2),
            ("now,success=50%", "5 0 0 4", 0, 3), ("now,done=3", "0 0 3 4", 1, 3),
            ("never", "0 5 0 4", 2, 4), ("0", "0 5 0 4", 2, 4), ("1", "0 5 0 4", 5, 2),
            ("2", "0 6 0 4", 6, 2), ("-1", "3 0 4", 0, 2), ("50%", "0 5 3 4", 50, 3),
            ("soon,success=3", "5 0 0 4", 2, 4)):
        result = t.run("-j1", "--halt", form, "--report", "r.json", "exit {}", ":::", *statuses.split())
        t.equal(result.status, expected, f"status of {form} on {statuses}")
        t.equal(t.report_file("r.json")["jobs"]["started"], started, f"jobs started with {form}")


@test("--halt: what is wrong is named")
def halt_wrong(t):
    for value, what in (("now,fial=1", "unknown event 'fial' (expected fail, success or done)"),
                        ("later,fail=1", "unknown time 'later'"), ("now", "a comma"), ("now,fail", "a comma"),
                        ("now,fail=0", "'0' is no number"), ("now,fail=x", "'x' is no number"),
                        ("now,fail=101%", "'101' is no number"), ("3", "unknown time '3'")):
        result = t.ended(t.run("--halt", value, "echo", ":::", "a"), 255, "")
        t.match(f"--halt '{value}': ", result.err)
        t.check(what in result.err.decode(), f"{value}: {result.err}")


@test("--exit-status: other policies")
def exit_status(t):
    for policy, statuses, expected in (("any", "0 5 6", 1), ("any", "0 0", 0), ("max", "3 200 7", 200),
                                       ("count", "3 200 7", 3), ("xargs", "3 200 7", 123),
                                       ("xargs", "0 0", 0)):
        result = t.run("--exit-status", policy, "--report", "none", "exit {}", ":::", *statuses.split())
        t.equal(result.status, expected, f"{policy} on {statuses}")
    for line, expected in (("kill -9 $$", 125), ("exit 255", 124), ("no-such-program-here", 127), ("/etc/passwd", 126)):
        result = t.run("--exit-status", "xargs", "--report", "none", jobs=[line, "true"])
        t.equal(result.status, expected, line)
    t.match("expected count, any, max or xargs", t.ended(t.run("--exit-status", "none", jobs=["true"]), 255).err)


@test("--kill-strays: what a job leaves running ends with it; without it, it is left and counted", leaves=True)
def kill_strays(t):
    job = "(setsid sh -c 'trap \"\" TERM; echo $$ >>pids; while :; do sleep 0.1; done' &); " \
          "until [ -s pids ]; do sleep 0.02; done; echo done"
    result = t.run("--kill-strays", "--grace", "0.2", "--report", "r.json", jobs=[job])
    t.equal((result.status, result.out), (0, b"done\n"), "result")
    [pid] = map(int, lines(t, "pids"))
    t.equal(living([pid]), [], "stray")
    t.equal(t.report_file("r.json")["jobs"]["leaked"], 0, "leaked")
    (t.dir / "pids").unlink()
    t.equal(t.run("--report", "r.json", jobs=[job + " & sleep 0.1"]).status, 0, "status")
    [pid] = map(int, lines(t, "pids"))
    t.equal(living([pid]), [pid], "stray")


@test("faults 62: antsrun itself was stopped past a time limit: what had ended before has ended in time")
def stopped_runner(t):
    run = t.start("--timeout", "1.5", "--report", "none", "echo {} >begun; sleep 0.5; echo done", ":::", "a")
    wait_until(lambda: (t.dir / "begun").exists(), 20, "the job")
    core = run.core()
    os.kill(core, signal.SIGSTOP)
    time.sleep(2.5)
    os.kill(core, signal.SIGCONT)
    t.ended(run.finish(timeout=20), 0, "done\n")


# A shell with job control, as far as it matters: its one job is a process group of its own, which
# can be stopped because its parent is in the same session.
SHELL = """
import os, sys
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    os.execvp(sys.argv[1], sys.argv[1:])
with open("front", "w") as front:
    print(pid, file=front)
status = 0x7f
while os.WIFSTOPPED(status):
    _, status = os.waitpid(pid, os.WUNTRACED)
os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
"""


def stopping(t, *options):
    """antsrun as the job of a shell, and its pid."""
    shell = t.start("-c", SHELL, "antsrun", *options, program=sys.executable, start_new_session=True)
    front = wait_until(lambda: lines(t, "front"), 20, "antsrun")
    return shell, int(front[0])


def state(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


@test("faults 61: ^Z stops antsrun, the jobs and their clocks; fg lets all go on")
def stop(t):
    job = "echo $$ >>pids; setsid sh -c 'echo $$ >>pids; exec sleep 0.8' & exec sleep 0.7"
    t.write("jobs", (job + "\n") * 2)
    shell, front = stopping(t, "-a", "jobs", "-j2", "--timeout", "1.4", "--report", "r.json")
    jobs = [int(pid) for pid in wait_until(lambda: len(lines(t, "pids")) == 4 and lines(t, "pids"), 20, "jobs")]
    os.kill(front, signal.SIGTSTP)
    wait_until(lambda: state(front) == "T", 20, "the stop")
    wait_until(lambda: [state(pid) for pid in jobs] == ["T"] * 4, 20, "the stop of the jobs")
    time.sleep(1.5)  # longer than the time limit leaves
    t.equal([state(pid) for pid in [front] + jobs], ["T"] * 5, "states later")
    os.kill(front, signal.SIGCONT)
    t.equal(shell.finish(timeout=20).status, 0, "status")
    report = t.report_file("r.json")
    t.equal((report["jobs"]["succeeded"], report["jobs"]["timed_out"]), (2, 0), "jobs")
    t.check(report["latency"]["max"] < 1.4, f"the clock went on: {report['latency']}")


@test("faults 61: a storm of ^Z and fg loses nothing")
def stop_storm(t):
    t.write("jobs", "".join(f"sleep 0.01; echo {i}\n" for i in range(150)))
    shell, front = stopping(t, "-a", "jobs", "-k", "-j4", "--report", "r.json")
    for _ in range(100):
        if state(front) == "gone":
            break
        os.kill(front, signal.SIGTSTP)
        os.kill(front, signal.SIGCONT)
        time.sleep(0.002)
    result = shell.finish(timeout=40)
    t.equal(result.out.decode().split(), [str(i) for i in range(150)], "output")
    t.equal(t.report_file("r.json")["jobs"]["succeeded"], 150, "succeeded")


@test("faults 61: a stop where nobody could continue it stops nothing; one followed by TERM ends the run")
def stop_alone(t):
    run = t.start("-j1", "--report", "none", "sleep 0.2; echo {}", ":::", "a", "b", start_new_session=True)
    wait_until(lambda: below(run.pid), 20, "the core")
    os.kill(run.pid, signal.SIGTSTP)
    t.ended(run.finish(timeout=20), 0, "a\nb\n")
    t.write("jobs", "echo $$ >>pids; sleep 300\n")
    shell, front = stopping(t, "-a", "jobs", "--report", "none")
    jobs = [int(pid) for pid in wait_until(lambda: lines(t, "pids"), 20, "the job")]
    os.kill(front, signal.SIGTSTP)
    wait_until(lambda: state(front) == "T", 20, "the stop")
    os.kill(front, signal.SIGTERM)
    os.kill(front, signal.SIGCONT)
    t.equal(shell.finish(timeout=20).status, 128 + signal.SIGTERM, "status")
    t.equal(living(jobs), [], "jobs")
