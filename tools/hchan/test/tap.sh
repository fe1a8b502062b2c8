# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# TAP for the tests of the hchan command. To be sourced by sh.

here=$(cd "$(dirname "$0")" && pwd)
PATH=$here:$PATH
export PATH LC_ALL=C.UTF-8
tmp=$(mktemp -d)
chmod 755 "$tmp"
umask 022
count=0
failures=0
# shellcheck disable=SC2034 # for those who source this
nl='
'
# As long as nothing takes that comes at all.
# shellcheck disable=SC2034
long=20s

pass() {
	count=$((count + 1))
	echo "ok $count $1"
}

not_ok() {	# name, then lines that tell why
	count=$((count + 1))
	failures=$((failures + 1))
	echo "not ok $count $1"
	shift
	printf '%s\n' "$@" | sed 's/^/# /'
}

# name, wanted, found
same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		not_ok "$1" "wanted: $2" "found: $3"
	fi
}

# name, status, standard output, standard error, command...: all as stated, up to
# the last newline. A "*" stands for any standard error but none.
try() {
	name=$1 want_status=$2 want_out=$3 want_err=$4
	shift 4
	status=0
	"$@" </dev/null >"$tmp/out" 2>"$tmp/err" || status=$?
	found "$name" "$want_status" "$want_out" "$want_err"
}

# The same with standard input, which comes before the command.
try_input() {
	name=$1 want_status=$2 want_out=$3 want_err=$4
	printf '%b' "$5" >"$tmp/in"
	shift 5
	status=0
	"$@" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" || status=$?
	found "$name" "$want_status" "$want_out" "$want_err"
}

found() {
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
	if [ "$4" = '*' ] && [ -n "$err" ]; then
		set -- "$1" "$2" "$3" "$err"
	fi
	if [ "$status" = "$2" ] && [ "$out" = "$3" ] && [ "$err" = "$4" ]; then
		pass "$1"
	else
		not_ok "$1" "status wanted: $2, found: $status" \
			"output wanted: $3" "output found: $out" \
			"messages wanted: $4" "messages found: $err"
	fi
}

# One number or word out of hchan stat --json: channel, key
stat_of() {
	hchan stat --json "$1" | sed "s/.*\"$2\":\"*\\([^,\"}]*\\).*/\\1/"
}

# Whether process $1 has the file $2 open.
has_open() {
	for fd in /proc/"$1"/fd/*; do
		[ "$(readlink "$fd")" != "$2" ] || return 0
	done
	return 1
}

# The last command of a test.
finish() {
	rm -rf "$tmp"
	echo "1..$count"
	[ "$failures" -eq 0 ]
}
