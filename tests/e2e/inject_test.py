"""Every system call that antsrun relies on is made to fail, the first time, the second time, and so on: it neither
hangs nor crashes nor loses a byte, and what went wrong is said."""

import collections
import re
import shutil
import subprocess

from harness import Skip, test

JOBS = b"echo a\necho b >&2\nexit 3\n/bin/echo c\n"
OUT = b"a\nc\n"

# What each may answer when it cannot do its work, or not yet.
ERRORS = {
    "clone": "EAGAIN ENOMEM", "clone3": "EAGAIN", "close": "EIO", "epoll_create1": "EMFILE",
    "epoll_ctl": "ENOMEM ENOSPC", "epoll_pwait2": "EINTR ENOSYS", "epoll_wait": "EINTR", "eventfd2": "EMFILE",
    "fcntl": "EPERM", "flock": "EINTR ENOLCK", "fsync": "EIO", "ioctl": "ENOTTY", "linkat": "EACCES", "lseek": "EINVAL",
    "mmap": "ENOMEM", "openat": "EMFILE EACCES EINTR", "pidfd_open": "EMFILE", "pipe2": "EMFILE ENFILE",
    "poll": "EINTR", "prctl": "EINVAL", "pread64": "EIO", "prlimit64": "EPERM", "read": "EINTR EAGAIN EIO",
    "readlink": "EACCES", "recvfrom": "EINTR EAGAIN", "renameat": "EACCES", "sched_getaffinity": "EPERM",
    "sendto": "EINTR", "setsid": "EPERM", "signalfd4": "EMFILE", "socketpair": "EMFILE", "wait4": "EINTR",
    "waitid": "EINTR", "write": "EINTR EAGAIN EIO ENOSPC",
}


def traced(t, *options):
    """The run, under strace. None: it did not end."""
    for name in ("log", "log~", "r.json"):
        (t.dir / name).unlink(missing_ok=True)
    run = t.start("-f", "-qq", "-o", "trace", *options, t.antsrun, "-k", "-j2", "--joblog", "log", "--report", "r.json",
                  program=shutil.which("strace"))
    try:
        return run.popen.communicate(JOBS, 20) + (run.popen.returncode,)
    except subprocess.TimeoutExpired:
        run.popen.kill()
        run.popen.communicate()
        return None


def calls(t):
    """How often the busiest process makes each call."""
    counts = collections.defaultdict(collections.Counter)
    for line in (t.dir / "trace").read_text(errors="replace").splitlines():
        call = re.match(r"(\d+) +(\w+)\(", line)
        if call:
            counts[call[2]][call[1]] += 1
    return {name: max(per.values()) for name, per in counts.items()}


def verdict(result):
    """What is wrong with it."""
    if result is None:
        return "hangs"
    out, err, status = result
    if status < 0:
        return f"died of signal {-status}"
    if status == 0:
        return "status 0, though a job fails"
    if status == 1 and not (out == OUT and b"b\n" in err and b"1 of 4 jobs failed" in err):
        return f"said to be well but for a job: {out[-80:]} {err[-300:]}"
    if not err.strip():
        return f"status {status} without a word"
    return None


def is_unspeakable(t):
    """What could not be written was for stderr: what went wrong, or what a job said there."""
    begun = {}
    for line in (t.dir / "trace").read_text(errors="replace").splitlines():
        pid = line.split()[0]
        if " write(" in line:
            begun[pid] = line
        if "INJECTED" in line and re.search(r'write\(\d+, "(antsrun: |b\\n)', begun.get(pid, "")):
            return True
    return False


def inject(t, names):
    if shutil.which("strace") is None:
        raise AssertionError("strace is not installed")
    if traced(t)[2] != 1:
        raise Skip("nothing can be traced here")
    counts = calls(t)
    wrong = []
    for name in names.split():
        for error in ERRORS[name].split():
            for when in range(1, counts.get(name, 0) + 1):
                what = verdict(traced(t, "-e", f"inject={name}:error={error}:when={when}"))
                if what and not is_unspeakable(t):
                    wrong.append(f"{name} {error} {when}: {what}")
    t.check(not wrong, "\n     ".join(wrong))


@test("failing: starting and watching processes", sanitizers=False, limit=300)
def processes(t):
    inject(t, "clone clone3 pidfd_open pipe2 setsid prctl socketpair wait4 waitid")


@test("failing: the event loop", sanitizers=False, limit=300)
def event_loop(t):
    inject(t, "epoll_create1 epoll_pwait2 epoll_wait eventfd2 poll recvfrom sendto signalfd4")


@test("failing: the event loop's registrations", sanitizers=False, limit=300)
def registrations(t):
    inject(t, "epoll_ctl")


@test("failing: journal and report, settings", sanitizers=False, limit=300)
def files(t):
    inject(t, "fcntl flock fsync ioctl linkat lseek prlimit64 readlink renameat sched_getaffinity")


@test("failing: opening and reading", sanitizers=False, limit=300)
def reading(t):
    inject(t, "openat read")


@test("failing: writing", sanitizers=False, limit=300)
def writing(t):
    inject(t, "write")


@test("S4: where there are no unnamed files, that of a job's output has a name for a moment only", sanitizers=False)
def named(t):
    jobs = [f"until [ -e written ]; do sleep 0.02; done; ls -A {t.tmp}", "probe flood-out 5000000; touch written"]
    t.write("jobs", "\n".join(jobs) + "\n")
    result = t.sh(f"strace -f -qq -o trace -P {t.tmp} -e inject=openat:error=EOPNOTSUPP "
                  "antsrun -k -j2 -a jobs --report none | probe check-flood 5000000")
    t.ended(result, 0)
    trace = (t.dir / "trace").read_text()
    t.check(re.search("O_TMPFILE.*INJECTED", trace), trace)
