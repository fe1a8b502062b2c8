// SPDX-License-Identifier: GPL-2.0-only
/* ZeroMQ: a pair of sockets. It tries to connect until somebody listens. */

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "others.h"

const char *const library = "zeromq";

static void *pair(int (*join)(void *socket, const char *path), const char *path)
{
	void *socket = zmq_socket(zmq_ctx_new(), ZMQ_PAIR);

	if (!socket || join(socket, path)) {
		perror("zeromq");
		exit(1);
	}
	return socket;
}

void *other_listen(const char *path)
{
	return pair(zmq_bind, path);
}

void *other_connect(const char *path)
{
	return pair(zmq_connect, path);
}

void other_send(void *end, const void *data, size_t size)
{
	if (zmq_send(end, data, size, 0) != (int)size)
		exit(1);
}

void other_recv(void *end, void *data, size_t size)
{
	if (zmq_recv(end, data, size, 0) != (int)size)
		exit(1);
}
