// SPDX-License-Identifier: GPL-2.0-only
/* hchan recv. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

#define BATCH_MAX	1024

enum form { LINES, NULS, RAW, HEX, JSON };

/*
 * struct receiver - a run of hchan recv
 * @left: elements still to be received
 * @batch: at most so many at a time
 * @elems: room for them; @lens: the lengths of messages
 */
struct receiver {
	struct chan chan;
	struct hchan_when when;
	enum form form;
	bool follow;
	uint64_t left;
	uint32_t batch;
	char *elems;
	uint32_t *lens;
	struct text out;
};

static void add_element(struct text *out, enum form form, const char *elem,
			size_t len)
{
	switch (form) {
	case LINES:
		text_add(out, elem, len);
		text_add(out, "\n", 1);
		break;
	case NULS:
		text_add(out, elem, len);
		text_add(out, "", 1);
		break;
	case RAW:
		text_add(out, elem, len);
		break;
	case HEX:
		text_hex(out, elem, len);
		text_add(out, "\n", 1);
		break;
	case JSON:
		text_addf(out, "{\"size\":%zu,", len);
		text_json(out, "data", elem, len);
		text_add(out, "}\n", 2);
		break;
	}
}

/* Elements go out as soon as they are here, those of a batch in one write(2). */
static int write_out(struct receiver *r, int n)
{
	const struct hchan_stat *st = &r->chan.st;
	size_t len = st->elem_size;
	int i, err;

	for (i = 0; i < n; i++) {
		if (st->flags & HCHAN_MSG)
			len = r->lens[i];
		add_element(&r->out, r->form,
			    r->elems + (size_t)i * st->elem_size, len);
	}
	err = text_write(&r->out, STDOUT_FILENO);
	if (err)
		return fail("%s: what was received could not be written out: standard output: %s",
			    r->chan.path, strerror(-err));
	return DONE;
}

/* Return: as hchan_batch_recv(). */
static int receive(struct receiver *r, uint32_t flags, int64_t deadline,
		   uint32_t *status)
{
	struct hchan_batch batch = {
		.buf = (uintptr_t)r->elems,
		.lens = r->chan.st.flags & HCHAN_MSG ? (uintptr_t)r->lens : 0,
		.stride = r->chan.st.elem_size,
		.count = r->left < r->batch ? (uint32_t)r->left : r->batch,
		.flags = flags,
		.deadline = deadline,
	};
	int ret;

	ret = hchan_batch_recv(r->chan.fd, &batch);
	*status = batch.status;
	return ret;
}

/* First without waiting. -ECANCELED: nobody reads what would be received. */
static int receive_next(struct receiver *r, uint32_t *status)
{
	int ret;

	if (!output_wanted(true))
		return -ECANCELED;
	if (!output_is_watched()) {
		ret = receive(r, HCHAN_NOWAIT, 0, status);
		if (ret != -EAGAIN)
			return ret;
		output_watch();
	}
	do {
		ret = receive(r, r->when.flags | HCHAN_SOME, r->when.ns,
			      status);
	} while (ret == -EINTR);
	output_wanted(false);
	return ret;
}

static int receive_all(struct receiver *r)
{
	uint32_t status;
	int ret;

	while (r->left) {
		ret = receive_next(r, &status);
		if (ret == -ECANCELED)
			return FAILED;
		if (ret < 0)
			return chan_failed(&r->chan, ret, "");
		if (!ret)
			return r->follow ? DONE : AT_END;
		if (!r->follow)
			r->left -= ret;
		ret = write_out(r, ret);
		if (ret)
			return ret;
		if (r->left && time_is_up(r->when))
			return chan_failed(&r->chan, -ETIMEDOUT, "");
	}
	return DONE;
}

static int do_recv(struct receiver *r, const char *name)
{
	int status;

	status = chan_open(&r->chan, name, HCHAN_O_RECV);
	if (status)
		return status;
	/* One byte more, as there may be nothing in an element. */
	r->elems = malloc((size_t)r->batch * r->chan.st.elem_size + 1);
	r->lens = calloc(r->batch, sizeof(*r->lens));
	if (!r->elems || !r->lens)
		out_of_memory();
	/* A write that fails can say what got lost. */
	signal(SIGPIPE, SIG_IGN);
	output_init();
	return receive_all(r);
}

static int run_recv(int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "batch", required_argument, NULL, 'b' },
		{ "timeout", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "hex", no_argument, NULL, 'x' },
		{ "raw", no_argument, NULL, 'r' },
		{ "null", no_argument, NULL, '0' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct receiver r = {
		.when = hchan_forever(),
		.left = 1,
		.batch = 1,
	};
	bool counted = false;
	const char *name;
	int c, status, forms = 0;
	uint64_t number;
	int64_t ns;

	while ((c = getopt_long(argc, argv, "n:f0qh", options, NULL)) != -1) {
		switch (c) {
		case 'n':
			if (!parse_number(optarg, UINT64_MAX, &r.left))
				return misused("-n: '%s' is not a number",
					       optarg);
			counted = true;
			break;
		case 'f':
			r.follow = true;
			break;
		case 'b':
			if (!parse_number(optarg, BATCH_MAX, &number) ||
			    !number)
				return misused("--batch: '%s' is not a number from 1 to %d",
					       optarg, BATCH_MAX);
			r.batch = (uint32_t)number;
			break;
		case 't':
			if (!parse_duration(optarg, &ns))
				return misused(BAD_TIMEOUT, optarg);
			r.when = when_up(ns);
			break;
		case 'j':
			r.form = JSON;
			forms++;
			break;
		case 'x':
			r.form = HEX;
			forms++;
			break;
		case 'r':
			r.form = RAW;
			forms++;
			break;
		case '0':
			r.form = NULS;
			forms++;
			break;
		case 'q':
			say_nothing_more();
			break;
		case 'h':
			return show_help(&recv_command);
		default:
			return bad_option();
		}
	}
	if (forms > 1)
		return misused("--json, --hex, --raw and --null exclude each other");
	if (counted && r.follow)
		return misused("-n and --follow exclude each other");
	status = one_name(argc - optind, argv + optind, &name);
	if (status)
		return status;
	if (r.follow)
		r.left = UINT64_MAX;
	return do_recv(&r, name);
}

const struct command recv_command = {
	.name = "recv",
	.run = run_recv,
	.summary = "receive, and write lines to standard output",
	.help =
"usage: hchan recv NAME [-n N | --follow] [OPTION]...\n"
"\n"
"Receives one element, waiting for it, and writes it out with a newline.\n"
"\n"
"  -n N           N elements\n"
"  -f, --follow   all until the channel is closed or disconnected: status 0\n"
"  --timeout T    give up after T in all, with status 124; 0 takes only what\n"
"                 is there\n"
"  --batch N      take up to N elements at a time if they are there (1, at\n"
"                 most 1024): faster, but less for other receivers\n"
"  -q, --quiet    no messages, the exit status tells enough\n"
"\n"
"Elements may hold newlines and any other bytes. To tell them apart:\n"
"  -0, --null     a NUL byte behind each, instead of a newline\n"
"  --hex          hexadecimal digits, two for each byte\n"
"  --json         one object per line: {\"size\":5,\"data\":\"hello\"}; what is no\n"
"                 UTF-8: {\"size\":2,\"data_hex\":\"00ff\"}\n"
"  --raw          nothing behind each\n"
"\n"
"Each is written as soon as it is received. Without --follow, status 1 and no\n"
"message when the channel is closed (or disconnected) and empty: so\n"
"    while job=$(hchan recv jobs); do ...; done\n"
"ends then. Status 3, and nothing is received any more, when the reader of the\n"
"pipe that it writes to is gone, also while it waits.\n"
};
