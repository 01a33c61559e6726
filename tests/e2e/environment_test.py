"""What a job finds when it starts: that of the caller, and nothing of antsrun's."""

import os
import pty
import re
import resource
import select
import signal
import subprocess

from harness import read_for, test


def probe(t, words, *options, **how):
    """The lines probe prints when it runs as a job; as one command and through the shell alike."""
    direct = t.ended(t.run(*options, jobs=[f"probe {words}"], **how), 0).out.decode()
    shell = t.ended(t.run(*options, jobs=[f"exec probe {words} ; :"], **how), 0).out.decode()
    t.equal(shell, direct, f"probe {words} through the shell")
    return direct.splitlines()


def before(action):
    """Start antsrun after `action`, done in its process."""
    return {"preexec_fn": action}


@test("a job leads a session and a group of its own, without a terminal, stdin the null device")
def own_session(t):
    t.equal(probe(t, "ids stdin"), ["ids session=self group=self tty=no", "stdin null"])


@test("faults 36: a job starts with an empty mask, whatever the caller blocked")
def empty_mask(t):
    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGUSR1})

    t.equal(probe(t, "mask"), ["mask"])
    t.equal(probe(t, "mask", **before(block)), ["mask"])


@test("faults 34: dispositions are those antsrun was started with")
def dispositions(t):
    def ignore():
        for number in (signal.SIGPIPE, signal.SIGQUIT, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)

    def none():
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these
            signal.signal(number, signal.SIG_DFL)

    t.equal(probe(t, "ignored", **before(none)), ["ignored"])
    ignored = sorted([signal.SIGQUIT, signal.SIGUSR1, signal.SIGPIPE])
    t.equal(probe(t, "ignored", restore_signals=False, preexec_fn=lambda: (none(), ignore())),
            ["ignored " + " ".join(str(int(s)) for s in ignored)])


@test("faults 35, 42: HUP and CHLD ignored at start stay ignored in jobs, statuses are right")
def nohup_and_sigchld(t):
    script = ("printf 'probe ignored\\nexit 3\\n' | "
              "env --ignore-signal=HUP --ignore-signal=CHLD antsrun -k --report report.json")
    t.ended(t.sh(script), 1, "ignored 1 17\n")
    t.equal(t.report_file()["failures"][0]["exit_code"], 3, "exit code")


@test("faults 42: a child that antsrun inherits does not disturb it, and is left alone", leaves=True)
def inherited_child(t):
    result = t.sh("sleep 0.3 & sleep 98765 >/dev/null 2>&1 & printf 'sleep 0.6; exit 5\\necho x\\n' >jobs; exec antsrun -a jobs")
    t.ended(result, 1, "x\n")
    t.equal(result.report["failures"][0]["exit_code"], 5, "exit code")
    left = subprocess.run(["pgrep", "-f", "^sleep 98765$"], capture_output=True).stdout
    t.check(left, "the caller's own child was ended")


@test("faults 37, S12: 0, 1, 2 and what the caller had open, none of ours")
def descriptors(t):
    jobs = ["probe fds"] * 24 + ["exec probe fds; :"] * 24
    plain = t.run("-j8", "--report", "report.json", jobs=jobs).out.decode().splitlines()
    t.equal(set(plain), {"fds 0 1 2"}, "descriptors")
    out = t.sh("echo 'probe fds' | antsrun --report none 7</dev/null 5>x").out
    t.equal(out, b"fds 0 1 2 5 7\n", "with the caller's own")
    out = t.sh("echo 'probe fds' | antsrun -u --report none 7</dev/null").out
    t.equal(out, b"fds 0 1 2 7\n", "-u")


@test("faults 37: while others flood and spool")
def descriptors_busy(t):
    jobs = ["probe flood-out 20000000", "probe flood-err 3000000", "probe flood-out 3000000"]
    jobs += ["sleep 0.05; exec probe fds"] * 10
    t.write("jobs", "\n".join(jobs))
    out = t.sh("antsrun -k -j6 -a jobs --report none 2>&1 | tail -n 10 | sort -u").out
    t.equal(out, b"fds 0 1 2\n")


@test("faults 37: while so many jobs run that the table of descriptors is not copied for a new one")
def descriptors_many(t):
    os.dup2(0, 300)
    try:
        run = t.start("-j110", "--report", "report.json", pass_fds=(300,))
    finally:
        os.close(300)
    run.stdin.write(b"exec sleep 98764\n" * 100 + b"probe fds\necho err >&2\n" * 10)
    out = read_for(run.stdout, 30, until=b"fds 0 1 2 300\n" * 10)
    t.equal(out, b"fds 0 1 2 300\n" * 10, "descriptors")
    run.popen.send_signal(signal.SIGTERM)
    t.equal(run.finish().err.count(b"err\n"), 10, "lines on stderr")
    t.equal(t.report_file()["jobs"]["leaked"], 0, "jobs whose output seemed to stay open")


@test("faults 38: umask and limits are the caller's, though antsrun changes its own")
def umask_and_limits(t):
    out = t.sh("umask 027; ulimit -Sn 256; ulimit -c 7; "
               "echo 'probe umask limits' | antsrun -j8 --report none").out.decode().split()
    t.equal(out[:2], ["umask", "027"])
    soft, hard = out[3].removeprefix("nofile=").split("/")
    t.equal(soft, "256", "soft limit of descriptors")
    t.equal(int(hard), resource.getrlimit(resource.RLIMIT_NOFILE)[1], "hard limit of descriptors")
    t.check(t.sanitized or out[4].startswith("core=3584/"), f"core limit: {out[4]}")


@test("faults 41: the documented variables and no others")
def variables(t):
    t.env["MINE"] = "a b"
    given = dict(line.split("=", 1) for line in
                 t.ended(t.run("-j3", jobs=["/usr/bin/env"]), 0).out.decode().splitlines())
    new = {k: v for k, v in given.items() if k not in t.env and k not in ("_", "PWD", "OLDPWD", "SHLVL")}
    t.equal(set(new), {"ANTSRUN_SEQ", "ANTSRUN_SLOT", "ANTSRUN_PID", "ANTSRUN_JOBS", "ANTSRUN_ATTEMPT",
                       "PARALLEL_SEQ", "PARALLEL_JOBSLOT", "PARALLEL_PID"}, "new variables")
    t.equal({k: v for k, v in given.items() if k in t.env and k != "PWD"},
            {k: v for k, v in t.env.items() if k != "PWD"}, "the caller's")


@test("ANTSRUN_* say what is true")
def variables_values(t):
    jobs = ["echo $ANTSRUN_SEQ $PARALLEL_SEQ $ANTSRUN_ATTEMPT $ANTSRUN_JOBS $ANTSRUN_PID $PARALLEL_PID "
            f"$ANTSRUN_SLOT $PARALLEL_JOBSLOT; sleep 0.2" for _ in range(6)]
    run = t.start("-k", "-j3", "--report", "none")
    lines = [line.split() for line in run.finish("\n".join(jobs)).out.decode().splitlines()]
    pid = str(run.pid)
    t.equal([line[:6] for line in lines], [[str(i), str(i), "1", "3", pid, pid] for i in range(1, 7)])
    t.check(all(line[6] == line[7] for line in lines), "slots differ")
    t.equal(sorted(line[6] for line in lines[:3]), ["1", "2", "3"], "slots of the first three")
    t.check({line[6] for line in lines} <= {"1", "2", "3"}, "a slot beyond -j")


@test("ANTSRUN_* of an outer antsrun do not reach through an inner one")
def nested(t):
    inner = "printf 'echo $ANTSRUN_SEQ\\necho $ANTSRUN_SEQ\\n' | antsrun -k --report none"
    t.ended(t.run("-k", "--report", "none", jobs=[inner, inner]), 0, "1\n2\n1\n2\n")


@test("the working directory and $PWD are the caller's")
def directory(t):
    t.ended(t.sh("mkdir d && cd d && printf 'pwd\\n/bin/pwd\\n' | antsrun -k --report none"), 0,
            f"{t.dir}/d\n{t.dir}/d\n")


@test("faults 39: kill 0 in a job hits that job alone")
def kill_zero(t):
    result = t.run("-j2", "-k", jobs=[
        "touch begun; until [ -e killed ]; do sleep 0.02; done; sleep 0.2; echo other",
        "until [ -e begun ]; do sleep 0.02; done; touch killed; kill -TERM 0; sleep 5", "echo after"])
    t.ended(result, 1, "other\nafter\n")
    t.equal((result.report["failures"][0]["cause"]), "signal", "cause")


def in_terminal(t, arguments, jobs, seconds=15):
    """antsrun with all three streams on a terminal of its own; what appears there."""
    jobs_file = t.write("jobs", jobs)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(t.dir)
        os.execve(t.antsrun, ["antsrun", "-a", str(jobs_file), *arguments], {**t.env, "TERM": "xterm"})
    seen = b""
    while select.select([terminal], [], [], seconds)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        seen += chunk
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


@test("faults 43: a job cannot open the terminal, and does not hang on it")
def no_terminal(t):
    status, seen = in_terminal(t, ["--report", "none"], "head -c1 </dev/tty\nprobe ids stdin\n")
    t.equal(status, 1, "status")
    t.check(b"tty=no" in seen and b"stdin null" in seen, repr(seen))


@test("S7: what antsrun itself prints on a terminal has no control characters")
def terminal_escapes(t):
    line = b"exit 9 # \x1b]0;title\x07\x1b[31m \xc2\x9b31m \x7f\n"
    status, seen = in_terminal(t, ["--color", "never"], line)
    t.equal(status, 1, "status")
    bad = re.findall(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]", seen)
    t.check(not bad, f"{bad} in {seen!r}")
    t.check(b"exit 9" in seen, "the failed job is not named")


@test("job output on a terminal, or through a pipe, is exact: it may have colours")
def colours_of_jobs(t):
    t.ended(t.run(jobs=[r"printf '\033[31mred\033[0m\n'"]), 0, "\033[31mred\033[0m\n")


@test("no colour without a terminal, nor with NO_COLOR or TERM=dumb; always with --color always")
def own_colours(t):
    t.check(b"\x1b" not in t.run(jobs=["false"]).err, "colour without a terminal")
    t.check(b"\x1b" in t.run("--color", "always", jobs=["false"]).err, "no colour with --color always")
    t.env["NO_COLOR"] = "1"
    t.check(b"\x1b" not in in_terminal(t, [], "false\n")[1], "colour in spite of NO_COLOR")
    del t.env["NO_COLOR"]
    t.check(b"\x1b" in in_terminal(t, [], "false\n")[1], "no colour on a terminal")


@test("S10: PATH unset: commands given by path run")
def path_unset(t):
    env = {k: v for k, v in t.env.items() if k != "PATH"}
    t.ended(t.run("-k", jobs=["/bin/echo a", "echo b"], env=env), 0, "a\nb\n")


@test("an environment of many variables with odd names and values passes unchanged")
def odd_environment(t):
    odd = {**t.env, "EMPTY": "", "NEWLINE": "a\nb", "a.b": "c"}
    t.equal(probe(t, "env EMPTY env NEWLINE", env=odd), ["env EMPTY=", r"env NEWLINE=a\x0ab"])
    t.equal(t.run(jobs=["probe env a.b"], env=odd).out, b"env a.b=c\n", "a name the shell cannot hold")


@test("--jobs 0, N%, +N, -N and the default follow the CPUs that may be used")
def job_counts(t):
    cpus = len(os.sched_getaffinity(0))

    def capacity(*options, **how):
        return t.run(*options, jobs=["true"], **how).report["pool"]["capacity"]

    t.equal(capacity("-j", "7"), 7)
    t.equal(capacity("-j", "100%"), capacity(), "100% and the default")
    t.check(capacity() <= cpus, "the default")
    t.equal(capacity("-j", "+3"), capacity() + 3, "+3")
    t.equal(capacity("-j", "-1000"), 1, "-1000")
    t.equal(capacity("-j", "300%"), 3 * capacity(), "300%")
    t.equal(capacity("-j", "1%"), 1, "1%")
    t.check(capacity("-j", "0") > 100, "0")
    one = {"preexec_fn": lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})}
    t.equal(capacity(**one), 1, "default on one CPU")


@test("never more than -j jobs at once, and that many when there is work")
def at_most(t):
    jobs = ["echo + >>log; sleep 0.1; echo - >>log"] * 20
    report = t.run("-j5", jobs=jobs).report
    level = peak = 0
    for line in (t.dir / "log").read_text().split():
        level += 1 if line == "+" else -1
        peak = max(peak, level)
    t.equal(peak, 5, "most at once")
    t.equal(report["pool"]["peak_running"], 5, "peak_running")
