// SPDX-License-Identifier: GPL-2.0-only
/* Channels, by their ioctls: no library in between, as with the peers. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"

int hc_device(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("/dev/hchan: %s", strerror(errno));
	return fd;
}

int hc_create(size_t size, uint64_t capacity)
{
	struct hchan_create c = {
		.size = sizeof(c),
		.elem_size = size,
		.open_flags = O_RDWR | O_CLOEXEC,
		.capacity = capacity,
	};
	int fd = ioctl(hc_device(), HCHAN_IOC_CREATE, &c);

	if (fd < 0)
		die("a channel of %llu: %s", (unsigned long long)capacity,
		    strerror(errno));
	return fd;
}

bool hc_send(int fd, const void *data, size_t size, uint32_t flags)
{
	struct hchan_xfer x = {
		.buf = (uintptr_t)data,
		.len = size,
		.flags = flags,
	};

	if (!ioctl(fd, HCHAN_IOC_SEND, &x))
		return true;
	if (errno != EAGAIN)
		die("send: %s", strerror(errno));
	return false;
}

bool hc_recv(int fd, void *data, size_t size, uint32_t flags)
{
	struct hchan_xfer x = {
		.buf = (uintptr_t)data,
		.len = size,
		.flags = flags,
	};

	if (ioctl(fd, HCHAN_IOC_RECV, &x) == 1)
		return true;
	if (errno != EAGAIN)
		die("receive: %s", strerror(errno));
	return false;
}

void hc_sendrecv(int to, int from, void *data, size_t size)
{
	struct hchan_sendrecv x = {
		.send_buf = (uintptr_t)data,
		.recv_buf = (uintptr_t)data,
		.send_len = size,
		.recv_len = size,
		.recv_fd = from,
	};

	if (ioctl(to, HCHAN_IOC_SENDRECV, &x) != 1)
		die("send and receive: %s", strerror(errno));
}

void hc_wait(int fd, uint32_t what, uint64_t count)
{
	struct hchan_wait w = { .what = what, .count = count };

	if (ioctl(fd, HCHAN_IOC_WAIT, &w))
		die("wait for %u: %s", what, strerror(errno));
}

void hc_close(int fd)
{
	if (ioctl(fd, HCHAN_IOC_CLOSE, 0))
		die("close: %s", strerror(errno));
}

int hc_set(void)
{
	struct hchan_set s = { .open_flags = O_CLOEXEC };
	int fd = ioctl(hc_device(), HCHAN_IOC_SET, &s);

	if (fd < 0)
		die("a set: %s", strerror(errno));
	return fd;
}

void hc_set_add(int set, int fd, uint16_t op, void *data, size_t size)
{
	struct hchan_set_ctl ctl = {
		.op = HCHAN_SET_ADD,
		.c = {
			.fd = fd,
			.op = op,
			.buf = (uintptr_t)data,
			.len = size,
		},
	};

	if (ioctl(set, HCHAN_IOC_SET_CTL, &ctl) < 0)
		die("a case for a set: %s", strerror(errno));
}

unsigned int hc_set_select(int set)
{
	struct hchan_set_select s = { };
	int i = ioctl(set, HCHAN_IOC_SET_SELECT, &s);

	if (i < 0 || s.status || s.error)
		die("select over a set: %s, status %u, error %d",
		    strerror(errno), s.status, s.error);
	return i;
}
