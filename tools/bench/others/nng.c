// SPDX-License-Identifier: GPL-2.0-only
/* nng: a pair of sockets. */

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <stdio.h>
#include <stdlib.h>

#include "others.h"

const char *const library = "nng";

static void must(int error)
{
	if (!error)
		return;
	fprintf(stderr, "nng: %s\n", nng_strerror(error));
	exit(1);
}

void *other_listen(const char *path)
{
	static nng_socket socket;

	must(nng_pair0_open(&socket));
	must(nng_listen(socket, path, NULL, 0));
	return &socket;
}

void *other_connect(const char *path)
{
	static nng_socket socket;

	must(nng_pair0_open(&socket));
	must(nng_dial(socket, path, NULL, NNG_FLAG_NONBLOCK));
	return &socket;
}

void other_send(void *end, const void *data, size_t size)
{
	must(nng_send(*(nng_socket *)end, (void *)data, size, 0));
}

void other_recv(void *end, void *data, size_t size)
{
	size_t got = size;

	must(nng_recv(*(nng_socket *)end, data, &got, 0));
	if (got != size)
		exit(1);
}
