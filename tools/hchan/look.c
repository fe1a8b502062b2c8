// SPDX-License-Identifier: GPL-2.0-only
/* hchan ls and stat. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "look.h"

#define COLUMNS	8

/* A line of hchan ls, as text. */
struct row {
	char *cell[COLUMNS];
};

static const char *const headings[COLUMNS] = {
	"NAME", "ELEMENT", "LENGTH", "SENDERS", "RECEIVERS", "PARKED", "STATE",
	"OWNER",
};

/* One word on the terminal and for awk: what could end it becomes \xHH. */
static void add_word(struct text *text, const char *name)
{
	for (; *name; name++) {
		unsigned char c = *name;

		if (c <= ' ' || c == 0x7f || c == '\\')
			text_addf(text, "\\x%02x", c);
		else
			text_add(text, name, 1);
	}
}

static char *end_cell(struct text *text)
{
	char *cell;

	text_add(text, "", 1);
	cell = text->data;
	memset(text, 0, sizeof(*text));
	return cell;
}

static void fill_row(struct row *row, const struct look *look)
{
	const struct hchan_stat *st = &look->st;
	struct text text = { 0 };
	char **cell = row->cell;

	add_word(&text, look->name);
	*cell++ = end_cell(&text);
	text_addf(&text, st->flags & HCHAN_MSG ? "msg:%u" : "%u",
		  st->elem_size);
	*cell++ = end_cell(&text);
	text_addf(&text, "%llu/%llu", st->length, st->capacity);
	*cell++ = end_cell(&text);
	text_addf(&text, "%u", st->senders);
	*cell++ = end_cell(&text);
	text_addf(&text, "%u", st->receivers);
	*cell++ = end_cell(&text);
	text_addf(&text, "%us+%ur", st->parked_senders, st->parked_receivers);
	*cell++ = end_cell(&text);
	text_addf(&text, "%s", state_name(st));
	*cell++ = end_cell(&text);
	add_word(&text, look->owner);
	*cell = end_cell(&text);
}

/* Columns on the screen: what continues a UTF-8 character takes none. */
static size_t width(const char *cell)
{
	size_t n = 0;

	for (; *cell; cell++)
		n += (*cell & 0xc0) != 0x80;
	return n;
}

static void add_row(struct text *out, const char *const *cells,
		    const size_t *widths)
{
	size_t i, pad;

	for (i = 0; i < COLUMNS; i++) {
		text_add(out, cells[i], strlen(cells[i]));
		if (i == COLUMNS - 1)
			break;
		pad = widths[i] + 2 - width(cells[i]);
		text_addf(out, "%*s", (int)pad, "");
	}
	text_add(out, "\n", 1);
}

static void add_table(struct text *out, struct row *rows, size_t n)
{
	size_t widths[COLUMNS];
	size_t i, j;

	for (j = 0; j < COLUMNS; j++) {
		widths[j] = width(headings[j]);
		for (i = 0; i < n; i++)
			if (width(rows[i].cell[j]) > widths[j])
				widths[j] = width(rows[i].cell[j]);
	}
	add_row(out, headings, widths);
	for (i = 0; i < n; i++)
		add_row(out, (const char *const *)rows[i].cell, widths);
}

/* Only where there is nothing but channels: to look at a FIFO it must be opened. */
static int check_dir(const char *dir)
{
	struct hchan_query query = { .size = sizeof(query) };
	int fd, err = 0;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err = errno;
		if (err == ENOENT && !strcmp(dir, chan_dir()))
			return fail("%s: %s: hchanfs is not mounted there", dir,
				    strerror(err));
		return fail("%s: %s", dir, strerror(err));
	}
	if (ioctl(fd, HCHAN_IOC_QUERY, &query))
		err = errno;
	close(fd);
	if (err == ENOTTY)
		return fail("%s: no directory of channels: hchanfs is not mounted there",
			    dir);
	return err ? fail("%s: %s", dir, strerror(err)) : DONE;
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static int list(const char *dir, bool json)
{
	struct text out = { 0 };
	struct dirent **entries;
	struct row *rows;
	size_t n_rows = 0;
	int i, n, status;

	status = check_dir(dir);
	if (status)
		return status;
	n = scandir(dir, &entries, is_entry, alphasort);
	if (n < 0)
		return fail("%s: %s", dir, strerror(errno));
	rows = calloc(n + 1, sizeof(*rows));
	if (!rows)
		out_of_memory();

	for (i = 0; i < n; i++) {
		struct text path = { 0 };
		struct look look;
		char *full;
		int err;

		text_addf(&path, "%s/%s", dir, entries[i]->d_name);
		full = end_cell(&path);
		err = look_at(&look, full);
		if (!err && json)
			add_json(&out, &look);
		else if (!err)
			fill_row(&rows[n_rows++], &look);
		else if (err != -ENOENT)	/* removed meanwhile */
			status = fail("%s", hchan_errmsg());
		free(full);
	}
	if (!json)
		add_table(&out, rows, n_rows);
	i = text_print(&out);
	return status ? status : i;
}

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int run_ls(int argc, char **argv)
{
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'h':
			return show_help(&ls_command);
		default:
			return bad_option();
		}
	}
	if (argc - optind > 1)
		return misused("one directory at a time: '%s' is one argument too many",
			       argv[optind + 1]);
	return list(optind < argc ? argv[optind] : chan_dir(), json);
}

const struct command ls_command = {
	.name = "ls",
	.run = run_ls,
	.summary = "list channels",
	.help =
"usage: hchan ls [DIR] [--json]\n"
"\n"
"Lists the channels in DIR (/dev/chan, or $HCHAN_DIR), one line for each. They\n"
"are not opened, so listing disturbs and counts nowhere.\n"
"\n"
"  NAME       spaces, control characters and backslashes as \\xHH\n"
"  ELEMENT    bytes in an element; msg:MAX for messages of up to MAX bytes\n"
"  LENGTH     elements buffered / capacity\n"
"  SENDERS    open files that can send; RECEIVERS: that can receive\n"
"  PARKED     2s+0r: two sends and no receive are waiting\n"
"  STATE      open, closed, no-senders, no-receivers (disconnected)\n"
"  OWNER\n"
"\n"
"  --json     one object per line, as of hchan stat --json\n"
};

static int stat_one(struct text *out, const char *name, bool json)
{
	struct look look;
	char path[PATH_MAX];
	int err, status;

	status = chan_path(name, path);
	if (status)
		return status;
	err = look_at(&look, path);
	if (err)
		return chan_unnamed(path, err);
	if (json)
		add_json(out, &look);
	else
		add_lines(out, &look);
	return DONE;
}

static int run_stat(int argc, char **argv)
{
	struct text out = { 0 };
	bool json = false;
	int c, status, first = DONE;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'h':
			return show_help(&stat_command);
		default:
			return bad_option();
		}
	}
	if (optind == argc)
		return misused("which channel? A NAME is missing");
	for (; optind < argc; optind++) {
		status = stat_one(&out, argv[optind], json);
		if (!first)
			first = status;
	}
	status = text_print(&out);
	return first ? first : status;
}

const struct command stat_command = {
	.name = "stat",
	.run = run_stat,
	.summary = "tell everything about a channel",
	.help =
"usage: hchan stat NAME... [--json]\n"
"\n"
"Tells what a channel is and what it is doing at this moment. It is not opened\n"
"and needs no permission, so looking disturbs and counts nowhere.\n"
"\n"
"  --json     one object per line:\n"
"               name path id kind element_size capacity length senders\n"
"               receivers parked_senders parked_receivers state closed\n"
"               senders_gone receivers_gone disconnect tag owner uid group gid\n"
"               mode\n"
"             A name that is no UTF-8 is name_hex, in hexadecimal digits.\n"
};
