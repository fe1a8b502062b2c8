#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hchan run and hchan ctx: a command, and all that it starts, under a context.
# shellcheck source=tools/hchan/test/tap.sh
# shellcheck disable=SC2016 # what is quoted is for the shell that is run
. "$(dirname "$0")/tap.sh"

try 'the status is the command'"'"'s' 7 '' '' hchan run sh -c 'exit 7'
try 'one that means something to us, too' 2 '' '' hchan run sh -c 'exit 2'
try 'it succeeds' 0 'said' '' hchan run -- echo said
try 'a signal has ended it' 137 '' '' hchan run sh -c 'kill -9 $$'
try 'there is no such command' 127 '' \
	'hchan: no-such-command: No such file or directory' hchan run no-such-command
try 'it can not be executed' 126 '' '*' hchan run "$tmp"
try 'no command' 125 '' "hchan: run what? A COMMAND is missing${nl}See 'hchan run --help'." \
	hchan run -t 1s
try 'no time' 125 '' \
	"hchan: --timeout: 'soon' is no time such as 1.5, 5s, 100ms${nl}See 'hchan run --help'." \
	hchan run -t soon true
try 'the options behind the command are its own' 0 '-t -g --help' '' \
	hchan run echo -t -g --help

# ---- the context that the command finds ----

try 'none: nothing ends us' 0 'not done' '' hchan ctx
try 'none: no values' 1 '' "hchan: no value 'k' in this context" hchan ctx --value k
try 'not done' 0 'not done' '' hchan run hchan ctx
try 'as an object' 0 '{"err":"none","code":0,"cause":""}' '' hchan run hchan ctx --json
try 'not done for so long' 0 'not done' '' hchan run hchan ctx --wait --timeout 1ms
try 'a name is none' 2 '' '*' hchan ctx jobs
try 'the descriptor is not that context' 3 '' \
	'hchan: HCHAN_CONTEXT: descriptor 99 is not context 5 any more' \
	env HCHAN_CONTEXT=99:5 hchan ctx
try 'nor can a child be made of it' 125 '' '*' env HCHAN_CONTEXT=99:5 hchan run true
hchan run -t 1000s hchan ctx --json >"$tmp/out"
same 'time is left' 'true' \
	"$(sed 's/.*"left_ns":\([0-9]*\)}/\1/' "$tmp/out" | { read -r n; [ "$n" -gt 0 ] && [ "$n" -le 1000000000000 ] && echo true; })"
try 'a script closes the descriptor' 3 '' '*' \
	hchan run sh -c 'fd=${HCHAN_CONTEXT%:*}; eval "exec $fd<&-"; hchan ctx'

# Whoever runs this may have left us more than the first three.
same 'it inherits the context and nothing else of ours' \
	"$({ sh -c 'ls /proc/$$/fd; :'; echo 100; } | sort | xargs)" \
	"$(hchan run sh -c 'ls /proc/$$/fd; :' | sort | xargs)"
same 'one under the other: its own alone' 1 \
	"$(hchan run hchan run hchan run sh -c 'ls /proc/$$/fd; :' | grep -c '1..')"

# ---- the deadline ----

try 'the deadline: what is there is killed' 124 '' '' hchan run -t 10ms -g 0 sleep 1000
try 'the tree can see it' 124 'deadline exceeded: hchan run: timeout 10ms' '' \
	hchan run -t 10ms -g "$long" hchan ctx --wait
try 'what ends in the grace time has not made it' 124 'ready' '' \
	hchan run -t 10ms -g "$long" sh -c 'hchan ctx --wait -q; echo ready; exit 0'
try 'what ends in time has' 5 '' '' hchan run -t 1000s sh -c 'exit 5'
try 'a deadline that has passed' 124 'deadline exceeded: hchan run: timeout 0' '' \
	hchan run -t 0 -g "$long" hchan ctx
try 'the one above ends it' 124 'deadline exceeded: hchan run: timeout 10ms' '' \
	hchan run -t 10ms -g "$long" hchan run -t 1000s -g "$long" hchan ctx --wait
try 'the one below does not end the one above' 0 '124 not done' '' \
	hchan run -t 1000s sh -c 'hchan run -t 1ms -g 0 sleep 1000; echo $? $(hchan ctx --json | grep -o "not done\|none" | sed "s/none/not done/")'

# A signal that is passed on when the context is done tells that this is the grace time.
try 'no /dev/hchan below a context: the grace time is given all the same' 124 'told' '' \
	hchan run unshare -m sh -c 'mount -t tmpfs none /dev && exec "$@"' sh \
	hchan run -t 1ms -g "$long" sh -c 'trap "echo told; exit 0" USR1
		hchan ctx --wait -q; kill -USR1 $PPID; while :; do hchan ctx --wait -q; done'

# ---- the whole tree ----

hchan create gate
try 'forked twice, in sessions of their own, deaf: all are killed' 124 '' '' \
	hchan run -t 2s -g 0 sh -c '
		(setsid sh -c "trap : TERM HUP INT; hchan recv gate & hchan recv gate" &)
		(setsid setsid hchan recv gate &)
		hchan wait gate --receivers 3 && exec hchan recv gate'
same 'none is left' 0 "$(stat_of gate receivers)"
try 'what the command has left behind is cancelled' 3 '' '' \
	hchan run -g "$long" sh -c "hchan ctx --wait >$tmp/left & exit 3"
same 'it is waited for' 'cancelled (3): hchan run: the command has ended' "$(cat "$tmp/left")"
try 'and killed if it stays' 4 '' '' \
	hchan run -g 10ms sh -c '(setsid hchan recv gate &); hchan wait gate --receivers 1; exit 4'
same 'none is left then' 0 "$(stat_of gate receivers)"
try 'a chain of processes' 124 '' '' hchan run -t 1s -g 0 sh -c '
	chain() { [ "$1" -eq 0 ] && exec hchan recv gate; (chain $(($1 - 1)); :); }
	chain 20; :'
same 'has gone as a whole' 0 "$(stat_of gate receivers)"
sh -c 'hchan recv gate >/dev/null & exec hchan run -g 0 hchan wait gate --receivers 1'
same 'who was there before is left alone' '0 ' \
	"$(hchan wait gate --receivers 1 --timeout 0 2>&1; echo "$? ")"
hchan send gate x

# ---- signals ----

hchan create up
# SIGQUIT may be ignored where the tests are run; on a terminal, below, it is not.
for sig in TERM INT HUP ALRM USR1 USR2 PIPE; do
	# Not a job in the background itself: that would ignore SIGINT.
	(hchan recv up >/dev/null; kill -"$sig" "$(cat "$tmp/pid")") &
	status=0
	sh -c "echo \$\$ >$tmp/pid; exec hchan run -t $long -g $long sh -c 'trap : TERM INT HUP ALRM USR1 USR2 PIPE
		hchan send up 1; hchan ctx --wait >$tmp/sig; exit 9'" || status=$?
	wait
	same "SIG$sig cancels" "cancelled ($(kill -l $sig)): hchan run: SIG$sig" "$(cat "$tmp/sig")"
	same "SIG$sig: the command's status" 9 "$status"
done
try 'one that is ignored stays so' 0 'not done' '' \
	sh -c 'trap "" INT; exec hchan run sh -c "kill -INT \$PPID; hchan ctx"'
hchan run -g "$long" sh -c 'hchan send up 1; hchan recv gate & wait' &
hchan recv up >/dev/null
kill -TERM $!
status=0
wait $! || status=$?
hchan close gate
same 'the signal is passed on' 143 "$status"

# On a terminal, with a key typed, or a hangup, as soon as the command can take it.
try_tty() {	# name, status, key, arguments of hchan run...
	name=$1 want=$2 key=$3
	shift 3
	status=0
	{ hchan recv up >/dev/null; printf %b "$key"; } |
		on_tty hchan run -g "$long" "$@" >/dev/null 2>&1 || status=$?
	same "$name" "$want" "$status"
}
# Ends by the signal that it gets, and by nothing else.
told='for sig in 1 2 3; do trap "exit 2$sig" $sig; done
	hchan send up 1; while :; do hchan ctx --wait -q; done'
try_tty 'Ctrl-C' 22 '\003' sh -c "$told"
try_tty 'Ctrl-C: a command in another session is told' 22 '\003' setsid sh -c "$told"
try_tty 'Ctrl-\: so it is' 23 '\034' setsid sh -c "$told"
try_tty 'a hangup: the kernel tells the leader alone' 21 '\0' sh -c "$told"

# ---- what /proc does not show ----

# Who hangs must not hold us up.
limit='timeout -s KILL 20'
hidden() {	# what alice does where /proc hides what she can not read
	unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc && exec su alice -c "$1"' \
		sh "PATH=$PATH; $1"
}
cp /bin/sleep "$tmp/sleep"
chmod 711 "$tmp/sleep"
: >"$tmp/asleep"
chmod 666 "$tmp/asleep"
try 'the command is hidden: it is killed all the same' 124 '' '' \
	hidden "exec $limit hchan run -t 1s -g 0 $tmp/sleep 1000"
try 'what it has left behind is: that is said' 4 'hidden' \
	'hchan: processes that /proc does not show could not be killed' \
	hidden "exec $limit hchan run -g 0 sh -c '$tmp/sleep 1000 >/dev/null 2>&1 &
		while [ -e /proc/\$! ]; do :; done; echo \$! >$tmp/asleep; echo hidden; exit 4'"
kill -9 "$(cat "$tmp/asleep")"
# With other children nobody can tell; the page says so.
hchan create before
try 'nor is it waited for beside children from the start' 4 'hidden' '' \
	hidden "hchan recv -q before >/dev/null & exec $limit hchan run -g $long sh -c '$tmp/sleep 1000 >/dev/null 2>&1 &
		while [ -e /proc/\$! ]; do :; done; echo \$! >$tmp/asleep; echo hidden; exit 4'"
kill -9 "$(cat "$tmp/asleep")"
hchan close before
found=
for n in 4 5 6 7 8 9 10 11 12; do
	status=0
	$limit sh -c "ulimit -n $n; exec hchan run -t 1ms -g 0 sleep 1000" \
		2>"$tmp/err" || status=$?
	[ "$status" -eq 124 ] || [ "$status" -eq 125 ] || found="$found $n:$status $(cat "$tmp/err")"
done
same 'too few descriptors to look: it ends' '' "$found"
try 'that of another PID namespace' 125 '' \
	'hchan: /proc does not show our own processes: No such file or directory' \
	unshare -p -f hchan run true

# ---- killed ----

hchan create never
hchan run sh -c "trap 'hchan send up termed' TERM; hchan send up 1
	hchan ctx --wait >$tmp/lost; hchan send up \$?; hchan recv never & wait" &
hchan recv up >/dev/null
kill -9 $!
wait
# The trap runs before or after the command that it finds.
same 'killed: the context is cancelled, the command has SIGTERM' "1 termed" \
	"$({ hchan recv up; hchan recv up; } | sort | xargs)"
same 'killed: the cause' 'cancelled' "$(sed 's/:.*//' "$tmp/lost")"
hchan close never
finish
