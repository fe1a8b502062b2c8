#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hchan send: arguments, lines, and other forms of input; sizes; ends.
# shellcheck source=tools/hchan/test/tap.sh
. "$(dirname "$0")/tap.sh"

all() {	# everything that is buffered, as hexadecimal digits
	hchan recv "$1" --hex -q -n 1000 --timeout 0
}

# --- a time for all of it

hchan create much --msg 5 --cap 5000
yes | head -n 3000 >"$tmp/much"
status=0
hchan send much --timeout 0.000001 <"$tmp/much" 2>"$tmp/err" || status=$?
same 'the time is up while there is input, and room' \
	'124 hchan: /dev/chan/much: timed out (1024 sent)' "$status $(cat "$tmp/err")"
same 'nothing more was sent' 1024 "$(stat_of much length)"
status=0
hchan send much --timeout 0 <"$tmp/much" || status=$?
same 'no time at all is no limit' '0 4024' "$status $(stat_of much length)"
hchan rm much

# --- messages

hchan create m --msg 5 --cap 16
try 'arguments' 0 '' '' hchan send m a bb ccccc
try 'arrive in order' 124 "61${nl}6262${nl}6363636363" '' all m
try 'a message has at least one byte (C44)' 3 '' \
	"hchan: /dev/chan/m: argument 2 has 0 bytes, the channel takes messages of 1 to 5 (nothing sent)" \
	hchan send m x ''
try 'behind a dash' 0 '' '' hchan send m -- -n --raw
try 'an argument that begins with one' 124 "2d6e${nl}2d2d726177" '' all m
try 'options may come last' 0 '' '' hchan send m a --timeout 0
all m >/dev/null
try 'an argument that is too long' 3 '' \
	"hchan: /dev/chan/m: argument 2 has 6 bytes, the channel takes messages of 1 to 5 (nothing sent)" \
	hchan send m a bbbbbb c
same 'nothing is sent then' 0 "$(stat_of m length)"

try_input 'lines' 0 '' '' 'a\nbb\nc' hchan send m
try 'without their newlines, the last needs none' 124 "61${nl}6262${nl}63" '' all m
try_input 'no lines' 0 '' '' '' hchan send m
same 'are no messages' 0 "$(stat_of m length)"
try_input 'an empty line is none' 3 '' \
	"hchan: /dev/chan/m: line 2 has 0 bytes, the channel takes messages of 1 to 5 (1 sent)" \
	'a\n\nb\n' hchan send m
all m >/dev/null
try_input 'a line that is too long' 3 '' \
	"hchan: /dev/chan/m: line 3 has 6 bytes, the channel takes messages of 1 to 5 (2 sent)" \
	'a\nbb\ncccccc\nd\n' hchan send m
try 'those before it are sent' 124 "61${nl}6262" '' all m
try_input 'bytes of any kind in lines' 0 '' '' '\0377\0000\r\n' hchan send m
try 'are left alone' 124 ff000d '' all m
try_input '--null' 0 '' '' 'a\nb\0000c' hchan send m --null
try 'splits at NUL' 124 "610a62${nl}63" '' all m
try_input '--hex' 0 '' '' '00ff\nAbcD\n' hchan send m --hex
try 'in both cases' 124 "00ff${nl}abcd" '' all m
try '--hex arguments' 0 '' '' hchan send m --hex 0a0a 0B
try 'too' 124 "0a0a${nl}0b" '' all m
for bad in 0 0g ' 00' 0x00; do
	try "no hex: '$bad'" 3 '' \
		"hchan: /dev/chan/m: argument 1 is no even number of hexadecimal digits (nothing sent)" \
		hchan send m --hex "$bad"
done
try_input '--raw: one message' 0 '' '' 'a\nb\n' hchan send m --raw
try 'of everything' 124 610a620a '' all m
try '--raw of nothing' 3 '' \
	"hchan: /dev/chan/m: the input has 0 bytes, the channel takes messages of 1 to 5 (nothing sent)" \
	hchan send m --raw
try_input '--raw that is too long' 3 '' \
	"hchan: /dev/chan/m: the input has 6 bytes, the channel takes messages of 1 to 5 (nothing sent)" \
	123456 hchan send m --raw
hchan rm m

# --- the largest, and many

hchan create big --msg 65535 --cap 2
head -c 65535 /dev/zero | tr '\0' x >"$tmp/big"
try 'the largest message as a line' 0 '' '' sh -c "hchan send big <$tmp/big"
hchan recv big --raw >"$tmp/out"
same 'arrives whole' yes "$(cmp "$tmp/big" "$tmp/out" && echo yes)"
echo x >>"$tmp/big"
try 'one byte more' 3 '' \
	"hchan: /dev/chan/big: line 1 has 65536 bytes, the channel takes messages of 1 to 65535 (nothing sent)" \
	sh -c "hchan send big <$tmp/big"
head -c 1000000 /dev/zero | tr '\0' x >"$tmp/big"
try 'a line without end' 3 '' \
	"hchan: /dev/chan/big: line 1 is longer than any element (nothing sent)" \
	sh -c "hchan send big <$tmp/big"
head -c 65535 /dev/zero | tr '\0' x |
	hexdump -v -e '1/1 "%02x"' >"$tmp/big"
try 'the largest message in digits' 0 '' '' sh -c "hchan send big --hex <$tmp/big"
same 'arrives whole too' 65535 "$(hchan recv big --raw | wc -c)"
hchan rm big

hchan create many --cap 7
seq 20000 | hchan send many &
hchan recv many -n 20000 >"$tmp/out"
same '20000 lines arrive in order' "$(seq 20000 | md5sum)" "$(md5sum <"$tmp/out")"
hchan rm many

# --- fixed sizes

hchan create f --elem 4 --cap 16
try 'exactly the size' 0 '' '' hchan send f abcd efgh
try 'and raw' 0 'abcdefgh' '' hchan recv f -n 2 --raw
try 'another size' 3 '' \
	"hchan: /dev/chan/f: argument 2 has 3 bytes, the channel's elements have 4 (nothing sent)" \
	hchan send f abcd abc
try_input 'a line of another size' 3 '' \
	"hchan: /dev/chan/f: line 2 has 5 bytes, the channel's elements have 4 (1 sent)" \
	'abcd\nabcde\nabcd\n' hchan send f
try 'those before it are sent' 124 61626364 '' all f
try_input '--raw cuts' 0 '' '' '123\n5678' hchan send f --raw
try 'into elements' 124 "3132330a${nl}35363738" '' all f
try_input '--raw with a rest' 3 '' \
	"hchan: /dev/chan/f: element 2 has 2 bytes, the channel's elements have 4 (1 sent)" \
	'123456' hchan send f --raw
try 'sends what is whole' 124 31323334 '' all f
try 'hex of the right size' 0 '' '' hchan send f --hex 00000000
try 'hex of a wrong size' 3 '' \
	"hchan: /dev/chan/f: argument 1 has 3 bytes, the channel's elements have 4 (nothing sent)" \
	hchan send f --hex 000000
hchan rm f

hchan create z --elem 0 --cap 4
try 'elements of no bytes (C2)' 0 '' '' hchan send z '' ''
try_input 'also as lines' 0 '' '' '\n\n' hchan send z
same 'are counted' 4 "$(stat_of z length)"
try 'and arrive' 0 "{\"size\":0,\"data\":\"\"}${nl}{\"size\":0,\"data\":\"\"}" '' \
	hchan recv z -n 2 --json
try 'but can not be cut out' 3 '' \
	'hchan: /dev/chan/z: elements of 0 bytes can not be cut out of --raw input' \
	hchan send z --raw
hchan rm z

# --- a line is not delayed, and lines that are there go together

hchan create d
mkfifo "$tmp/fifo"
hchan send d <"$tmp/fifo" &
exec 3>"$tmp/fifo"
for line in one two three; do
	echo $line >&3
	try "$line comes while the input stays open" 0 $line '' \
		hchan recv d --timeout "$long"
done
printf 'fo' >&3
try 'half a line does not' 124 '' 'hchan: /dev/chan/d: timed out' \
	hchan recv d --timeout 0.05
echo ur >&3
try 'until it is whole' 0 four '' hchan recv d --timeout "$long"
exec 3>&-
wait
# One operation with its place in the queue, not one for each line.
printf 'a1\na2\na3\n' | hchan send d &
hchan wait d --senders 1 --timeout "$long"
hchan send d b1 &
hchan wait d --senders 2 --timeout "$long"
try 'lines that are there are one batch (C39)' 0 "a1${nl}a2${nl}a3${nl}b1" '' \
	hchan recv d -n 4
wait

# --- ends

try 'a timeout' 124 '' 'hchan: /dev/chan/d: timed out (nothing sent)' \
	hchan send d x --timeout 0.01
hchan create two --cap 2
try 'a timeout in the middle' 124 '' 'hchan: /dev/chan/two: timed out (2 sent)' \
	hchan send two a b c --timeout 0.01
try 'what was sent stays' 0 "a${nl}b" '' hchan recv two -n 2
exec 3<>"$tmp/fifo"
status=0
hchan send two --timeout 0.05 <"$tmp/fifo" 2>"$tmp/err" || status=$?
exec 3>&-
same 'a timeout while there is no input' \
	"124 hchan: /dev/chan/two: timed out at standard input (nothing sent)" \
	"$status $(cat "$tmp/err")"
hchan send two a b c >"$tmp/out" 2>"$tmp/err" &
hchan wait two --senders 1 --timeout "$long"
hchan close two
status=0
wait $! || status=$?
same 'closed under a waiting send (C15)' \
	"1 hchan: /dev/chan/two: closed (2 sent)" "$status $(cat "$tmp/err")"
try 'send on a closed channel (C11)' 1 '' \
	'hchan: /dev/chan/two: closed (nothing sent)' hchan send two x
try 'quietly' 1 '' '' hchan send two x -q
try 'what was sent before the close is there' 1 "a${nl}b" '' \
	hchan recv two -n 3
hchan rm two d

hchan create gone --disconnect --cap 1
hchan recv gone --follow >"$tmp/out" &
receiver=$!
hchan wait gone --receivers 1 --timeout "$long"
mkfifo "$tmp/feed"
hchan send gone <"$tmp/feed" 2>"$tmp/err" &
sender=$!
exec 3>"$tmp/feed"
echo a >&3
# The receiver has it when it waits again.
until [ "$(cat "$tmp/out")" = a ]; do :; done
hchan wait gone --receivers 1 --timeout "$long"
kill -9 $receiver
wait $receiver 2>/dev/null
echo b >&3
status=0
wait "$sender" || status=$?
exec 3>&-
same 'the last receiver is killed (C49)' \
	"1 hchan: /dev/chan/gone: disconnected, the other side is gone (1 sent)" \
	"$status $(cat "$tmp/err")"
hchan rm gone
status=0
hchan create e
hchan send e <&- 2>"$tmp/err" || status=$?
same 'no standard input' \
	'3 hchan: standard input: Bad file descriptor (nothing sent)' \
	"$status $(cat "$tmp/err")"
hchan rm e
finish
