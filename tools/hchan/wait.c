// SPDX-License-Identifier: GPL-2.0-only
/* hchan wait. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>

#include "tool.h"

/*
 * A descriptor that can neither send nor receive, so that waiting keeps nobody
 * connected (C49): Linux gives one for the access mode 3 to those who might
 * read and write. Others count for what they may do.
 */
static int open_to_look(struct chan *chan, const char *name)
{
	int err, status;

	status = chan_path(name, chan->path);
	if (status)
		return status;
	err = hchan_stat_name(name, &chan->st);
	if (err)
		return chan_unnamed(chan->path, err);
	chan->fd = open(chan->path, O_ACCMODE | O_CLOEXEC);
	if (chan->fd < 0)
		chan->fd = hchan_open(name, HCHAN_O_RECV);
	if (chan->fd == -EACCES)
		chan->fd = hchan_open(name, HCHAN_O_SEND);
	if (chan->fd < 0)
		return chan_unnamed(chan->path, chan->fd);
	return DONE;
}

typedef int64_t (*wait_fn)(int ch, uint64_t n, struct hchan_when when);

static int do_wait(const char *name, wait_fn wait, uint64_t n,
		   struct hchan_when when)
{
	struct chan chan;
	int64_t seen;
	int status;

	status = open_to_look(&chan, name);
	if (status)
		return status;
	do {
		seen = wait(chan.fd, n, when);
	} while (seen == -EINTR);
	if (seen == -EPIPE)
		return chan_ended(&chan, HCHAN_ST_CLOSED,
				  ": it can not come true any more");
	return seen < 0 ? chan_failed(&chan, (int)seen, "") : DONE;
}

static int run_wait(int argc, char **argv)
{
	static const struct option options[] = {
		{ "receivers", required_argument, NULL, 'r' },
		{ "senders", required_argument, NULL, 's' },
		{ "length", required_argument, NULL, 'l' },
		{ "timeout", required_argument, NULL, 't' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct hchan_when when = hchan_forever();
	wait_fn wait = NULL;
	const char *name;
	int64_t ns;
	uint64_t n;
	int c, status;

	while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		switch (c) {
		case 'r':
		case 's':
		case 'l':
			if (wait)
				return misused("wait for one thing at a time");
			wait = c == 'r' ? hchan_wait_receivers :
			       c == 's' ? hchan_wait_senders : hchan_wait_len;
			if (!parse_number(optarg, UINT64_MAX, &n))
				return misused("'%s' is not a number", optarg);
			break;
		case 't':
			if (!parse_duration(optarg, &ns))
				return misused(BAD_TIMEOUT, optarg);
			when = hchan_after(ns);
			break;
		case 'q':
			say_nothing_more();
			break;
		case 'h':
			return show_help(&wait_command);
		default:
			return bad_option();
		}
	}
	if (!wait)
		return misused("wait for what? Say --receivers, --senders or --length");
	status = one_name(argc - optind, argv + optind, &name);
	return status ? status : do_wait(name, wait, n, when);
}

const struct command wait_command = {
	.name = "wait",
	.run = run_wait,
	.summary = "wait until others are waiting, or elements are there",
	.help =
"usage: hchan wait NAME (--receivers N | --senders N | --length N) [OPTION]...\n"
"\n"
"  --receivers N  until at least N receives are waiting\n"
"  --senders N    until at least N sends are waiting\n"
"  --length N     until at least N elements are buffered\n"
"  --timeout T    for at most T, then status 124; 0 only looks\n"
"  -q, --quiet    no messages, the exit status tells enough\n"
"\n"
"This orders programs in a test without sleeping: who is known to wait does\n"
"wait. It changes nothing, and keeps nobody connected if you may both read and\n"
"write the channel. Status 1: it is closed, so that it can not come true.\n"
};
