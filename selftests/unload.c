// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module can be unloaded exactly when no channel, descriptor or mount of it
 * is left (C52): each of them holds it, and once that is gone it goes at once,
 * and works again when it is loaded.
 */
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fs_util.h"
#include "hchan_ctx.h"
#include "hchan_pass.h"
#include "hchan_timer.h"
#include "load.h"

#define MOUNTS_MAX 8

struct mount_point {
	char dir[256];
	char options[256];
};

static struct mount_point mounts[MOUNTS_MAX];
static unsigned int n_mounts;

/* --- the module ------------------------------------------------------------ */

static int unload(void)
{
	return ERR(syscall(__NR_delete_module, "hchan", O_NONBLOCK));
}

/* From where the one came that is loaded: a file, or the system's modules. */
static int load(void)
{
	const char *path = getenv("HCHAN_KO");
	int fd, ret;

	fd = open(path ? path : "/lib/hchan.ko", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return shell("modprobe hchan") ? -ENOENT : 0;
	ret = ERR(syscall(__NR_finit_module, fd, "", 0));
	close(fd);
	return ret;
}

/* Takes the mounts away that there are, to put them back later. */
static int unmount_all(void)
{
	struct mount_point *m = mounts;
	char line[1024], type[64];
	FILE *f = fopen("/proc/mounts", "re");
	const char *own;
	unsigned int i;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %255s %63s %255s", m->dir, type,
			   m->options) != 3 || strcmp(type, "hchanfs"))
			continue;
		/* Its own options come behind those of all mounts. */
		own = strstr(m->options, "mode=");
		memmove(m->options, own ? own : "", own ? strlen(own) + 1 : 1);
		if (++n_mounts == MOUNTS_MAX)
			break;
		m++;
	}
	fclose(f);
	for (i = 0; i < n_mounts; i++) {
		if (umount2(mounts[i].dir, 0)) {
			n_mounts = i;
			return -EBUSY;
		}
	}
	return 0;
}

static void mount_all(void)
{
	unsigned int i;

	for (i = 0; i < n_mounts; i++)
		load_must(mount("none", mounts[i].dir, "hchanfs", 0,
				mounts[i].options));
}

static bool works(void)
{
	int fd = hc_make(8, 1, 0);
	uint64_t sent = 42, received = 0;
	bool good = fd >= 0 && !hc_send(fd, &sent, 8) &&
		    hc_recv(fd, &received, 8) == 1 && received == sent;

	close(fd);
	return good;
}

/* --- what holds it --------------------------------------------------------- */

/* What a holder keeps until it is released. */
static int held[2];
static pid_t child;
static char dir[64];

static void drop(void)
{
	close(held[0]);
	close(held[1]);
	held[0] = -1;
	held[1] = -1;
}

static int open_device(void)
{
	return load_must(open("/dev/hchan", O_RDONLY | O_CLOEXEC));
}

static void hold_device(void)
{
	held[0] = open_device();
}

static void hold_channel(void)
{
	held[0] = load_must(hc_make(8, 4, 0));
}

static void hold_timer(void)
{
	held[0] = load_must(ht_ticker(1, 1));
	held[1] = load_must(ht_at(hc_in(HT_HOUR)));
}

static void hold_narrow(void)
{
	held[0] = load_must(hc_only(hc_make(8, 4, HCHAN_DISCONNECT), O_RDONLY));
}

/* A descriptor that nobody has, but a socket. */
static void hold_flight(void)
{
	int fd = load_must(hc_make(8, 4, 0));

	load_must(socketpair(AF_UNIX, SOCK_STREAM, 0, held));
	load_must(hc_pass(held[0], fd));
	close(fd);
}

static void hold_mount(void)
{
	hc_must(!mount_at(dir, NULL));
}

static void drop_mount(void)
{
	hc_must(!unmount_at(dir));
}

/* The mount is gone for everybody, but who has something in it open. */
static void hold_directory(void)
{
	hold_mount();
	held[0] = load_must(open_dir(dir));
	load_must(umount2(dir, MNT_DETACH));
	rmdir(dir);
}

static void hold_name(void)
{
	int fd;

	hold_mount();
	fd = load_must(open_dir(dir));
	held[0] = load_must(create_at(fd, "name", HCHAN_CREATE));
	close(fd);
	load_must(umount2(dir, MNT_DETACH));
	rmdir(dir);
}

/* Nobody has it open, it has a name no more, but it is mounted elsewhere. */
static void hold_bind(void)
{
	char name[128];
	int fd;

	hold_mount();
	fd = load_must(open_dir(dir));
	load_must(create_at(fd, "name", HCHAN_CREATE | HCHAN_NO_OPEN));
	close(fd);
	close(load_must(open("/tmp/hchan-bind", O_CREAT | O_RDWR, 0600)));
	snprintf(name, sizeof(name), "%s/name", dir);
	load_must(mount(name, "/tmp/hchan-bind", NULL, MS_BIND, NULL));
	load_must(umount2(dir, 0));
	rmdir(dir);
}

static void drop_bind(void)
{
	load_must(umount2("/tmp/hchan-bind", 0));
	unlink("/tmp/hchan-bind");
}

/* Its deadline is far away. */
static void hold_context(void)
{
	int dev = open_device();

	held[0] = hc_ctx_until(dev, 0, hc_in(100 * HC_PATIENCE), NULL).fd;
	close(dev);
}

/* The right to cancel a context that nobody has otherwise. */
static void hold_right(void)
{
	int dev = open_device();
	struct hc_ctx ctx = hc_ctx(dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);

	close(dev);
	close(ctx.fd);
	held[0] = ctx.cancel;
}

/* A task that is parked. Who may be waited for has let go of everything. */
static void hold_parked(void)
{
	int fd = load_must(hc_make(8, 0, 0));
	uint64_t elem;

	child = load_must(fork());
	if (!child)
		_exit(hc_recv(fd, &elem, sizeof(elem)));
	load_must(hc_wait_receivers(fd, 1));
	close(fd);
}

/* A hundred channels with something in them. */
static void hold_many(void)
{
	static char elem[5000];
	int done[2], i, fd;
	char byte = 0;

	load_must(pipe(done));
	child = load_must(fork());
	if (!child) {
		for (i = 0; i < 100; i++) {
			fd = load_must(hc_make(i * 50, 2, 0));
			load_must(hc_send(fd, elem, i * 50));
		}
		load_must(write(done[1], &byte, 1));
		pause();
		_exit(0);
	}
	hc_must(read(done[0], &byte, 1) == 1);
	close(done[0]);
	close(done[1]);
}

static void drop_child(void)
{
	kill(child, SIGKILL);
	hc_must(waitpid(child, NULL, 0) == child);
}

static const struct holder {
	const char *name;
	void (*hold)(void);
	void (*drop)(void);
} holders[] = {
	{ "the device, open", hold_device, drop },
	{ "an anonymous channel", hold_channel, drop },
	{ "a timer and a ticker", hold_timer, drop },
	{ "a narrower descriptor", hold_narrow, drop },
	{ "a descriptor in a socket", hold_flight, drop },
	{ "a mount", hold_mount, drop_mount },
	{ "a directory whose mount is detached", hold_directory, drop },
	{ "a channel whose mount is detached", hold_name, drop },
	{ "a channel mounted elsewhere", hold_bind, drop_bind },
	{ "a context", hold_context, drop },
	{ "the right to cancel", hold_right, drop },
	{ "a task that is parked", hold_parked, drop_child },
	{ "a task with a hundred channels", hold_many, drop_child },
};

static void test_holder(const struct holder *holder)
{
	int busy, gone, again = -1;
	bool worked;

	held[0] = -1;
	held[1] = -1;
	holder->hold();
	busy = unload();
	worked = works();
	holder->drop();
	gone = unload();
	if (!gone)
		again = load();
	ksft_test_result(busy == -EWOULDBLOCK && worked && !gone && !again &&
			 works(), "%s holds it, until it is gone (%d, %d, %d)\n",
			 holder->name, busy, gone, again);
	if (!gone && again)
		ksft_exit_fail_msg("the module does not load again\n");
}

/* An interest in a channel is none in the module. */
static void test_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = load_must(epoll_create1(EPOLL_CLOEXEC));
	int fd = load_must(hc_make(8, 1, 0)), ret;

	load_must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	close(fd);
	ret = unload();
	ksft_test_result(!ret && !load(), "an epoll does not hold it (%d)\n",
			 ret);
	close(epoll);
}

/*
 * Nor is a descriptor that can do nothing: it has not the channel, only what the
 * kernel shows of one. That stays good when the module is not there any more.
 */
static void test_path(void)
{
	int fd = load_must(hc_make(8, 1, 0)), path, gone, again = -1;
	char name[64], text[64] = "";
	bool nothing;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	path = load_must(open(name, O_PATH | O_CLOEXEC));
	close(fd);
	gone = unload();
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
	nothing = ERR(open(name, O_RDWR | O_CLOEXEC)) == -ENXIO &&
		  readlink(name, text, sizeof(text) - 1) > 0 &&
		  !strcmp(text, "anon_inode:[hchan]");
	close(path);
	if (!gone)
		again = load();
	ksft_test_result(!gone && !again && nothing && works(),
			 "an O_PATH descriptor does not hold it (%d, %d, %s)\n",
			 gone, again, text);
}

/* Timers that come just when their descriptors go, and the module with them. */
static void test_timers(void)
{
	int fds[64], gone = 0, again = 0, round;
	unsigned int i;

	for (round = 0; round < 20 && !gone && !again; round++) {
		for (i = 0; i < ARRAY_SIZE(fds); i++)
			fds[i] = load_must(i % 2 ? ht_at(hc_in(i * 20000)) :
						   ht_ticker(hc_in(i * 20000), 1));
		for (i = 0; i < ARRAY_SIZE(fds); i++)
			close(fds[i]);
		gone = unload();
		if (!gone)
			again = load();
	}
	ksft_test_result(!gone && !again && works(),
			 "C52: timers that come do not hold it (%d, %d)\n", gone,
			 again);
}

/*
 * A deadline that has come asks for work, which may still be under way when nobody has
 * the context any more: the module goes when that is done.
 */
static void test_deadlines(void)
{
	unsigned int i, n = hc_scale(20);
	int gone = 0, again = 0, j, dev;
	struct hc_ctx ctx[20];
	int64_t at;

	for (i = 0; i < n && !gone && !again; i++) {
		at = hc_in(2 * HC_MS);
		dev = open_device();
		ctx[0] = hc_ctx_until(dev, 0, at, NULL);
		close(dev);
		for (j = 1; j < 20; j++)
			ctx[j] = hc_ctx_until(ctx[j / 2].fd, 0, at - j * 100, NULL);
		while (hc_clock(CLOCK_MONOTONIC) < at - 200000 + i % 10 * 40000)
			;
		for (j = 0; j < 20; j++)
			close(ctx[j].fd);
		gone = unload();
		if (!gone)
			again = load();
	}
	ksft_test_result(!gone && !again && works(),
			 "deadlines that pass do not hold it, %u times (%d, %d)\n", n,
			 gone, again);
}

int main(void)
{
	unsigned int i;
	int ret;

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(holders) + 4);
	ret = access("/sys/module/hchan/initstate", F_OK) ? -ENOENT :
							    unmount_all();
	if (!ret && number_in("/sys/module/hchan/refcnt"))
		ret = -EBUSY;
	if (ret) {
		for (i = 0; i < ARRAY_SIZE(holders) + 4; i++)
			ksft_test_result_code(KSFT_SKIP, "unload",
					      "%s", ret == -ENOENT ?
					      "it is not a module here" :
					      "it is in use");
		if (ret != -ENOENT)
			mount_all();
		ksft_finished();
	}
	for (i = 0; i < ARRAY_SIZE(holders); i++)
		test_holder(&holders[i]);
	test_epoll();
	test_path();
	test_timers();
	test_deadlines();
	mount_all();
	ksft_finished();
}
