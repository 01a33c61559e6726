"""What jobs write: every byte once, whole, in the right order, whoever reads it and how."""

import fcntl
import functools
import os
import re
import signal
import socket
import subprocess
import time

from harness import Skip, peak_memory, read_for, test, wait_until

MEGABYTE = 1 << 20
UNTIL_GO = b"while [ ! -e go ]; do sleep 0.02; done"


@test("faults 19: jobs that write with pauses are not mixed")
def whole_jobs(t):
    jobs = [f"for i in 1 2 3 4 5; do echo {j} $i; sleep 0.0{j}; done" for j in range(1, 7)]
    out = t.ended(t.run("-j6", jobs=jobs), 0).out.decode().splitlines()
    expected = {tuple(f"{j} {i}" for i in range(1, 6)) for j in range(1, 7)}
    t.equal({tuple(out[i:i + 5]) for i in range(0, 30, 5)}, expected, "jobs")


@test("faults 19: --lb keeps lines of 2 MB whole, and a last line without newline")
def whole_lines(t):
    jobs = [f"head -c 2000000 /dev/zero | tr '\\0' {c}; echo; printf {c}{c}" for c in "abcdef"]
    out = t.ended(t.run("-j6", "--lb", jobs=jobs), 0).out
    lines = re.findall(rb"a+|b+|c+|d+|e+|f+|\n", out)
    whole = [line for line in lines if len(line) == 2000000]
    t.equal(len(whole), 6, "lines of 2 MB")
    t.equal(len(out), 6 * 2000003, "bytes")
    for line in out.split(b"\n")[:6]:
        t.check(len(set(line[-2000000:])) == 1, "a long line is mixed with another")


@test("--lb shows each line at once")
def line_by_line(t):
    run = t.start("-j2", "--lb", "--report", "none")
    run.stdin.write(b"echo one; " + UNTIL_GO + b"; echo two\n" + UNTIL_GO + b"\n")
    t.equal(read_for(run.stdout, 20, until=b"\n"), b"one\n", "before the end of the job")
    t.write("go", "")
    t.ended(run.finish(), 0, "two\n")


@test("faults 20: -k gives input order, whatever ends first")
def input_order(t):
    jobs = [f"sleep 0.{9 - i}; echo {i}; echo e{i} >&2" for i in range(1, 9)]
    result = t.ended(t.run("-j8", "-k", jobs=jobs), 0, "".join(f"{i}\n" for i in range(1, 9)))
    t.equal(re.findall(rb"^e\d", result.err, re.M), [b"e%d" % i for i in range(1, 9)], "stderr")


@test("-k does not change what runs: a job behind a slow one starts and ends before it")
def order_of_running(t):
    jobs = ["while [ ! -e go ]; do sleep 0.02; done; echo first", "echo second; touch go"]
    t.ended(t.run("-j2", "-k", jobs=jobs), 0, "first\nsecond\n")


@test("faults 31: a job's output appears when it ends, beside one that still runs")
def at_completion(t):
    run = t.start("-j2", "--report", "none")
    run.stdin.write(UNTIL_GO + b"\necho quick\n")
    t.equal(read_for(run.stdout, 20, until=b"\n"), b"quick\n", "before the end of the other")
    t.write("go", "")
    t.ended(run.finish(), 0)


@test("faults 10: jobs start and show their output while the producer is still writing")
def slow_producer(t):
    run = t.start("--report", "none")
    for word in (b"one", b"two"):
        run.stdin.write(b"echo " + word + b"\n")
        t.equal(read_for(run.stdout, 20, until=b"\n"), word + b"\n", "output")
    t.ended(run.finish(), 0, "")


@test("with one slot output streams live")
def live_alone(t):
    run = t.start("-j1", "--report", "none")
    run.stdin.write(b"printf partial; " + UNTIL_GO + b"\ntrue\n")
    t.equal(read_for(run.stdout, 20, until=b"partial"), b"partial", "before the end of the job")
    t.write("go", "")
    t.ended(run.finish(), 0)


@test("with -k the next job in order streams live")
def live_next(t):
    run = t.start("-j2", "-k", "--report", "none")
    run.stdin.write(b"printf partial; " + UNTIL_GO + b"\n" + UNTIL_GO + b"\n")
    t.equal(read_for(run.stdout, 20, until=b"partial"), b"partial", "before the end of the job")
    t.write("go", "")
    t.ended(run.finish(), 0)


@test("the last running job streams live once the input has ended")
def live_last(t):
    run = t.start("-j2", "--report", "none", stdin=subprocess.PIPE)
    run.stdin.write(b"echo held; while [ ! -e go ]; do sleep 0.02; done; echo end\necho quick\n")
    run.stdin.close()
    t.equal(read_for(run.stdout, 20, until=b"held\n"), b"quick\nheld\n", "while the first job runs")
    t.write("go", "")
    run.popen.stdin = None
    t.ended(run.finish(), 0, "end\n")


@test("grouped: what a job has written is not shown while another may write")
def held_back(t):
    run = t.start("-j2", "--report", "none")
    run.stdin.write(b"echo held; while [ ! -e go ]; do sleep 0.02; done\nsleep 30\n")
    t.equal(read_for(run.stdout, 0.5), b"", "before the end of the job")
    t.write("go", "")
    t.equal(read_for(run.stdout, 20, until=b"\n"), b"held\n", "after its end")
    run.signal(signal.SIGTERM)
    run.finish()


@test("-u: jobs write to our own stdout and stderr themselves")
def ungrouped(t):
    with open(t.dir / "out", "wb") as out, open(t.dir / "err", "wb") as err:
        command = "readlink /proc/self/fd/1; readlink /proc/self/fd/2 >&2"
        t.start("-u", "-j1", "--report", "none", stdout=out, stderr=err).finish(command)
    t.equal((t.dir / "out").read_text(), f"{t.dir}/out\n", "stdout of the job")
    t.equal((t.dir / "err").read_text(), f"{t.dir}/err\n", "stderr of the job")


@test("-u shows output at once")
def ungrouped_live(t):
    run = t.start("-j2", "-u", "--report", "none")
    run.stdin.write(b"printf partial; " + UNTIL_GO + b"\n" + UNTIL_GO + b"\n")
    t.equal(read_for(run.stdout, 20, until=b"partial"), b"partial", "before the end of the job")
    t.write("go", "")
    t.ended(run.finish(), 0)


@test("faults 22: bytes are exact, the streams apart")
def exact_bytes(t):
    every = bytes(range(256)).hex()
    result = t.run("-k", jobs=[f"probe raw {every}", f"probe raw {every} >&2", r"printf 'a\0b\r\n\377'"])
    t.equal(result.out, bytes(range(256)) + b"a\0b\r\n\xff", "stdout")
    t.check(bytes(range(256)) in result.err, "stderr is not exact")


@test("faults 32: what a job writes right before its end is there, 250 times")
def last_bytes(t):
    jobs = [f"head -c 999 /dev/zero | tr '\\0' {'abcdefghij'[i % 10]}; echo" for i in range(250)]
    lines = t.ended(t.run("-j8", jobs=jobs), 0).out.splitlines()
    t.equal(sorted(lines), sorted(b"abcdefghij"[i % 10:i % 10 + 1] * 999 for i in range(250)))


@test("faults 33: output of a job that is killed or crashes is printed")
def killed_job(t):
    jobs = ["echo before; kill -9 $$", "echo err >&2; kill -SEGV $$", "printf tail; exit 3"]
    result = t.ended(t.run("-k", jobs=jobs), 3, "before\ntail")
    t.match("^err$", result.err)


@test("faults 27: a job that closes its output early is still waited for")
def closes_early(t):
    result = t.run("-j2", jobs=["exec >&- 2>&-; sleep 0.5; touch done; exit 3", "echo b"])
    t.ended(result, 1, "b\n")
    t.check((t.dir / "done").exists(), "did not wait")
    t.equal(result.report["failures"][0]["exit_code"], 3, "exit code")
    # Others start and end meanwhile, however many wait.
    run = t.start("-j21")
    run.stdin.write((b"exec >&- 2>&-; echo >>begun; " + UNTIL_GO + b"\n") * 20)
    begun = t.dir / "begun"
    wait_until(lambda: begun.exists() and begun.stat().st_size == 20, 20, "the others")
    t.ended(run.finish("touch go\n"), 0, "")


@test("floods on both streams at once do not block each other")
def both_streams(t):
    jobs = ["probe flood-err 30000000 flood-out 30000000", "probe flood-out 30000000 flood-err 30000000"]
    t.write("jobs", "\n".join(jobs))
    t.equal(t.sh("antsrun -a jobs -j2 --report none 2>err | wc -c; wc -c <err").out.split(),
            [b"60000000", b"60000000"], "bytes")


@test("faults 21: 180 MB wait for their turn: every byte, in order, in bounded memory", limit=120)
def waiting_for_turn(t):
    jobs = ["while [ $(ls done.* | wc -l) -lt 3 ]; do sleep 0.1; done 2>&-; probe flood-out 100"]
    jobs += [f"probe flood-out 60000000; touch done.{i}" for i in range(3)]
    t.write("jobs", "\n".join(jobs))
    run = t.start("-k", "-j4", "-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL)
    core = run.core()
    first = run.stdout.read(1)
    memory = peak_memory(core)
    out = first + run.finish(timeout=100).out
    pattern = flood(60000000)
    t.check(out == flood(100) + 3 * pattern, "bytes are wrong")
    t.check(t.sanitized or memory < 150 * MEGABYTE, f"{memory >> 20} MB of memory")


@functools.lru_cache
def flood(count):
    """The pattern of probe's flood."""
    lines = bytearray()
    for line in range((count + 63) // 64):
        offset = line * 31 + line // 94
        lines += bytes(33 + (offset + i * 7) % 94 for i in range(63)) + b"\n"
        if line and (line + 1) % (94 * 94) == 0:
            break
    period = bytes(lines)  # it repeats from here
    return (period * (count // len(period) + 1))[:count]


@test("faults 21: 200 MB of one grouped job, in bounded memory", limit=120)
def one_large_job(t):
    t.write("jobs", "probe flood-out 200000000; touch written\n" + UNTIL_GO.decode() + "\n")
    with open(t.dir / "out", "wb") as out:
        run = t.start("-j2", "-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL, stdout=out)
    core = run.core()
    wait_until(lambda: (t.dir / "written").exists(), 100, "the whole output read")
    memory = peak_memory(core)
    t.check(t.sanitized or memory < 60 * MEGABYTE, f"{memory >> 20} MB of memory")
    t.write("go", "")
    t.ended(run.finish(), 0)
    t.equal(t.sh("probe check-flood 200000000 <out").status, 0, "every byte")


@test("a job of 100 MB that may not be shown yet goes to a file nobody can open by name", limit=120)
def unnamed_spool(t):
    t.write("jobs", "while [ ! -e go ]; do sleep 0.02; done\nprobe flood-out 100000000; touch written; sleep 60")
    run = t.start("-k", "-j2", "-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL)
    core = run.core()
    wait_until(lambda: (t.dir / "written").exists(), 60, "the whole output read")
    t.equal(list(t.tmp.iterdir()), [], "files with a name in TMPDIR")
    spools = [os.stat(f"/proc/{core}/fd/{fd}") for fd in os.listdir(f"/proc/{core}/fd")
              if os.readlink(f"/proc/{core}/fd/{fd}").startswith(str(t.tmp))]
    t.check(spools, "no spool in TMPDIR")
    t.equal({s.st_mode & 0o777 for s in spools}, {0o600}, "mode")
    t.check(t.sanitized or peak_memory(core) < 60 * MEGABYTE, f"{peak_memory(core) >> 20} MB of memory")
    run.signal(signal.SIGKILL)
    t.write("go", "")
    run.finish()
    t.equal(list(t.tmp.iterdir()), [], "files left after SIGKILL")


@test("faults 23: a full stdout: said, no more jobs, 255")
def full_stdout(t):
    t.write("jobs", "echo x; echo >>ran\n" * 200)
    for extra in ([], ["-k"], ["--lb"]):
        (t.dir / "ran").unlink(missing_ok=True)
        with open("/dev/full", "wb") as full:
            result = t.start("-a", "jobs", "-j2", *extra, stdin=subprocess.DEVNULL, stdout=full).finish()
        t.ended(result, 255)
        t.match("(?i)^antsrun: .*No space left", result.err)
        t.check((t.dir / "ran").stat().st_size < 100, f"{extra}: went on starting jobs")
        t.check(result.report["halted"], "the report does not say why the run ended early")


@test("faults 13: a closed stdout: not 0, and the output lands nowhere else")
def closed_stdout(t):
    result = t.sh("echo 'echo stray' | antsrun --report report.json >&-; echo $? >&2")
    t.match("^255$", result.err)
    t.equal(t.report_file()["jobs"]["read"], 1, "the report, whole")


@test("a closed stdout does not matter to jobs that write nothing")
def closed_but_silent(t):
    t.ended(t.sh("echo true | antsrun >&-"), 0)


@test("faults 14: stdin, stdout and stderr all closed: not 0, no file of ours gets their numbers")
def all_closed(t):
    t.write("jobs", "probe fds >fds\necho x\necho y >&2\n")
    t.sh("antsrun -j1 -a jobs --report report.json <&- >&- 2>&-; echo $? >status")
    t.equal((t.dir / "status").read_text(), "255\n", "status")
    t.equal((t.dir / "fds").read_text(), "fds 0 1 2\n", "descriptors of a job")
    t.check(t.report_file()["jobs"]["read"] >= 2, "the report")


@test("faults 11: endless input, the reader goes away: everything ends, a report, death by SIGPIPE")
def reader_goes_away(t):
    producer = subprocess.Popen(["yes", "echo x"], stdout=subprocess.PIPE)
    run = t.start("--report", "report.json", stdin=producer.stdout)
    producer.stdout.close()
    run.stdout.read(4)
    run.stdout.close()
    run.popen.stdout = None
    t.equal(run.popen.wait(10), -signal.SIGPIPE, "status")
    t.equal(producer.wait(5), -signal.SIGPIPE, "status of the producer")
    t.check(t.report_file()["jobs"]["read"] > 0, "report")


@test("faults 24: after the reader has gone nothing is started, what runs is ended")
def reader_gone(t):
    jobs = ["echo first"] + ["echo >>started; sleep 0.1; echo x"] * 200
    t.write("jobs", "\n".join(jobs))
    run = t.start("-j4", "-a", "jobs", "--report", "report.json", stdin=subprocess.DEVNULL)
    run.stdout.readline()
    run.stdout.close()
    run.popen.stdout = None
    t.equal(run.popen.wait(10), -signal.SIGPIPE, "status")
    t.check((t.dir / "started").stat().st_size < 40, "went on starting jobs")
    report = t.report_file()
    t.equal(report["jobs"]["started"] + report["jobs"]["not_started"], report["jobs"]["read"], "jobs")


@test("faults 24: long jobs are ended when the reader has gone")
def reader_gone_long_jobs(t):
    run = t.start("-j3", "--report", "none")
    run.stdin.write(b"sleep 300\nsleep 301 & wait\necho x\n")
    run.stdout.read(2)
    run.stdout.close()
    run.popen.stdout = None
    run.stdin.write(b"echo y\n")
    t.equal(run.popen.wait(10), -signal.SIGPIPE, "status")


@test("where SIGPIPE is ignored a reader that goes away means 255")
def sigpipe_ignored(t):
    def ignore():
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    t.write("jobs", "echo x\n" * 500)
    run = t.start("-a", "jobs", "--report", "report.json", stdin=subprocess.DEVNULL, preexec_fn=ignore)
    run.stdout.read(2)
    run.stdout.close()
    run.popen.stdout = None
    t.equal(run.popen.wait(10), 255, "status")
    t.check(t.report_file(), "report")


@test("jobs | head in a pipeline: head gets its lines, the pipeline goes on", limit=20)
def head(t):
    t.ended(t.sh("seq 500 | sed 's/^/echo /' | antsrun -k -j2 2>/dev/null | head -n 3"), 0, "1\n2\n3\n")


@test("faults 26: a non-blocking stdout and a slow reader lose nothing, and its flags stay")
def nonblocking_stdout(t):
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    run = t.start("-j2", "--report", "none", stdout=write_end)
    os.close(write_end)
    run.stdin.write(b"probe flood-out 3000000\n")
    run.stdin.close()
    run.popen.stdin = None
    time.sleep(0.5)
    with open(read_end, "rb") as stream:
        out = b""
        while chunk := stream.read1(100000):
            out += chunk
            time.sleep(0.001)
    t.check(out == flood(3000000), f"{len(out)} bytes, or wrong ones")
    t.ended(run.finish(), 0)


@test("faults 44: the flags of the caller's descriptors are untouched during a run")
def flags_untouched(t):
    read_in, write_in = os.pipe()
    read_out, write_out = os.pipe()
    ends = (read_in, write_out)
    before = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in ends]
    run = t.start("-j2", "--report", "none", stdin=read_in, stdout=write_out, stderr=write_out)
    os.write(write_in, b"echo x\nsleep 0.3; echo y\n")
    t.equal(os.read(read_out, 2), b"x\n", "output")
    t.equal([fcntl.fcntl(fd, fcntl.F_GETFL) for fd in ends], before, "flags during the run")
    os.close(write_in)
    run.popen.wait(10)
    t.equal([fcntl.fcntl(fd, fcntl.F_GETFL) for fd in ends], before, "flags after it")


@test("faults 30: a reader that is stuck stops the starting of jobs, and then gets everything", limit=60)
def stuck_reader(t):
    t.write("jobs", "echo >>started; probe flood-out 1000000\n" * 100)
    run = t.start("-j4", "-a", "jobs", "--report", "none", stdin=subprocess.DEVNULL)
    core = run.core()
    started = t.dir / "started"

    def has_settled():
        size = started.stat().st_size if started.exists() else 0
        time.sleep(0.7)
        return size and size == started.stat().st_size

    wait_until(has_settled, 20, "an end of the starting")
    count = started.stat().st_size
    t.check(count < 95, f"{count} jobs of 1 MB were started though nobody reads")
    t.check(t.sanitized or peak_memory(core) < 150 * MEGABYTE, "memory")
    out = run.finish().out
    t.equal(len(out), 100 * 1000000, "bytes in the end")


@test("stdout may be a socket", limit=20)
def socket_stdout(t):
    ours, theirs = socket.socketpair()
    run = t.start("-j2", "--report", "none", stdout=theirs)
    theirs.close()
    run.stdin.write(b"probe flood-out 5000000\n")
    run.stdin.close()
    run.popen.stdin = None
    out = b""
    while chunk := ours.recv(1 << 20):
        out += chunk
    t.check(out == flood(5000000), f"{len(out)} bytes, or wrong ones")
    t.ended(run.finish(), 0)


@test("stdout may be a file that is appended to, shared with others")
def appended_file(t):
    script = "{ echo head; seq 50 | sed 's/^/echo /' | antsrun -k --report none; echo tail; } >>out; cat out"
    t.equal(t.sh(script).out.decode().split(), ["head", *map(str, range(1, 51)), "tail"])
    script = "{ echo head; seq 50 | sed 's/^/echo /' | antsrun -k --report none; echo tail; } >out2; cat out2"
    t.equal(t.sh(script).out.decode().split(), ["head", *map(str, range(1, 51)), "tail"])


@test("stdout and stderr to the same file keep a job's bytes whole")
def same_file(t):
    t.sh("for i in 1 2 3 4; do echo \"echo o$i; echo e$i >&2\"; done | antsrun -k --report none >both 2>&1")
    t.equal(sorted((t.dir / "both").read_text().split()), sorted("o1 o2 o3 o4 e1 e2 e3 e4".split()))


@test("faults 25: TMPDIR missing: nothing is lost", limit=60)
def no_tmpdir(t):
    env = {**t.env, "TMPDIR": "/nonexistent/dir"}
    t.write("jobs", "sleep 1; echo first\nprobe flood-out 30000000\n")
    result = t.start("-k", "-j2", "-a", "jobs", stdin=subprocess.DEVNULL, env=env).finish()
    t.ended(result, 0)
    t.check(result.out == b"first\n" + flood(30000000), f"{len(result.out)} bytes, or wrong ones")


@test("faults 25: TMPDIR full (1 MB): nothing is lost", limit=60)
def full_tmpdir(t):
    t.write("jobs", "sleep 1; echo first\nprobe flood-out 30000000\nprobe flood-out 30000000\n")
    script = ("mount -t tmpfs -o size=1m tmpfs tmp || exit 77;"
              "antsrun -k -j3 -a jobs --report none >out; echo $? >status; umount tmp")
    outcome = t.sh(f"exec unshare --mount sh -c '{script}'")
    if outcome.status == 77 or not (t.dir / "status").exists():
        raise Skip("no right to mount")
    t.equal((t.dir / "status").read_text(), "0\n", "status")
    t.check((t.dir / "out").read_bytes() == b"first\n" + 2 * flood(30000000), "bytes are wrong")


@test("faults 25: a limit on file sizes: nothing is lost", limit=60)
def file_size_limit(t):
    t.write("jobs", "sleep 1; echo first\nprobe flood-out 30000000\nprobe limits | tr ' ' '\\n' | grep fsize\n")
    result = t.sh("ulimit -f 512; antsrun -k -j3 -a jobs --report none | cat")
    t.check(result.out == b"first\n" + flood(30000000) + b"fsize=262144/262144\n",
            f"{len(result.out)} bytes, or wrong ones: {result.err[-500:]!r}")


@test("output of jobs without a newline at its end is joined as it is", limit=20)
def no_newline(t):
    t.ended(t.run("-k", jobs=["printf a", "printf b", "echo c"]), 0, "abc\n")


@test("two readers: stderr stuck does not lose stdout", limit=30)
def stderr_slow(t):
    run = t.start("-j2", "--report", "none")
    run.stdin.write(b"probe flood-err 2000000\nprobe flood-out 2000000\n")
    run.stdin.close()
    run.popen.stdin = None
    time.sleep(0.5)
    result = run.finish()
    t.check(result.out == flood(2000000), "stdout")
    t.check(result.err == flood(2000000), "stderr")
