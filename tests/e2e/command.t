What is run for a line, and --dry-run, -v, -t, --shell.

== --dry-run prints the lines, runs none, exits 0
$ printf 'touch made\nfalse\necho "a  b"\n' | antsrun --dry-run; echo $?; ls made 2>/dev/null
touch made
false
echo "a  b"
0
[2]

== -v prints each command before its output, on stdout
$ printf 'echo a\nfalse\necho b\n' | antsrun -v -k
echo a
a
false
echo b
b
[1]

== -t prints each command on stderr
$ printf 'echo a\nsh -c "exit 0"\n' | antsrun -t -k
a
2~ ^echo a$
2~ ^sh -c "exit 0"$

== the shell is /bin/sh, whatever $SHELL says ## 40
$ echo 'echo "${SHELL}"; readlink /proc/$$/exe | xargs basename' | SHELL=/nonexistent antsrun >out; basename "$(readlink -f /bin/sh)" >sh
$ head -n 1 out; tail -n 1 out | cmp - sh
/nonexistent
$ echo 'echo a; echo b' | env -u HOME -u SHELL LC_ALL=nonsense TZ=nonsense antsrun
a
b

== --shell and $ANTSRUN_SHELL choose another
$ if [ -x /bin/bash ]; then echo '[[ x = x ]] && echo $BASH' | antsrun --shell /bin/bash; else echo /bin/bash; fi
/bin/bash
$ if [ -x /bin/bash ]; then echo 'echo ${BASH:-none}' | ANTSRUN_SHELL=/bin/bash antsrun; else echo /bin/bash; fi
/bin/bash
$ printf '#!/bin/sh\necho "my shell: $1 $2"\n' >mysh; chmod +x mysh; echo 'echo a' | antsrun --shell "$PWD/mysh"
my shell: -c echo a
$ echo 'touch made' | antsrun --shell /nonexistent/sh; echo $?; ls made 2>/dev/null
255
[2]
2~ ^antsrun: .*/nonexistent/sh

== no helper programs, no PATH needed ## S10
$ me=$(command -v antsrun); printf 'echo a\necho b; echo c\n' | env -u PATH "$me" -k
a
b
c
$ mkdir evil; for x in sh env ps true kill; do printf '#!/bin/sh\necho EVIL >>%s/evil/ran\n' "$PWD" >evil/$x; chmod +x evil/$x; done; me=$(command -v antsrun); printf 'echo a; echo b\n' | PATH=$PWD/evil "$me" -k; ls evil/ran 2>/dev/null
a
b
[2]

== commands are found through PATH as the shell finds them
$ mkdir p1 p2; printf '#!/bin/sh\necho second\n' >p2/mine; chmod +x p2/mine; : >p1/mine; echo 'mine' | PATH=$PWD/p1:$PWD/p2:$PATH antsrun
second
$ printf 'echo no hash-bang: $1\n' >plain; chmod +x plain; echo './plain x' | antsrun
no hash-bang: x

== a script that is being written is reported, not run wrongly ## 78
$ cp "$(command -v probe)" busy; (exec 3>>busy; echo './busy out hello' | antsrun)
[1]
2~ (?i)text file busy
2~ "cause": ?"cannot_run"

== --shell none: words are split as a shell splits them, and nothing else is special
$ printf '%s\n' 'echo "a  b" c\ d $HOME ; echo * >x' "printf '<%s>' '' \"'\"" | antsrun -k --shell none; echo; ls x 2>/dev/null
a  b c d $HOME ; echo * >x
<><'>
[2]
$ antsrun -k --shell none echo '"{}"' ::: '$(id)' "it's"
$(id)
it's
$ printf 'nosuchcommand x\n' | antsrun --shell none
[1]
2~ nosuchcommand: No such file
2~ "cause": ?"not_found"
$ echo 'echo "a' | antsrun --shell none
[1]
