# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#
# Reads what strace -f says of one life of a program: does it wait by anything
# else than its loop, and for longer than a moment? It was given `elements`.
#
#	awk -v elements=N [-v runtime=1] -f trace.awk TRACE
#
# runtime: Go's own supervisor may nap while the program is busy.

function bad(why) { if (!failed++) print "FAIL " why ": " $0 }

# A call that waits while another thread calls is in two pieces; one that was
# under way at the end has no second one.
/<unfinished \.\.\.>/ {
	pid = $1
	sub(/ *<unfinished.*/, "")
	begun[pid] = $0
	next
}
$2 == "<..." {
	pid = $1
	sub(/^.* resumed>/, "")
	$0 = begun[pid] $0
	delete begun[pid]
}
/^[0-9]+ +\+\+\+/ { next }

{ call = $2; sub(/\(.*/, "", call) }

call ~ /^(timerfd_create|timerfd_settime|setitimer|timer_create|alarm|pause)$/ {
	bad("it has a timer")
}
call ~ /nanosleep$/ && !runtime { bad("it sleeps") }
call ~ /^(clone|clone3|fork|vfork)$/ && !runtime { bad("it has a helper") }

# The timeout is the last number but the mask: -1 or NULL, or a look that does
# not wait.
call ~ /^(epoll_wait|epoll_pwait|epoll_pwait2|poll|ppoll|select|pselect6)$/ {
	waits++
	t = $0
	sub(/\) += .*/, "", t)
	n = split(t, arg, /, */)
	i = call ~ /pwait|ppoll|pselect/ ? n - 2 : n
	if (call == "ppoll" || call == "pselect6" || call == "epoll_pwait2")
		forever = t ~ /NULL/
	else
		forever = arg[n] == "-1" || arg[i] == "-1"
	if (forever)
		long++
	else if (!(call ~ /epoll|^poll/ && (arg[n] == "0" || arg[i] == "0")))
		bad("it waits for a time")
}
call == "io_uring_enter" && /GETEVENTS/ {
	waits++
	long++
	if (/EXT_ARG/)
		bad("it waits for a time")
}
/ = -1 EAGAIN/ { again++ }

# Two waits for each element, one to receive and one to send, and as many looks.
END {
	most = 6 * elements + 20
	if (!long)
		bad("it never waits in its loop, as far as can be seen")
	if (waits > most)
		bad("it polls, by " waits " calls")
	if (again > most)
		bad("it tries in vain, " again " times")
	if (!failed)
		printf "PASS no timer, no helper, %d waits for %d elements\n", waits, elements
	exit failed > 0
}
