#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A worker as a pipeline of the shell: receives lines until there are no more,
# and sends the words of each, counted. What a word is must be said once more
# here; the comparison finds out whether it is the same.
#
#	worker.sh WHO LINES COUNTS READY

who=$1 lines=$2 counts=$3 ready=$4
set -o pipefail
# Open from here on, so that the reducer knows there is a worker more before the
# last command of the pipeline has come so far (C49).
exec 3>"/dev/chan/$counts" || exit
hchan send "$ready" '' || exit

hchan recv "$lines" --follow | LC_ALL=C awk -v "who=$who" '{
	n = split(tolower($0), word, /[^a-z]+/)
	split("", count)
	for (i = 1; i <= n; i++)
		if (word[i] != "")
			count[word[i]]++
	line = who
	for (w in count)
		line = line " " w " " count[w]
	print line
	fflush()
}' | hchan send "$counts"
