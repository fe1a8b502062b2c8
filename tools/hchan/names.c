// SPDX-License-Identifier: GPL-2.0-only
/* hchan create, close and rm. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "look.h"

#define MSG_DEFAULT	4096

/*
 * Whether the mode is what a new channel would have got: the call that finds a channel
 * does not tell its mode.
 */
static int check_mode(const char *path, mode_t mode)
{
	mode_t mask = umask(0);
	struct look look;
	int err;

	umask(mask);
	err = look_at(&look, path);
	if (err)
		return chan_unnamed(path, err);
	mode &= ~mask;
	if ((look.inode.st_mode & 0777) != mode)
		return fail("%s: the channel exists, with mode %04o and not %04o",
			    path, look.inode.st_mode & 0777, mode);
	return DONE;
}

/* What was asked for by name must not be ignored on a channel that exists. */
static int check_found(const char *path, const struct hchan_opts *opts,
		       const struct hchan_found *found, bool cap_given)
{
	if (cap_given && found->capacity != opts->capacity)
		return fail("%s: the channel exists, with capacity %llu and not %llu",
			    path, (unsigned long long)found->capacity,
			    (unsigned long long)opts->capacity);
	if (opts->flags & HCHAN_DISCONNECT &&
	    !(found->flags & HCHAN_DISCONNECT))
		return fail("%s: the channel exists, and without --disconnect",
			    path);
	/* 0 is what was not said; with HCHAN_EXCL it is a new one. */
	if (opts->mode && !(opts->flags & HCHAN_EXCL))
		return check_mode(path, opts->mode);
	return DONE;
}

static int do_create(const char *name, const struct hchan_opts *opts,
		     bool cap_given)
{
	struct hchan_found found;
	char path[PATH_MAX];
	int err, status;

	status = chan_path(name, path);
	if (status)
		return status;
	err = hchan_open_opts(name, opts, &found);
	if (err == -EMSGSIZE && opts->flags & HCHAN_MSG)
		return fail("%s: messages may have 1 to %d bytes, not %zu",
			    path, HCHAN_ELEM_MAX, opts->elem_size);
	if (err == -EMSGSIZE)
		return fail("%s: elements may have 0 to %d bytes, not %zu",
			    path, HCHAN_ELEM_MAX, opts->elem_size);
	if (err == -EOVERFLOW)
		return fail("%s: a capacity of %llu such elements is too large",
			    path, (unsigned long long)opts->capacity);
	if (err < 0)
		return fail("%s", hchan_errmsg());
	return check_found(path, opts, &found, cap_given);
}

static bool parse_mode(const char *text, uint32_t *mode)
{
	uint32_t sum = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '7')
			return false;
		sum = sum * 8 + (*text - '0');
		if (sum > 0777)
			return false;
	}
	*mode = sum;
	return true;
}

static int run_create(int argc, char **argv)
{
	static const struct option options[] = {
		{ "elem", required_argument, NULL, 'e' },
		{ "msg", required_argument, NULL, 'm' },
		{ "cap", required_argument, NULL, 'c' },
		{ "mode", required_argument, NULL, 'M' },
		{ "disconnect", no_argument, NULL, 'd' },
		{ "exclusive", no_argument, NULL, 'x' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct hchan_opts opts = {
		.elem_size = MSG_DEFAULT,
		.flags = HCHAN_CREATE | HCHAN_NO_OPEN,
	};
	bool elem = false, msg = false, cap = false;
	const char *name;
	uint64_t number;
	int c, status;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'e':
		case 'm':
			if (!parse_number(optarg, SIZE_MAX, &number))
				return misused("'%s' is not a number of bytes",
					       optarg);
			opts.elem_size = number;
			elem |= c == 'e';
			msg |= c == 'm';
			break;
		case 'c':
			if (!parse_number(optarg, UINT64_MAX, &opts.capacity))
				return misused("--cap: '%s' is not a number of elements",
					       optarg);
			cap = true;
			break;
		case 'M':
			/* The library takes 0 for the default. */
			if (!parse_mode(optarg, &opts.mode) || !opts.mode)
				return misused("--mode: '%s' is not an octal mode from 1 to 777",
					       optarg);
			break;
		case 'd':
			opts.flags |= HCHAN_DISCONNECT;
			break;
		case 'x':
			opts.flags |= HCHAN_EXCL;
			break;
		case 'h':
			return show_help(&create_command);
		default:
			return bad_option();
		}
	}
	if (elem && msg)
		return misused("--elem and --msg exclude each other");
	if (!elem)
		opts.flags |= HCHAN_MSG;
	status = one_name(argc - optind, argv + optind, &name);
	if (status)
		return status;
	return do_create(name, &opts, cap);
}

const struct command create_command = {
	.name = "create",
	.run = run_create,
	.summary = "create a channel, unless it is there",
	.help =
"usage: hchan create NAME [OPTION]...\n"
"\n"
"Creates a channel. One that is there already is left as it is; if it is not\n"
"what the options ask for, that is an error.\n"
"\n"
"  --elem N       elements of exactly N bytes, 0 to 65535\n"
"  --msg MAX      messages of 1 to MAX bytes, MAX from 1 to 65535 (4096; this\n"
"                 is the default)\n"
"  --cap N        buffer N elements; 0 is a rendezvous: a send waits for its\n"
"                 receiver (0)\n"
"  --mode M       permission bits, octal, less the umask (666); one that is there\n"
"                 must have just these\n"
"  --disconnect   when the last process that has it open to send is gone,\n"
"                 receivers drain it and end as if it were closed; likewise\n"
"                 senders without receivers\n"
"  --exclusive    fail if the channel exists\n"
"\n"
"Everybody may open a channel by its mode: reading it is receiving, writing it\n"
"is sending and closing. It stays until hchan rm, also when it is closed.\n"
};

/* Does one thing to each of the names; the first that fails gives the status. */
static int for_each(int argc, char **argv, const struct command *command,
		    int (*one)(const char *name))
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c, status, first = DONE;

	c = getopt_long(argc, argv, "h", options, NULL);
	if (c != -1)
		return c == 'h' ? show_help(command) : bad_option();
	if (optind == argc)
		return misused("which channel? A NAME is missing");
	for (; optind < argc; optind++) {
		status = one(argv[optind]);
		if (!first)
			first = status;
	}
	return first;
}

static int close_one(const char *name)
{
	struct chan chan;
	int err, status;

	status = chan_open(&chan, name, HCHAN_O_SEND);
	if (status)
		return status;
	err = hchan_close(chan.fd);
	hchan_drop(chan.fd);
	if (err == -EALREADY) {
		fail("%s: closed already", chan.path);
		return AT_END;
	}
	return err ? chan_failed(&chan, err, "") : DONE;
}

static int run_close(int argc, char **argv)
{
	return for_each(argc, argv, &close_command, close_one);
}

const struct command close_command = {
	.name = "close",
	.run = run_close,
	.summary = "say that no more will come",
	.help =
"usage: hchan close NAME...\n"
"\n"
"Closes the channel for everybody and for ever. What is buffered can still be\n"
"received; after that every receive ends at once. Every send fails, also those\n"
"that wait. Status 1: it was closed already.\n"
};

static int rm_one(const char *name)
{
	char path[PATH_MAX];
	int err, status;

	status = chan_path(name, path);
	if (status)
		return status;
	err = hchan_remove(name);
	return err < 0 ? chan_unnamed(path, err) : DONE;
}

static int run_rm(int argc, char **argv)
{
	return for_each(argc, argv, &rm_command, rm_one);
}

const struct command rm_command = {
	.name = "rm",
	.run = run_rm,
	.summary = "remove a channel's name",
	.help =
"usage: hchan rm NAME...\n"
"\n"
"Removes the name. Whoever has the channel open keeps it, and it is not closed\n"
"by this. Only its owner and the directory's may remove it.\n"
};
