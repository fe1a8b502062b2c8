// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends the lines of a file, each as a message, and closes the channel behind
 * the last. Halfway it waits at a gate.
 *
 *	splitter FILE LINES GATE
 *
 * Prints the number of lines it has sent.
 */
#include <errno.h>
#include <hchan.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "demo.h"

static void send_line(int ch, const char *name, const char *line, size_t len)
{
	int err = hchan_send_msg(ch, line, len, hchan_forever());

	if (err)
		die(name, err);
}

static void wait_at(int gate, const char *name)
{
	char nothing;
	int ret = hchan_recv(gate, &nothing, sizeof(nothing));

	if (ret != 1)
		die(name, ret ? ret : -EPIPE);
}

int main(int argc, char **argv)
{
	unsigned long long bytes = 0, sent = 0;
	size_t most, none, room = 0;
	char *line = NULL;
	int lines, gate, err, waited = 0;
	struct stat st;
	ssize_t len;
	FILE *file;

	if (argc != 4) {
		fprintf(stderr, "usage: splitter FILE LINES GATE\n");
		return 2;
	}
	file = fopen(argv[1], "r");
	if (!file || fstat(fileno(file), &st))
		die(argv[1], -errno);
	lines = open_channel(argv[2], HCHAN_O_SEND, &most);
	gate = open_channel(argv[3], HCHAN_O_RECV, &none);

	while ((len = getline(&line, &room, file)) > 0) {
		if (!waited && bytes >= (unsigned long long)st.st_size / 2) {
			wait_at(gate, argv[3]);
			waited = 1;
		}
		bytes += len;
		if (line[len - 1] == '\n')
			len--;
		/* A message has at least one byte. */
		if (!len)
			continue;
		if ((size_t)len > most)
			die("a line is longer than a message", -EMSGSIZE);
		send_line(lines, argv[2], line, len);
		sent++;
	}
	if (ferror(file) || !waited)
		die(argv[1], -EIO);
	err = hchan_close(lines);
	if (err)
		die(argv[2], err);
	printf("%llu\n", sent);
	return fflush(stdout) ? 1 : 0;
}
