#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hchan recv: counts, forms of output, ends, and readers that go away.
# shellcheck source=tools/hchan/test/tap.sh
. "$(dirname "$0")/tap.sh"

hchan create c --cap 16
hchan send c one two three four five
try 'one element' 0 one '' hchan recv c
try 'two' 0 "two${nl}three" '' hchan recv c -n 2
try 'none' 0 '' '' hchan recv c -n 0
try 'a timeout after some' 124 "four${nl}five" 'hchan: /dev/chan/c: timed out' \
	hchan recv c -n 3 --timeout 0
hchan send c a b c d e f g
try 'in batches, and not one more' 0 "a${nl}b${nl}c${nl}d${nl}e" '' \
	hchan recv c -n 5 --batch 2
same 'the rest is still there' 2 "$(stat_of c length)"
try 'in a batch that is larger than what is there' 124 "f${nl}g" '' \
	hchan recv c -q -n 5 --batch 1024 --timeout 0
# The time is up before the second, which is there; nothing more is taken.
hchan send c one two three
try 'the time is up while there is something' 124 one 'hchan: /dev/chan/c: timed out' \
	hchan recv c -n 3 --timeout 0.000001
same 'what was not received is still there' 2 "$(stat_of c length)"
try 'no time at all is no limit' 0 "two${nl}three" '' hchan recv c -n 2 --timeout 0
hchan send c one
try 'one that is there is had in any time' 0 one '' hchan recv c --timeout 0.000001
# From one who never stops, and has a thousand in its hand.
hchan create busy --msg 5 --cap 16
yes | hchan send busy -q &
hchan wait busy --senders 1 --timeout "$long"
status=0
timeout -s KILL 120 hchan recv busy --follow --timeout 0.000001 2>"$tmp/err" \
	>"$tmp/out" || status=$?
same 'the time is up with a busy channel' '124 1 hchan: /dev/chan/busy: timed out' \
	"$status $(grep -c y "$tmp/out") $(cat "$tmp/err")"
hchan close busy
wait
hchan rm busy

# --- forms

newline='a
b'
hchan send c "$newline" "$newline" "$newline" "$newline" "$newline"
try 'lines' 0 "$newline" '' hchan recv c
try '--null' 0 '610a6200' '' \
	sh -c "hchan recv c -0 | hexdump -v -e '1/1 \"%02x\"'"
try '--raw' 0 610a62 '' sh -c "hchan recv c --raw | hexdump -v -e '1/1 \"%02x\"'"
try '--hex' 0 610a62 '' hchan recv c --hex
try '--json' 0 '{"size":3,"data":"a\u000ab"}' '' hchan recv c --json
hchan send c --hex 00 225c7f e282ac ff c0af eda080 f4908080 f09f9880 e282
try 'JSON of what is UTF-8 and of what is not' 0 '{"size":1,"data":"\u0000"}
{"size":3,"data":"\"\\\u007f"}
{"size":3,"data":"€"}
{"size":1,"data_hex":"ff"}
{"size":2,"data_hex":"c0af"}
{"size":3,"data_hex":"eda080"}
{"size":4,"data_hex":"f4908080"}
{"size":4,"data":"😀"}
{"size":2,"data_hex":"e282"}' '' hchan recv c -n 9 --json --batch 4

# --- each line at once

mkfifo "$tmp/fifo"
hchan recv c --follow >"$tmp/fifo" &
follower=$!
exec 3<"$tmp/fifo"
for word in x y z; do
	hchan send c $word
	IFS= read -r line <&3
	same "$word comes at once" $word "$line"
done
hchan send c last
hchan close c
IFS= read -r line <&3
status=0
wait $follower || status=$?
same '--follow ends with the channel, well' '0 last' "$status $line"
exec 3<&-

# --- ends (C12)

try 'closed: no message, status 1' 1 '' '' hchan recv c
try 'closed: --follow has done what it should' 0 '' '' hchan recv c --follow
hchan rm c
hchan create c --cap 4
hchan send c a b
hchan close c
try 'closed in the middle of -n' 1 "a${nl}b" '' hchan recv c -n 3
try 'zero elements of a closed channel' 0 '' '' hchan recv c -n 0
hchan rm c
hchan create c
hchan recv c &
hchan wait c --receivers 1 --timeout "$long"
hchan close c
status=0
wait $! || status=$?
same 'closed under a waiting receive (C15)' 1 "$status"
hchan rm c
hchan create c --disconnect --cap 4
mkfifo "$tmp/feed"
hchan send c <"$tmp/feed" &
sender=$!
exec 3>"$tmp/feed"
printf 'a\nb\n' >&3
hchan wait c --length 2 --timeout "$long"
kill -9 $sender
wait $sender 2>/dev/null
exec 3>&-
try 'the last sender is killed: what it sent, then the end (C49)' 0 \
	"a${nl}b" '' hchan recv c --follow
same 'it is disconnected, not closed' no-senders+no-receivers "$(stat_of c state)"
hchan rm c

# --- signals (C39)

hchan create c
hchan recv c >"$tmp/out" &
hchan wait c --receivers 1 --timeout "$long"
kill -STOP $!
until grep -q '^State:.T' /proc/$!/status; do :; done
kill -CONT $!
hchan send c stopped
wait $!
same 'stopped and continued' stopped "$(cat "$tmp/out")"
hchan recv c --timeout 3 2>"$tmp/err" &
hchan wait c --receivers 1 --timeout "$long"
kill -STOP $!
until grep -q '^State:.T' /proc/$!/status; do :; done
kill -CONT $!
status=0
wait $! || status=$?
same 'with a deadline' '124 hchan: /dev/chan/c: timed out' \
	"$status $(cat "$tmp/err")"
# Killed while parked, it vanishes and takes nothing (C41).
hchan recv c >"$tmp/out" &
victim=$!
hchan wait c --receivers 1 --timeout "$long"
kill -9 $victim
wait $victim 2>/dev/null
same 'killed while parked' 0 "$(stat_of c parked_receivers)"
hchan recv c >"$tmp/out" &
hchan wait c --receivers 1 --timeout "$long"
hchan send c kept --timeout "$long"
wait
same 'the next one has it' kept "$(cat "$tmp/out")"

# --- output that nobody reads any more

hchan recv c --follow >"$tmp/fifo" 2>"$tmp/err" &
follower=$!
exec 3<"$tmp/fifo"
hchan wait c --receivers 1 --timeout "$long"
exec 3<&-
status=0
wait $follower || status=$?
same 'who waits ends with the reader of its output' 3 "$status"
same 'and says nothing: nothing is lost' '' "$(cat "$tmp/err")"
same 'nobody is parked' 0 "$(stat_of c parked_receivers)"
# In a pipeline: the end comes without another element.
hchan recv c --follow | head -n 1 >"$tmp/out" &
hchan wait c --receivers 1 --timeout "$long"
hchan send c first
wait
same 'hchan recv | head ends' first "$(cat "$tmp/out")"
hchan rm c
hchan create c --cap 4
hchan send c a b
mkfifo "$tmp/dead"
# Ready to be received, and the reader is gone already.
{ exec 3<"$tmp/dead"; exec 3<&-; } &
exec 4>"$tmp/dead"
wait
status=0
hchan recv c --follow >&4 2>"$tmp/err" || status=$?
exec 4>&-
same 'nothing is received for nobody' '3 ' "$status $(cat "$tmp/err")"
same 'both are still there' 2 "$(stat_of c length)"
status=0
hchan recv c >/dev/full 2>"$tmp/err" || status=$?
same 'what is lost is told' '3 hchan: /dev/chan/c: what was received could not be written out: standard output: No space left on device' \
	"$status $(cat "$tmp/err")"
hchan rm c
try 'no such channel' 3 '' 'hchan: /dev/chan/c: No such channel' hchan recv c
finish
