// SPDX-License-Identifier: GPL-2.0-only
/* The hchan command: channels from the shell. */
#include <stdio.h>
#include <string.h>

#include "tool.h"

static const struct command *const commands[] = {
	&create_command, &ls_command, &stat_command, &send_command,
	&recv_command, &close_command, &rm_command, &wait_command,
	&run_command, &ctx_command,
};

#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

static const char head[] =
"usage: hchan COMMAND [ARGUMENT]...\n"
"       hchan COMMAND --help\n"
"\n"
"Channels between processes: typed, bounded, first in first out, with any\n"
"number of senders and receivers that need to know nothing but a name.\n"
"\n";

static const char tail[] =
"\n"
"A NAME without a slash is a channel in /dev/chan, or in $HCHAN_DIR. One with a\n"
"slash is a path.\n"
"\n"
"A worker pool: four workers, each takes the next job when it is free; close\n"
"says that no more will come.\n"
"\n"
"    hchan create jobs\n"
"    for i in 1 2 3 4; do while job=$(hchan recv jobs); do work \"$job\"; done & done\n"
"    seq 100 | hchan send jobs; hchan close jobs; wait\n"
"\n"
"T is a number of seconds, or has a unit: 1.5, 5s, 100ms, 20us, 2m, 1h.\n"
"\n"
"Exit status: 0 done; 1 the channel is closed or disconnected; 2 usage;\n"
"3 error; 124 timed out. That of run is the command's.\n";

static int show_all(void)
{
	size_t i;

	fputs(head, stdout);
	for (i = 0; i < N_COMMANDS; i++)
		printf("    %-8s %s\n", commands[i]->name,
		       commands[i]->summary);
	fputs(tail, stdout);
	return DONE;
}

int show_help(const struct command *command)
{
	fputs(command->help, stdout);
	return DONE;
}

void see_help(const struct command *command)
{
	fprintf(stderr, "See 'hchan %s --help'.\n", command->name);
}

/* getopt_long() has said what is wrong. */
int bad_option(void)
{
	return USAGE;
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int show_version(void)
{
	struct hchan_query query;

	printf("hchan, made for version %d of the interface\n",
	       HCHAN_ABI_VERSION);
	if (!hchan_query(&query))
		printf("the kernel has version %u\n", query.version);
	else
		printf("the kernel has no channels: the module is not loaded\n");
	return DONE;
}

static int run(int argc, char **argv)
{
	const struct command *command;
	const char *name = argv[1];
	char full[40];
	int status;

	if (argc > 1 && (!strcmp(name, "--help") || !strcmp(name, "-h") ||
			 (!strcmp(name, "help") && argc == 2)))
		return show_all();
	if (argc > 1 && !strcmp(name, "--version"))
		return show_version();
	if (argc > 2 && !strcmp(name, "help")) {
		command = find(argv[2]);
		if (command)
			return show_help(command);
		name = argv[2];
	}
	if (argc < 2)
		return misused("which command? See 'hchan --help'");
	command = find(name);
	if (!command)
		return misused("no command '%s'. See 'hchan --help'", name);

	/* It is what getopt_long() starts its messages with. */
	snprintf(full, sizeof(full), "hchan %s", command->name);
	argv[1] = full;
	status = command->run(argc - 1, argv + 1);
	if (status == USAGE && !command->any_status)
		see_help(command);
	return status;
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if (fflush(stdout) || ferror(stdout))
		return fail("standard output: %m");
	return status;
}
