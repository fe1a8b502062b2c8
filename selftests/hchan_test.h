/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the semantics share: one thin wrapper for each operation.
 *
 * A wrapper returns what the call does, or a negative errno. It poisons every
 * output before the call and looks, whatever the test is about, at everything
 * that the call must not have touched: inputs, outputs of another outcome, the
 * bytes around a receiver's buffer and those behind a shorter element. Such a
 * violation ends the test at once (hc_broken()).
 *
 * Nothing here sleeps: who has to wait for another task waits for the channel's
 * state (hc_wait()).
 */
#ifndef HCHAN_TEST_H
#define HCHAN_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <linux/hchan.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define HC_POISON	0xcc
#define HC_POISON32	0xccccccccU
#define HC_POISON64	0xccccccccccccccccULL

/* Nanoseconds; and how long a test waits for what should come at once. */
#define HC_MS		1000000LL
#define HC_PATIENCE	(60000 * HC_MS)

#define hc_broken(fmt, ...)						\
	do {								\
		fprintf(stderr, "# %s:%d: broken: " fmt "\n", __func__,	\
			__LINE__, ##__VA_ARGS__);			\
		abort();						\
	} while (0)

#define hc_must(condition)						\
	do {								\
		if (!(condition))					\
			hc_broken("%s", #condition);			\
	} while (0)

/* Whether all @len bytes are @byte. */
static inline bool hc_all(const void *buf, uint8_t byte, size_t len)
{
	const uint8_t *b = buf;

	return !len || (b[0] == byte && !memcmp(b, b + 1, len - 1));
}

/* An element of its own for each @seed; of one byte, for 256 of them. */
static inline void hc_fill(void *buf, uint32_t len, uint32_t seed)
{
	uint8_t *b = buf;
	uint32_t i;

	for (i = 0; i < len; i++)
		b[i] = seed + i * 7 + (i >> 8) * 13;
	if (len >= 2 * sizeof(seed))
		memcpy(b + len - sizeof(seed), &seed, sizeof(seed));
}

static inline bool hc_is(const void *buf, uint32_t len, uint32_t seed)
{
	uint8_t *want = malloc(len + 1);
	bool same;

	hc_fill(want, len, seed);
	same = !memcmp(want, buf, len);
	free(want);
	return same;
}

static inline int64_t hc_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* A deadline on the monotonic clock. */
static inline int64_t hc_in(int64_t ns)
{
	return hc_clock(CLOCK_MONOTONIC) + ns;
}

/* How many rounds of what is usually @n: HCHAN_SCALE is in per cent. */
static inline long hc_scale(long n)
{
	const char *scale = getenv("HCHAN_SCALE");

	n = scale ? n * atol(scale) / 100 : n;
	return n > 0 ? n : 1;
}

/* A request for an anonymous channel, its outputs poisoned. */
static inline struct hchan_create hc_request(uint32_t elem_size,
					     uint64_t capacity, uint32_t flags)
{
	struct hchan_create create = {
		.size = sizeof(create),
		.flags = flags,
		.elem_size = elem_size,
		.open_flags = O_RDWR | O_CLOEXEC,
		.capacity = capacity,
		.id = HC_POISON64,
		.found_capacity = HC_POISON64,
		.found_type_tag = HC_POISON64,
		.found_elem_size = HC_POISON32,
		.found_flags = HC_POISON32,
	};

	return create;
}

/* HCHAN_IOC_CREATE on @on, which is /dev/hchan's or a directory's. */
static inline int hc_create_at(int on, struct hchan_create *create)
{
	struct hchan_create before = *create;
	int fd = ioctl(on, HCHAN_IOC_CREATE, create);
	int err = errno;

	if (fd < 0) {
		hc_must(err == EPROTOTYPE ||
			!memcmp(create, &before, sizeof(before)));
		return -err;
	}
	hc_must(!memcmp(create, &before, offsetof(struct hchan_create, id)));
	hc_must(create->id && create->id != HC_POISON64);
	hc_must(create->found_elem_size != HC_POISON32);
	hc_must(create->found_flags != HC_POISON32);
	return fd;
}

static inline int hc_create(struct hchan_create *create)
{
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	int ret;

	if (dev < 0)
		return -errno;
	ret = hc_create_at(dev, create);
	close(dev);
	return ret;
}

/* An anonymous channel. Returns a descriptor for both directions. */
static inline int hc_make(uint32_t elem_size, uint64_t capacity, uint32_t flags)
{
	struct hchan_create create = hc_request(elem_size, capacity, flags);

	return hc_create(&create);
}

/* Returns a descriptor. */
static inline int hc_narrow(int fd, uint32_t open_flags)
{
	struct hchan_narrow narrow = { .open_flags = open_flags | O_CLOEXEC };
	int ret = ioctl(fd, HCHAN_IOC_NARROW, &narrow);

	return ret < 0 ? -errno : ret;
}

/* A descriptor with a direction less. The wider one is closed. */
static inline int hc_only(int fd, uint32_t open_flags)
{
	int ret = hc_narrow(fd, open_flags);

	close(fd);
	return ret;
}

static inline int hc_close(int fd)
{
	return ioctl(fd, HCHAN_IOC_CLOSE, 0) ? -errno : 0;
}

static inline struct hchan_stat hc_stat(int fd)
{
	struct hchan_stat stat;

	memset(&stat, HC_POISON, sizeof(stat));
	stat.size = sizeof(stat);
	if (ioctl(fd, HCHAN_IOC_STAT, &stat))
		hc_broken("stat: %s", strerror(errno));
	hc_must(stat.size == sizeof(stat));
	return stat;
}

static inline uint64_t hc_len(int fd)
{
	return hc_stat(fd).length;
}

/* Whether so many are parked, now. */
static inline bool hc_parked(int fd, uint32_t senders, uint32_t receivers)
{
	struct hchan_stat stat = hc_stat(fd);

	if (stat.parked_senders == senders &&
	    stat.parked_receivers == receivers)
		return true;
	fprintf(stderr, "# parked: %u senders, %u receivers\n",
		stat.parked_senders, stat.parked_receivers);
	return false;
}

static inline int hc_wait_for(int fd, struct hchan_wait *wait)
{
	struct hchan_wait before;
	int ret;

	wait->seen = HC_POISON64;
	before = *wait;
	ret = ioctl(fd, HCHAN_IOC_WAIT, wait) ? -errno : 0;
	if (!ret) {
		hc_must(wait->seen >= wait->count);
		hc_must(wait->seen != HC_POISON64);
		before.seen = wait->seen;
	}
	hc_must(!memcmp(&before, wait, sizeof(before)));
	return ret;
}

/* Waits until there are @count of @what (HCHAN_W_*). */
static inline int hc_wait(int fd, uint32_t what, uint64_t count)
{
	struct hchan_wait wait = {
		.what = what,
		.flags = HCHAN_DEADLINE,
		.count = count,
		.deadline = hc_in(HC_PATIENCE),
	};

	return hc_wait_for(fd, &wait);
}

static inline int hc_wait_receivers(int fd, uint64_t count)
{
	return hc_wait(fd, HCHAN_W_RECEIVERS, count);
}

static inline int hc_wait_senders(int fd, uint64_t count)
{
	return hc_wait(fd, HCHAN_W_SENDERS, count);
}

/* An HCHAN_IOC_SEND with everything chosen. @status, or NULL: as EPIPE left it. */
static inline int hc_send_by(int fd, const void *buf, uint32_t len,
			     uint32_t flags, int64_t deadline, uint32_t *status)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)buf,
		.len = len,
		.flags = flags,
		.deadline = deadline,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	struct hchan_xfer before = xfer;
	int ret = ioctl(fd, HCHAN_IOC_SEND, &xfer);

	hc_must(ret <= 0);
	ret = ret < 0 ? -errno : 0;
	if (status)
		*status = xfer.status;
	if (ret == -EPIPE) {
		hc_must(xfer.status == HCHAN_ST_CLOSED ||
			xfer.status == HCHAN_ST_DISCONNECTED);
		before.status = xfer.status;
	}
	hc_must(!memcmp(&before, &xfer, sizeof(before)));
	return ret;
}

static inline int hc_send(int fd, const void *buf, uint32_t len)
{
	return hc_send_by(fd, buf, len, 0, 0, NULL);
}

static inline int hc_try_send(int fd, const void *buf, uint32_t len)
{
	return hc_send_by(fd, buf, len, HCHAN_NOWAIT, 0, NULL);
}

/* A receiver's buffer with bytes around it that must stay as they are. */
#define HC_GUARD 64

static inline uint8_t *hc_guarded(uint32_t len)
{
	uint8_t *area = malloc(len + 2 * HC_GUARD);

	memset(area, HC_POISON, len + 2 * HC_GUARD);
	return area + HC_GUARD;
}

/* @used bytes of @room were to be written; they go to @to. */
static inline void hc_unguard(uint8_t *area, void *to, uint32_t used,
			      uint32_t room)
{
	hc_must(used <= room);
	hc_must(hc_all(area - HC_GUARD, HC_POISON, HC_GUARD));
	hc_must(hc_all(area + used, HC_POISON, room - used + HC_GUARD));
	if (used)
		memcpy(to, area, used);
	free(area - HC_GUARD);
}

/*
 * An HCHAN_IOC_RECV with everything chosen. @out, or NULL: the structure as it
 * was left. @buf gets what was received and is otherwise not touched.
 */
static inline int hc_recv_by(int fd, void *buf, uint32_t room, uint32_t flags,
			     int64_t deadline, struct hchan_xfer *out)
{
	uint8_t *area = hc_guarded(room);
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)area,
		.len = room,
		.flags = flags,
		.deadline = deadline,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	struct hchan_xfer before = xfer;
	int ret = ioctl(fd, HCHAN_IOC_RECV, &xfer);
	uint32_t used = 0;

	if (ret < 0)
		ret = -errno;
	hc_must(ret <= 1);
	if (ret >= 0) {
		used = xfer.actual;
		hc_must(ret ? xfer.status == HCHAN_ST_OK :
			xfer.status == HCHAN_ST_CLOSED ||
			xfer.status == HCHAN_ST_DISCONNECTED);
		hc_must(ret || (used <= room && hc_all(area, 0, used)));
		before.status = xfer.status;
	}
	if (ret == -EMSGSIZE)
		hc_must(xfer.actual > room && xfer.actual <= HCHAN_ELEM_MAX);
	if (ret >= 0 || ret == -EMSGSIZE)
		before.actual = xfer.actual;
	hc_must(!memcmp(&before, &xfer, sizeof(before)));
	hc_unguard(area, buf, used, room);
	if (out)
		*out = xfer;
	return ret;
}

static inline int hc_recv(int fd, void *buf, uint32_t room)
{
	return hc_recv_by(fd, buf, room, 0, 0, NULL);
}

static inline int hc_try_recv(int fd, void *buf, uint32_t room)
{
	return hc_recv_by(fd, buf, room, HCHAN_NOWAIT, 0, NULL);
}

/* read(2) of up to @room bytes; RWF_* in @flags. Returns bytes. */
static inline ssize_t hc_read(int fd, void *buf, size_t room, int flags)
{
	uint8_t *area = hc_guarded(room);
	struct iovec iov = { .iov_base = area, .iov_len = room };
	ssize_t ret = flags ? preadv2(fd, &iov, 1, -1, flags) :
			      read(fd, area, room);

	if (ret < 0)
		ret = -errno;
	hc_unguard(area, buf, ret > 0 ? ret : 0, room);
	return ret;
}

static inline ssize_t hc_write(int fd, const void *buf, size_t len, int flags)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	ssize_t ret = flags ? pwritev2(fd, &iov, 1, -1, flags) :
			      write(fd, buf, len);

	return ret < 0 ? -errno : ret;
}

/* The two ways to move one element, with one result for both. */
enum hc_way {
	HC_IOCTL,
	HC_RW,
};

/* Returns 0. */
static inline int hc_put_by(enum hc_way way, int fd, const void *buf,
			    uint32_t len, bool nowait)
{
	ssize_t ret;

	if (way == HC_IOCTL)
		return hc_send_by(fd, buf, len, nowait ? HCHAN_NOWAIT : 0, 0,
				  NULL);
	ret = hc_write(fd, buf, len, nowait ? RWF_NOWAIT : 0);
	hc_must(ret < 0 || ret == len);
	return ret < 0 ? ret : 0;
}

static inline int hc_put(enum hc_way way, int fd, const void *buf, uint32_t len)
{
	return hc_put_by(way, fd, buf, len, false);
}

static inline int hc_try_put(enum hc_way way, int fd, const void *buf,
			     uint32_t len)
{
	return hc_put_by(way, fd, buf, len, true);
}

/* Returns 1 with an element of @len bytes, 0 when no more come. */
static inline int hc_get_by(enum hc_way way, int fd, void *buf, uint32_t len,
			    bool nowait)
{
	struct hchan_xfer xfer;
	ssize_t ret;

	if (way == HC_IOCTL) {
		ret = hc_recv_by(fd, buf, len, nowait ? HCHAN_NOWAIT : 0, 0,
				 &xfer);
		hc_must(ret < 0 || xfer.actual == len);
		return ret;
	}
	ret = hc_read(fd, buf, len, nowait ? RWF_NOWAIT : 0);
	hc_must(ret <= 0 || ret == len);
	return ret > 0 ? 1 : ret;
}

static inline int hc_get(enum hc_way way, int fd, void *buf, uint32_t len)
{
	return hc_get_by(way, fd, buf, len, false);
}

static inline int hc_try_get(enum hc_way way, int fd, void *buf, uint32_t len)
{
	return hc_get_by(way, fd, buf, len, true);
}

/* The same with elements from hc_fill(): by their seeds. */
static inline int hc_put_seed(enum hc_way way, int fd, uint32_t len,
			      uint32_t seed, bool nowait)
{
	uint8_t *element = malloc(len + 1);
	int ret;

	hc_fill(element, len, seed);
	ret = hc_put_by(way, fd, element, len, nowait);
	free(element);
	return ret;
}

/* Returns 1 with that very element, -EBADMSG with another. */
static inline int hc_get_seed(enum hc_way way, int fd, uint32_t len,
			      uint32_t seed, bool nowait)
{
	uint8_t *element = malloc(len + 1);
	int ret;

	ret = hc_get_by(way, fd, element, len, nowait);
	if (ret == 1 && !hc_is(element, len, seed))
		ret = -EBADMSG;
	free(element);
	return ret;
}

#endif /* HCHAN_TEST_H */
