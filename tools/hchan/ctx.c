// SPDX-License-Identifier: GPL-2.0-only
/* hchan ctx: the context that we run under. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

/* How to look at it, and what at. */
struct look_ctx {
	bool json;
	bool quiet;
	bool wait;
	const char *key;
	struct hchan_when until;
};

static int status_of(int err)
{
	switch (err) {
	case 0:
		return DONE;
	case -ECANCELED:
		return AT_END;
	case -ETIME:
		return TIMED_OUT;
	default:
		return fail("HCHAN_CONTEXT: %s", hchan_strerror(err));
	}
}

/* Nanoseconds to a moment; 0 if it has passed. */
static int64_t left(struct hchan_when when)
{
	int64_t now = hchan_after(0).ns;

	return when.ns > now ? when.ns - now : 0;
}

static void add_json(struct text *text, int err, const struct hchan_why *why,
		     struct hchan_when deadline)
{
	text_addf(text, "{\"err\":\"%s\",\"code\":%" PRId32 ",",
		  err == -ETIME ? "deadline" : err ? "cancelled" : "none",
		  why->code);
	text_json(text, "cause", why->text, strlen(why->text));
	if (deadline.flags)
		text_addf(text, ",\"left_ns\":%" PRId64, left(deadline));
	text_addf(text, "}\n");
}

static void add_line(struct text *text, int err, const struct hchan_why *why,
		     struct hchan_when deadline)
{
	const char *c;

	text_addf(text, "%s", err == -ETIME ? "deadline exceeded" :
			      err ? "cancelled" : "not done");
	if (!err && deadline.flags)
		text_addf(text, ", %.3fs left", (double)left(deadline) / 1e9);
	if (why->code)
		text_addf(text, " (%" PRId32 ")", why->code);
	if (why->text[0])
		text_addf(text, ": ");
	/* Whoever cancels may have put anything there. */
	for (c = why->text; *c; c++)
		text_addf(text, "%c", (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
	text_addf(text, "\n");
}

static int show(int ctx, const struct look_ctx *look)
{
	struct hchan_when deadline;
	struct text text = { 0 };
	struct hchan_why why;
	int err, status;

	err = hchan_ctx_why(ctx, &why);
	status = status_of(err);
	if (status == FAILED || look->quiet)
		return status;
	hchan_ctx_deadline(ctx, &deadline);
	if (look->json)
		add_json(&text, err, &why, deadline);
	else
		add_line(&text, err, &why, deadline);
	err = text_print(&text);
	return err ? err : status;
}

static int show_value(int ctx, const struct look_ctx *look)
{
	char value[HCHAN_CTX_VALUE_MAX];
	struct text text = { 0 };
	size_t len;
	int ret;

	ret = hchan_ctx_value(ctx, look->key, value, sizeof(value), &len);
	if (ret == -ENOENT) {
		fail("no value '%s' in this context", look->key);
		return AT_END;
	}
	if (ret < 0)
		return fail("'%s': %s", look->key, hchan_strerror(ret));
	text_add(&text, value, len);
	text_add(&text, "\n", 1);
	return text_print(&text);
}

static int do_ctx(const struct look_ctx *look)
{
	int ctx, ret;

	ret = hchan_ctx_from_env(&ctx);
	if (ret < 0)
		return fail("%s", hchan_errmsg());
	if (look->key)
		return show_value(ctx, look);
	while (look->wait) {
		ret = hchan_ctx_wait(ctx, look->until);
		if (!ret || ret == -ETIMEDOUT)
			break;
		if (ret != -EINTR)
			return fail("HCHAN_CONTEXT: %s", hchan_strerror(ret));
	}
	return show(ctx, look);
}

static int run_ctx(int argc, char **argv)
{
	static const struct option options[] = {
		{ "wait", no_argument, NULL, 'w' },
		{ "timeout", required_argument, NULL, 't' },
		{ "value", required_argument, NULL, 'v' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct look_ctx look = { .until = hchan_forever() };
	int64_t ns;
	int c;

	while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		switch (c) {
		case 'w':
			look.wait = true;
			break;
		case 't':
			if (!parse_duration(optarg, &ns))
				return misused(BAD_TIMEOUT, optarg);
			look.until = hchan_after(ns);
			break;
		case 'v':
			look.key = optarg;
			break;
		case 'j':
			look.json = true;
			break;
		case 'q':
			look.quiet = true;
			say_nothing_more();
			break;
		case 'h':
			return show_help(&ctx_command);
		default:
			return bad_option();
		}
	}
	if (optind < argc)
		return misused("'%s': the context is that of $HCHAN_CONTEXT, and needs no name",
			       argv[optind]);
	if (look.until.flags && !look.wait)
		return misused("--timeout says how long to --wait");
	return do_ctx(&look);
}

const struct command ctx_command = {
	.name = "ctx",
	.run = run_ctx,
	.summary = "show the context that this runs under, or wait until it is done",
	.help =
"usage: hchan ctx [OPTION]...\n"
"\n"
"  --wait        until it is done\n"
"  --timeout T   for at most T\n"
"  --value KEY   print the context's value of that name instead\n"
"  --json        as an object: err, code, cause, left_ns\n"
"  -q, --quiet   print nothing, the exit status tells enough\n"
"\n"
"The context is that of $HCHAN_CONTEXT, as 'hchan run' sets it. Without one nothing\n"
"ends us: that counts as not done.\n"
"\n"
"    while hchan ctx -q; do work || break; done\n"
"\n"
"Exit status: 0 not done; 1 cancelled (or no such value); 124 its deadline has passed;\n"
"3 $HCHAN_CONTEXT names a descriptor that is not that context any more.\n"
};
