/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other end of a channel, in a thread, in a forked process, or in a program
 * of its own that has nothing but the channel's name: the test program once
 * more, by exec, which opens /dev/chan/NAME.
 *
 * A program that includes this lists what its peers can run in hc_bodies[].
 */
#ifndef HCHAN_PEER_H
#define HCHAN_PEER_H

#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include "hchan_test.h"

#define HC_DIR		"/dev/chan"
#define HC_FS_MAGIC	0x6863686e

enum hc_between {
	HC_THREADS,
	HC_FORKED,
	HC_UNRELATED,
};

/*
 * struct hc_chan - a channel that peers can reach
 * @fd: for both directions
 * @name: below HC_DIR, if it is between unrelated programs
 */
struct hc_chan {
	enum hc_between between;
	int fd;
	char name[32];
};

/* Runs with a descriptor of its own. Returns 0 to 127; a failure is hc_must(). */
typedef int hc_body(int fd, const long *arg);

struct hc_body_entry {
	const char *name;
	hc_body *body;
};

#define HC_BODY(function) { #function, function }

/* Ends with an empty entry. */
extern const struct hc_body_entry hc_bodies[];

#define HC_ARGS 4

struct hc_peer {
	enum hc_between between;
	hc_body *body;
	int fd;
	long arg[HC_ARGS];
	int result;
	pthread_t thread;
	pid_t pid;
};

/* A descriptor of the directory with the names, which is mounted if need be. */
static inline int hc_dir(void)
{
	struct statfs fs;
	int fd;

	if (statfs(HC_DIR, &fs) || fs.f_type != HC_FS_MAGIC) {
		mkdir(HC_DIR, 0755);
		if (mount("none", HC_DIR, "hchanfs", 0, NULL))
			return -errno;
	}
	fd = open(HC_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Returns 0. */
static inline int hc_chan_make(struct hc_chan *ch, enum hc_between between,
			       uint32_t elem_size, uint64_t capacity,
			       uint32_t flags)
{
	struct hchan_create create = hc_request(elem_size, capacity, flags);
	static int n;
	int dir;

	ch->between = between;
	if (between != HC_UNRELATED) {
		ch->fd = hc_create(&create);
		return ch->fd < 0 ? ch->fd : 0;
	}
	snprintf(ch->name, sizeof(ch->name), "test-%d-%d", getpid(), n++);
	create.name = (uintptr_t)ch->name;
	create.name_len = strlen(ch->name);
	create.mode = 0600;
	create.flags |= HCHAN_CREATE | HCHAN_EXCL;
	dir = hc_dir();
	if (dir < 0)
		return dir;
	ch->fd = hc_create_at(dir, &create);
	close(dir);
	return ch->fd < 0 ? ch->fd : 0;
}

static inline int hc_open_name(const char *name, int open_flags)
{
	char path[sizeof(HC_DIR) + 1 + HCHAN_NAME_MAX];
	int fd;

	snprintf(path, sizeof(path), HC_DIR "/%s", name);
	fd = open(path, open_flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Drops the test's own descriptor, if it has not yet, and the name. */
static inline void hc_chan_drop(struct hc_chan *ch)
{
	char path[sizeof(HC_DIR) + 1 + HCHAN_NAME_MAX];

	if (ch->fd >= 0)
		close(ch->fd);
	ch->fd = -1;
	if (ch->between != HC_UNRELATED)
		return;
	snprintf(path, sizeof(path), HC_DIR "/%s", ch->name);
	hc_must(!unlink(path));
}

static inline void *hc_peer_thread(void *data)
{
	struct hc_peer *peer = data;

	peer->result = peer->body(peer->fd, peer->arg);
	return NULL;
}

static inline void hc_exec(const struct hc_peer *peer,
			   const struct hc_chan *ch, int open_flags)
{
	const struct hc_body_entry *entry = hc_bodies;
	char text[1 + HC_ARGS][24];
	char *argv[6 + HC_ARGS] = {
		"peer", "--peer", NULL, (char *)ch->name, text[0], text[1],
		text[2], text[3], text[4], NULL,
	};
	int i;

	while (entry->body != peer->body)
		entry++;
	argv[2] = (char *)entry->name;
	snprintf(text[0], sizeof(text[0]), "%d", open_flags);
	for (i = 0; i < HC_ARGS; i++)
		snprintf(text[1 + i], sizeof(text[0]), "%ld", peer->arg[i]);
	execv("/proc/self/exe", argv);
}

/* Sees that a process does not outlive a test that is ended. */
static inline void hc_die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
}

/* Starts a peer whose descriptor has @open_flags' direction. */
static inline void hc_start_by(struct hc_peer *peer, const struct hc_chan *ch,
			       int open_flags, hc_body *body, const long *arg)
{
	pid_t self = getpid();

	peer->between = ch->between;
	peer->body = body;
	peer->result = -1;
	memcpy(peer->arg, arg, sizeof(peer->arg));
	peer->fd = -1;
	if (ch->between != HC_UNRELATED) {
		peer->fd = hc_narrow(ch->fd, open_flags);
		hc_must(peer->fd >= 0);
	}
	if (ch->between == HC_THREADS) {
		hc_must(!pthread_create(&peer->thread, NULL, hc_peer_thread,
					peer));
		return;
	}
	peer->pid = fork();
	hc_must(peer->pid >= 0);
	if (!peer->pid) {
		hc_die_with(self);
		if (ch->between == HC_FORKED) {
			/* Of the test's descriptors it keeps its own alone. */
			close_range(3, peer->fd - 1, 0);
			close_range(peer->fd + 1, ~0U, 0);
			_exit(body(peer->fd, peer->arg));
		}
		hc_exec(peer, ch, open_flags);
		_exit(125);
	}
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

/* hc_start(peer, chan, open_flags, body, up to four numbers) */
#define hc_start(peer, ch, open_flags, body, ...)			\
	hc_start_by(peer, ch, open_flags, body,				\
		    (long [HC_ARGS]) { __VA_ARGS__ })

static inline int hc_reap(struct hc_peer *peer)
{
	int status;

	hc_must(waitpid(peer->pid, &status, 0) == peer->pid);
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

/* What the body returned, or 256 plus the signal that ended the process. */
static inline int hc_join(struct hc_peer *peer)
{
	if (peer->between != HC_THREADS)
		return hc_reap(peer);
	hc_must(!pthread_join(peer->thread, NULL));
	close(peer->fd);
	return peer->result;
}

/* kill -9; it can be waited for when this returns. Not a thread. */
static inline int hc_kill(struct hc_peer *peer)
{
	hc_must(peer->between != HC_THREADS);
	hc_must(!kill(peer->pid, SIGKILL));
	return hc_reap(peer);
}

/* Bodies that most need. arg: way, element size, seed */

static inline int hc_recv_one(int fd, const long *arg)
{
	hc_must(hc_get_seed(arg[0], fd, arg[1], arg[2], false) == 1);
	return 0;
}

static inline int hc_send_one(int fd, const long *arg)
{
	hc_must(hc_put_seed(arg[0], fd, arg[1], arg[2], false) == 0);
	return 0;
}

/*
 * Waits until a task sleeps in a call that can be interrupted. For what no
 * channel can tell: the task must be about to make that call and no other.
 */
static inline void hc_asleep(pid_t tid)
{
	char path[64], state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	do {
		sched_yield();
		f = fopen(path, "r");
		hc_must(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
		fclose(f);
		hc_must(state != 'Z' && state != 'X');
	} while (state != 'S');
}

/*
 * From now on this thread has a processor for itself and for those whom it
 * starts, and they run only while it is blocked: what it does to one that is
 * parked has all happened before that one runs again.
 */
static inline void hc_run_first(void)
{
	struct sched_param param = { .sched_priority = 10 };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	hc_must(!sched_setaffinity(0, sizeof(cpus), &cpus));
	hc_must(!sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK,
				    &param));
}

/* In a program that was started to be a peer: runs the body instead of main(). */
static void __attribute__((constructor)) hc_peer_main(int argc, char **argv)
{
	const struct hc_body_entry *entry = hc_bodies;
	long arg[HC_ARGS];
	int fd, i;

	if (argc != 5 + HC_ARGS || strcmp(argv[1], "--peer"))
		return;
	while (entry->body && strcmp(entry->name, argv[2]))
		entry++;
	fd = hc_open_name(argv[3], atoi(argv[4]));
	if (!entry->body || fd < 0)
		_exit(124);
	for (i = 0; i < HC_ARGS; i++)
		arg[i] = atol(argv[5 + i]);
	_exit(entry->body(fd, arg));
}

#endif /* HCHAN_PEER_H */
