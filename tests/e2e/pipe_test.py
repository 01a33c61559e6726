"""--pipe and --pipepart: blocks of the input for jobs that read them."""

import re
import shutil
import signal
import subprocess

from harness import Skip, below, read_for, test, wait_until


@test("--pipe: every byte reaches one job, in order with -k; memory stays flat")
def every_byte(t):
    text = b"".join(b"line %d of many\n" % i for i in range(1_500_000))
    t.write("in", text)
    result = t.sh("antsrun -j3 -k --pipe --report r.json cat <in >out")
    t.ended(result, 0)
    t.check((t.dir / "out").read_bytes() == text, "output is not the input")
    jobs = t.report_file("r.json")["jobs"]["succeeded"]
    t.check(len(text) / 1_100_000 < jobs < len(text) / 900_000, f"{jobs} jobs")
    result = t.sh("antsrun -j3 --pipe --block 10K --report none 'wc -l' <in")
    t.equal(sum(map(int, result.out.split())), 1_500_000, "lines")


@test("--pipepart: the same from a file, by parts")
def parts(t):
    text = b"".join(b"line %d of many\n" % i for i in range(700_000))
    t.write("in", text)
    t.ended(t.sh("antsrun -k -j3 --pipepart -a in --block 100K --report none cat | cmp - in"), 0, "")
    out = t.ended(t.sh("antsrun -j3 --pipepart -a in --block -1 --report r.json wc -l"), 0).out
    t.equal(sum(map(int, out.split())), 700_000, "lines")
    t.equal(t.report_file("r.json")["jobs"]["succeeded"], 3, "jobs")


@test("--pipe beside GNU parallel")
def beside_parallel(t):
    if not shutil.which("parallel"):
        raise Skip("there is no GNU parallel here")
    t.sh("seq 300000 >in; seq 9000 >few; printf 'h\\n1\\n2\\n3\\n' >head")
    for case in ("-k --pipe wc -l <in", "-k --pipe --block 10k wc <few", "-k --pipe -N 1000 cksum <few",
                 "-k --pipepart -a in --block 100k wc -l", "-k --pipe --header : -N2 cat <head",
                 "-k --pipe --recend 00 --block 20k cksum <few",
                 "-k --pipe --recstart 1 -N 5 cksum <head", "-k --pipe --rrs --recend 5 -N 300 cksum <few",
                 "-k --pipe cat </dev/null"):
        theirs = t.sh(f"parallel -j2 {case}", timeout=60)
        ours = t.sh(f"antsrun -j2 --report none {case}", timeout=60)
        t.equal((ours.status, ours.out), (theirs.status, theirs.out), case)


@test("--regexp: records end where the expressions match")
def patterns(t):
    records = [b"%d begin\nmore\n\n" % i for i in range(2000)]
    t.write("in", b"".join(records))
    how = "--regexp --recend '\\n' --recstart '\\d+ begin' -k --report none"
    firsts = t.ended(t.sh(f"antsrun --pipe --block 5000 {how} 'head -1; cat >/dev/null' <in"), 0).out.splitlines()
    t.check(len(firsts) > 5, f"{len(firsts)} blocks")
    t.check(all(re.match(rb"\d+ begin$", line) for line in firsts), f"beginnings of blocks: {firsts}")
    for mode in ("--pipe", "--pipepart -a in"):
        t.ended(t.sh(f"antsrun {mode} --block 5000 {how} cat <in | cmp - in"), 0, "")
    t.equal(t.ended(t.sh(f"antsrun --pipe -N 500 {how} 'grep -c begin' <in"), 0).out, b"500\n" * 4, "-N")
    for wrong in ("(", "x*"):
        result = t.ended(t.run("--pipe", "--regexp", "--recend", wrong, "cat", jobs="a"), 255, "")
        t.match("regular expression", result.err)


@test("--pipe: the time for a long record, or for many records, does not grow with its square", sanitizers=False)
def long_records(t):
    t.write("long", b"x" * 8_000_000)
    t.write("lines", b"x\n" * 30_000_000)
    for how, size in (("--pipe --regexp --recend '[0-9]\\n' wc -c <long", 8_000_000),
                      ("--pipe --regexp --recend '[0-9]\\n' -N 3 wc -c <long", 8_000_000),
                      ("--pipepart -a long --regexp --recend '[0-9]\\n' wc -c", 8_000_000),
                      ("--pipe -N 100000000 wc -c <lines", 60_000_000), ("--pipe --recend y wc -c <lines", 60_000_000)):
        out = t.ended(t.sh(f"antsrun --report none {how}", timeout=20), 0).out
        t.equal(int(out), size, how)


@test("--round-robin: as many jobs as slots, every byte to one of them, whole records")
def round_robin(t):
    text = b"".join(b"line %d of many\n" % i for i in range(400_000))
    t.write("in", text)
    result = t.sh("antsrun -j3 --pipe --round-robin --block 10K --report r.json 'cat >part.{#}' <in")
    t.ended(result, 0)
    t.equal(t.report_file("r.json")["jobs"]["succeeded"], 3, "jobs")
    parts = [(t.dir / f"part.{i}").read_bytes() for i in (1, 2, 3)]
    t.check(all(part.endswith(b"\n") for part in parts), "a torn line")
    t.check(all(parts), "a job with nothing")
    t.equal(sorted(b"".join(parts).splitlines()) == sorted(text.splitlines()), True, "all lines")


@test("--round-robin: who reads faster gets more; header for each; fewer blocks, fewer jobs; no input, none")
def round_robin_uneven(t):
    t.write("in", b"head\n" + b"".join(b"line %d of many\n" % i for i in range(400_000)))
    result = t.sh("antsrun -k -j2 --pipe --header : --round-robin --block 10K --report none "
                  "'read -r head; echo $head; [ {#} = 2 ] || sleep 1; wc -l' <in")
    head1, slow, head2, fast = t.ended(result, 0).out.split()
    t.equal((head1, head2, int(slow) + int(fast)), (b"head", b"head", 400_000), "output")
    t.check(int(slow) < int(fast), f"slow {slow}, fast {fast}")
    t.ended(t.sh("seq 3 | antsrun -k -j8 --pipe -N1 --round-robin --report none 'echo {#}; cat'"), 0,
            "1\n1\n2\n2\n3\n3\n")
    t.ended(t.sh("antsrun -j8 --pipe --round-robin --report none echo </dev/null"), 0, "")


@test("--round-robin: blocks are dealt out while jobs are still to start, and when all are counted first")
def round_robin_early(t):
    t.write("in", b"".join(b"%d\n" % i for i in range(100_000)))
    for how in ("--delay 0.1", "--halt soon,fail=50%", "--load 10000", "--memfree 1k", "--keep-order --line-buffer"):
        out = t.ended(t.sh(f"antsrun -j3 --pipe --round-robin --block 1k {how} --report none wc -l <in", timeout=20), 0).out
        t.equal((len(out.split()), sum(map(int, out.split()))), (3, 100_000), how)
    out = t.ended(t.sh("antsrun -k -j3 --pipe --round-robin --block 1k --plus --report none 'cat >/dev/null; echo {#} {##}' <in",
                       timeout=20), 0).out
    t.equal(out, b"1 3\n2 3\n3 3\n", "numbers")
    # The second may not start for a while: its block waits for it, the others do not.
    run = t.start("-j2", "-u", "--pipe", "--round-robin", "-N1", "--delay", "2", "--report", "none", "cat")
    run.stdin.write(b"1\n2\n3\n4\n")
    t.equal(read_for(run.stdout, 20, until=b"4\n"), b"1\n3\n4\n", "at once")
    t.equal(run.finish().out, b"2\n", "later")


@test("--round-robin: a job gets the next block when it has read the one before; the joblog says how much it got")
def round_robin_shares(t):
    out = t.ended(t.sh("seq 200 | antsrun -k -j4 --pipe --round-robin -N1 --joblog log --report none "
                       "'while read -r x; do echo {#}; sleep 0.02; done'", timeout=20), 0).out
    shares = [out.split().count(b"%d" % i) for i in (1, 2, 3, 4)]
    t.equal(sum(shares), 200, "records")
    t.check(min(shares) >= 10, f"shares {shares}")
    sent = [int(line.split("\t")[4]) for line in (t.dir / "log").read_text().splitlines()[1:]]
    t.equal((sum(sent), len(sent)), (len("".join(f"{i}\n" for i in range(1, 201))), 4), "Send in the log")


@test("--round-robin: a block of which --rrs leaves nothing is passed over")
def round_robin_nothing(t):
    out = t.sh("printf 'a\n\n\nb\n\n' | antsrun -j1 --pipe --round-robin --rrs -N1 --report none cat", timeout=20)
    t.ended(out, 0, "ab")


@test("--round-robin: when all jobs have gone, nobody waits for the writer")
def round_robin_gone(t):
    run = t.start("-k", "-j2", "--pipe", "--round-robin", "-N1", "--report", "none", "head -1")
    run.stdin.write(b"1\n2\n3\n")
    t.equal(read_for(run.stdout, 20, until=b"2\n"), b"1\n2\n", "output")
    t.equal(run.popen.wait(20), 0, "status, with the input still open")
    run.popen.stdin.close()
    run.popen.stdin = None
    run.finish()


@test("--round-robin: jobs that stop reading are judged by their own status; when none reads, the run ends")
def round_robin_stops(t):
    result = t.sh("yes | antsrun -k -j3 --pipe --round-robin --report none 'head -1; exit 0{#}'", timeout=20)
    t.equal((result.status, result.out), (3, b"y\ny\ny\n"), "result")
    result = t.sh("seq 500000 >in; antsrun -k -j2 --pipe --round-robin --block 10K --report none "
                  "'[ {#} = 2 ] || exec head -1; wc -l' <in", timeout=20)
    first, rest = t.ended(result, 0).out.split()
    t.equal(first, b"1", "the one")
    t.check(400_000 < int(rest) < 500_000, f"the other got {rest}")
    # It is given no more than a pipe of the usual size holds, and what it is about to be given.
    result = t.sh("antsrun -k -j2 --pipe --round-robin --block 10K --report none "
                  "'[ {#} = 2 ] || { while [ ! -e read ]; do sleep 0.01; done; }; wc -c; : >read' <in", timeout=20)
    late, rest = map(int, t.ended(result, 0).out.split())
    t.equal(late + rest, (t.dir / "in").stat().st_size, "bytes")
    t.check(late < 100_000, f"the one that reads late got {late}")
    run = t.start("-j2", "--pipe", "--round-robin", "--block", "1k", "--report", "none", "cat >/dev/null; echo {#}")
    run.stdin.write(b"x" * 1000 + b"\n" + b"x" * 1000 + b"\n" + b"begun\n")
    wait_until(lambda: len(below(run.pid)) >= 3, 20, "both jobs")
    run.signal(signal.SIGTERM)
    t.equal(run.popen.wait(20), -signal.SIGTERM, "status after a signal")  # its input has not ended
    run.finish()
    for words in (("--round-robin", "cat"), ("--regexp", "cat"), ("--pipepart", "-a", "in", "--round-robin", "cat"),
                  ("--pipe", "--retries", "2", "--round-robin", "cat")):
        t.ended(t.run(*words), 255, "")


@test("--pipe: no input is no job")
def empty(t):
    result = t.ended(t.run("--pipe", "cat"), 0, "")
    t.equal(result.report["jobs"]["read"], 0, "jobs")


@test("--pipe: a job that stops reading is judged by its own status")
def stops_reading(t):
    result = t.sh("yes | head -c 20000000 | antsrun -j2 --pipe --report r.json 'head -n 1; exit 0'")
    out = t.ended(result, 0).out
    t.equal(set(out.split()), {b"y"}, "output")
    t.ended(t.sh("yes | head -c 3000000 | antsrun -j2 --pipe --report none 'exit 3'"), 3)


@test("--pipe: a job that does not exit reads and writes as it likes, a slow one too")
def slow(t):
    result = t.sh("seq 200000 | antsrun -k -j2 --pipe --report none 'sleep 0.2; cat; exec >&-; sleep 0.1' | cksum")
    t.equal(result.out, t.sh("seq 200000 | cksum").out, "output")


@test("--pipe: blocks are given out before the input ends")
def at_once(t):
    run = t.start("--pipe", "--block", "10", "--report", "none", "cat")
    run.stdin.write(b"123456789\n123456789\n12")
    t.check(read_for(run.stdout, 20, until=b"9\n").startswith(b"123456789\n"), "no block")
    run.popen.stdin.close()
    run.popen.stdin = None
    run.finish()


@test("--pipe: a signal ends the jobs")
def ended(t):
    run = t.start("--pipe", "--block", "1M", "--report", "none", "sleep 98763")
    run.stdin.write(b"x\n" * 700000)
    wait_until(lambda: subprocess.run(["pgrep", "-f", "^sleep 98763$"], capture_output=True).stdout)
    run.popen.send_signal(signal.SIGTERM)
    t.equal(run.finish().status, -signal.SIGTERM, "status")


@test("--pipe: jobs hold no descriptor of the pipes, and their own stdin alone")
def descriptors(t):
    out = t.sh("seq 1000 | antsrun -j4 --pipe --block 500 --report none 'probe fds; cat >/dev/null'").out
    t.equal(set(out.splitlines()), {b"fds 0 1 2"}, "descriptors")


@test("--pipe and --pipepart: what does not go together is said, with what to type")
def wrong(t):
    t.write("f", "a\n")
    for words, message in ((["--pipe"], "--pipe needs a command"),
                           (["--pipe", "cat", ":::", "a"], "--pipe reads standard input"),
                           (["--pipepart", "cat"], "--pipepart needs one file"),
                           (["--pipepart", "-a", "f", "--rrs", "cat"], "--pipepart cuts by size"),
                           (["--pipe", "--block", "-1", "cat"], "--block -N needs a file"),
                           (["--pipe", "--block", "x", "cat"], "--block 'x'"),
                           (["--pipe", "--recend", "", "cat"], "--recend ''"),
                           (["--pipepart", "-a", "/dev/null", "cat"], "not a regular file"),
                           (["--header", "2", "echo"], "--header '2'")):
        result = t.ended(t.run(*words), 255, "")
        t.match(re.escape(message), result.err)
