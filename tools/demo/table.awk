# SPDX-License-Identifier: GPL-2.0-only
#
# Reads what guest.sh has found and prints who did how much, and whether it is
# right. Fails if it is not, or if lines are missing.

function how(who) {
	if (who == "epoll")
		return "C, epoll"
	return who == "shell" ? "shell" : "C"
}

$1 == "sent" { sent = $2 }
$1 == "time" { time = $2 / 1000000 }
$1 == "different" { different = $2 }
$1 == "equal" { equal = 1 }
$1 == "differs" {
	if (!differs++)
		print "sort | uniq -c says (-), and was counted (+):"
	print substr($0, 9)
}
$1 == "worker" {
	who[++n] = $2
	lines[$2] = $3
	words[$2] = $4
	all_lines += $3
	all_words += $4
}

END {
	if (!sent || !time || !all_lines || !different) {
		print "the result is not complete: NOT EQUAL"
		exit 1
	}
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && who[j] < who[j - 1]; j--) {
			t = who[j]; who[j] = who[j - 1]; who[j - 1] = t
		}
	printf "\n%-10s %-10s %8s %8s %7s\n", "worker", "made of", "lines",
		"words", "share"
	for (i = 1; i <= n; i++) {
		w = who[i]
		printf "%-10s %-10s %8d %8d %6.1f%%%s\n", w, how(w), lines[w],
			words[w], 100 * lines[w] / all_lines,
			w == "worker-1" ? "  killed halfway" : \
			w == "worker-3" ? "  started halfway" : ""
	}
	printf "%-21s %8d %8d\n\n", "all", all_lines, all_words
	printf "%d different words; %d messages through 2 channels in %.1f s, %d per second\n",
		different, 2 * all_lines, time, 2 * all_lines / time
	if (all_lines != sent) {
		printf "%d lines were sent and %d were counted\n", sent, all_lines
		equal = 0
	}
	print "compared with sort | uniq -c: " (equal ? "equal" : "NOT EQUAL")
	exit !equal
}
