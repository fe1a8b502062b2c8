// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tools/bench/profile looks at, in its guest: each path some times over,
 * between two marks that it finds in the emulator's log.
 *
 *	paths [--list] | N PATH...
 *
 * It tells over the second serial port which path comes next, waits there for
 * a byte (the log is on), and tells when it has done. On its output are the
 * marks' addresses and the kernel's symbols.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <linux/hchan.h>
#include <liburing.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define SIZE	64
#define LARGE	1024
#define DEPTH	128
#define BATCH	32
#define MOST	64	/* channels */
#define WARM	100	/* times before the log is on, and */
#define SKIP	8	/* after it */

static char buf[4096] __aligned(4096);
static int device, fds[MOST], n_fds, set;
static int ends[2];
static pid_t partner;
static unsigned int turn;
static struct hchan_case cases[MOST];
static struct hchan_xfer one = { .buf = (uintptr_t)buf, .len = SIZE };
static struct hchan_batch many = {
	.buf = (uintptr_t)buf, .stride = SIZE, .count = BATCH,
};

static void __noreturn die(const char *what)
{
	fprintf(stderr, "paths: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Found by their addresses; not alike, so that they stay two. */
static noinline void mark_begin(void)
{
	__asm__ volatile("nop" : : : "memory");
}

static noinline void mark_end(void)
{
	__asm__ volatile("nop; nop" : : : "memory");
}

static void must(bool good, const char *what)
{
	if (!good)
		die(what);
}

static int channel(unsigned int size, unsigned int capacity, int flags)
{
	struct hchan_create c = {
		.size = sizeof(c),
		.elem_size = size,
		.open_flags = O_RDWR | O_CLOEXEC | flags,
		.capacity = capacity,
	};
	int fd = ioctl(device, HCHAN_IOC_CREATE, &c);

	must(fd >= 0, "create");
	return fd;
}

static void channels(int n)
{
	for (n_fds = 0; n_fds < n; n_fds++) {
		fds[n_fds] = channel(SIZE, DEPTH, 0);
		cases[n_fds] = (struct hchan_case) {
			.fd = fds[n_fds],
			.op = HCHAN_CASE_RECV,
			.buf = (uintptr_t)buf,
			.len = SIZE,
		};
	}
}

static void put(int fd)
{
	must(write(fd, buf, SIZE) == SIZE, "write");
}

static void get(int fd)
{
	must(read(fd, buf, SIZE) == SIZE, "read");
}

/* --- one process ---------------------------------------------------------- */

static void op_empty(void)
{
	getuid();
}

static void small(void)
{
	channels(1);
	put(fds[0]);
}

static void op_write(void)
{
	put(fds[0]);
}

static void op_read(void)
{
	get(fds[0]);
}

static void op_send(void)
{
	must(!ioctl(fds[0], HCHAN_IOC_SEND, &one), "send");
}

static void op_recv(void)
{
	must(ioctl(fds[0], HCHAN_IOC_RECV, &one) == 1, "receive");
}

static void empty_channel(void)
{
	fds[0] = channel(SIZE, DEPTH, O_NONBLOCK);
	n_fds = 1;
}

static void op_try(void)
{
	must(read(fds[0], buf, SIZE) < 0 && errno == EAGAIN, "try");
}

static void large(void)
{
	fds[0] = channel(LARGE, DEPTH, 0);
	n_fds = 1;
}

static void op_write_large(void)
{
	must(write(fds[0], buf, LARGE) == LARGE, "write");
}

static void op_read_large(void)
{
	must(read(fds[0], buf, LARGE) == LARGE, "read");
}

static void op_sendn(void)
{
	must(ioctl(fds[0], HCHAN_IOC_SENDN, &many) == BATCH, "batch");
}

static void op_recvn(void)
{
	must(ioctl(fds[0], HCHAN_IOC_RECVN, &many) == BATCH, "batch");
}

/* --- 32 by one io_uring_enter(2) -------------------------------------------- */

static struct io_uring ring;

static void a_ring(void)
{
	small();
	must(!io_uring_queue_init(BATCH, &ring, 0), "io_uring");
}

static void submit(unsigned int request)
{
	struct hchan_uring_cmd cmd = { .arg = (uintptr_t)&one };
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	unsigned int head;

	for (int i = 0; i < BATCH; i++) {
		sqe = io_uring_get_sqe(&ring);
		memset(sqe, 0, sizeof(*sqe));
		if (!request)
			continue;	/* IORING_OP_NOP */
		sqe->opcode = IORING_OP_URING_CMD;
		sqe->fd = fds[0];
		sqe->cmd_op = request;
		memcpy(sqe->cmd, &cmd, sizeof(cmd));
	}
	must(io_uring_submit_and_wait(&ring, BATCH) == BATCH, "submit");
	io_uring_for_each_cqe(&ring, head, cqe)
		must(cqe->res == (request == HCHAN_IOC_RECV), "command");
	io_uring_cq_advance(&ring, BATCH);
}

static void op_uring_send(void)
{
	submit(HCHAN_IOC_SEND);
}

static void op_uring_recv(void)
{
	submit(HCHAN_IOC_RECV);
}

static void op_uring_nop(void)
{
	submit(0);
}

static void eight(void)
{
	channels(8);
	for (int i = 0; i < n_fds; i++)
		put(fds[i]);
}

static void sixty_four(void)
{
	channels(MOST);
}

static void op_select(void)
{
	struct hchan_select s = { .cases = (uintptr_t)cases, .count = n_fds };
	int i = ioctl(device, HCHAN_IOC_SELECT, &s);

	must(i >= 0, "select");
	turn = i;
}

static void refill(void)
{
	put(fds[turn]);
}

/* Any eight in succession are spread evenly. */
static void fill_one(void)
{
	static unsigned int at;

	put(fds[at++ * 8 % 65 % n_fds]);
}

static void a_set(void)
{
	struct hchan_set s = { .open_flags = O_CLOEXEC };

	channels(MOST);
	set = ioctl(device, HCHAN_IOC_SET, &s);
	must(set >= 0, "set");
	for (int i = 0; i < n_fds; i++) {
		struct hchan_set_ctl ctl = { .op = HCHAN_SET_ADD, .c = cases[i] };

		must(ioctl(set, HCHAN_IOC_SET_CTL, &ctl) >= 0, "set");
	}
}

static void op_set_select(void)
{
	struct hchan_set_select s = { };

	must(ioctl(set, HCHAN_IOC_SET_SELECT, &s) >= 0 && !s.status, "set select");
}

/*
 * Stays, so that it is neither always the first one of its user, nor always one
 * that makes a slab and drops it.
 */
static void another(void)
{
	channel(SIZE, 0, 0);
}

static void op_create(void)
{
	close(channel(SIZE, 0, 0));
}

static void a_pipe(void)
{
	must(!pipe2(ends, O_CLOEXEC), "pipe");
}

static void op_pipe_write(void)
{
	must(write(ends[1], buf, SIZE) == SIZE, "write");
}

static void op_pipe_read(void)
{
	must(read(ends[0], buf, SIZE) == SIZE, "read");
}

static void another_eventfd(void)
{
	must(eventfd(0, EFD_CLOEXEC) >= 0, "eventfd");
}

static void op_eventfd(void)
{
	close(eventfd(0, EFD_CLOEXEC));
}

/* --- two processes -------------------------------------------------------- */

/* Who is woken waits until who woke it sleeps. */
static void calm(void)
{
	struct sched_param param = { };

	must(!sched_setscheduler(0, SCHED_BATCH, &param), "SCHED_BATCH");
}

static void partner_start(void (*serve)(void))
{
	partner = fork();
	must(partner >= 0, "fork");
	if (partner)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		serve();
}

static void a_receiver(void)
{
	fds[0] = channel(SIZE, 0, 0);
	n_fds = 1;
	calm();
	partner_start(op_recv);
}

static void a_reader(void)
{
	fds[0] = channel(SIZE, 0, 0);
	n_fds = 1;
	calm();
	partner_start(op_read);
}

static void until_parked(void)
{
	struct hchan_wait w = { .what = HCHAN_W_RECEIVERS, .count = 1 };

	must(!ioctl(fds[0], HCHAN_IOC_WAIT, &w), "wait");
}

static void serve_echo(void)
{
	get(fds[0]);
	put(fds[1]);
}

static void pair(void (*serve)(void))
{
	fds[0] = channel(SIZE, 0, 0);
	fds[1] = channel(SIZE, 0, 0);
	n_fds = 2;
	calm();
	partner_start(serve);
}

static void echo_pair(void)
{
	pair(serve_echo);
}

static void op_ping_pong(void)
{
	put(fds[0]);
	get(fds[1]);
}

static void exchange(int to, int from)
{
	struct hchan_sendrecv x = {
		.send_buf = (uintptr_t)buf,
		.recv_buf = (uintptr_t)buf,
		.send_len = SIZE,
		.recv_len = SIZE,
		.recv_fd = from,
	};

	must(ioctl(to, HCHAN_IOC_SENDRECV, &x) == 1, "send and receive");
}

/* Begins with a question; then each answer comes with the next one. */
static void serve_exchange(void)
{
	static bool asked;

	if (!asked)
		get(fds[0]);
	asked = true;
	exchange(fds[1], fds[0]);
}

static void exchange_pair(void)
{
	pair(serve_exchange);
}

static void op_exchange(void)
{
	exchange(fds[0], fds[1]);
}

static int back[2];

static void serve_pipe(void)
{
	must(read(ends[0], buf, SIZE) == SIZE, "read");
	must(write(back[1], buf, SIZE) == SIZE, "write");
}

static void pipe_pair(void)
{
	a_pipe();
	must(!pipe2(back, O_CLOEXEC), "pipe");
	calm();
	partner_start(serve_pipe);
}

static void op_pipe_ping_pong(void)
{
	must(write(ends[1], buf, SIZE) == SIZE, "write");
	must(read(back[0], buf, SIZE) == SIZE, "read");
}

/*
 * struct path - something to look at
 * @setup: once
 * @before, @op, @after: each time; only @op is looked at
 */
static const struct path {
	const char *name;
	const char *about;
	void (*setup)(void);
	void (*before)(void);
	void (*op)(void);
	void (*after)(void);
} paths[] = {
	{ "empty", "the empty system call (getuid)",
	  NULL, NULL, op_empty, NULL },
	{ "write", "write of one 64-byte element into the buffer",
	  small, NULL, op_write, op_read },
	{ "read", "read of one 64-byte element from the buffer",
	  small, op_write, op_read, NULL },
	{ "send", "HCHAN_IOC_SEND of 64 bytes into the buffer",
	  small, NULL, op_send, op_recv },
	{ "recv", "HCHAN_IOC_RECV of 64 bytes from the buffer",
	  small, op_send, op_recv, NULL },
	{ "try", "a read with O_NONBLOCK from an empty channel",
	  empty_channel, NULL, op_try, NULL },
	{ "write-1k", "write of 1 KiB into the buffer",
	  large, NULL, op_write_large, op_read_large },
	{ "read-1k", "read of 1 KiB from the buffer",
	  large, op_write_large, op_read_large, NULL },
	{ "sendn", "HCHAN_IOC_SENDN of 32 x 64 bytes",
	  small, NULL, op_sendn, op_recvn },
	{ "recvn", "HCHAN_IOC_RECVN of 32 x 64 bytes",
	  small, op_sendn, op_recvn, NULL },
	{ "uring-send", "32 sends of 64 bytes by io_uring",
	  a_ring, NULL, op_uring_send, op_uring_recv },
	{ "uring-recv", "32 receives of 64 bytes by io_uring",
	  a_ring, op_uring_send, op_uring_recv, NULL },
	{ "uring-nop", "for comparison: 32 times nothing by io_uring",
	  a_ring, NULL, op_uring_nop, NULL },
	{ "select-8", "select over 8 receives, all ready",
	  eight, NULL, op_select, refill },
	{ "select-64", "select over 64 receives, one ready",
	  sixty_four, fill_one, op_select, NULL },
	{ "set-64", "select over a set of 64 receives, one ready",
	  a_set, fill_one, op_set_select, NULL },
	{ "send-parked", "HCHAN_IOC_SEND to a parked receive",
	  a_receiver, until_parked, op_send, NULL },
	{ "write-parked", "write to a parked read",
	  a_reader, until_parked, op_write, NULL },
	{ "ping-pong", "write and read, to another process and back, unbuffered",
	  echo_pair, NULL, op_ping_pong, NULL },
	{ "exchange", "the same with HCHAN_IOC_SENDRECV on both sides",
	  exchange_pair, NULL, op_exchange, NULL },
	{ "create", "create and close, unbuffered",
	  NULL, another, op_create, NULL },
	{ "pipe-write", "for comparison: write of 64 bytes to a pipe",
	  a_pipe, NULL, op_pipe_write, op_pipe_read },
	{ "pipe-read", "for comparison: read of 64 bytes from a pipe",
	  a_pipe, op_pipe_write, op_pipe_read, NULL },
	{ "pipe-ping-pong", "for comparison: ping-pong over two pipes",
	  pipe_pair, NULL, op_pipe_ping_pong, NULL },
	{ "eventfd", "for comparison: create and close of an eventfd",
	  NULL, another_eventfd, op_eventfd, NULL },
};

static void repeat(const struct path *p, int n)
{
	while (n--) {
		if (p->before)
			p->before();
		mark_begin();
		p->op();
		mark_end();
		if (p->after)
			p->after();
	}
}

/* The tail of what is printed must not be sent while somebody counts. */
static void tell(int port, const char *word, const char *name)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s %s\n", word, name);

	must(write(port, line, n) == n, "ttyS1");
	tcdrain(port);
}

static void look_at(const struct path *p, int port, int n)
{
	struct timespec moment = { .tv_nsec = 50000000 };
	char go;

	if (p->setup)
		p->setup();
	repeat(p, WARM);
	nanosleep(&moment, NULL);
	tcflush(port, TCIFLUSH);
	tell(port, "ready", p->name);
	/* Not asleep: the clock of a machine that idles runs away. */
	while (read(port, &go, 1) != 1)
		must(errno == EAGAIN, "ttyS1");
	repeat(p, SKIP + n);
	tell(port, "done", p->name);
	if (partner)
		kill(partner, SIGKILL);
	_exit(0);
}

static int open_port(void)
{
	int port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios raw;

	must(port >= 0 && !tcgetattr(port, &raw), "ttyS1");
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	must(!tcsetattr(port, TCSANOW, &raw), "ttyS1");
	return port;
}

/* What is charged to a memory cgroup costs more, as in the benchmark. */
static void enter_cgroup(void)
{
	const char *group = "/sys/fs/cgroup/hchan-paths";
	char path[64];
	FILE *f;

	f = fopen("/sys/fs/cgroup/cgroup.subtree_control", "we");
	if (f && fputs("+memory", f) >= 0 && !fclose(f))
		mkdir(group, 0755);
	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	f = fopen(path, "we");
	if (!f || fputs("0", f) < 0 || fclose(f))
		fputs("paths: no memory cgroup of our own\n", stderr);
}

static void print_symbols(void)
{
	char line[512];
	FILE *f = fopen("/proc/kallsyms", "re");

	must(f, "kallsyms");
	printf("marks %#lx %#lx skip %d\n", (unsigned long)mark_begin,
	       (unsigned long)mark_end, SKIP);
	while (fgets(line, sizeof(line), f)) {
		if (strchr("tTwW", line[17]))
			fputs(line, stdout);
	}
	fclose(f);
	puts("symbols done");
	fflush(stdout);
}

static const struct path *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (!strcmp(paths[i].name, name))
			return &paths[i];
	}
	errno = ENOENT;
	die(name);
}

int main(int argc, char **argv)
{
	int port, n, status;

	if (argc < 3) {
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
			printf("%-15s %s\n", paths[i].name, paths[i].about);
		return argc != 2;
	}
	n = atoi(argv[1]);
	for (int i = 2; i < argc; i++)
		find(argv[i]);
	print_symbols();
	enter_cgroup();
	device = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	must(device >= 0, "/dev/hchan");
	memset(buf, 1, sizeof(buf));
	port = open_port();
	for (int i = 2; i < argc; i++) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (!pid)
			look_at(find(argv[i]), port, n);
		must(waitpid(pid, &status, 0) == pid && !status, argv[i]);
	}
	return 0;
}
