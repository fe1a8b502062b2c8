# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark's lines against what is to be reached: a row for each shape. The
# rows are here and nowhere else.
#
#	-v form=text	for people
#	-v form=markdown	the rows of the table in kmod/doc/bench.md
#	-v form=tap	the gate: a test for each row that has one, with slack
#	-v form=tsv	name, ratio, gate, aim, verdict: for the plot
#
# A gate that is known to be missed is held where it is, so that it does not get
# worse: held("name of the row", ratio) behind the rows; the row says so.
#
# Fields of a row: its name; what is measured; the peers, of which the cheapest
# counts (none: the value itself is judged); the gate; the aim; what the aim also
# wants to stay below; "shown" if it is no gate, only printed.

BEGIN {
	slack = 1.03
	row("send + receive, 8 B", "seq 8 hchan", "seq 8 pipe", 0.75, 0.60, "seq 8 eventfd")
	row("send + receive, 64 B", "seq 64 hchan", "seq 64 pipe", 0.75, 0.60)
	row("send + receive, 1 KiB", "seq 1024 hchan", "seq 1024 pipe", 0.80, 0.70)
	row("try a receive, empty", "try empty hchan", "try empty pipe", 0.90, 0.80)
	row("try a send, full", "try full hchan", "try full pipe", 0.90, 0.80)
	row("streaming, 64 B, capacity 128", "spsc 64x128 hchan", "spsc 64x128 pipe", 0.85, 0.70)
	row("ping-pong, unbuffered", "ping-pong unbuffered hchan-sendrecv", "ping-pong unbuffered pipe", 0.90, 0.80)
	row("ping-pong, a call each way", "ping-pong unbuffered hchan", "ping-pong unbuffered pipe", 0.90, 0.80, "", "shown")
	row("ping-pong, nobody displaced", "ping-pong calm hchan", "ping-pong calm pipe", 0.90, 0.80, "", "shown")
	row("batch of 32 x 64 B, a message", "batch 32x64 hchan", "batch 32x64 pipe", 0.70, 0.45)
	row("io_uring command, batch of 32", "uring 32x64 hchan", "uring 32x64 nop+pipe-call", 0.60, 0.60, "uring 32x64 nop+250")
	row("streaming, 64 KiB", "spsc 65535x4 hchan",
	    "spsc 65535x4 pipe;spsc 65535x4 unix-stream;spsc 65535x4 unix-seqpacket;spsc 65535x4 mqueue",
	    0.95, 0.90)
	row("select, 2 ready", "select_rx 2 hchan", "select_rx 2 poll", 0.75, 0.60)
	row("select, 8 ready", "select_rx 8 hchan", "select_rx 8 poll", 0.65, 0.50)
	row("send + select, 1 of 64 ready", "select_one 64 hchan", "select_one 64 poll", 0.40, 0.30)
	row("send + select, 1 of 512 ready", "select_one 512 hchan", "select_one 512 poll", 0.40, 0.30)
	row("select, 64 ready", "select_rx 64 hchan", "select_rx 64 poll", 0.40, 0.30, "", "shown")
	row("select, 512 ready", "select_rx 512 hchan", "select_rx 512 poll", 0.40, 0.30, "", "shown")
	row("select over a set, 2 ready", "select_rx 2 hchan-set", "select_rx 2 epoll", 0.90, 0.70)
	row("select over a set, 8 ready", "select_rx 8 hchan-set", "select_rx 8 epoll", 0.90, 0.70)
	row("select over a set, 64 ready", "select_rx 64 hchan-set", "select_rx 64 epoll", 0.90, 0.70)
	row("select over a set, 512 ready", "select_rx 512 hchan-set", "select_rx 512 epoll", 0.90, 0.70)
	row("a set of 512 to one of 2", "select_rx 512 hchan-set", "select_rx 2 hchan-set", 1.20, 1.20)
	row("blocked select, 64", "select_blocked 64 hchan", "select_blocked 64 poll", 0.75, 0.75, "select_blocked 64 futex_waitv")
	row("blocked select, 512", "select_blocked 512 hchan", "select_blocked 512 poll", 0.60, 0.60)
	row("blocked select over a set, 64", "select_blocked 64 hchan-set", "select_blocked 64 epoll", 0.90, 0.70, "", "shown")
	row("close, 1,000 parked, a receiver", "close 1000 hchan", "close 1000 futex", 1.05, 0.90)
	row("create + close, unbuffered", "create unbuffered hchan", "create unbuffered eventfd", 1.25, 1.05)
	row("idle, unbuffered, bytes", "memory idle hchan", "memory idle eventfd", 1.10, 1.00)
	row("a parked receiver, bytes", "memory parked-receiver hchan", "", 0, 0)
	row("a parked sender, bytes", "memory parked-sender hchan", "", 0, 0)
	row("a parked select of 8, bytes a case", "memory select-8-case hchan", "", 0, 0)
	row("a parked select of 64, bytes a case", "memory select-64-case hchan", "", 96, 96)
	row("operation, 100,000 channels alive", "scale-operation 100000 hchan", "scale-operation 1 hchan", 1.05, 1.05)
	row("exit with 100,000, a channel", "scale-exit 100000 hchan", "scale-exit 1000 hchan", 1.25, 1.10)
	row("memory, 100,000 alive, a channel", "scale-memory 100000 hchan", "scale-memory 1000 hchan", 1.05, 1.05)
	row("one of 1,000 waiters to one of 10", "waiters 1000 hchan", "waiters 10 hchan", 1.10, 1.05, "", "shown")

}

function held(name, at)
{
	holds[name] = at
}

function row(name, what, peers, gate, aim, below, shown)
{
	names[++rows] = name
	of[rows] = what
	against[rows] = peers
	gates[rows] = gate
	aims[rows] = aim
	bounds[rows] = below
	gated[rows] = shown == ""
}

/^# complete$/ { complete = 1 }
/^#/ || NF != 5 { next }
{ value[$1 " " $2 " " $3] = $4 }

# The last word of what was measured is who it was.
function who(key,	words, n)
{
	n = split(key, words, " ")
	return words[n]
}

function show(x)
{
	return x < 100 && x != int(x) ? sprintf("%.1f", x) : sprintf("%.0f", x)
}

# Sets mine, peer, theirs, ratio, text; false: something was not measured.
function look(i,	n, keys, k)
{
	if (!(of[i] in value))
		return 0
	mine = value[of[i]]
	if (against[i] == "") {
		ratio = mine
		text = show(mine)
		return 1
	}
	peer = ""
	n = split(against[i], keys, ";")
	for (k = 1; k <= n; k++) {
		if (!(keys[k] in value))
			return 0
		if (peer == "" || value[keys[k]] < theirs) {
			peer = keys[k]
			theirs = value[peer]
		}
	}
	if (theirs <= 0)
		return 0
	ratio = mine / theirs
	text = sprintf("%s / %s = %.3f", show(mine), show(theirs), ratio)
	return 1
}

function reached(i)
{
	return ratio <= aims[i] && (bounds[i] == "" ||
		(bounds[i] in value && mine < value[bounds[i]]))
}

function verdict(i)
{
	if (reached(i))
		return "aim"
	return ratio <= gates[i] ? "gate" : "MISSED"
}

function limit(i, x)
{
	return against[i] == "" ? show(x) : sprintf("%.2f", x)
}

# What the peer is: another kind of thing, or the same in other numbers.
function peer_name(i,	words)
{
	if (against[i] == "")
		return ""
	split(peer, words, " ")
	return who(peer) ~ /^hchan/ ? words[2] : who(peer)
}

function text_row(i)
{
	printf "%-36s %-12s %-28s %5s %5s  %s%s\n", names[i], peer_name(i), text,
		limit(i, gates[i]), limit(i, aims[i]), verdict(i),
		gated[i] ? "" : " (no gate)"
}

function markdown_row(i)
{
	printf "| %s | %s | %s%s | %s%s | %s | %s |\n", names[i], peer_name(i),
		limit(i, gates[i]), gated[i] ? "" : " (no gate)",
		limit(i, aims[i]),
		bounds[i] == "" ? "" : ", below " who(bounds[i]) \
			sprintf(" (%s)", show(value[bounds[i]])),
		text, verdict(i)
}

function tap_row(i, measured,	good, limit_is)
{
	if (!gated[i])
		return
	limit_is = names[i] in holds ? holds[names[i]] : gates[i]
	good = measured && ratio <= limit_is * slack
	tests++
	failed += !good
	printf "%sok %d - %s: %s%s, gate %s", good ? "" : "not ", tests, names[i],
		measured ? text : "not measured",
		measured && against[i] != "" ? " (" peer_name(i) ")" : "",
		limit(i, gates[i])
	if (names[i] in holds)
		printf ", MISSED: held at %.2f", holds[names[i]]
	print ""
}

END {
	if (form == "text")
		printf "%-36s %-12s %-28s %5s %5s\n", "shape", "peer", "hchan / peer", "gate", "aim"
	if (form == "markdown") {
		print "| shape | peer | gate | aim | measured | reached |"
		print "| --- | --- | --- | --- | --- | --- |"
	}
	for (i = 1; i <= rows; i++) {
		measured = look(i)
		if (form == "tap")
			tap_row(i, measured)
		else if (!measured)
			missing = missing "\nnot measured: " names[i]
		else if (form == "text")
			text_row(i)
		else if (form == "markdown")
			markdown_row(i)
		else if (against[i] != "")
			printf "%s\t%.4f\t%s\t%s\t%s\n", names[i], ratio, gates[i], aims[i], verdict(i)
	}
	if (form == "tap") {
		tests++
		failed += !complete
		printf "%sok %d - all scenarios ran to their end\n", complete ? "" : "not ", tests
		printf "1..%d\n", tests
		exit failed > 0
	}
	if (missing != "")
		print substr(missing, 2) >"/dev/stderr"
	exit missing != ""
}
