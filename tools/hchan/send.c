// SPDX-License-Identifier: GPL-2.0-only
/* hchan send. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define BATCH_ELEMENTS	1024
#define BATCH_BYTES	1048576

/*
 * struct sender - a run of hchan send
 * @hex: what comes in is hexadecimal digits
 * @noun: what a piece of input is called; @number: how many there were
 * @elems: a batch, each element at a multiple of the channel's element size
 * @lens: the lengths of messages
 * @count, @room: elements in the batch, and that fit
 * @sent: elements sent before
 */
struct sender {
	struct chan chan;
	struct hchan_when when;
	bool hex;
	const char *noun;
	unsigned long long number;
	char *elems;
	uint32_t *lens;
	uint32_t count, room;
	unsigned long long sent;
	char progress[40];
};

static const char *progress(struct sender *s)
{
	if (s->sent)
		snprintf(s->progress, sizeof(s->progress),
			 " (%llu sent)", s->sent);
	else
		snprintf(s->progress, sizeof(s->progress), " (nothing sent)");
	return s->progress;
}

static void init_batch(struct sender *s)
{
	size_t size = s->chan.st.elem_size;

	s->room = BATCH_ELEMENTS;
	if (size && BATCH_BYTES / size < s->room)
		s->room = BATCH_BYTES / size;
	/* At least one: an element is at most 65535 bytes. */
	s->elems = malloc(s->room * size + 1);
	s->lens = calloc(s->room, sizeof(*s->lens));
	if (!s->elems || !s->lens)
		out_of_memory();
}

/* Sends the batch, however long that takes; but no other one when the time is up. */
static int flush(struct sender *s)
{
	const struct hchan_stat *st = &s->chan.st;
	bool msg = st->flags & HCHAN_MSG;
	uint32_t done = 0;
	int ret;

	if (s->count && s->sent && time_is_up(s->when))
		return chan_failed(&s->chan, -ETIMEDOUT, progress(s));
	while (done < s->count) {
		struct hchan_batch batch = {
			.buf = (uintptr_t)s->elems +
			       (size_t)done * st->elem_size,
			.lens = msg ? (uintptr_t)(s->lens + done) : 0,
			.stride = st->elem_size,
			.count = s->count - done,
			.flags = s->when.flags,
			.deadline = s->when.ns,
		};

		ret = hchan_batch_send(s->chan.fd, &batch);
		if (ret >= 0) {
			done += ret;
			s->sent += ret;
		} else if (ret == -EPIPE) {
			return chan_ended(&s->chan, batch.status, progress(s));
		} else if (ret != -EINTR) {
			return chan_failed(&s->chan, ret, progress(s));
		}
	}
	s->count = 0;
	return DONE;
}

/* What came before a wrong piece is sent before that is told. */
__printf(2, 3)
static int wrong(struct sender *s, const char *format, ...)
{
	struct text text = { 0 };
	va_list args;
	char why[200];
	int status;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	status = flush(s);
	if (status)
		return status;
	if (s->noun)
		text_addf(&text, "%s %llu", s->noun, s->number);
	else
		text_addf(&text, "the input");
	text_add(&text, "", 1);
	status = fail("%s: %s %s%s", s->chan.path, text.data, why, progress(s));
	free(text.data);
	return status;
}

/* Whether the channel takes an element of @len bytes; if not, it is told. */
static int check_size(struct sender *s, size_t len)
{
	const struct hchan_stat *st = &s->chan.st;

	if (st->flags & HCHAN_MSG && (!len || len > st->elem_size))
		return wrong(s, "has %zu bytes, the channel takes messages of 1 to %u",
			     len, st->elem_size);
	if (!(st->flags & HCHAN_MSG) && len != st->elem_size)
		return wrong(s, "has %zu bytes, the channel's elements have %u",
			     len, st->elem_size);
	return DONE;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_hex(const char *piece, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (digit_of(piece[i]) < 0)
			return false;
	return len % 2 == 0;
}

static int check_piece(struct sender *s, const char *piece, size_t len)
{
	if (!s->hex)
		return check_size(s, len);
	if (!is_hex(piece, len))
		return wrong(s, "is no even number of hexadecimal digits");
	return check_size(s, len / 2);
}

/* Puts a piece that is right into the batch. */
static int add(struct sender *s, const char *piece, size_t len)
{
	char *elem = s->elems + (size_t)s->count * s->chan.st.elem_size;
	size_t i;

	if (s->hex) {
		len /= 2;
		for (i = 0; i < len; i++)
			elem[i] = (char)(digit_of(piece[2 * i]) << 4 |
					 digit_of(piece[2 * i + 1]));
	} else {
		memcpy(elem, piece, len);
	}
	s->lens[s->count++] = (uint32_t)len;
	return s->count < s->room ? DONE : flush(s);
}

/* All of them are looked at before the first is sent. */
static int send_arguments(struct sender *s, int n, char **args)
{
	int i, status;

	s->noun = "argument";
	for (i = 0; i < n; i++) {
		s->number = i + 1;
		status = check_piece(s, args[i], strlen(args[i]));
		if (status)
			return status;
	}
	for (i = 0; i < n; i++) {
		status = add(s, args[i], strlen(args[i]));
		if (status)
			return status;
	}
	return flush(s);
}

/* Everything that has been read, in batches. */
static int send_pieces(struct sender *s, struct input *in)
{
	const char *piece;
	size_t len;
	int status;

	while (input_next(in, &piece, &len)) {
		s->number++;
		status = check_piece(s, piece, len);
		if (!status)
			status = add(s, piece, len);
		if (status)
			return status;
	}
	return flush(s);
}

static int send_input(struct sender *s, enum cut how)
{
	struct input in;
	int err, status;

	input_init(&in, how, s->chan.st.elem_size);
	s->noun = how == CUT_LINES ? "line" : how == CUT_NOT ? NULL : "element";
	do {
		if (input_full(&in)) {
			s->number++;
			return wrong(s, "is longer than any element");
		}
		err = input_wait(&in, s->when);
		if (err == -ETIMEDOUT) {
			fail("%s: timed out at standard input%s", s->chan.path,
			     progress(s));
			return TIMED_OUT;
		}
		if (err)
			return fail("standard input: %s%s", strerror(-err),
				    progress(s));
		status = send_pieces(s, &in);
	} while (!status && !in.eof);
	return status;
}

static int do_send(struct sender *s, enum cut how, char **argv, int argc)
{
	int status;

	status = chan_open(&s->chan, argv[0], HCHAN_O_SEND);
	if (status)
		return status;
	init_batch(s);
	if (argc > 1)
		return send_arguments(s, argc - 1, argv + 1);
	if (how == CUT_SIZE && s->chan.st.flags & HCHAN_MSG)
		how = CUT_NOT;
	if (how == CUT_SIZE && !s->chan.st.elem_size)
		return fail("%s: elements of 0 bytes can not be cut out of --raw input",
			    s->chan.path);
	return send_input(s, how);
}

static int run_send(int argc, char **argv)
{
	static const struct option options[] = {
		{ "hex", no_argument, NULL, 'x' },
		{ "raw", no_argument, NULL, 'r' },
		{ "null", no_argument, NULL, '0' },
		{ "timeout", required_argument, NULL, 't' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct sender s = { .when = hchan_forever() };
	enum cut how = CUT_LINES;
	int forms = 0;
	int64_t ns;
	int c;

	while ((c = getopt_long(argc, argv, "0qh", options, NULL)) != -1) {
		switch (c) {
		case 'x':
			s.hex = true;
			forms++;
			break;
		case 'r':
			how = CUT_SIZE;
			forms++;
			break;
		case '0':
			how = CUT_NULS;
			forms++;
			break;
		case 't':
			if (!parse_duration(optarg, &ns))
				return misused(BAD_TIMEOUT, optarg);
			s.when = when_up(ns);
			break;
		case 'q':
			say_nothing_more();
			break;
		case 'h':
			return show_help(&send_command);
		default:
			return bad_option();
		}
	}
	if (forms > 1)
		return misused("--hex, --raw and --null exclude each other");
	if (optind == argc)
		return misused("which channel? A NAME is missing");
	if (argc - optind > 1 && how != CUT_LINES)
		return misused("--raw and --null are for standard input, not for arguments");
	return do_send(&s, how, argv + optind, argc - optind);
}

const struct command send_command = {
	.name = "send",
	.run = run_send,
	.summary = "send arguments, or lines of standard input",
	.help =
"usage: hchan send NAME [ARG]... [OPTION]...\n"
"\n"
"Sends each ARG, or each line of standard input without its newline, as one\n"
"element, and waits until the channel has taken them. An ARG that begins with a\n"
"dash goes behind '--'. A channel of fixed-size elements takes exactly their\n"
"size, one of messages at least one byte: 'grep .' leaves empty lines out. Lines\n"
"that are there already go together, none waits for the next.\n"
"\n"
"  --hex          what comes in is hexadecimal digits, two for each byte\n"
"  --raw          standard input as it is: cut into elements; on a channel of\n"
"                 messages all of it is one message\n"
"  -0, --null     standard input is ended by NUL bytes instead of newlines\n"
"  --timeout T    give up after T in all, with status 124; 0 does not wait\n"
"  -q, --quiet    no messages, the exit status tells enough\n"
"\n"
"If one of the ARGs does not fit nothing is sent; lines before a wrong one are.\n"
"Status 1: the channel is closed, or its receivers are gone; the message says\n"
"how many were sent.\n"
};
