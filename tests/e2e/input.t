What antsrun reads: which pieces of its input become jobs. Expected: options.md "Input", faults 1-17.

== empty input is no job, exit 0, and a report of zeros ## 1
$ antsrun
2~ "read": ?0\b
2~ "started": ?0\b
2~ "exit_status": ?0\b
$ printf '\n  \n\t\n' | antsrun
2~ "read": ?0\b

== standard input that is closed is like an empty one ## 12
$ antsrun <&-
2~ "read": ?0\b

== the last line counts without a newline, blank lines are no jobs ## 2
$ printf '\n\necho a\n  \necho b' | antsrun -k
a
b
2~ "read": ?2\b

== a comment line is no job
$ printf '# echo no\necho yes\n   # echo no\necho a # echo\n' | antsrun -k
yes
a
2~ "read": ?2\b

== a carriage return before the newline is dropped, and said once ## 3
$ printf 'echo a\r\necho b\r\n' | antsrun -k --report none 2>err | od -An -c
   a  \n   b  \n
$ grep -ci 'carriage\|CR\b' err
1
$ wc -l <err
1

== with another delimiter a carriage return is data
$ printf 'printf %%s a\r\0' | antsrun -0 | od -An -c
   a  \r

== a line with a NUL byte is a failed job, the others run ## 4
$ printf '\necho one\necho keep\0; echo two\necho rest\n' | antsrun -k
one
rest
[1]
2~ (?i)line 3\b.*NUL
2~ "failed": ?1\b
$ printf 'touch made\0 more\n' | antsrun; ls made 2>/dev/null
[2]
2~ (?i)NUL

== bytes that are no UTF-8 pass unchanged ## 5
$ printf 'printf "\377\200"\n' | antsrun | od -An -t x1
 ff 80
$ printf 'echo \377\n' | antsrun | od -An -t x1
 ff 0a

== quotes, blanks and tabs of a line are the shell's business, not ours
$ printf '  echo   "a  b"  \n\techo c\n' | antsrun -k
a  b
c

== -0 separates by NUL, a newline is data ## 17
$ printf 'echo "a\nb"\0echo c\0' | antsrun -0 -k
a
b
c
$ printf 'echo a\0echo b' | antsrun --null -k
a
b

== -d separates by any string
$ printf 'echo a,echo b\n' | antsrun -k -d ,
a
b
$ printf 'echo a::echo b' | antsrun -k --delimiter ::
a
b
$ printf 'echo a\techo b' | antsrun -k -d '\t'
a
b
$ printf 'echo a\0echo b' | antsrun -k -d '\0'
a
b
$ printf 'echo a\\echo b' | antsrun -k -d '\\'
a
b
$ printf 'echo 1xecho 2' | antsrun -k -d '\x78'
1
2
$ printf 'echo 1xecho 2' | antsrun -k -d '\170'
1
2
$ printf 'echo a\necho b\n' | antsrun -k -d '\n'
a
b

== with -d , the final newline belongs to the last item
$ printf 'echo "a,b\n"' | antsrun --report none -k -d , --dry-run | od -An -c
   e   c   h   o       "   a  \n   b  \n   "  \n

== -a reads a file, - is stdin
$ printf 'echo a\necho b\n' >jobs; antsrun -k -a jobs
a
b
$ antsrun -k --arg-file jobs
a
b
$ antsrun -k --arg-file=jobs
a
b
$ printf 'echo c\n' | antsrun -a -
c

== :::: reads a file
$ printf 'echo a\necho b\n' >jobs; antsrun -k :::: jobs
a
b
$ printf 'echo c\n' | antsrun :::: -
c

== a fifo is read like any file
$ mkfifo queue; (printf 'echo a\n'; printf 'echo b') >queue & antsrun -k -a queue
a
b

== with -a, standard input does not become jobs, and jobs cannot read it ## 16
$ printf 'cat\necho b\n' >jobs; echo 'eaten' | antsrun -k -a jobs
b
$ printf 'cat\ncat\necho c\n' | antsrun -k
c

== an input that is missing or cannot be read: 255 and two lines, before any job ## 8 9
$ echo 'touch made' >jobs; antsrun -a nope; echo $?; antsrun -a jobs -a nope; echo $?; ls
255
255
bin
jobs
tmp
$ antsrun -a nope --report none 2>err; grep -c . err; grep -c "^antsrun: .*nope.*No such file" err
2
1
$ antsrun -a . ; echo $?; antsrun -a jobs -a . ; echo $?; ls made
255
255
[2]
2~ (?i)^antsrun: .*directory
$ antsrun :::: /nonexistent/x; echo $?
255
2~ (?i)^antsrun: .*No such file

== a read error later is said and makes the status 255 ## 8
$ antsrun -a /proc/self/mem
[255]
2~ (?i)^antsrun: .*/proc/self/mem.*Input/output error

== an unbalanced quote fails that job alone, lines are never joined ## 18
$ printf 'echo "x\necho ok\n' | antsrun -k
ok
[1]
$ printf 'echo a\\\necho b\n' | antsrun -k | tail -n 1
b

== one command beyond the system's limit fails alone, with a message ## 6
$ { printf ': '; head -c 200000 /dev/zero | tr '\0' x; printf '\necho long\n'; } | antsrun -k
long
[1]
2~ (?i)too long|longer than
2~ "failed": ?1\b
$ { printf 'echo '; head -c 140000 /dev/zero | tr '\0' x; printf '\necho long\n'; } | antsrun -k
long
[1]
2~ (?i)too long|longer than

== -r is accepted: blank lines are no jobs anyway
$ printf '\n \necho a\n' | antsrun -r
a
$ printf '\n' | antsrun --no-run-if-empty
