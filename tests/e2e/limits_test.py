"""When the system refuses: every job still runs, fewer at a time, and nothing is lost."""

import os
import subprocess

from harness import Skip, peak_memory, test, wait_until


def all_run(t, result, count):
    t.ended(result, 0)
    t.equal(sorted(map(int, result.out.split())), list(range(count)), "output of all jobs")


def echo_jobs(t, count, command="echo {}; sleep 0.05"):
    return t.write("jobs", "".join(command.replace("{}", str(i)) + "\n" for i in range(count)))


@test("faults 48: EMFILE: ulimit -n 24 and -j 50", sanitizers=False)
def few_descriptors(t):
    echo_jobs(t, 120)
    all_run(t, t.sh("ulimit -n 24; antsrun -j50 -a jobs"), 120)


@test("-j 0 under tight limits stays inside them", sanitizers=False)
def maximum_in_limits(t):
    echo_jobs(t, 60)
    result = t.sh("ulimit -n 40; antsrun -j0 -a jobs")
    all_run(t, result, 60)
    t.check(result.report["pool"]["capacity"] <= 40, "capacity")


def as_nobody(t, user, limit, options):
    """antsrun as a user without other processes, who may have only so many."""
    if os.getuid() != 0:
        raise Skip("needs root to become a user without processes")
    become = f"setpriv --reuid {user} --regid {user} --clear-groups"
    if t.sh(f"{become} test -x {t.antsrun} && {become} test -r {t.dir}/jobs").status:
        raise Skip("another user cannot reach the program here")
    return t.sh(f"cd / && exec {become} prlimit --nproc={limit} {t.antsrun} {options} -a {t.dir}/jobs")


@test("faults 47: EAGAIN on fork or thread: 24 processes and -j 60", sanitizers=False)
def few_processes(t):
    echo_jobs(t, 100, f"{t.probe} out {{}} sleep 0.05")
    all_run(t, as_nobody(t, 64321, 24, "-j60"), 100)


@test("EAGAIN also where each job is a shell and its child: 14 processes and -j 3", sanitizers=False)
def few_processes_shells(t):
    echo_jobs(t, 40, "echo {} | cat")
    all_run(t, as_nobody(t, 64323, 14, "-j3"), 40)


@test("faults 49: ENOMEM: ulimit -v 300000 and -j 64", sanitizers=False)
def little_memory(t):
    echo_jobs(t, 200)
    all_run(t, t.sh("ulimit -v 300000; antsrun -j64 -a jobs"), 200)


@test("not even one process allowed: said, not 0, and it ends", sanitizers=False)
def no_process(t):
    t.write("jobs", "echo a\necho b\n")
    result = as_nobody(t, 64322, 1, "-j4")
    t.check(result.status != 0, "status 0 though no job could run")
    t.match("^antsrun: ", result.err)


@test("faults 7: a line of 64 MB: bounded work, the other lines run", limit=60)
def huge_line(t):
    script = "{ echo 'echo first'; head -c 64M /dev/zero | tr '\\0' x; echo; echo 'echo last'; }"
    t.sh(f"{script} >jobs")
    result = t.run("-k", "-a", "jobs", "--report", "report.json")
    t.ended(result, 1, "first\nlast\n")
    t.match("(?i)line 2\\b.*(long|large)", result.err)
    t.check((t.dir / "report.json").stat().st_size < 1 << 20, "the report holds the line")


@test("faults 7: and in bounded memory", sanitizers=False, limit=60)
def huge_line_memory(t):
    run = t.start("-k", "--report", "none")
    core = run.core()
    for _ in range(64):
        run.stdin.write(b"x" * (1 << 20))
    run.stdin.write(b"\necho last\n")
    wait_until(lambda: run.stdout.read(5) == b"last\n", 20)
    memory = peak_memory(core)
    t.check(memory < 60 << 20, f"{memory >> 20} MB")
    t.ended(run.finish(), 1)


@test("an endless line is bounded too", sanitizers=False, limit=60)
def endless_line(t):
    run = t.start("-k", "--report", "none")
    core = run.core()
    for _ in range(300):
        run.stdin.write(b"x" * (1 << 20))
    t.check(peak_memory(core) < 60 << 20, f"{peak_memory(core) >> 20} MB")
    run.finish()


@test("argument space used up by the environment: the job fails with a message, others run")
def large_environment(t):
    env = {**t.env, **{f"BIG{i}": "x" * 100000 for i in range(18)}}
    t.write("jobs", "/bin/echo " + " ".join(["y" * 100000] * 6) + "\necho ok\n")
    result = t.start("-k", "-a", "jobs", stdin=subprocess.DEVNULL, env=env).finish()
    t.ended(result, 1)
    t.match("(?i)too long|longer than", result.err)


@test("20,000 jobs: every one runs exactly once", limit=120, sanitizers=False)
def twenty_thousand(t):
    script = "seq 20000 | sed 's/^/echo /' | antsrun -k -j8 --report report.json | cmp - expected"
    t.write("expected", "".join(f"{i}\n" for i in range(1, 20001)))
    t.ended(t.sh(script, timeout=100), 0)
    t.equal(t.report_file()["jobs"]["succeeded"], 20000, "succeeded")


@test("5,000 jobs of every kind: each runs exactly once", limit=120)
def mixed_thousands(t):
    kinds = ["echo {}", "echo {}; :", "echo {} >&2; exit 1", "printf '%s\\n' {}", "echo {}; kill -9 $$"]
    t.write("jobs", "".join(kinds[i % 5].replace("{}", f"={i}=") + "\n" for i in range(5000)))
    result = t.run("-j16", "-a", "jobs", "--report", "report.json", timeout=100)
    seen = sorted(int(line[1:-1]) for line in (result.out + result.err).splitlines()
                  if line.startswith(b"=") and line.endswith(b"="))
    t.equal(seen, list(range(5000)), "marks")
    counts = t.report_file()["jobs"]
    t.equal((counts["started"], counts["failed"], counts["succeeded"]), (5000, 2000, 3000), "counts")
