// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receives lines until there are no more, and sends the words of each, counted.
 *
 *	worker WHO LINES COUNTS READY
 *
 * It has nothing in hand while it waits for a line: what it knew has been sent.
 * So it can be killed then and nothing is missing from the count.
 */
#include <hchan.h>
#include <stdio.h>
#include <stdlib.h>

#include "demo.h"

int main(int argc, char **argv)
{
	size_t in_room, out_room, none, len;
	int lines, counts, ready, ret;
	char *line, *out;

	if (argc != 5) {
		fprintf(stderr, "usage: worker WHO LINES COUNTS READY\n");
		return 2;
	}
	lines = open_channel(argv[2], HCHAN_O_RECV, &in_room);
	counts = open_channel(argv[3], HCHAN_O_SEND, &out_room);
	ready = open_channel(argv[4], HCHAN_O_SEND, &none);
	line = malloc(in_room);
	out = malloc(out_room);
	if (!line || !out)
		return 1;
	ret = hchan_send(ready, "", 0);
	if (ret)
		die(argv[4], ret);

	while ((ret = hchan_recv_msg(lines, line, in_room, &len,
				     hchan_forever())) > 0) {
		len = count_line(argv[1], line, len, out, out_room);
		ret = hchan_send_msg(counts, out, len, hchan_forever());
		if (ret)
			die(argv[3], ret);
	}
	if (ret)
		die(argv[2], ret);
	return 0;
}
