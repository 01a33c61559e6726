"""A command line means what it means to /bin/sh, whether or not a shell is needed to run it."""

import signal
import subprocess

from harness import test

# Each is run by /bin/sh -c and by antsrun; stdout, stderr and status must agree.
LINES = r"""
echo a b
echo   a    b
echo 'a  b' "c  d" e\ f
echo a	b
echo 'a\tb\nc'
echo a\\b
echo -n a
echo -e a
echo -- a
echo "a\"b" "a\$b" "a\b" "a\\b"
printf '%s\n' "" '' a
printf '%b\n' 'a\tb'
printf %s\\n a
/bin/echo 'a\tb' -e
"echo" a
e'ch'o a
\echo a
echo $HOME ~ ~root
echo "$HOME" '$HOME' \$HOME
echo a=~ ~nobodyatall
echo * *.nothing 'b'*
echo [a-z]* ?in
echo {a,b}
echo a#b #c
echo 'a' # b
echo a;echo b
echo a && false || echo c
echo $(echo x) `echo y` $((1+2))
echo a >&2
echo a | cat
echo a >/dev/null
echo 'un
echo "un
echo a\
A=1 sh -c 'echo $A'
A=1
A=1 B=2 env -u HOME sh -c 'echo $A$B'
echo A=1
=a
a=
1a=b
'A=1' echo b
A\=1 b
env A=b sh -c 'echo $A'
! true
! false
!
if true; then echo yes; fi
'if' true
for i in 1 2; do echo $i; done
while false; do :; done
case a in a) echo is a;; esac
{ echo a; }
( echo a )
f() { echo f; }; f
:
: a b
.
. /nonexistent
true
false
true extra words
test 1 -gt 2
test a = a
[ a = a ]
[ a = a
[ a = b ]
exit
exit 3
exit 300
exit a
return 3
exec
exec echo a
exec no-such-program
eval echo a
export A=b
readonly A
cd /
cd /nonexistent
pwd
set -- a b
shift
trap 'echo bye' EXIT
umask
ulimit -n
type echo
type ls
command -v ls
command echo a
command no-such-program
hash
hash ls
wait
wait 4
read x
times >/dev/null
unset A
local x
break
continue
getopts a b
alias
alias a=b
unalias a
bg
fg
jobs
kill -l 9
kill
kill -s 0 $$
kill -TERM $$
kill -KILL $$
kill -SEGV $$
sh -c 'exit 126'
sh -c 'exit 127'
no-such-program
no-such-program a b
/nonexistent/program
./nonexistent
/dev/null
/
./bin
''
"" a
' '
-x
--
no-such-program 2>/dev/null
let 1
source /dev/null
function f
select
[[ a = a ]]
(( 1 ))
echo a &
wait; echo a
sleep 0 & wait $!; echo $?
cat
cat <<X
head -c 1
echo ${HOME} ${NOTHING:-default} ${#HOME} ${NOTHING?is unset}
echo $1 $# $@ $* $? $- a
echo "$0"
echo 'é' "ü"
sh -c 'echo "$0" "$@"' a b c
env | grep -c '^PWD='
printenv NOTHING
echo a^b a%b a@b a+b a:b a,b a.b a/b a_b a-b
echo a!b
echo ]a [ { } a} {
echo "a
b"
nice true
nohup true </dev/null
expr 1 + 2
basename /a/b
seq 1 3
echo \
"""

MULTILINE = ["echo 'a\nb'", "echo a\necho b", "echo a \\\nb", "\necho a\n", "false\ntrue",
             "cat <<X\nhello\nX\n"]


def status_in(report):
    """(exit code, signal) of the only job, from the report."""
    if not report["failures"]:
        return 0, None
    failure = report["failures"][0]
    if failure["signal"]:
        number = failure["signal"]
        return None, number if isinstance(number, int) else signal.Signals[number].value
    special = {"not_found": 127, "cannot_run": 126}
    return special.get(failure["cause"], failure["exit_code"]), None


def compare(t, lines):
    wrong = []
    env = {**t.env, "PWD": str(t.dir)}
    for line in lines:
        # As system(3) calls it; -- because a line may begin with a dash.
        shell = subprocess.run(["sh", "-c", "--", line], executable="/bin/sh", cwd=t.dir, env=env,
                               stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True,
                               timeout=20)
        expected = (shell.returncode, None) if shell.returncode >= 0 else (None, -shell.returncode)
        ours = t.run("-0", "--report", "report.json", jobs=line.encode() + b"\0", env=env)
        actual = status_in(t.report_file())
        if ours.out != shell.stdout or actual != expected or not ours.err.startswith(shell.stderr):
            wrong.append(f"{line!r}: sh {expected} {shell.stdout!r} {shell.stderr!r}\n"
                         f"    antsrun {actual} {ours.out!r} {ours.err[:len(shell.stderr) + 80]!r}")
    t.check(not wrong, f"{len(wrong)} lines differ:\n" + "\n".join(wrong))


@test("each line means what it means to /bin/sh", limit=200)
def single_lines(t):
    compare(t, LINES.strip("\n").splitlines())


@test("a command of several lines means what it means to /bin/sh")
def several_lines(t):
    compare(t, MULTILINE)


@test("a missing file given as the command: 127, not found; a directory or plain file: 126, cannot run")
def cannot_start(t):
    t.write("plain", "x")
    lines = ["no-such-program", "./nope", "./plain", "./bin", "/dev/null", "no-such-program; true"]
    t.run("-k", "--report", "report.json", jobs=lines)
    causes = {f["command"]: f["cause"] for f in t.report_file()["failures"]}
    t.equal(causes, {"no-such-program": "not_found", "./nope": "not_found", "./plain": "cannot_run",
                     "./bin": "cannot_run", "/dev/null": "cannot_run"}, "causes")
