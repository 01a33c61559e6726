"""--progress: one line on a terminal that never mixes with output; nothing of it elsewhere."""

import fcntl
import os
import pty
import re
import struct
import termios
import time

from harness import Failure, test

DRAWN = re.compile(rb"\r([^\r\n]*)\x1b\[K")


class Terminal:
    """A terminal of so many columns, and an antsrun whose stderr (and stdout) it is."""

    def __init__(self, t, *arguments, jobs, columns=80, env=(), stdout=None):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.run = t.start("--report", "none", *arguments, stderr=theirs, stdout=stdout or theirs,
                           env={**t.env, "TERM": "xterm", **dict(env)})
        os.close(theirs)
        os.set_blocking(self.ours, False)
        self.seen = b""
        self.run.stdin.write(jobs.encode())

    def read(self):
        try:
            chunk = os.read(self.ours, 65536)
        except BlockingIOError:
            return True
        except OSError:  # nobody has it open any more
            return False
        self.seen += chunk
        return bool(chunk)

    def until(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.seen):
            if not self.read() or time.monotonic() > end:
                raise Failure(f"no {pattern!r} in {self.seen!r}")
            time.sleep(0.01)

    def finish(self):
        """To the end; the status."""
        self.run.stdin.close()
        end = time.monotonic() + 30
        while self.read():
            if time.monotonic() > end:
                raise Failure(f"still running; so far {self.seen!r}")
            time.sleep(0.005)
        os.close(self.ours)
        return self.run.popen.wait(10)

    def screen(self):
        """What a terminal would show in the end, as lines."""
        lines, column = [""], 0
        for part in re.findall(r"\x1b\[K|[\s\S]", self.seen.decode()):
            if part == "\r":
                column = 0
            elif part == "\n":
                lines.append("")
            elif part == "\x1b[K":
                lines[-1] = lines[-1][:column]
            else:
                lines[-1] = lines[-1][:column] + part + lines[-1][column + 1:]
                column += 1
        return lines


@test("--progress, --bar, --eta: a line on a terminal, with a bar once the input has ended")
def line(t):
    for option in ("--progress", "--bar", "--eta"):
        (t.dir / "go").unlink(missing_ok=True)
        wait = "while [ ! -e go ]; do sleep 0.02; done"
        terminal = Terminal(t, option, "-j2", jobs=f"false\n{wait}\n")
        terminal.until(rb"\rantsrun: 1 done, 1 running, 1 failed, \d+(\.\d)?/s\x1b\[K")
        terminal.run.stdin.write(f"{wait}\n".encode())
        terminal.run.stdin.close()
        terminal.until(rb"\rantsrun: 1/3 done, 2 running, 1 failed, \S+/s, ETA \d+s \[=+> +\] 33%\x1b\[K")
        t.write("go", "")
        t.equal(terminal.finish(), 1, "status")
        t.check(terminal.seen.count(b"1/3 done") < 3000, "drawn again and again")


@test("--progress: output on the same terminal is whole, the line is gone at the end")
def with_output(t):
    jobs = "".join(f"echo {i}; echo e{i} >&2; sleep 0.0{i % 4}\n" for i in range(200))
    for mode in ([], ["-k"], ["--lb"], ["--tag"]):
        terminal = Terminal(t, "--progress", "-j3", *mode, jobs=jobs)
        t.equal(terminal.finish(), 0, "status")
        t.check(DRAWN.search(terminal.seen), f"{mode}: no line was drawn")
        shown = [text.split("\t")[-1] for text in terminal.screen()]
        expected = [f"{i}" for i in range(200)] + [f"e{i}" for i in range(200)] + [""]
        t.equal(sorted(shown), sorted(expected), f"{mode}: screen")


@test("--progress: a line of a job that has no end yet is not written over")
def partial(t):
    terminal = Terminal(t, "--progress", "-j1", jobs="sleep 0.3; printf par; sleep 0.5; echo tial\n")
    t.equal(terminal.finish(), 0, "status")
    t.equal(terminal.screen(), ["partial", ""], "screen")


@test("--progress fits a narrow terminal, and has no control characters but its own")
def narrow(t):
    terminal = Terminal(t, "--progress", "-j1", jobs=": '\x1b[31m'; sleep 0.3; printf 'a\\n'\n", columns=30)
    t.equal(terminal.finish(), 0, "status")
    drawn = DRAWN.findall(terminal.seen)
    t.check(drawn, "no line")
    t.check(all(len(text) < 30 and b"\x1b" not in text for text in drawn), f"lines: {drawn}")


@test("--progress: output that goes elsewhere stays as it is")
def output_elsewhere(t):
    with open(t.dir / "out", "wb") as out:
        terminal = Terminal(t, "--progress", "-j2", jobs="sleep 0.3; echo a\necho b\n", stdout=out)
        t.equal(terminal.finish(), 0, "status")
    t.equal(sorted((t.dir / "out").read_text().split()), ["a", "b"], "stdout")
    t.equal(terminal.screen(), [""], "screen")


@test("no line: --no-progress, wherever it stands; TERM=dumb; -u; without the option")
def none(t):
    for options, env in ((["--progress", "--no-progress"], {}), (["--no-progress", "--bar"], {}), ([], {}),
                         (["--progress"], {"TERM": "dumb"}), (["--progress", "-u"], {})):
        terminal = Terminal(t, *options, "-j2", jobs="sleep 0.3; echo a\n", env=env.items())
        t.equal(terminal.finish(), 0, "status")
        t.equal(terminal.seen, b"a\r\n", f"{options} {env}")


@test("--progress without a terminal: no carriage return, nothing for a short run")
def no_terminal(t):
    result = t.ended(t.run("--progress", "--report", "none", jobs="sleep 0.3; echo a"), 0, "a\n")
    t.equal(result.err, b"", "stderr")


@test("--progress: the list of failures and the report are below, on lines of their own")
def at_the_end(t):
    terminal = Terminal(t, "--progress", "-j2", "--color", "never", "--report", "/dev/stderr",
                        jobs="sleep 0.3; exit 3\n")
    t.equal(terminal.finish(), 1, "status")
    screen = terminal.screen()
    t.equal(screen[0], "antsrun: 1 of 1 job failed", "first line")
    t.check("{" in screen, f"no report: {screen}")


@test("--progress: what antsrun itself has to say is on lines of its own")
def own_message(t):
    terminal = Terminal(t, "--progress", "-j1", jobs="sleep 0.4\n")
    terminal.until(rb"1 running")
    terminal.run.stdin.write(b"true\r\n")
    t.equal(terminal.finish(), 0, "status")
    t.equal(terminal.screen(), ["antsrun: dropping the carriage return at the end of lines", ""], "screen")


@test("--progress: after a signal the line is gone")
def after_signal(t):
    terminal = Terminal(t, "--progress", jobs="touch started; exec sleep 60\n")
    terminal.until(rb"1 running")
    while not (t.dir / "started").exists():
        time.sleep(0.01)
    terminal.run.signal(15)
    t.equal(terminal.finish(), -15, "status")
    t.check(not any("running" in text for text in terminal.screen()), f"{terminal.screen()}")
