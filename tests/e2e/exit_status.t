Exit statuses: design.md section 4. 0, the number of failed jobs, 101, 255.

== 0 when every job succeeded
$ printf 'true\n:\nexit 0\n' | antsrun

== the number of jobs that failed, up to 100
$ printf 'false\ntrue\nexit 7\n' | antsrun
[2]
$ yes false | head -n 100 | antsrun
[100]

== 101 when more failed, never a count modulo 256 ## 46
$ yes false | head -n 101 | antsrun
[101]
$ yes false | head -n 256 | antsrun
[101]
2~ "failed": ?256\b

== every way to fail counts once ## 45
$ printf 'exit 255\nkill -9 $$\nno-such-program-here\n/dev/null\nkill -SEGV $$\n' | antsrun
[5]
2~ "failed": ?5\b
2~ "panicked": ?1\b

== an unknown option: two lines, the nearest name, 255, no job
$ echo 'touch made' | antsrun --keep-ordr 2>err; echo $?; wc -l <err; grep -c -e "--keep-order" err; ls made 2>/dev/null
255
2
1
[2]
$ echo true | antsrun --report none --no-such-thing-at-all 2>err; echo $?; wc -l <err; head -n 1 err | grep -c '^antsrun: .*--no-such-thing-at-all'
255
2
1
$ echo true | antsrun -Y
[255]
2~ ^antsrun: .*-Y

== option names are exact, never abbreviated
$ echo true | antsrun --keep
[255]
2~ --keep-order
$ echo true | antsrun --job 2
[255]
2~ --jobs

== a bad value is refused before any job ## 75
$ for j in abc '' 1.5 99999999999999999999 5x %; do echo 'touch made' | antsrun -j "$j" 2>/dev/null; echo $?; done; ls made 2>/dev/null
255
255
255
255
255
255
[2]
$ echo true | antsrun -j abc
[255]
2~ ^antsrun: .*'abc'
$ echo true | antsrun --color sometimes
[255]
2~ ^antsrun: .*sometimes
$ echo true | antsrun --report-limit x
[255]
2~ ^antsrun: .*x
$ echo true | antsrun -j
[255]
2~ ^antsrun: .*-j

== options that exclude each other
$ echo true | antsrun -u --group
[255]
2~ ^antsrun: 

== options may be joined and carry their value
$ printf 'echo a\0echo b\0' | antsrun -0kj8
a
b
$ printf 'echo a\n' | antsrun -j8
a
$ printf 'echo a\n' | antsrun --jobs=8
a
$ printf 'echo a\n' | antsrun -P 8
a
$ printf 'echo a\n' | antsrun --max-procs 8
a

== accepted for the sake of scripts, without effect
$ printf 'echo a\n' | antsrun --will-cite --no-notice --gnu --plain
a

== --help and --version go to stdout, exit 0, and run nothing
$ echo 'touch made' | antsrun --help >help; ls made 2>/dev/null; grep -c '^Usage\|^usage\|antsrun \[' help | grep -v '^0$' >/dev/null && echo usage
usage
$ antsrun --version | head -n 1 | grep -Ec '^antsrun [0-9]+\.[0-9]+'
1
$ for group in Input Command Output Running; do grep -c "^$group" help; done
1
1
1
1
$ antsrun --help >/dev/full; test $? -ne 0 && echo said
said
