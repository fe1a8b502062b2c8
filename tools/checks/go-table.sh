# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What kmod/doc/go.md says, for the checks of it. To be sourced; in the tree's root.

go_table=kmod/doc/go.md
go_patches=selftests/go/faults

# "section|Go's names|what|passes|here|faults", of tables with five columns
go_rows() {
	awk -F ' *[|] *' '
		/^## / { section = substr($0, 4) }
		/^\|/ && NF == 7 && $2 != "Go" && $2 !~ /^-+$/ {
			gsub(/`/, "")
			print section "|" $2 "|" $3 "|" $4 "|" $5 "|" $6
		}' "$go_table"
}

# The names in the list of faults.
go_faults() {
	awk -F ' *[|] *' '/^## / { on = /fault/ }
		on && /^\|/ && NF == 4 && $2 != "name" && $2 !~ /^-+$/ { print $2 }' \
		"$go_table"
}

# "FILE: TEST, TEST; FILE: TEST" -> "FILE TEST" each on its line
go_named() {
	tr ';' '\n' <<<"$1" | while IFS=: read -r file list; do
		for name in ${list//,/ }; do
			echo "${file// /} $name"
		done
	done
}

# "PROGRAM TEST FAULT section: Go's names", each test of each row that passes with each
# of the row's faults
go_pairs() {
	go_rows | awk -F'|' '$4 == "all" {
		n = split($5, files, /; */)
		for (i = 1; i <= n; i++) {
			split(files[i], part, /: */)
			t = split(part[2], tests, /, */)
			f = split($6, faults, /, */)
			for (j = 1; j <= t; j++)
				for (k = 1; k <= f; k++)
					print part[1], tests[j], faults[k], $1 ": " $2
		}
	}'
}

# A fault into, or with --dry-run only tried on, the tree in that folder.
go_plant() {	# name, folder, options of patch
	local name=$1 folder=$2
	shift 2
	patch -p1 --fuzz=0 --force --silent --no-backup-if-mismatch -r - "$@" \
		-d "$folder" <"$go_patches/$name.patch"
}
