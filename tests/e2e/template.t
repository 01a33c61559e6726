Command templates and their sources. Expected: options.md "Command" and "Input"; GNU parallel 20221122.

== words are the template, lines the arguments, appended where there is no placeholder
$ printf 'a b\n$HOME\n' | antsrun -k echo x
x a b
x $HOME
$ printf 'a\nb\n' | antsrun -k echo {} {.}x
a ax
b bx

== the first example
$ printf one >1.log; printf two >2.log; antsrun gzip -9 ::: *.log; ls
1.log.gz
2.log.gz
bin
tmp

== placeholders
$ antsrun echo {} {.} {/} {//} {/.} ::: a/b.c.d
a/b.c.d a/b.c b.c.d a b.c
$ antsrun -k -j1 echo {#} {%} {1} {2} {-1} {3} ::: a b ::: c
1 1 a c c
2 1 b c c
$ antsrun --plus echo {..} {+.} {+/} {#a/} {%.b} {/a/Z} {//a/Z} ::: a/ab.c.b
a/ab b a ab.c.b a/ab.c Z/ab.c.b Z/Zb.c.b
$ antsrun -I X echo X {} {.} ::: a.b
a.b {} a
$ antsrun --rpl '{up} s/a/b/g' echo {up} {} ::: aa
bb aa

== sources: all combinations, the last fastest; linked; from files
$ antsrun -k echo {} ::: a b ::: 1 2
a 1
a 2
b 1
b 2
$ antsrun -k echo {1}{2} ::: a b c :::+ 1 2
a1
b2
$ printf 'x\ny\n' >f; antsrun -k echo {1}-{2} ::: a b :::: f
a-x
a-y
b-x
b-y
$ printf 'x\ny\n' | antsrun -k echo {} :::: - f
x x
x y
y x
y y
$ antsrun echo :::
$ antsrun -k echo '[{}]' ::: '' ' '
[]
[ ]
$ antsrun -k --link echo {1}{2} ::: a b c ::: 1 2
a1
b2
c1

== a blank line with a template is an empty argument, unless -r
$ printf 'a\n\n  \n# b\n' | antsrun -k echo '[{}]'
[a]
[]
[  ]
[# b]
$ printf 'a\n\n  \n' | antsrun -k -r echo '[{}]'
[a]

== arguments are data, wherever the template puts them
$ printf '%s\n' "it's" '$(touch made)' '`touch made`' '"; touch made; "' '* ~ #' >items
$ antsrun -k printf '%s\\n' {} :::: items | cmp - items; ls made 2>/dev/null
[2]
$ antsrun -k "printf '%s\n' '{}'" :::: items | cmp - items; ls made 2>/dev/null
[2]
$ antsrun -k 'printf "%s\n" "{}"; :' :::: items | cmp - items; ls made 2>/dev/null
[2]
$ antsrun -k 'printf "%s\n" "$(printf "%s" "{}")"' :::: items | cmp - items; ls made 2>/dev/null
[2]
$ antsrun -k -q printf '%s\n' {} :::: items | cmp - items; ls made 2>/dev/null
[2]

== shell syntax in the template works
$ antsrun -k 'echo a; echo {} | tr a-z A-Z >{.}.out' ::: x.y z; cat x.out z.out
a
a
X.Y
Z

== -q: nothing in the command is shell syntax
$ antsrun -q echo 'a;  b $HOME' {}x ::: '* y'
a;  b $HOME * yx

== a first word that is a placeholder is command text
$ antsrun -k {} ::: 'echo a; echo b' 'echo c'
a
b
c
$ antsrun -k ::: 'echo a; echo b' 'echo c'
a
b
c

== --dry-run and -t show what would run, to be pasted
$ antsrun --dry-run -k echo {} ::: "it's" 'a b' c ''
echo 'it'\''s'
echo 'a b'
echo c
echo ''
$ antsrun -t echo ::: 'a b'
a b
2~ ^echo 'a b'$

== columns and names
$ printf 'a b,c\nd,\n' | antsrun -k --colsep , echo {2}-{1}:{}
c-a b:a b c
-d:d 
$ printf 'name;size\nx;1\ny;2\n' | antsrun -k --header : --colsep ';' echo {size} {name} {2} {other}
1 x 1 {other}
2 y 2 {other}
$ antsrun --header : echo {x} {y.} ::: x a ::: y b.c
a b
$ printf 'a,"b ""c"" d"\n' | antsrun --csv echo {2}
b "c" d

== -E, --shuf, --trim
$ printf 'a\nb\nEND\nc\n' | antsrun -k -E END echo
a
b
$ seq 50 | antsrun -k --shuf --seed 1 echo >s1; seq 50 | antsrun -k --shuf --seed 1 echo >s2; cmp s1 s2; sort -n s1 | cmp - s2 | wc -l; seq 50 | cmp - s1 >/dev/null
1
[1]
$ printf ' a \n' | antsrun --trim l echo '[{}]'
[a ]

== what cannot be is said before any job, with what to type instead
$ antsrun 'echo `{}`' ::: a
[255]
2~ ^antsrun: .*'\{\}' cannot stand in backticks \(use \$\(\.\.\.\)\)$
$ antsrun echo :::: missing
[255]
2~ ^antsrun: .*'missing'.*No such file
$ antsrun --colsep '(' echo ::: a
[255]
2~ '\('
$ antsrun --rpl 'x y/a/b/' echo ::: a
[255]
2~ --rpl 'x y/a/b/'
$ antsrun echo :::+ a
[255]
2~ ':::\+'

== a product of a thousand million combinations starts at once
$ antsrun -k --dry-run echo ::: $(seq 1000) ::: $(seq 1000) ::: $(seq 1000) | head -n 2
echo 1 1 1
echo 1 1 2

== several arguments in one job, as GNU parallel has them
$ antsrun --dry-run -n2 echo x{}y ::: a b c
echo xa by
echo xcy
$ antsrun --dry-run -N2 echo x{}y {2} ::: a b c
echo xay xby b
echo xcy 
$ antsrun --dry-run -j2 -X echo x{}y ::: a b c d e
echo xay xby xcy
echo xdy xey
$ antsrun --dry-run -j2 -m echo x{}y ::: a b c d e
echo xa b cy
echo xd ey
$ antsrun --dry-run -j2 --xargs echo x{}y ::: a b c
echo xa b cy
$ printf 'a b\n\nc \nd\ne\n' | antsrun --dry-run -L2 echo
echo 'a b' 'c d'
echo e
$ antsrun --dry-run -n0 echo hi {#} ::: 1 2
echo hi 1
echo hi 2
$ antsrun --dry-run -X -s 20 echo ::: aaaa bbbb cccc dddd
echo aaaa bbbb cccc
echo dddd
$ printf '1,2\n3,4\n' | antsrun --dry-run --colsep , -N2 echo {1} {2} {3} {4}
echo 1 2 3 4

== batches fill what the system allows, and nothing is lost
$ seq 300000 >n; seq 300000 | antsrun -k -j2 --report none -X echo | tr ' ' '\n' | cmp - n && echo same
same
$ seq 300000 | antsrun -k -j2 --report none -m printf '%s\\n' | cmp - n && echo same
same
$ seq 300000 | antsrun -k -j2 --report none --xargs 'printf "%s\n" {} | cat' | cmp - n && echo same
same

== one argument too long fails its job only
$ { echo a; head -c 300000 /dev/zero | tr '\0' x; echo; echo b; } | antsrun -k -j1 --xargs echo
a
b
[1]
2~ argument too long
