"""The journal: --joblog, --resume, --resume-failed, --retry-failed; faults 64 to 71."""

import os
import random
import shutil
import signal
import subprocess
import time

from harness import below, read_for, test, wait_until

HEADER = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand"


def rows(t, name="log"):
    """The records of a log: seq -> (exit value, signal, command), the last of each; all of them."""
    text = (t.dir / name).read_text()
    head, *lines = text.splitlines()
    t.equal(head, HEADER, "header")
    t.check(text.endswith("\n"), "a torn last line")
    fields = [line.split("\t") for line in lines]
    t.check(all(len(f) == 9 for f in fields), f"columns: {fields}")
    return {int(f[0]): (int(f[6]), int(f[7]), f[8]) for f in fields}, fields


@test("faults 45, 64: one line for each job, with statuses as GNU parallel has them, prompt and complete")
def record(t):
    t.write("jobs", "echo out\nexit 255\nkill -9 $$\nuntil [ -e go ]; do sleep 0.05; done\n")
    run = t.start("-a", "jobs", "-j4", "--joblog", "log", "--report", "none")
    wait_until(lambda: (t.dir / "log").exists() and (t.dir / "log").read_text().count("\n") == 4, 20, "three lines")
    (t.dir / "go").touch()
    t.equal(run.finish(timeout=20).status, 2, "status")
    last, fields = rows(t)
    t.equal({seq: value[:2] for seq, value in last.items()},
            {1: (0, 0), 2: (255, 0), 3: (137, 9), 4: (0, 0)}, "statuses")
    first = next(f for f in fields if f[0] == "1")
    t.equal((first[1], first[4], first[5], first[8]), (":", "0", "4", "echo out"), "first job")
    t.match(r"^\d{10}\.\d{3}$", first[2].strip())
    t.match(r"^ *\d+\.\d{3}$", first[3])
    t.run("--timeout", "0.2", "--joblog", "log", "--report", "none", jobs=["sleep 300"])
    t.equal(rows(t)[0][1][:2], (-1, 15), "timed out")


@test("faults 71, S9: a command cannot forge a record")
def forged(t):
    command = b"true 'a\n2\t:\t0\t0\t0\t0\t0\t0\techo forged\\'"
    t.ended(t.run("-0", "--joblog", "log", "--report", "none", jobs=command + b"\0"), 0)
    last, fields = rows(t)
    t.equal(list(last), [1], "records")
    t.equal(fields[0][8], "true 'a\\n2\\t:\\t0\\t0\\t0\\t0\\t0\\t0\\techo forged\\\\'", "command")
    t.ended(t.run("-0", "--joblog", "log", "--resume", "--report", "none", "-v", jobs=command + b"\0"), 0, "")


@test("faults 70: an old log is kept as FILE~, a log in use is refused, +FILE adds to it")
def old_log(t):
    t.ended(t.run("--joblog", "log", "--report", "none", jobs=["echo first"]), 0)
    t.ended(t.run("--joblog", "log", "--report", "none", jobs=["echo second"]), 0)
    t.equal(rows(t)[0][1][2], "echo second", "the new log")
    t.equal(rows(t, "log~")[0][1][2], "echo first", "the old one")
    t.ended(t.run("--joblog", "+log", "--report", "none", jobs=["echo third"]), 0, "third\n")
    t.equal([f[8] for f in rows(t)[1]], ["echo second", "echo third"], "after +log")
    run = t.start("--joblog", "+log", "--report", "none", "echo begun; sleep 300; :", ":::", "a")
    read_for(run.stdout, 0.1)
    wait_until(lambda: len(below(run.pid)) >= 2, 20, "the job")
    for options in (("--joblog", "log"), ("--joblog", "+log"), ("--joblog", "log", "--resume")):
        result = t.ended(t.run(*options, jobs=["touch ran"]), 255, "")
        t.match("'log'.*another", result.err)
    t.check(not (t.dir / "ran").exists(), "a job ran beside")
    run.signal(signal.SIGTERM)
    run.finish()
    t.equal([f[8] for f in rows(t)[1]], ["echo second", "echo third"], "after all that")


@test("--resume, --resume-failed, --retry-failed: which jobs run")
def resume(t):
    script = "echo {}; exit {}"
    items = [":::", "0", "3", "0", "4"]

    def run(*options):
        return t.run("-k", "--joblog", "log", "--report", "r.json", *options)

    t.ended(run(script, *items[:3]), 1, "0\n3\n")
    t.ended(run("--resume", script, *items), 1, "0\n4\n")
    jobs = t.report_file("r.json")["jobs"]
    t.equal((jobs["read"], jobs["skipped"], jobs["started"]), (4, 2, 2), "jobs")
    t.ended(run("--resume", script, *items), 0, "")
    t.ended(run("--resume-failed", script, *items), 2, "3\n4\n")
    t.ended(run("--retry-failed"), 2, "3\n4\n")
    t.equal(sorted(f["seq"] for f in t.report_file("r.json")["failures"]), [2, 4], "numbers")
    t.equal(len(rows(t)[1]), 8, "records in all")
    t.ended(t.run("--dry-run", "--joblog", "log", "--resume", script, *items, "5"), 0, "echo 5; exit 5\n")
    t.ended(t.run("--joblog", "new", "--resume", "--report", "none", script, *items), 2)
    t.match(r"antsrun --retry-failed --joblog new\n", t.run("--joblog", "new", "false", ":::", "a").err)


@test("--resume: input from a slot, -j and -k play no part")
def resume_slot(t):
    t.ended(t.run("-j3", "--joblog", "log", "--report", "none", "echo {%} {}", ":::", *map(str, range(20))), 0)
    t.ended(t.run("-j1", "-k", "--joblog", "log", "--resume", "--report", "none", "echo {%} {}", ":::",
                  *map(str, range(22))), 0, "1 20\n1 21\n")


@test("faults 67: a job that was edited runs, and that is said")
def edited(t):
    t.ended(t.run("--joblog", "log", "--report", "none", jobs=["echo a", "echo b", "echo c"]), 0)
    result = t.ended(t.run("--joblog", "log", "--resume", "--report", "none",
                           jobs=["echo a", "echo B", "echo c"]), 0, "B\n")
    t.match("job 2 is another one", result.err)
    t.equal(rows(t)[0][2][2], "echo B", "record")


@test("faults 66: a torn last record is cut off and its job runs")
def torn(t):
    t.ended(t.run("-j1", "--joblog", "log", "--report", "none", jobs=["echo a", "echo b"]), 0)
    whole = (t.dir / "log").read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(last + 1, len(whole)):
        (t.dir / "log").write_bytes(whole[:cut])
        t.ended(t.run("--joblog", "log", "--resume", "--report", "none", jobs=["echo a", "echo b"]), 0, "b\n")
        t.equal(sorted(rows(t)[0]), [1, 2], "records")


@test("faults 69: garbage is refused and left alone")
def garbage(t):
    for content in (os.urandom(500), b"not a log\n", HEADER.encode() + b"\n1\t:\t2\n3\n"):
        (t.dir / "log").write_bytes(content)
        for option in ("--resume", "--resume-failed", "--retry-failed"):
            t.match("'log'", t.ended(t.run("--joblog", "log", option, jobs=["touch ran"]), 255, "").err)
        t.equal((t.dir / "log").read_bytes(), content, "the file")
    t.check(not (t.dir / "ran").exists(), "a job ran")


@test("faults 68: a full disk is noticed: before the first job, or the run ends with 255")
def full(t):
    t.match("No space left", t.ended(t.run("--joblog", "/dev/full", jobs=["touch ran"]), 255, "").err)
    t.check(not (t.dir / "ran").exists(), "a job ran")
    t.write("jobs", "".join(f"echo {i} >>ran\n" for i in range(500)))
    result = t.sh("ulimit -f 8; antsrun -a jobs -j2 --joblog log --report none")
    t.equal(result.status, 255, "status")
    t.match("File too large", result.err)
    last, _ = rows(t)
    ran = (t.dir / "ran").read_text().split()
    t.check(len(last) <= len(ran) < 500, f"{len(last)} recorded, {len(ran)} ran")
    # Two had ended when writing failed, two more may have begun in their places.
    t.check(len(ran) - len(last) <= 4, f"{len(last)} recorded, {len(ran)} ran")


@test("faults 13: with 0, 1 and 2 closed the log has records and nothing else")
def closed(t):
    # The second has begun before output turns out to be impossible, which ends the run.
    t.write("jobs", "until [ -e begun ]; do sleep 0.02; done; echo one\ntouch begun; echo two >&2\n")
    t.sh("antsrun -j2 -a jobs --joblog log <&- >&- 2>&-")
    t.equal(sorted(rows(t)[0]), [1, 2], "records")


@test("jobs that antsrun ended itself run again with --resume")
def ended(t):
    jobs = ["true", "[ -e go ] || { touch begun; sleep 300; }"]
    t.write("jobs", "\n".join(jobs) + "\n")
    run = t.start("-a", "jobs", "-j2", "--joblog", "log", "--report", "none")
    wait_until(lambda: (t.dir / "begun").exists() and (t.dir / "log").read_text().count("\n") == 2, 20, "both")
    run.signal(signal.SIGTERM)
    t.equal(run.finish().status, -signal.SIGTERM, "status")
    t.equal(list(rows(t)[0]), [1], "records")
    (t.dir / "go").touch()
    t.ended(t.run("-a", "jobs", "--joblog", "log", "--resume", "--report", "none"), 0)
    t.equal(sorted(rows(t)[0]), [1, 2], "records")


@test("faults 65: kill -9 at any moment, again and again: nothing is lost, nothing recorded runs again", limit=300)
def crash(t):
    rounds = 40 if t.sanitized else 150
    choose = random.Random(4711)
    count = 12
    crashes = 0
    begin = time.monotonic()
    t.ended(t.run("-j3", jobs=[f"sleep 0.00{i % 4}" for i in range(count)]), 0)
    usual = time.monotonic() - begin  # corrected as we go: the machine may have been busy
    for number in range(rounds):
        directory = t.dir / str(number)
        directory.mkdir()
        (directory / "jobs").write_text("".join(f"echo {i} >>begun; sleep 0.00{i % 4}; echo {i} >>done\n"
                                                for i in range(1, count + 1)))
        recorded = set()
        for attempt in range(100):
            run = subprocess.Popen([str(t.antsrun), "-a", "jobs", "-j3", "--joblog", "log", "--resume",
                                    "--report", "none"], cwd=directory, env=t.env,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            victim = run.pid
            if choose.random() < 0.5:
                core = [pid for pid in below(run.pid)][:1]
                victim = core[0] if core else run.pid
            try:
                time.sleep(choose.random() * usual)
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
            _, said = run.communicate(timeout=30)
            wait_until(lambda: not alive_in(directory), 10, "the end of the jobs")
            lines = [line.split(b"\t")[0] for line in (directory / "log").read_bytes().split(b"\n")[1:-1]] \
                if (directory / "log").exists() else []
            t.equal(len(lines), len(set(lines)), f"round {number}: a recorded job was recorded again: {lines}")
            t.check(recorded <= set(lines), f"round {number}: a record was lost")
            recorded = set(lines)
            if run.returncode == 0:
                usual *= 0.9
                break
            t.check(run.returncode in (-9, 255), f"status {run.returncode}: {said}")
            crashes += 1
            usual *= 1.03
        t.equal(recorded, {str(i).encode() for i in range(1, count + 1)}, f"round {number}: records")
        done = (directory / "done").read_text().split()
        t.equal(set(done), {str(i) for i in range(1, count + 1)}, f"round {number}: done")
        shutil.rmtree(directory)
    t.check(crashes > rounds, f"only {crashes} crashes")


def alive_in(directory):
    """Processes that work in a directory."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd") == str(directory):
                found.append(int(pid))
        except OSError:
            pass
    return found


@test("GNU parallel goes on from our log, and we from its")
def with_gnu(t):
    if shutil.which("parallel") is None:
        raise AssertionError("GNU parallel is not installed")
    script, items = "echo {}; exit {}", ["0", "3", "0"]
    gnu = ["parallel", "--will-cite", "--joblog", "log", "-k"]
    env = dict(t.env, HOME=str(t.dir))

    def run(command):
        done = subprocess.run(command, cwd=t.dir, env=env, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
        return done.stdout.decode()

    t.ended(t.run("-k", "--joblog", "log", "--report", "none", script, ":::", *items), 1, "0\n3\n0\n")
    t.equal(run(gnu + ["--resume", script, ":::", *items, "4"]), "4\n", "GNU parallel on our log")
    t.equal(run(gnu + ["--resume-failed", script, ":::", *items, "4"]), "3\n4\n", "GNU parallel on our log")
    (t.dir / "log").unlink()
    t.equal(run(gnu + [script, ":::", *items]), "0\n3\n0\n", "GNU parallel")
    t.ended(t.run("-k", "--joblog", "log", "--resume", "--report", "none", script, ":::", *items, "4"), 1, "4\n")
    t.ended(t.run("-k", "--joblog", "log", "--resume-failed", "--report", "none", script, ":::", *items, "4"), 2,
            "3\n4\n")
    t.ended(t.run("-k", "--joblog", "log", "--retry-failed", "--report", "none"), 2, "3\n4\n")
