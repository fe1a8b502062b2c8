# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# TAP for checks written in bash. To be sourced.

tap_count=0 tap_failed=0

# passed? (yes or no), name, and for a failure a file that tells more
result() {
	tap_count=$((tap_count + 1))
	if [ "$1" = yes ]; then
		echo "ok $tap_count - $2"
		return 0
	fi
	echo "not ok $tap_count - $2"
	[ -z "${3-}" ] || tail -n 40 "$3" | sed 's/^/# /'
	tap_failed=$((tap_failed + 1))
}

# name, command...: passes if the command succeeds and prints nothing
quiet() {
	local name=$1 out
	shift
	out=$(mktemp)
	if "$@" >"$out" 2>&1 </dev/null && [ ! -s "$out" ]; then
		result yes "$name"
	else
		result no "$name" "$out"
	fi
	rm -f "$out"
}

finish() {	# the last command of a check
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
}
