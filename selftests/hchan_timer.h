/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers for the tests, as hchan_test.h has the other operations. What a test
 * holds a timer to is what a clock says, never how long something took.
 */
#ifndef HCHAN_TIMER_H
#define HCHAN_TIMER_H

#include "hchan_test.h"

#define HT_NEVER HCHAN_TIMER_NEVER
#define HT_HOUR (3600000 * HC_MS)

/* With everything chosen. Returns a descriptor. */
static inline int ht_make_by(int on, uint32_t flags, uint32_t open_flags,
			     int64_t due, int64_t period)
{
	struct hchan_timer timer = {
		.flags = flags,
		.open_flags = open_flags,
		.due = due,
		.period = period,
	};
	struct hchan_timer before = timer;
	int ret = ioctl(on, HCHAN_IOC_TIMER, &timer);

	if (ret < 0)
		ret = -errno;
	hc_must(!memcmp(&before, &timer, sizeof(timer)));
	return ret;
}

static inline int ht_make(uint32_t flags, int64_t due, int64_t period)
{
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	int ret;

	hc_must(dev >= 0);
	ret = ht_make_by(dev, flags, O_CLOEXEC, due, period);
	close(dev);
	return ret;
}

/* One that is due once, on the monotonic clock. */
static inline int ht_at(int64_t due)
{
	return ht_make(0, due, 0);
}

static inline int ht_ticker(int64_t due, int64_t period)
{
	return ht_make(HCHAN_TIMER_TICK, due, period);
}

/* Returns 1 or 0. */
static inline int ht_set_by(int fd, uint32_t flags, int64_t due, int64_t period)
{
	struct hchan_timer_set set = {
		.flags = flags,
		.due = due,
		.period = period,
	};
	struct hchan_timer_set before = set;
	int ret = ioctl(fd, HCHAN_IOC_TIMER_SET, &set);

	if (ret < 0)
		ret = -errno;
	hc_must(ret <= 1);
	hc_must(!memcmp(&before, &set, sizeof(set)));
	return ret;
}

static inline int ht_set(int fd, int64_t due)
{
	return ht_set_by(fd, 0, due, 0);
}

/* ... of CLOCK_REALTIME. */
static inline int ht_set_real(int fd, int64_t due)
{
	return ht_set_by(fd, HCHAN_REALTIME, due, 0);
}

static inline int ht_stop(int fd)
{
	return ht_set_by(fd, HCHAN_TIMER_STOP, 0, 0);
}

/*
 * One element, which is not there before its time: returns it, or a negative errno.
 * A test's times are positive.
 */
static inline int64_t ht_recv_by(int fd, clockid_t clock, uint32_t flags,
				 int64_t deadline)
{
	struct hchan_xfer xfer;
	int64_t due = -1;
	int ret = hc_recv_by(fd, &due, sizeof(due), flags, deadline, &xfer);

	if (ret < 0)
		return ret;
	hc_must(ret == 1 && xfer.actual == sizeof(due) && due > 0);
	hc_must(hc_clock(clock) >= due);
	return due;
}

static inline int64_t ht_recv(int fd)
{
	return ht_recv_by(fd, CLOCK_MONOTONIC, 0, 0);
}

static inline int64_t ht_try(int fd)
{
	return ht_recv_by(fd, CLOCK_MONOTONIC, HCHAN_NOWAIT, 0);
}

/* A peer's body. arg: what must come, 0: anything */
static inline int ht_recv_one(int fd, const long *arg)
{
	int64_t due = ht_recv(fd);

	hc_must(due > 0 && (!arg[0] || due == arg[0]));
	return 0;
}

/* Until it is that late. */
static inline void ht_until(int64_t when)
{
	struct timespec ts = {
		.tv_sec = when / 1000000000,
		.tv_nsec = when % 1000000000,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
	hc_must(hc_clock(CLOCK_MONOTONIC) >= when);
}

/* What fdinfo says of it. */
struct ht_info {
	bool timer;
	bool realtime;
	int64_t due;
	int64_t period;
	int armed;
};

static inline struct ht_info ht_info(int fd)
{
	struct ht_info info = { .armed = -1, .due = -1, .period = -1 };
	char line[128], word[32], value[32];
	FILE *f;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", fd);
	f = fopen(line, "re");
	hc_must(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "hchan-%31[a-z]:\t%31s", word, value) != 2)
			continue;
		if (!strcmp(word, "timer")) {
			info.timer = true;
			info.realtime = !strcmp(value, "realtime");
			hc_must(info.realtime || !strcmp(value, "monotonic"));
		} else if (!strcmp(word, "due")) {
			info.due = strcmp(value, "never") ? atoll(value) :
							    HT_NEVER;
		} else if (!strcmp(word, "period")) {
			info.period = atoll(value);
		} else if (!strcmp(word, "armed")) {
			info.armed = atoll(value);
		}
	}
	fclose(f);
	return info;
}

#endif /* HCHAN_TIMER_H */
