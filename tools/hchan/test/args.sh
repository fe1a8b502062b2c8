#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The hchan command: arguments, help, and what is refused with status 2.
# shellcheck source=tools/hchan/test/tap.sh
. "$(dirname "$0")/tap.sh"

commands='create ls stat send recv close rm wait'

try 'no command' 2 '' "hchan: which command? See 'hchan --help'" hchan
try 'an unknown command' 2 '' "hchan: no command 'nope'. See 'hchan --help'" \
	hchan nope
try 'help for an unknown command' 2 '' \
	"hchan: no command 'nope'. See 'hchan --help'" hchan help nope

all=$(hchan --help)
same 'help and --help are one' "$all" "$(hchan help)"
for c in $commands; do
	case $all in
	*"    $c "*) pass "--help lists $c" ;;
	*) not_ok "--help lists $c" "$all" ;;
	esac
	try "$c --help" 0 "$(hchan help "$c")" '' hchan "$c" --help
	case $(hchan "$c" --help) in
	"usage: hchan $c "*) pass "$c --help tells the usage" ;;
	*) not_ok "$c --help tells the usage" ;;
	esac
	try "$c: an unknown option" 2 '' \
		"hchan $c: unrecognized option '--nope'${nl}See 'hchan $c --help'." \
		hchan "$c" --nope
done
for c in create stat recv close rm send; do
	try "$c without a name" 2 '' \
		"hchan: which channel? A NAME is missing${nl}See 'hchan $c --help'." \
		hchan "$c"
done
for c in create recv; do
	try "$c with two names" 2 '' \
		"hchan: one channel at a time: 'b' is one argument too many${nl}See 'hchan $c --help'." \
		hchan "$c" a b
done
try 'an option without its value' 2 '' \
	"hchan recv: option '--timeout' requires an argument${nl}See 'hchan recv --help'." \
	hchan recv a --timeout

refused() {	# name, what is wrong, command...
	name=$1 why=$2
	shift 2
	try "$name" 2 '' "hchan: $why${nl}See 'hchan $2 --help'." "$@"
}

refused 'two kinds of element' '--elem and --msg exclude each other' \
	hchan create a --elem 1 --msg 2
refused 'an element size that is no number' "'1k' is not a number of bytes" \
	hchan create a --elem 1k
refused 'an empty number' "'' is not a number of bytes" hchan create a --msg ''
refused 'a negative number' "--cap: '-1' is not a number of elements" \
	hchan create a --cap -1
refused 'a number beyond 64 bits' \
	"--cap: '18446744073709551616' is not a number of elements" \
	hchan create a --cap 18446744073709551616
for mode in 8 0o666 1777 0 ''; do
	refused "mode '$mode'" \
		"--mode: '$mode' is not an octal mode from 1 to 777" \
		hchan create a --mode "$mode"
done
refused 'a count and --follow' '-n and --follow exclude each other' \
	hchan recv a -n 1 --follow
refused 'two output forms' \
	'--json, --hex, --raw and --null exclude each other' \
	hchan recv a --json --hex
refused 'two input forms' '--hex, --raw and --null exclude each other' \
	hchan send a --raw -0
refused 'raw arguments' \
	'--raw and --null are for standard input, not for arguments' \
	hchan send a --raw x
refused 'a batch of none' "--batch: '0' is not a number from 1 to 1024" \
	hchan recv a --batch 0
refused 'a batch too large' "--batch: '1025' is not a number from 1 to 1024" \
	hchan recv a --batch 1025
refused 'waiting for nothing' \
	'wait for what? Say --receivers, --senders or --length' hchan wait a
refused 'waiting for two things' 'wait for one thing at a time' \
	hchan wait a --senders 1 --length 1
refused 'two directories' \
	"one directory at a time: 'b' is one argument too many" hchan ls a b

# Nothing of all that has created anything.
try 'nothing was created' 0 \
	'NAME  ELEMENT  LENGTH  SENDERS  RECEIVERS  PARKED  STATE  OWNER' '' hchan ls

hchan create empty
for t in 0 0s 0.0 .000ms 0us 0ns 0m 0h 00; do
	try "the time '$t'" 124 '' 'hchan: /dev/chan/empty: timed out' \
		hchan recv empty --timeout "$t"
done
for t in '' s . 1. -1 +1 1e3 1x '1 s' ' 1' 0x1 1,5 1.5.5 1sec inf; do
	refused "the time '$t'" "--timeout: '$t' is no time such as 1.5, 5s, 100ms" \
		hchan recv empty --timeout "$t"
done
# Longer than any clock: it must not wrap to "now". It ends by the close.
for t in 99999999999999999999h 9223372036854775807s 2562048h; do
	hchan create far
	hchan recv far --timeout "$t" &
	try "'$t' waits" 0 '' '' hchan wait far --receivers 1 --timeout "$long"
	hchan close far
	status=0
	wait $! || status=$?
	same "'$t' is not now" 1 "$status"
	hchan rm far
done
# A time is waited for, and no less: the kernel's clock tells.
before=$(cut -d' ' -f1 /proc/uptime)
hchan recv empty --timeout 0.25 2>/dev/null
hchan recv empty --timeout 250ms 2>/dev/null
hchan send empty x --timeout 250000us 2>/dev/null
hchan wait empty --length 1 --timeout 250000000ns 2>/dev/null
after=$(cut -d' ' -f1 /proc/uptime)
same 'four times a quarter of a second is a second' yes \
	"$(awk "BEGIN { if ($after - $before >= 0.99) print \"yes\" }")"

try '--quiet says nothing of a timeout' 124 '' '' hchan recv empty -q --timeout 0
try '--quiet tells a mistake' 2 '' '*' hchan recv empty -q --timeout x
hchan rm empty

if hchan --help >/dev/full 2>/dev/null; then
	not_ok 'help that can not be written is an error'
else
	same 'help that can not be written is an error' 3 $?
fi
try '--version' 0 "hchan, made for version 1 of the interface${nl}the kernel has version 1" '' \
	hchan --version
finish
