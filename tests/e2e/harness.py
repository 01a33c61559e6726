"""What a test of antsrun sees: start it, feed it, look at it, and say what was expected.

A test is a function with one parameter, the Case it runs in; its docstring or title is a sentence. Each
runs in a process and a directory of its own. That process is a child subreaper: whatever antsrun leaves
running becomes its child, is counted as a failure, and is killed.
"""

import ctypes
import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PR_SET_CHILD_SUBREAPER = 36


class Failure(Exception):
    """What was promised did not happen."""


class Skip(Exception):
    """The test cannot be run here."""


class Test:
    def __init__(self, title, function, *, limit=60, leaves=False, sanitizers=True):
        self.title = title
        self.function = function
        self.limit = limit  # seconds, then it counts as hung
        self.leaves = leaves  # leftover processes are what it is about
        self.sanitizers = sanitizers  # means something in a sanitizer build too
        self.group = ""


REGISTERED = []


def test(title, **how):
    """Make a function a test: @test("starts at the first line", limit=20)."""

    def register(function):
        REGISTERED.append(Test(title, function, **how))
        return function

    return register


class Result:
    """How a command ended and what it wrote. status is negative for a signal."""

    def __init__(self, status, out, err, seconds, max_rss):
        self.status, self.out, self.err = status, out, err
        self.seconds, self.max_rss = seconds, max_rss

    @functools.cached_property
    def report(self):
        """The JSON report, from stderr."""
        lines = [line for line in self.err.split(b"\n") if line.startswith(b'{"')]
        if len(lines) != 1:
            raise Failure(f"{len(lines)} reports on stderr: {self.err[-2000:]!r}")
        return json.loads(lines[0])

    @property
    def messages(self):
        """stderr without the report."""
        return b"\n".join(line for line in self.err.split(b"\n") if not line.startswith(b'{"'))

    def __repr__(self):
        return f"status {self.status}, stdout {self.out[-600:]!r}, stderr {self.err[-1500:]!r}"


def as_bytes(value):
    return value.encode() if isinstance(value, str) else value


class Process:
    """A started antsrun (or a shell around it). `pid` is the one a user sees."""

    def __init__(self, popen, started):
        self.popen, self.started = popen, started
        self.pid = popen.pid
        self.stdin, self.stdout, self.stderr = popen.stdin, popen.stdout, popen.stderr

    def signal(self, number):
        os.kill(self.pid, number)

    def is_running(self):
        return self.popen.poll() is None

    def core(self):
        """The pid of antsrun's second process."""
        return wait_until(lambda: children(self.pid), what="a core process")[0]

    def finish(self, stdin=None, timeout=30):
        """Wait for the end, reading what it writes."""
        try:
            out, err = self.popen.communicate(as_bytes(stdin), timeout)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"still running after {timeout} s; so far {late.stdout!r:.500}") from None
        return Result(self.popen.returncode, out, err, time.monotonic() - self.started, None)


class Case:
    def __init__(self, directory, antsrun, probe, sanitized):
        self.dir, self.antsrun, self.probe, self.sanitized = directory, antsrun, probe, sanitized
        self.tmp = directory / "tmp"  # antsrun's $TMPDIR: must be empty at the end
        self.tmp.mkdir()
        programs = directory / "bin"
        programs.mkdir()
        (programs / "antsrun").symlink_to(antsrun)
        (programs / "probe").symlink_to(probe)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("ANTSRUN", "PARALLEL"))}
        self.env.update(TMPDIR=str(self.tmp), PATH=f"{programs}:{self.env['PATH']}", LC_ALL="C",
                        PWD=str(directory))
        self.env.setdefault("HOME", "/")

    # -- running

    def start(self, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
              stderr=subprocess.PIPE, env=None, program=None, **how):
        started = time.monotonic()
        popen = subprocess.Popen([program or str(self.antsrun), *map(str, arguments)], stdin=stdin,
                                 stdout=stdout, stderr=stderr, cwd=self.dir, bufsize=0,
                                 env=self.env if env is None else env, **how)
        return Process(popen, started)

    def run(self, *arguments, jobs=None, timeout=30, **how):
        """antsrun with these arguments and, on stdin, `jobs`: a string, bytes or a list of lines."""
        if isinstance(jobs, list):
            jobs = "".join(job + "\n" for job in jobs)
        if jobs is None:
            how.setdefault("stdin", subprocess.DEVNULL)
        return self.start(*arguments, **how).finish(jobs, timeout)

    def sh(self, script, timeout=30, **how):
        """A shell command line that may use antsrun and probe by name."""
        how.setdefault("stdin", subprocess.DEVNULL)
        return self.start("-c", script, program="/bin/sh", **how).finish(timeout=timeout)

    def write(self, name, content):
        path = self.dir / name
        path.write_bytes(as_bytes(content))
        return path

    def report_file(self, name="report.json"):
        return json.loads((self.dir / name).read_text())

    # -- expecting

    def equal(self, actual, expected, what=""):
        if actual != expected:
            raise Failure(f"{what or 'value'}: expected {shorten(expected)}, got {shorten(actual)}")

    def check(self, condition, what):
        if not condition:
            raise Failure(what)

    def match(self, pattern, text):
        if isinstance(text, bytes):
            text = text.decode(errors="backslashreplace")
        if not re.search(pattern, text, re.M):
            raise Failure(f"nothing matches {pattern!r} in {text[-1500:]!r}")

    def ended(self, result, status, out=None):
        """The exit status (and stdout) of a result, or a failure that shows all of it."""
        if result.status != status or (out is not None and result.out != as_bytes(out)):
            expected = f"status {status}" + ("" if out is None else f", stdout {as_bytes(out)!r:.600}")
            raise Failure(f"expected {expected}\n     got {result}")
        return result


def shorten(value):
    text = repr(value)
    return text if len(text) < 1500 else f"{text[:700]} ... {text[-700:]}"


# -- looking at processes


def stat_of(pid):
    """(state, parent) of a process, or nothing if there is none."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return fields[0], int(fields[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def children_of_all():
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (stat := stat_of(name)):
            found.setdefault(stat[1], []).append(int(name))
    return found


def children(pid):
    return children_of_all().get(pid, [])


def below(pid):
    """All descendants of a process."""
    everyone = children_of_all()
    found, todo = [], [pid]
    while todo:
        nested = everyone.get(todo.pop(), [])
        found += nested
        todo += nested
    return found


def living(pids):
    """Those that run: zombies do not."""
    return [pid for pid in pids if (stat_of(pid) or "Z")[0] not in "ZX"]


def is_alive(pid):
    return bool(living([pid]))


def status_field(pid, name):
    """A line of /proc/PID/status, as its words."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return line.split()[1:]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return None


def peak_memory(pid):
    """VmHWM in bytes."""
    return int(status_field(pid, "VmHWM")[0]) * 1024


def wait_until(condition, seconds=10, what="the expected"):
    """Poll until `condition()` is true; what it gave. The only place where tests wait for a state."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what} did not come within {seconds} s")
        time.sleep(0.01)


def read_for(stream, seconds, until=None):
    """What arrives on a pipe within so many seconds, up to and including `until`."""
    end, seen = time.monotonic() + seconds, b""
    os.set_blocking(stream.fileno(), False)
    while time.monotonic() < end and not (until and until in seen):
        chunk = stream.read(65536)
        if chunk == b"":
            break
        if chunk is None:
            time.sleep(0.005)
        else:
            seen += chunk
    os.set_blocking(stream.fileno(), True)
    return seen


# -- one test in its own process


def become_subreaper():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def forget_signals():
    """Whoever started us may ignore or block signals (nohup, a shell's background job): antsrun must not
    inherit that."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # for ourselves: Popen gives children the default
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def kill_below(pid):
    """End every descendant, again and again until none is left; those that were there."""
    found = []
    for _ in range(200):
        alive = living(below(pid))
        if not alive:
            break
        found += [p for p in alive if p not in found]
        for victim in alive:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)
    return found


def command_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(
            errors="backslashreplace").strip() or f"[{status_field(pid, 'Name')}]"
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def run_case(case, the_test):
    """Run one test here and look at what it left; raises Failure or Skip."""
    os.chdir(case.dir)
    the_test.function(case)
    left = living(below(os.getpid()))
    what = [f"{pid} ({command_of(pid)})" for pid in left]
    kill_below(os.getpid())
    if left and not the_test.leaves:
        raise Failure(f"still running at the end: {', '.join(what)}")
    if case.tmp.is_dir() and any(case.tmp.iterdir()):
        raise Failure(f"left in TMPDIR: {[p.name for p in case.tmp.iterdir()]}")
