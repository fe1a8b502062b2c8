#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The hchan command: create, ls, stat, close, rm; names; modes and owners.
# shellcheck source=tools/hchan/test/tap.sh
. "$(dirname "$0")/tap.sh"

head='NAME  ELEMENT  LENGTH  SENDERS  RECEIVERS  PARKED  STATE  OWNER'
as() {	# user, words of the shell
	su "$1" -c "PATH=$PATH; $2"
}

# --- create and what is shown of it

try 'create' 0 '' '' hchan create a
try 'the defaults' 0 "\
NAME  ELEMENT   LENGTH  SENDERS  RECEIVERS  PARKED  STATE  OWNER
a     msg:4096  0/0     0        0          0s+0r   open   root" '' hchan ls
try 'everything' 0 '' '' \
	hchan create b --elem 16 --cap 3 --mode 620 --disconnect --exclusive
try 'create the same again' 0 '' '' hchan create b --elem 16
try 'and with all that was said' 0 '' '' \
	hchan create b --elem 16 --cap 3 --mode 620 --disconnect
id=$(stat_of b id)
try 'stat' 0 "\
/dev/chan/b
  id          $id
  element     16 bytes
  capacity    3
  length      0
  senders     0 open, 0 parked
  receivers   0 open, 0 parked
  state       open
  disconnect  yes
  owner       root:root
  mode        0600" '' hchan stat b
b='{"name":"b","path":"/dev/chan/b","id":'$id',"kind":"elements",'
b=$b'"element_size":16,"capacity":3,"length":0,"senders":0,"receivers":0,'
b=$b'"parked_senders":0,"parked_receivers":0,"state":"open","closed":false,'
b=$b'"senders_gone":false,"receivers_gone":false,"disconnect":true,"tag":null,'
b=$b'"owner":"root","uid":0,"group":"root","gid":0,"mode":"0600"}'
try 'stat --json' 0 "$b" '' hchan stat b --json
try 'ls --json is stat --json of each' 0 "$(hchan stat --json a b)" '' \
	hchan ls --json
same 'the mode is there for everybody else too' prw------- \
	"$(stat -c %A /dev/chan/b)"

try 'another element size (C47)' 3 '' "hchan: /dev/chan/b: expected elements of 8 bytes with no tag, found elements of 16 bytes with no tag" \
	hchan create b --elem 8
try 'messages for elements (C47)' 3 '' "hchan: /dev/chan/b: expected messages of 16 bytes with no tag, found elements of 16 bytes with no tag" \
	hchan create b --msg 16
try 'another capacity' 3 '' \
	'hchan: /dev/chan/b: the channel exists, with capacity 3 and not 4' \
	hchan create b --elem 16 --cap 4
try 'without --disconnect' 3 '' \
	'hchan: /dev/chan/a: the channel exists, and without --disconnect' \
	hchan create a --disconnect
try 'another mode' 3 '' \
	'hchan: /dev/chan/b: the channel exists, with mode 0600 and not 0640' \
	hchan create b --elem 16 --mode 640
try 'a mode that another umask makes another' 3 '' \
	'hchan: /dev/chan/b: the channel exists, with mode 0600 and not 0620' \
	sh -c 'umask 0; hchan create b --elem 16 --mode 620'
try 'no mode that was said is any mode' 0 '' '' \
	sh -c 'umask 0; hchan create b --elem 16'
try '--exclusive' 3 '' 'hchan: /dev/chan/b: The channel exists' \
	hchan create b --elem 16 --exclusive
try 'an element that is too large (C1)' 3 '' \
	'hchan: /dev/chan/c: elements may have 0 to 65535 bytes, not 65536' \
	hchan create c --elem 65536
try 'a message that is too large (C1)' 3 '' \
	'hchan: /dev/chan/c: messages may have 1 to 65535 bytes, not 99999999999' \
	hchan create c --msg 99999999999
try 'a message of nothing' 3 '' \
	'hchan: /dev/chan/c: messages may have 1 to 65535 bytes, not 0' \
	hchan create c --msg 0
try 'a buffer that is too large (C1)' 3 '' \
	'hchan: /dev/chan/c: a capacity of 18446744073709551615 such elements is too large' \
	hchan create c --cap 18446744073709551615
same 'none of that changed b' "$b" "$(hchan stat --json b)"
try 'none of that made c' 3 '' 'hchan: /dev/chan/c: No such channel' hchan stat c
for limit in '--elem 0' '--elem 65535' '--msg 1' '--msg 65535'; do
	# shellcheck disable=SC2086 # words
	try "the limits: $limit" 0 '' '' hchan create c $limit
	hchan rm c
done

# --- looking counts nowhere (C49)

hchan ls >/dev/null
hchan stat b >/dev/null
hchan wait b --length 0
hchan wait b --length 1 --timeout 0 2>/dev/null
same 'looking is not opening (C49)' open "$(stat_of b state)"
hchan wait b --receivers 5 2>/dev/null &
waiter=$!
until has_open "$waiter" /dev/chan/b; do :; done
same 'who waits for a state is no sender' 0 "$(stat_of b senders)"
same 'who waits for a state is no receiver' 0 "$(stat_of b receivers)"
hchan close b
status=0
wait "$waiter" || status=$?
same 'a close ends the wait for receivers' 1 "$status"

# --- close, rm

try 'closed is shown' 0 closed '' stat_of b state
try 'close a closed channel (C16)' 1 '' 'hchan: /dev/chan/b: closed already' \
	hchan close b
try 'close what is not there' 3 '' 'hchan: /dev/chan/nope: No such channel' \
	hchan close nope
try 'a closed channel is still there' 0 '' '' hchan create b --elem 16
try 'rm goes on behind what it can not remove' 3 '' \
	'hchan: /dev/chan/nope: No such channel' hchan rm a nope b
try 'and they are gone' 0 "$head" '' hchan ls
try 'stat goes on too' 3 '' "hchan: /dev/chan/a: No such channel
hchan: /dev/chan/b: No such channel" hchan stat a b

# --- names

odd='a b\c'$nl'd'
hchan create "$odd"
hchan create 'ü"'
hchan create "$(printf 'x\377y')"
try 'odd names in ls' 0 "\
NAME              ELEMENT   LENGTH  SENDERS  RECEIVERS  PARKED  STATE  OWNER
a\\x20b\\x5cc\\x0ad  msg:4096  0/0     0        0          0s+0r   open   root" '' \
	sh -c 'hchan ls | head -n 2'
same 'odd names in JSON' \
	'{"name":"a b\\c\u000ad"{"name_hex":"78ff79"{"name":"ü\""' \
	"$(hchan ls --json | sed 's/,"path.*//' | tr -d '\n')"
same 'columns count characters, not bytes' "$(hchan ls | head -n 1 |
	sed 's/ELEMENT.*//' | wc -c)" \
	"$(hchan ls | sed -n 's/ü/u/; s/^\(u" *\)msg.*/\1/p' | wc -c)"
try 'a message stays one line' 3 '' \
	'hchan: /dev/chan/a b\c?e: No such channel' hchan stat "a b\\c${nl}e"
hchan rm "$odd" 'ü"' "$(printf 'x\377y')"

try 'a path' 0 '' '' hchan create /dev/chan/p
try 'the same by name' 0 /dev/chan/p '' stat_of p path
try 'a relative path' 0 ./p '' sh -c 'cd /dev/chan && hchan stat ./p --json | sed "s/.*path\":\"\([^\"]*\).*/\1/"'
mkdir "$tmp/fs"
mount -t hchanfs none "$tmp/fs"
try 'HCHAN_DIR' 0 "$tmp/fs/p" '' \
	env HCHAN_DIR="$tmp/fs" sh -c 'hchan create p --elem 1 && hchan ls --json | sed "s/.*path\":\"\([^\"]*\).*/\1/"'
same 'is another p' "1 4096" "$(stat_of "$tmp/fs/p" element_size) $(stat_of p element_size)"
try 'ls DIR' 0 "\
NAME  ELEMENT  LENGTH  SENDERS  RECEIVERS  PARKED  STATE  OWNER
p     1        0/0     0        0          0s+0r   open   root" '' hchan ls "$tmp/fs"
umount "$tmp/fs"
hchan rm p
try 'ls where there is no hchanfs' 3 '' \
	"hchan: $tmp/fs: no directory of channels: hchanfs is not mounted there" \
	hchan ls "$tmp/fs"
try 'create where there is no hchanfs' 3 '' \
	"hchan: $tmp/fs/p: $tmp/fs can't hold channels: is hchanfs mounted there?" \
	hchan create "$tmp/fs/p"
try 'no such directory' 3 '' "hchan: $tmp/no: No such file or directory" \
	hchan ls "$tmp/no"
mkfifo "$tmp/fifo"
for c in stat recv send close rm; do
	try "$c: a pipe is no channel" 3 '' "hchan: $tmp/fifo: Not a channel" \
		hchan "$c" "$tmp/fifo"
done
try 'the pipe is still there' 0 '' '' test -p "$tmp/fifo"
try 'an empty name' 3 '' '*' hchan create ''
try 'a name that is too long' 3 '' '*' hchan create "$(printf '%0256d' 0)"
try 'the longest name' 0 '' '' hchan create "$(printf '%0255d' 0)"
hchan rm "$(printf '%0255d' 0)"

# --- users

as alice 'umask 0; hchan create hers; hchan create secret --mode 600'
same 'the owner' alice "$(stat_of hers owner)"
same 'another user may send and receive by the mode' x "$(as bob \
	'hchan recv hers --timeout 20s & hchan send hers x --timeout 20s; wait')"
try 'not by another mode: send' 3 '' \
	'hchan: /dev/chan/secret: Permission denied' \
	as bob 'hchan send secret x'
try 'not by another mode: recv' 3 '' \
	'hchan: /dev/chan/secret: Permission denied' \
	as bob 'hchan recv secret'
try 'not by another mode: close' 3 '' \
	'hchan: /dev/chan/secret: Permission denied' \
	as bob 'hchan close secret'
try 'not by another mode: wait' 3 '' \
	'hchan: /dev/chan/secret: Permission denied' \
	as bob 'hchan wait secret --length 0'
try 'but see it' 0 alice '' as bob 'hchan stat secret --json |
	sed "s/.*\"owner\":\"\([a-z]*\).*/\1/"'
try 'another user may not remove it' 3 '' \
	'hchan: /dev/chan/hers: Operation not permitted' as bob 'hchan rm hers'
try 'the owner may' 0 '' '' as alice 'hchan rm hers secret'
try 'the umask applies' 0 0644 '' \
	sh -c 'umask 022; hchan create m; hchan stat m --json | sed "s/.*\"mode\":\"\([0-7]*\).*/\1/"'
try 'a read-only channel can be received from' 124 '' \
	'hchan: /dev/chan/m: timed out' as bob 'hchan recv m --timeout 0'
try 'but not closed' 3 '' 'hchan: /dev/chan/m: Permission denied' \
	as bob 'hchan close m'
try 'and waited for' 0 '' '' as bob 'hchan wait m --length 0'
hchan rm m
try 'all of the mode' 0 '' '' hchan create m --mode 022
try 'is what an existing one has, too' 0 '' '' hchan create m --mode 022
hchan rm m
finish
