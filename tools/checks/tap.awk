# SPDX-License-Identifier: GPL-2.0-only
#
# Reads what kselftest's runner printed and counts test cases. What a program
# reports counts only if it is complete: a plan, as many results as planned,
# and the runner's own verdict.
#
#	awk -v kernel=K -v list=kselftest-list.txt -v skips=FILE -f tap.awk LOG
#
# The last line is "N passed, N failed, N skipped"; failure if any failed.

function bad(what) {
	printf "FAILED %s %s\n", kernel, what
	failed++
}

function may_skip(prog, test,	i) {
	for (i = 1; i <= rules; i++)
		if (kernel ~ rule_kernel[i] && prog ~ rule_prog[i] &&
		    test ~ rule_test[i])
			return 1
	return 0
}

# One result, "ok 3 name # SKIP why" without its number.
function result(prog, ok, text,		name, note) {
	name = text
	note = ""
	if (match(text, /(^| )# /)) {
		name = substr(text, 1, RSTART - 1)
		note = substr(text, RSTART + RLENGTH)
	}
	if (!ok) {
		bad(prog " " text)
	} else if (note ~ /^(SKIP|XFAIL|[T]ODO)/) {
		if (may_skip(prog, name)) {
			printf "skipped %s %s %s\n", kernel, prog, text
			skipped++
		} else {
			bad(prog " " text " (not a skip that is allowed)")
		}
	} else {
		passed++
	}
}

function begin_program(name) {
	prog = name
	seen[prog]++
	plan = -1
	results = 0
	failed_before = failed
}

# The runner's verdict. A failure without a failed case is one of its own.
function end_program(ok, text,		n) {
	verdict[prog]++
	n = results
	if (text ~ / # SKIP/)
		result(prog, ok, "whole program # SKIP")
	else if (plan < 0)
		bad(prog " printed no plan (" text ")")
	else if (plan != n)
		bad(prog " planned " plan " and reported " n " results (" text ")")
	else if (plan == 0)
		bad(prog " tests nothing")
	else if (!ok && failed == failed_before)
		bad(prog " " text)
	prog = ""
}

BEGIN {
	while ((getline line < skips) > 0) {
		if (line ~ /^[ \t]*(#|$)/)
			continue
		split(line, f, /[ \t]+/)
		rules++
		rule_kernel[rules] = "^(" f[1] ")$"
		rule_prog[rules] = "^(" f[2] ")$"
		rule_test[rules] = "^(" f[3] ")$"
	}
	while ((getline line < list) > 0)
		if (line != "")
			expected[line]++	# as often as it is listed
}

{ sub(/\r$/, "") }

/^# selftests: [^:]+: / {
	sub(/:$/, "", $3)
	begin_program($3 ":" $4)
	next
}
prog == "" { next }
/^# 1\.\.[0-9]+/ {
	if (plan >= 0)
		bad(prog " printed two plans")
	plan = substr($2, 4) + 0
	next
}
/^# (not )?ok [0-9]+ / {
	good = $2 == "ok"
	text = $0
	sub(/^# (not )?ok [0-9]+ (- )?/, "", text)
	results++
	result(prog, good, text)
	next
}
/^(not )?ok [0-9]+ selftests: / {
	good = $1 == "ok"
	text = $0
	sub(/^(not )?ok [0-9]+ /, "", text)
	end_program(good, text)
}

END {
	for (p in expected) {
		if (seen[p] < expected[p])
			bad(p " did not run")
		else if (verdict[p] < seen[p])
			bad(p " came to no end")
		n++
	}
	if (!n)
		bad("no tests are listed")
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0
}
