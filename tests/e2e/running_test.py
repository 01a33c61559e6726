"""How jobs run: --delay, --load, --memfree, --nice, --wd, --env, a live -j, $ANTSRUN_OPTS."""

import os
import re
import signal
import time

from harness import read_for, test, wait_until


@test("--delay: so long between starts, over all slots")
def delay(t):
    begin = time.monotonic()
    t.ended(t.run("-j4", "--delay", "0.2", "true", ":::", "1", "2", "3", "4"), 0)
    took = time.monotonic() - begin
    t.check(took >= 0.6, f"took {took} s")


@test("--delay: a signal ends the wait at once")
def delay_signal(t):
    run = t.start("--delay", "1h", "echo", ":::", "a", "b")
    t.equal(read_for(run.stdout, 20, until=b"a\n"), b"a\n")
    run.popen.send_signal(signal.SIGTERM)
    result = run.finish(timeout=20)
    t.equal(result.status, -signal.SIGTERM, "status")
    t.equal(result.report["jobs"]["not_started"], 1, "jobs not started")


@test("--load and --memfree that are never met: nothing starts, it is said, and a signal ends it")
def never(t):
    for limit in ("--memfree=8000T", "--load=0"):
        busy = t.start("-c", "while :; do :; done", program="/bin/sh")
        try:
            run = t.start(limit, "echo", ":::", "a")
            said = read_for(run.stderr, 20, until=b"\n")
            t.match("^antsrun: no job starts: ", said)
            run.popen.send_signal(signal.SIGTERM)
            result = run.finish(timeout=20)
            t.equal((result.status, result.out), (-signal.SIGTERM, b""), limit)
        finally:
            busy.popen.kill()
            busy.finish()


@test("--load and --memfree that are met change nothing")
def met(t):
    t.ended(t.run("-k", "--memfree", "1M", "--load", "100000%", "echo", ":::", "a", "b"), 0, "a\nb\n")


@test("--nice lowers the priority of jobs, not antsrun's own")
def nice(t):
    here = os.nice(0)
    out = t.ended(t.run("-k", "--nice", "3", "nice; true", ":::", "a"), 0).out
    t.equal(out, b"%d\n" % min(here + 3, 19))


@test("--wd: jobs run there, also one that depends on the job")
def directory(t):
    for name in ("d1", "d 2"):
        (t.dir / name).mkdir()
    t.ended(t.run("--wd", "d1", "pwd; echo $PWD", ":::", "x"), 0, f"{t.dir}/d1\n{t.dir}/d1 x\n")
    t.ended(t.run("--wd", f"{t.dir}/d1", "env", "-u", ":::", "X"), 0)
    t.check(f"\nPWD={t.dir}/d1\n".encode() in
            t.run("--wd", f"{t.dir}/d1", "env", "-u", ":::", "X").out, "PWD without a shell")
    t.ended(t.run("-k", "--wd", "{}", "pwd; : {}", ":::", "d1", "d 2"), 0, f"{t.dir}/d1\n{t.dir}/d 2\n")
    result = t.run("-k", "--wd", "{}", "echo", ":::", "missing", "d1")
    t.ended(result, 1, "d1\n")
    t.match("cannot run in 'missing': No such file", result.err)
    result = t.ended(t.run("--wd", "missing", "echo", ":::", "a"), 255, "")
    t.match("--wd 'missing': No such file", result.err)


@test("--env: jobs have the variable, with placeholders, instead of the caller's")
def variables(t):
    t.ended(t.sh("A=old antsrun -k --env A=new-{} --env 'B=x y' 'echo $A $B; env | grep -c ^A=; : {}' ::: 1 2"),
            0, "new-1 x y\n1\nnew-2 x y\n1\n")
    t.ended(t.sh("A=old antsrun --env A 'echo $A; : {}' ::: 1"), 0, "old\n")
    t.match("--env '=x'", t.ended(t.run("--env", "=x", "echo", ":::", "a"), 255, "").err)


def hold(t, *options):
    """A run whose jobs say that they began, and stay until the file go is there."""
    job = "echo $ANTSRUN_SEQ >>began; while [ ! -e go ]; do sleep 0.02; done; echo out-{}"
    t.write("began", "")
    return t.start(*options, "--report", "r.json", job, ":::", *map(str, range(1, 9)))


def began(t):
    return len((t.dir / "began").read_text().split())


def is_pending(pid, number):
    pending = re.search(r"^ShdPnd:\s*(\w+)", open(f"/proc/{pid}/status").read(), re.M)[1]
    return int(pending, 16) >> (number - 1) & 1


@test("SIGUSR1 and SIGUSR2: a slot more, a slot less, at least one")
def slots(t):
    run = hold(t, "-j1")
    wait_until(lambda: began(t) == 1)
    run.popen.send_signal(signal.SIGUSR2)  # but there is only one
    wait_until(lambda: not is_pending(run.popen.pid, signal.SIGUSR2))  # or it may come second
    for wanted in (2, 3):
        run.popen.send_signal(signal.SIGUSR1)
        wait_until(lambda: began(t) == wanted)
    run.popen.send_signal(signal.SIGUSR2)
    t.write("go", "")
    result = t.ended(run.finish(), 0)
    t.equal(sorted(result.out.split()), sorted(b"out-%d" % i for i in range(1, 9)), "output")
    t.equal(t.report_file("r.json")["pool"]["peak_running"], 3, "jobs at once")


@test("-j FILE: read at the start and when it changes")
def slots_file(t):
    t.write("jobs", "1\n")
    run = hold(t, "-j", "jobs", "-k")
    wait_until(lambda: began(t) == 1)
    t.write("new", "4\n").rename(t.dir / "jobs")
    wait_until(lambda: began(t) == 4)
    t.write("jobs", "nonsense\n")
    t.write("go", "")
    t.ended(run.finish(), 0, "".join(f"out-{i}\n" for i in range(1, 9)))
    t.write("jobs", "none\n")
    t.match("does not say how many", t.ended(t.run("-j", "jobs", "echo", ":::", "a"), 255, "").err)


@test("$ANTSRUN_OPTS: default options, split as a shell would; the command line counts more")
def default_options(t):
    t.ended(t.sh("ANTSRUN_OPTS=\"-k --tagstring 'a b' --lb\" antsrun --group echo ::: 1 2"), 0,
            "a b\t1\na b\t2\n")
    result = t.sh("ANTSRUN_OPTS=--jbos=3 antsrun echo ::: 1")
    t.ended(result, 255, "")
    t.match(r"\$ANTSRUN_OPTS: .*--jbos", result.err)
    t.match("unfinished quote", t.ended(t.sh("ANTSRUN_OPTS=\"'a\" antsrun echo ::: 1"), 255, "").err)
    t.match(r"\$ANTSRUN_OPTS: 'echo'", t.ended(t.sh("ANTSRUN_OPTS=echo antsrun ::: 1"), 255, "").err)


@test("wrong values are named, with what to type instead")
def wrong(t):
    for option, value in (("--delay", "1x"), ("--load", "x"), ("--memfree", "1Q"), ("--nice", "99"),
                          ("--jobs", "many")):
        result = t.ended(t.run(option, value, "echo", ":::", "a"), 255, "")
        t.match(re.escape(f"{option} '{value}': expected "), result.err)
