#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hchan wait: order without sleeping.
# shellcheck source=tools/hchan/test/tap.sh
. "$(dirname "$0")/tap.sh"

hchan create c --cap 2
try 'at least none' 0 '' '' hchan wait c --receivers 0
try 'only a look' 124 '' 'hchan: /dev/chan/c: timed out' \
	hchan wait c --receivers 1 --timeout 0
try 'a timeout' 124 '' 'hchan: /dev/chan/c: timed out' \
	hchan wait c --senders 1 --timeout 10ms
try 'quietly' 124 '' '' hchan wait c --length 1 --timeout 10ms -q

hchan recv c >"$tmp/1" &
try 'one receiver' 0 '' '' hchan wait c --receivers 1 --timeout "$long"
hchan recv c >"$tmp/2" &
try 'two receivers' 0 '' '' hchan wait c --receivers 2 --timeout "$long"
hchan send c first second
wait
same 'were served in the order in which they came (C8)' 'first second' \
	"$(cat "$tmp/1") $(cat "$tmp/2")"

hchan wait c --length 2 --timeout "$long" >"$tmp/out" 2>&1 &
hchan send c a
try 'one is not two' 124 '' 'hchan: /dev/chan/c: timed out' \
	hchan wait c --length 2 --timeout 0
hchan send c b
status=0
wait $! || status=$?
same 'a length that comes' '0 ' "$status $(cat "$tmp/out")"
hchan send c d &
try 'a sender that has no room' 0 '' '' hchan wait c --senders 1 --timeout "$long"
try 'changes nothing' 0 "a${nl}b${nl}d" '' hchan recv c -n 3
wait

hchan wait c --receivers 1 2>"$tmp/err" &
until has_open $! /dev/chan/c; do :; done
hchan close c
status=0
wait $! || status=$?
same 'closed: it can not come true' \
	'1 hchan: /dev/chan/c: closed: it can not come true any more' \
	"$status $(cat "$tmp/err")"
try 'nor later' 1 '' '*' hchan wait c --senders 1
try 'what is so stays so' 0 '' '' hchan wait c --length 0
hchan rm c
try 'no such channel' 3 '' 'hchan: /dev/chan/c: No such channel' \
	hchan wait c --length 0
finish
