# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Common to the scripts here: places, messages, Debian packages without
# installing them. To be sourced by bash.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${HCHAN_BUILD:-$top/build}
# shellcheck disable=SC2034 # used by those who source this
cache=${HCHAN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hchan}

log() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { log "$*"; exit 1; }

# Two runs at once must not unpack the same thing: the second waits for the
# first and then finds it there.
lock() {
	mkdir -p "$build"
	exec {lock_fd}>"$build/.lock-$1"
	flock "$lock_fd"
}
unlock() { exec {lock_fd}>&-; }

# The host's package lists serve if they know the kernel packages. If not
# (none fetched yet, or fetched long ago), private ones are fetched under
# build/: that needs no root and changes nothing on the host.
apt_opts=(-o APT::Sandbox::User=root -o Debug::NoLocking=1
	  -o "Dir::Cache=$build/apt/cache")
[ ! -e "$build/apt/fresh" ] || apt_opts+=(-o "Dir::State::Lists=$build/apt/lists")

apt_refresh() {
	local lists_fd
	[ ! -e "$build/apt/fresh" ] || return 1
	mkdir -p "$build"
	exec {lists_fd}>"$build/.lock-lists"
	flock "$lists_fd"
	apt_opts+=(-o "Dir::State::Lists=$build/apt/lists")
	# Somebody else may have done it meanwhile.
	[ ! -e "$build/apt/fresh" ] || { exec {lists_fd}>&-; return 0; }
	log "fetching Debian's package lists"
	mkdir -p "$build/apt/lists/partial" "$build/apt/cache/archives/partial"
	for try in 1 2 3; do
		if apt-get "${apt_opts[@]}" -qq update >&2; then
			touch "$build/apt/fresh"
			exec {lists_fd}>&-
			return 0
		fi
		sleep $((try * 3))
	done
	exec {lists_fd}>&-
	return 1
}

pkg_names() {	# all package names that match the extended expression $1
	mkdir -p "$build/apt/cache/archives/partial"
	apt-cache "${apt_opts[@]}" pkgnames linux- | grep -Ex "$1" || true
}

pkg_version() {	# the version that would be downloaded
	apt-cache "${apt_opts[@]}" show --no-all-versions "$1" 2>/dev/null |
		awk '/^Version: / && !n++ { print $2 }'
}

pkg_get() {	# downloads package $1 into the folder $2, and prints the file's name
	local dir=$2 try
	mkdir -p "$dir"
	for try in 1 2 3 4; do
		rm -f "$dir/$1"_*.deb
		if (cd "$dir" && apt-get "${apt_opts[@]}" -qq download "$1" >&2); then
			ls "$dir/$1"_*.deb
			return 0
		fi
		log "download of $1 failed (try $try)"
		[ "$try" -lt 4 ] || break
		# An old list names a file which the archive no longer has.
		[ "$try" -lt 2 ] || apt_refresh || true
		sleep $((try * 2))
	done
	return 1
}
