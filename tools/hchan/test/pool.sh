#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The worker pool of hchan --help, as it stands there.
# shellcheck source=tools/hchan/test/tap.sh
. "$(dirname "$0")/tap.sh"

hchan --help | sed -n 's/^    \(hchan create\|for i\|seq\)/\1/p' >"$tmp/pool"
same 'it has three lines' 3 "$(wc -l <"$tmp/pool")"
cat >"$tmp/run" <<-EOT
	work() { echo "\$i \$1" >>$tmp/done; }
	. $tmp/pool
EOT
try 'it runs' 0 '' '' sh "$tmp/run"
same 'each job is done once' "$(seq 100)" "$(cut -d' ' -f2 "$tmp/done" | sort -n)"
same 'the channel is empty and closed' '0 closed' \
	"$(stat_of jobs length) $(stat_of jobs state)"
hchan rm jobs

# Followers in pipelines, with everything that lines may hold.
hchan create jobs --cap 8
for i in 1 2 3; do
	hchan recv jobs --follow --batch 4 | sed "s/^/$i /" >"$tmp/done.$i" &
done
hchan wait jobs --receivers 3 --timeout "$long"
seq 3000 | hchan send jobs
hchan close jobs
wait
same 'followers share the work' "$(seq 3000)" \
	"$(cat "$tmp"/done.? | cut -d' ' -f2 | sort -n)"
for i in 1 2 3; do
	same "follower $i sees its part in order" \
		"$(cut -d' ' -f2 "$tmp/done.$i" | sort -n | md5sum)" \
		"$(cut -d' ' -f2 "$tmp/done.$i" | md5sum)"
	same "follower $i had some" yes "$([ -s "$tmp/done.$i" ] && echo yes)"
done
hchan rm jobs

# Senders in parallel: nothing twice, nothing lost, each in its order.
hchan create jobs --cap 4 --disconnect
hchan recv jobs --follow >"$tmp/all" &
follower=$!
hchan wait jobs --receivers 1 --timeout "$long"
# One that is open all the time, so that the level does not drop in between.
mkfifo "$tmp/hold"
hchan send jobs <"$tmp/hold" &
exec 3>"$tmp/hold"
echo 'hold 0' >&3
senders=
for i in 1 2 3; do
	seq 1000 | sed "s/^/$i /" | hchan send jobs &
	senders="$senders $!"
done
# shellcheck disable=SC2086 # words
wait $senders
exec 3>&-
status=0
wait "$follower" || status=$?
same 'the last sender that leaves ends it (C49)' 0 "$status"
for i in 1 2 3; do
	same "sender $i: all, in order" "$(seq 1000 | md5sum)" \
		"$(sed -n "s/^$i //p" "$tmp/all" | md5sum)"
done
hchan rm jobs
finish
