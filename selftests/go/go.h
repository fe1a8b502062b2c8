/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Go's programs over the kernel's channels.
 *
 * A test is a program of several goroutines. It runs in three forms: they are
 * threads; they are forked processes; they are unrelated processes, each this
 * test program once more, by exec, which gets nothing but the names of its
 * channels. The text of a test is the same for all three:
 *
 *	GO(producer)
 *	{
 *		for (long i = 0; i < arg[0]; i++)
 *			g_put(ch[0], i);
 *		g_close(ch[0]);
 *	}
 *
 *	GO_MAIN(elements_come_in_order)
 *	{
 *		int c = g_longs(0);
 *		long v, n = 0;
 *
 *		g_go(producer, CH(c), 100);
 *		while (g_get_ok(c, &v))
 *			hc_must(v == n++);
 *		hc_must(n == 100);
 *	}
 *
 *	TEST_HARNESS_MAIN
 *
 * As in Go:
 * - The program passes when the body of GO_MAIN() returns. Goroutines that are
 *   then still parked end with it; none has to be waited for.
 * - A goroutine that breaks a hc_must() ends the whole program, which then
 *   fails. So does one that dies from a signal. The harness's ASSERT_EQ() is
 *   not for goroutines.
 * - A channel is an int, G_NIL the nil channel. It is of any element size
 *   (g_make()), or of longs (g_longs()), for which g_put() and g_get() are
 *   there. What hchan_test.h and hchan_select.h offer can be used as well.
 * - g_go() starts a goroutine with channels, which it finds in ch[] in that
 *   order, and with numbers, in arg[]. It has descriptors of its own in ch[],
 *   closed for it when it ends; who starts it may drop his (g_drop()) at once.
 * - A goroutine knows nothing else: static variables are its own in two of the
 *   three forms. What all of a program share is a page, g_page(), of zeroes at
 *   first. Numbers in it are counted with g_count().
 * - Who has to wait for others waits for a channel, for a channel's state
 *   (hc_wait_receivers() ...), or for a word of the page (g_await()). Those who
 *   race and start together by a word do so on processors of their own
 *   (g_stay_on()): two that spin on one only delay each other.
 *
 * Channels of channels: an element is a struct g_ref. The channel to be passed
 * is made by g_make_ref(), as between processes it needs a name; g_ref(c) is
 * the element; g_take() makes a channel of what was received, once for each
 * g_ref(). Who made the channel must not g_drop() it, which takes the name away,
 * before it was taken.
 *
 * How long a test may take is the harness's affair: 30 s for each form, or
 * GO_MAIN_TIMEOUT(). Long loops go by hc_scale().
 */
#ifndef HCHAN_GO_H
#define HCHAN_GO_H

#include <dirent.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_select.h"

#define G_CHANS		16	/* a goroutine's, at most */
#define G_ARGS		6
#define G_NIL		-1

struct g_chans {
	int n;
	int ch[G_CHANS];
};

/* The channels that g_go() hands on; CH() for none. */
#define CH(...)								\
	((struct g_chans) { sizeof((int []){ 0, ##__VA_ARGS__ }) /	\
			    sizeof(int) - 1, { __VA_ARGS__ } })

typedef void g_body(const int *ch, const long *arg);

struct g_entry {
	const char *name;
	g_body *body;
};

/* A goroutine's function; what g_go() wants. Its name finds it after an exec. */
#define GO(function)							\
	static g_body g_body_##function;				\
	static const struct g_entry g_entry_##function = {		\
		#function, g_body_##function				\
	};								\
	static const struct g_entry *const function			\
		__attribute__((used, section("g_entries"))) =		\
			&g_entry_##function;				\
	static void							\
	g_body_##function(const int *ch __attribute__((unused)),	\
			  const long *arg __attribute__((unused)))

/* All of the program, from the linker. */
extern const struct g_entry *const __start_g_entries[] __attribute__((weak));
extern const struct g_entry *const __stop_g_entries[] __attribute__((weak));

/* The test, and its main goroutine. */
#define GO_MAIN_TIMEOUT(name, seconds)					\
	static g_body g_main_##name;					\
	TEST_F_TIMEOUT(go, name, seconds)				\
	{								\
		EXPECT_EQ(0, g_run(variant->form, g_main_##name));	\
	}								\
	static void g_main_##name(const int *ch __attribute__((unused)),	\
				  const long *arg __attribute__((unused)))

#define GO_MAIN(name) GO_MAIN_TIMEOUT(name, TEST_TIMEOUT_DEFAULT)

FIXTURE(go)
{
};

FIXTURE_VARIANT(go)
{
	enum hc_between form;
};

FIXTURE_VARIANT_ADD(go, threads) { HC_THREADS };
FIXTURE_VARIANT_ADD(go, forked) { HC_FORKED };
FIXTURE_VARIANT_ADD(go, unrelated) { HC_UNRELATED };

FIXTURE_SETUP(go)
{
}

FIXTURE_TEARDOWN(go)
{
}

/* hchan_peer.h has peers of its own, with one channel each: not here. */
const struct hc_body_entry hc_bodies[] = { {} };

/* How this program runs. Every process of it is a child of one supervisor. */
static enum hc_between g_form;

/* /dev/hchan, to select on: with nil channels alone there is no other. */
static int g_dev = -1;

#define G_PAGE_BYTES	65536

static void *g_page_at;

static inline void g_page_name(char *path, pid_t super)
{
	sprintf(path, "/tmp/go-%d", super);
}

static inline void g_page_map(pid_t super, int open_flags)
{
	char path[32];
	int fd;

	g_page_name(path, super);
	fd = open(path, open_flags | O_RDWR | O_CLOEXEC, 0600);
	hc_must(fd >= 0 && !ftruncate(fd, G_PAGE_BYTES));
	g_page_at = mmap(NULL, G_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			 fd, 0);
	hc_must(g_page_at != MAP_FAILED);
	close(fd);
}

/* What the goroutines share. */
static inline void *g_page(void)
{
	return g_page_at;
}

/* The @i-th word there. */
static inline long *g_word(int i)
{
	hc_must((i + 1) * sizeof(long) <= G_PAGE_BYTES);
	return (long *)g_page_at + i;
}

/* How many sleep in g_await(). */
#define G_SLEEPERS	(G_PAGE_BYTES / sizeof(long) - 1)

static inline long g_futex(long *word, int op, long n)
{
	return syscall(SYS_futex, word, op, (int)n, NULL, NULL, 0);
}

/* Adds to a word of the page. Returns what it is then. */
static inline long g_count(int i, long n)
{
	n = __atomic_add_fetch(g_word(i), n, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(g_word(G_SLEEPERS), __ATOMIC_SEQ_CST))
		g_futex(g_word(i), FUTEX_WAKE, INT_MAX);
	return n;
}

/*
 * Waits until a word of the page, which others g_count(), is at least @n. Who
 * waits for not too long takes no time to go on: for starting together.
 */
static inline void g_await(int i, long n)
{
	int spins = 2000;
	long v;

	while ((v = __atomic_load_n(g_word(i), __ATOMIC_SEQ_CST)) < n) {
		if (spins-- > 0)
			continue;
		__atomic_add_fetch(g_word(G_SLEEPERS), 1, __ATOMIC_SEQ_CST);
		g_futex(g_word(i), FUTEX_WAIT, v);
		__atomic_sub_fetch(g_word(G_SLEEPERS), 1, __ATOMIC_SEQ_CST);
	}
}

/* The calling goroutine stays on the @n-th processor, round the ones there are. */
static inline void g_stay_on(int n)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(n % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
	hc_must(!sched_setaffinity(0, sizeof(cpus), &cpus));
}

/* The name of a channel that has one. Returns who made it, or 0. */
static inline pid_t g_name(int c, char *name, size_t room)
{
	char link[32], path[128];
	pid_t super, maker;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", c);
	len = readlink(link, path, sizeof(path) - 1);
	hc_must(len > 0);
	path[len] = '\0';
	if (sscanf(path, HC_DIR "/go-%d-%d-", &super, &maker) != 2)
		return 0;
	if (strchr(path, ' '))	/* taken away */
		return 0;
	hc_must((size_t)snprintf(name, room, "%s", path + sizeof(HC_DIR)) < room);
	return maker;
}

static inline int g_make_by(uint32_t elem_size, uint64_t cap, uint32_t flags,
			    bool named)
{
	struct hchan_create create = hc_request(elem_size, cap, flags);
	static int dir = -1, n;
	char name[48];
	int c;

	if (!named) {
		c = hc_create_at(g_dev, &create);
	} else {
		if (dir < 0)
			dir = hc_dir();
		sprintf(name, "go-%d-%d-%d", getppid(), getpid(), n++);
		create.name = (uintptr_t)name;
		create.name_len = strlen(name);
		create.mode = 0600;
		create.flags |= HCHAN_CREATE | HCHAN_EXCL;
		c = hc_create_at(dir, &create);
	}
	if (c < 0)
		hc_broken("make: %s", strerror(-c));
	return c;
}

/* Go's make(chan): one that goroutines get when they are started. */
static inline int g_make(uint32_t elem_size, uint64_t cap)
{
	return g_make_by(elem_size, cap, 0, g_form == HC_UNRELATED);
}

/* One of messages of up to @longest bytes. */
static inline int g_make_msg(uint32_t longest, uint64_t cap)
{
	return g_make_by(longest, cap, HCHAN_MSG, g_form == HC_UNRELATED);
}

static inline int g_longs(uint64_t cap)
{
	return g_make(sizeof(long), cap);
}

/* One that is passed through a channel. */
static inline int g_make_ref(uint32_t elem_size, uint64_t cap)
{
	return g_make_by(elem_size, cap, 0, g_form != HC_THREADS);
}

/* Closes a descriptor, not the channel. Who made it takes the name away. */
static inline void g_drop(int c)
{
	char name[48], path[64];

	if (g_form != HC_THREADS && g_name(c, name, sizeof(name)) == getpid()) {
		snprintf(path, sizeof(path), HC_DIR "/%s", name);
		hc_must(!unlink(path));
	}
	hc_must(!close(c));
}

/* An element of a channel of channels. All zeroes is the nil channel. */
struct g_ref {
	int fd;
	char name[44];
};

static inline struct g_ref g_ref(int c)
{
	struct g_ref ref = {};

	if (c == G_NIL)
		return ref;
	if (g_form == HC_THREADS) {
		ref.fd = fcntl(c, F_DUPFD_CLOEXEC, 3);
		hc_must(ref.fd >= 0);
	} else if (!g_name(c, ref.name, sizeof(ref.name))) {
		hc_broken("not made by g_make_ref(), or dropped");
	}
	return ref;
}

/* A descriptor of one's own, to be dropped. */
static inline int g_take(const struct g_ref *ref)
{
	int c = ref->fd ? ref->fd : G_NIL;

	if (ref->name[0]) {
		c = hc_open_name(ref->name, O_RDWR);
		if (c < 0)
			hc_broken("%s: %s", ref->name, strerror(-c));
	}
	return c;
}

struct g_thread {
	g_body *body;
	struct g_chans ch;
	long arg[G_ARGS];
};

static inline void *g_thread_main(void *data)
{
	struct g_thread *t = data;
	int i;

	t->body(t->ch.ch, t->arg);
	for (i = 0; i < t->ch.n; i++) {
		if (t->ch.ch[i] != G_NIL)
			hc_must(!close(t->ch.ch[i]));
	}
	free(t);
	return NULL;
}

static inline void g_start_thread(g_body *body, struct g_chans ch,
				  const long *arg)
{
	struct g_thread *t = malloc(sizeof(*t));
	pthread_attr_t attr;
	pthread_t thread;
	int i;

	t->body = body;
	t->ch = ch;
	memcpy(t->arg, arg, sizeof(t->arg));
	for (i = 0; i < ch.n; i++) {
		if (ch.ch[i] == G_NIL)
			continue;
		t->ch.ch[i] = fcntl(ch.ch[i], F_DUPFD_CLOEXEC, 3);
		hc_must(t->ch.ch[i] >= 0);
	}
	hc_must(!pthread_attr_init(&attr));
	hc_must(!pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
	hc_must(!pthread_attr_setstacksize(&attr, 256 * 1024));
	hc_must(!pthread_create(&thread, &attr, g_thread_main, t));
	pthread_attr_destroy(&attr);
}

/*
 * A sibling, not a child: so the supervisor hears of everyone's end, and
 * everyone ends with the supervisor, but not with who has started it.
 */
static inline pid_t g_fork(void)
{
	pid_t super = getppid();
	pid_t pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	hc_must(pid >= 0);
	if (!pid)
		hc_die_with(super);
	return pid;
}

static inline void g_exec(const struct g_entry *entry, const struct g_chans *ch,
			  const long *arg, int opened)
{
	char name[G_CHANS][48], number[2 + G_ARGS][24];
	char *argv[5 + G_ARGS + G_CHANS + 1] = {
		"goroutine", "--go", (char *)entry->name,
	};
	int i, n = 3;

	sprintf(number[0], "%d", opened);
	sprintf(number[1], "%d", ch->n);
	for (i = 0; i < G_ARGS; i++)
		sprintf(number[2 + i], "%ld", arg[i]);
	for (i = 0; i < 2 + G_ARGS; i++)
		argv[n++] = number[i];
	for (i = 0; i < ch->n; i++) {
		strcpy(name[i], "-");
		if (ch->ch[i] != G_NIL)
			hc_must(g_name(ch->ch[i], name[i], sizeof(name[i])));
		argv[n++] = name[i];
	}
	execv("/proc/self/exe", argv);
	_exit(125);
}

/* Returns when the new program has opened its channels. */
static inline void g_start_unrelated(const struct g_entry *entry,
				     const struct g_chans *ch, const long *arg)
{
	int opened[2];
	char none;

	hc_must(!pipe2(opened, O_CLOEXEC));
	if (!g_fork()) {
		hc_must(!fcntl(opened[1], F_SETFD, 0));
		g_exec(entry, ch, arg, opened[1]);
	}
	close(opened[1]);
	hc_must(read(opened[0], &none, 1) == 0);
	close(opened[0]);
}

static inline void g_go_by(const struct g_entry *entry, struct g_chans ch,
			   const long *arg)
{
	switch (g_form) {
	case HC_THREADS:
		g_start_thread(entry->body, ch, arg);
		break;
	case HC_FORKED:
		if (g_fork())
			break;
		entry->body(ch.ch, arg);
		_exit(0);
	case HC_UNRELATED:
		g_start_unrelated(entry, &ch, arg);
		break;
	}
}

/* Go's go: g_go(function, CH(channels), numbers) */
#define g_go(function, ch, ...)						\
	g_go_by(function, ch, (long [G_ARGS]) { __VA_ARGS__ })

static inline void g_init(void)
{
	struct rlimit files = { 16384, 16384 };

	setrlimit(RLIMIT_NOFILE, &files);
	g_dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	hc_must(g_dev >= 0);
}

/* In a program that was started to be a goroutine: runs that instead of main(). */
static void __attribute__((constructor)) g_goroutine_main(int argc, char **argv)
{
	const struct g_entry *const *entry = __start_g_entries;
	int ch[G_CHANS], i, n;
	long arg[G_ARGS];

	if (argc < 5 + G_ARGS || strcmp(argv[1], "--go"))
		return;
	g_form = HC_UNRELATED;
	g_init();
	g_page_map(getppid(), 0);
	while (strcmp((*entry)->name, argv[2]))
		hc_must(++entry < __stop_g_entries);
	n = atoi(argv[4]);
	for (i = 0; i < G_ARGS; i++)
		arg[i] = atol(argv[5 + i]);
	for (i = 0; i < n; i++) {
		const char *name = argv[5 + G_ARGS + i];

		ch[i] = strcmp(name, "-") ? hc_open_name(name, O_RDWR) : G_NIL;
		if (ch[i] < 0 && ch[i] != G_NIL)
			hc_broken("%s: %s", name, strerror(-ch[i]));
	}
	close(atoi(argv[3]));
	(*entry)->body(ch, arg);
	_exit(0);
}

/* Whether a goroutine ended well. */
static inline bool g_ended_well(pid_t pid, int status)
{
	if (!status)
		return true;
	fprintf(stderr, "# goroutine %d: %s %d\n", pid,
		WIFSIGNALED(status) ? "signal" : "exit status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}

/*
 * The supervisor: until the main goroutine has ended, or any has failed. Its own
 * end is the signal for all others to end.
 */
static inline int g_supervise(g_body *body)
{
	const long arg[G_ARGS] = {};
	pid_t self = getpid(), first, pid;
	bool well = true;
	int status;

	g_init();
	g_page_map(self, O_CREAT | O_EXCL);
	first = fork();
	hc_must(first >= 0);
	if (!first) {
		hc_die_with(self);
		body(NULL, arg);
		_exit(0);
	}
	do {
		pid = wait(&status);
		hc_must(pid > 0);
		well = g_ended_well(pid, status);
	} while (well && pid != first);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		well &= g_ended_well(pid, status);
	return well ? 0 : 1;
}

/* Takes away what the program under @super has left. */
static inline void g_clean(pid_t super)
{
	char path[300], begin[16];
	struct dirent *entry;
	DIR *dir;

	g_page_name(path, super);
	unlink(path);
	if (g_form == HC_THREADS)
		return;
	snprintf(begin, sizeof(begin), "go-%d-", super);
	dir = fdopendir(hc_dir());
	hc_must(dir);
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, begin, strlen(begin)))
			continue;
		snprintf(path, sizeof(path), HC_DIR "/%s", entry->d_name);
		hc_must(!unlink(path));
	}
	closedir(dir);
}

/* Runs a program. When this returns, nothing of it is left. */
static inline int g_run(enum hc_between form, g_body *body)
{
	pid_t self = getpid(), super;
	int status;

	g_form = form;
	if (form != HC_THREADS)
		close(hc_dir());	/* mounted for all of them */
	/* Whose supervisor is gone becomes a child of ours. */
	hc_must(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	super = fork();
	hc_must(super >= 0);
	if (!super) {
		hc_die_with(self);
		_exit(g_supervise(body));
	}
	hc_must(waitpid(super, &status, 0) == super);
	while (waitpid(-1, NULL, 0) > 0)
		;
	hc_must(errno == ECHILD);
	g_clean(super);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

#include "go_chan.h"

#endif /* HCHAN_GO_H */
