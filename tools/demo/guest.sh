#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The word count, in the guest: starts the programs and sees to it that one of
# them dies at the right moment. They are started one by one, share nothing and
# find each other by the names of channels.
#
#	guest.sh TEXT EXPECTED
#
# EXPECTED has a line "WORD COUNT" for each word, sorted by bytes. Behind a line
# "=== result" comes what table.awk reads.

set -eu
text=$1 expected=$2
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here:$PATH
# A step of a run that goes well takes no time; this only ends one that fails.
limit=100s
result=$(mktemp)
counted=$(mktemp)
sent=$(mktemp)

say() { echo "demo: $*"; }
fail() { say "FAILED: $*"; exit 1; }

# process, name, wanted status
ended() {
	status=0
	wait "$1" || status=$?
	[ "$status" -eq "$3" ] || fail "$2 ended with status $status"
}

parked() { hchan stat --json lines | sed 's/.*"parked_receivers":\([0-9]*\).*/\1/'; }

longest=$(awk '{ if (length > n) n = length } END { print n }' "$text")
# A line of n bytes has at most n/2 words; each grows by a space and a number.
hchan create lines --msg "$longest" --cap 64 --disconnect
hchan create counts --msg $((longest * 2 + 100)) --cap 64 --disconnect
hchan create ready --elem 0
hchan create gate --elem 0

say 'a reducer and four workers: two in C, one an epoll loop, one a shell pipeline'
reducer counts "$result" & reducer=$!
worker worker-1 lines counts ready & worker1=$!
worker worker-2 lines counts ready & worker2=$!
poller epoll lines counts ready & poller=$!
worker.sh shell lines counts ready & shell=$!
hchan recv ready -n 4 --timeout $limit >/dev/null
# The epoll loop waits in epoll_wait(2), not in the channel: it is not counted.
hchan wait lines --receivers 3 --timeout $limit

say 'all are waiting: the splitter begins'
splitter "$text" lines gate >"$sent" & splitter=$!

# Halfway the splitter waits at the gate. Nobody else sends lines, so once three
# receives wait, no line is on its way and those three have sent off what they
# had. The one that is killed now has nothing in hand, and the count must still
# be right; killed at any other time it may take one line along (C41).
hchan wait gate --receivers 1 --timeout $limit
hchan wait lines --receivers 3 --timeout $limit
say 'halfway, and all lines are done:'
hchan ls
say "kill -9 worker-1 (process $worker1), which waits in a receive"
kill -9 "$worker1"
ended "$worker1" worker-1 137
n=$(parked)
[ "$n" -eq 2 ] || fail "$n receives wait, and not 2"
worker worker-3 lines counts ready & worker3=$!
hchan recv ready --timeout $limit >/dev/null
hchan wait lines --receivers 3 --timeout $limit
say "worker-3 (process $worker3) has taken its place: on with it"
hchan send gate '' --timeout $limit

ended "$splitter" splitter 0
ended "$worker2" worker-2 0
ended "$worker3" worker-3 0
ended "$poller" epoll 0
ended "$shell" shell 0
ended "$reducer" reducer 0
say 'the splitter has closed the lines, the workers are gone, the reducer knows it'
hchan ls
hchan rm lines counts ready gate

echo '=== result'
echo "sent $(cat "$sent")"
sed -n 's/^word //p' "$result" | LC_ALL=C sort >"$counted"
grep -v '^word ' "$result"
echo "different $(wc -l <"$counted")"
if [ -s "$expected" ] && cmp -s "$expected" "$counted"; then
	echo equal
else
	diff "$expected" "$counted" | sed -n 's/^[-+][a-z]/differs &/p' | head -n 20
fi
