# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# The names of a page but its file's, each with the page: "hchan_try_send.3
# hchan_send.3". So whoever asks for any of them finds it.
FNR == 1 {
	page = FILENAME
	sub(/.*\//, "", page)
	section = page
	sub(/.*\./, "", section)
	on = 0
}
/^\.Sh/	{ on = ($2 == "NAME") }
/^\.Nd/	{ on = 0 }
on && /^\.Nm/ && $2 "." section != page { print $2 "." section, page }
