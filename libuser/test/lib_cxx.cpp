// SPDX-License-Identifier: GPL-2.0-only
/* <hchan.hpp> against the kernel, and a C++ program and a C program on one channel. */
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.hpp>

#include "lib_cxx.h"

HCHAN_CXX_ELEMENT(struct job);
HCHAN_CXX_ELEMENT(int);
HCHAN_CXX_ELEMENT_AS(long, "org.example.long/1");
HCHAN_DECLARE(job_chan, struct job);
HCHAN_DECLARE(long_chan, long);

static bool failed;

#define EXPECT(condition) \
	do { \
		if (!(condition)) { \
			std::printf("# line %d: %s\n", __LINE__, #condition); \
			failed = true; \
		} \
	} while (0)

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void elements()
{
	auto ints = hchan::make<int>(3).must();
	int several[3] = { 7, 8, 9 };

	EXPECT(ints && ints.cap() == 3 && ints.len() == 0);
	EXPECT(ints.try_recv().not_ready());
	EXPECT(ints.send(1) && ints.try_send(2));
	EXPECT(ints.send_until(3, hchan_nowait()));
	EXPECT(ints.try_send(4).not_ready());
	EXPECT(ints.send_until(4, hchan::after(std::chrono::milliseconds(1)))
		       .timed_out());
	EXPECT(ints.len() == 3);
	auto got = ints.recv();
	EXPECT(got && *got == 1 && got.must());
	EXPECT(*ints.try_recv() == 2 && *ints.recv_until(hchan_forever()) == 3);
	EXPECT(ints.sendn(several, 3).code() == 3);
	several[2] = 0;
	EXPECT(ints.recvn(several, 3).code() == 3 && several[2] == 9);
	EXPECT(ints.close() && ints.close().code() == -EALREADY);
	EXPECT(ints.send(1).closed());
	auto end = ints.recv();
	EXPECT(!end && end.ended() && *end == 0 && !end.error());
}

static void owning()
{
	int fd, other;

	{
		auto ints = hchan::make<int>(1).must();

		fd = ints.fd();
		EXPECT(is_open(fd));
		hchan::chan<int> moved(std::move(ints));
		EXPECT(moved.fd() == fd && is_open(fd) && ints.send(1).code() == -EBADF);
		hchan::chan<int> more = hchan::make<int>(1);
		other = more.fd();
		more = std::move(moved);
		EXPECT(!is_open(other) && is_open(fd) && more.fd() == fd);
	}
	EXPECT(!is_open(fd));
	{
		fd = hchan::make<int>(1).release();
		EXPECT(is_open(fd));
		EXPECT(hchan::chan<long>::of(fd).error().value() == EPROTOTYPE);
		auto again = hchan::receiver<int>::of(fd);
		EXPECT(again.fd() == fd);
		again.drop();
		EXPECT(again.is_nil() && !is_open(fd));
	}
}

/* C42 and C47. */
static void names()
{
	auto jobs = hchan::create<job>("named", 2).must();
	auto tx = hchan::sender<job_chan>::open("named").must();
	auto rx = hchan::receiver<job>::create("named", 9).must();
	struct hchan_stat st;

	EXPECT(!jobs.stat(st) && st.type_tag == hchan_tag("struct job", sizeof(job)));
	EXPECT(rx.cap() == 2);
	EXPECT(tx.send({ 5, "five" }).must() == 0);
	EXPECT((fcntl(tx.fd(), F_GETFL) & O_ACCMODE) == O_WRONLY);
	EXPECT((fcntl(rx.fd(), F_GETFL) & O_ACCMODE) == O_RDONLY);
	EXPECT(hchan_try_send(rx.fd(), "", sizeof(job)) == -EBADF);
	auto got = rx.recv();
	EXPECT(got && got->id == 5 && !std::strcmp(got->text, "five"));
	EXPECT(hchan::open<int>("named").error().value() == EPROTOTYPE);
	EXPECT(hchan::open<int>("none").error().value() == ENOENT);
	auto longs = hchan::create<long>("longs", 1).must();
	EXPECT(hchan::open<long_chan>("longs").error().value() == EPROTOTYPE);
	auto narrow = jobs.recv_only();
	EXPECT(narrow && narrow.fd() != jobs.fd() &&
	       hchan_send_only(narrow.fd()) == -EACCES);
	{
		auto there = hchan::create<int>("unopened", 1, HCHAN_NO_OPEN);

		EXPECT(!there && there.is_nil() && !there.error());
	}
	EXPECT(is_open(0) && hchan::open<int>("unopened"));
	{
		auto tx = hchan::sender<int>::create("unsent", 1, HCHAN_NO_OPEN);
		auto rx = hchan::receiver<int>::create("unreceived", 1, HCHAN_NO_OPEN);

		EXPECT(!tx && tx.is_nil() && !tx.error());
		EXPECT(!rx && rx.is_nil() && !rx.error());
	}
	EXPECT(is_open(0) && hchan::open<int>("unsent") && hchan::open<int>("unreceived"));
}

static void loops()
{
	auto ints = hchan::make<int>(8).must();
	auto rx = ints.recv_only();
	hchan::result r(-1);
	int sum = 0, i;

	for (i = 1; i <= 6; i++)
		ints.send(i).must();
	for (int n : rx) {
		sum += n;
		if (n == 2)
			break;
	}
	EXPECT(sum == 3 && rx.len() == 4);
	for (int &n : ints.range(r)) {
		sum += n;
		if (n == 3)
			fcntl(ints.fd(), F_SETFL, O_NONBLOCK);
	}
	EXPECT(sum == 21 && r.code() == -EAGAIN);
	ints.send(7).must();
	ints.close().must();
	for (int n : ints)
		sum += n;
	EXPECT(sum == 28);
	for (int n : rx.range(r))
		sum += n;
	EXPECT(sum == 28 && r.code() == 0);
}

static void selects()
{
	auto a = hchan::make<int>(1).must();
	auto b = hchan::make<job>(1).must();
	hchan::receiver<int> nil;
	int got = 0, sent = 0, other = 0, fd[2];

	a.send(41).must();
	auto r = hchan::select(
		hchan::recv(nil, [&](int, bool) { other++; }),
		hchan::recv(a, [&](int n, bool ok) { got = n + ok; }),
		hchan::otherwise([&] { other++; }));
	EXPECT(r.code() == 1 && got == 42 && other == 0);
	r = hchan::select(
		hchan::recv(a, [&](int, bool) { other++; }),
		hchan::send(b, { 9, "nine" }, [&] { sent++; }));
	EXPECT(r.code() == 1 && sent == 1 && other == 0 && b.recv()->id == 9);
	r = hchan::select(hchan::recv(a, [&](int, bool) { other++; }),
			  hchan::otherwise([&] { sent++; }));
	EXPECT(r.not_ready() && sent == 2 && other == 0);
	r = hchan::select(hchan::recv(a, [&](int, bool) { other++; }),
			  hchan::until(hchan::after(std::chrono::milliseconds(1)),
				       [&] { sent++; }));
	EXPECT(r.timed_out() && sent == 3 && other == 0);
	EXPECT(pipe(fd) == 0 && write(fd[1], "x", 1) == 1);
	r = hchan::select(hchan::recv(a, [&](int, bool) { other++; }),
			  hchan::poll(fd[0], POLLIN, [&](int events) {
				  sent += events == POLLIN; }));
	EXPECT(r.code() == 1 && sent == 4 && other == 0);
	a.close().must();
	r = hchan::select(hchan::recv(a, [&](int n, bool ok) { got = n - ok; }));
	EXPECT(r.code() == 0 && got == 0);
	/* C23: it may be heard of in two ways. */
	r = hchan::select(hchan::send(a, 1, [&] { other++; }));
	EXPECT(r.closed() && other == 0);
	r = hchan::select(hchan::send(a, 1, [&](hchan::result s) {
		got = s.code(); }));
	EXPECT(r.code() == 0 && got == -EPIPE);
	close(fd[0]);
	close(fd[1]);
}

static void panicking(const hchan_panic *p, void *)
{
	throw *p;
}

static void panics()
{
	auto ints = hchan::create<int>("numbers", 1).must();
	int caught = 0;

	hchan_set_panic_handler(panicking, nullptr);
	ints.close().must();
	try {
		ints.send(1).must();
	} catch (const hchan_panic &p) {
		EXPECT(!std::strcmp(p.message, "send on closed channel"));
		EXPECT(std::strstr(p.name, "/numbers") && p.id && p.line > 0);
		caught++;
	}
	try {
		ints.close().must();
	} catch (const hchan_panic &p) {
		EXPECT(!std::strcmp(p.message, "close of closed channel"));
		caught++;
	}
	try {
		hchan::select(hchan::send(ints, 1, [] {})).must();
	} catch (const hchan_panic &p) {
		EXPECT(!std::strcmp(p.message, "send on closed channel"));
		EXPECT(p.fd == ints.fd() && p.id);
		caught++;
	}
	EXPECT(caught == 3);
	hchan_set_panic_handler(nullptr, nullptr);
}

/* The program beside this one, which is C. */
static void with_c()
{
	auto jobs = hchan::create<job>(JOBS, 2).must();
	auto back = hchan::create<job>(BACK, 0).must();
	char path[PATH_MAX];
	unsigned int id, sum = 0;
	int status = -1;
	ssize_t len;
	pid_t pid;

	len = readlink("/proc/self/exe", path, sizeof(path) - 10);
	if (len < 0)
		len = 0;
	std::strcpy(path + len, "_peer");
	pid = fork();
	if (!pid) {
		execl(path, path, nullptr);
		_exit(127);
	}
	for (id = 1; id <= 10; id++) {
		jobs.send({ id, "from C++" }).must();
		auto got = back.recv_until(hchan::after(std::chrono::seconds(20)));
		EXPECT(got && got->id == 2 * id &&
		       !std::strcmp(got->text, "from C++"));
		if (!got)
			break;
		sum += got->id;
	}
	jobs.close().must();
	EXPECT(sum == 110);
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
	EXPECT(back.recv().ended());
}

static const struct {
	const char *name;
	void (*run)();
} tests[] = {
	{ "elements", elements },	{ "owning", owning },
	{ "names", names },		{ "loops", loops },
	{ "selects", selects },		{ "panics", panics },
	{ "with_c", with_c },
};

int main()
{
	char dir[] = "/tmp/lib_cxx-XXXXXX";
	int n = 0;
	bool any = false;

	if (!mkdtemp(dir) || mount("none", dir, "hchanfs", 0, nullptr) ||
	    setenv("HCHAN_DIR", dir, 1)) {
		std::perror(dir);
		return 1;
	}
	std::setbuf(stdout, nullptr);
	std::printf("TAP version 13\n1..%zu\n", sizeof(tests) / sizeof(tests[0]));
	for (const auto &test : tests) {
		failed = false;
		test.run();
		std::printf("%sok %d cxx.%s\n", failed ? "not " : "", ++n, test.name);
		any |= failed;
	}
	umount(dir);
	rmdir(dir);
	return any;
}
