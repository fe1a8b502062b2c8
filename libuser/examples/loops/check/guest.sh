#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#
# Runs the checks of the loops, in a machine with hchan: a line "@ LOOP" for each,
# then what was found, PASS or FAIL. Ends with "@end".

here=$(cd "$(dirname "$0")" && pwd)
cd "$here" || exit 1
export LD_LIBRARY_PATH="$here" PYTHONDONTWRITEBYTECODE=1 LIBHCHAN="$here/libhchan.so.0"
trace=$(mktemp)

# name, options of drive, --, command
loop() {
	name=$1 runtime='' given=$2
	shift 2
	echo "@ $name"
	[ "$1" != -r ] || runtime=1
	: >"$trace"
	timeout 100 ./drive -t "$trace" "$@" || echo "FAIL it ended with status $?"
	# strace may be a moment behind the death of what it watched.
	timeout 20 sh -c "until grep -q '+++ killed' '$trace'; do sleep 0.1; done" ||
		echo "FAIL no trace"
	awk -v elements="$given" -v runtime="$runtime" -f trace.awk "$trace"
	rm -f /dev/chan/loops-*
}

if [ $# -eq 0 ]; then
	for way in level edge oneshot exclusive; do
		loop "epoll $way" 13 -- ./squares-epoll $way
	done
	loop libuv 13 -- ./squares-libuv
	loop libevent 13 -- ./squares-libevent
	loop GLib 13 -- ./squares-glib
	loop "Python asyncio" 13 -- python3 squares_asyncio.py
	loop "Python selectors" 13 -- python3 squares_selectors.py
	loop Go 13 -r -- ./squares-go
	loop "io_uring POLL_ADD" 13 -- ./squares-uring poll
	loop "io_uring READ" 13 -- ./squares-uring read
	loop "io_uring commands" 13 -p -- ./squares-uring command
	loop "io_uring READ_MULTISHOT" 16 -h 4 -- ./squares-multishot
	loop "Go and Python on one channel" 50 -r -- ./squares-go -- python3 squares_asyncio.py
	echo "@ more"
	hchan_dir=/dev/chan
	hchan=$here/hchan
	"$hchan" create loops-deadline --elem 8 --cap 1 &&
		timeout 60 ./go-deadline loops-deadline &&
		echo "PASS Go: SetDeadline" || echo "FAIL Go: SetDeadline"
	rm -f "$hchan_dir/loops-deadline"
	timeout 60 python3 asyncio_queue.py || echo "FAIL asyncio's queue"
else
	"$@"
fi
rm -f "$trace"
echo "@end"
