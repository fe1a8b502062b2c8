// SPDX-License-Identifier: GPL-2.0-only
/* Contexts, by libhchan against the kernel (C33 to C37). */
#include <poll.h>
#include <signal.h>

#include "lib_util.h"

#include "../kselftest_harness.h"
#include "hchan_pass.h"

/* This program once more, started with a context: what it finds, as a status. */
static void __attribute__((constructor)) started(int argc, char **argv)
{
	struct hchan_why why;
	char value[8];
	int ctx, err;

	if (argc != 2 || strcmp(argv[1], "--started"))
		return;
	if (hchan_ctx_from_env(&ctx) != 1)
		_exit(20);
	if (fcntl(ctx, F_GETFD) != FD_CLOEXEC)
		_exit(21);
	if (hchan_ctx_value(ctx, "who", value, sizeof(value), NULL) != 1 ||
	    memcmp(value, "parent", 6))
		_exit(22);
	if (hchan_ctx_wait(ctx, patience()))
		_exit(23);
	err = hchan_ctx_why(ctx, &why);
	_exit(err == -ECANCELED && !strcmp(why.text, "enough") ? why.code : 24);
}

FIXTURE(context) {
	int open;
	int ctx, cancel;
};

FIXTURE_SETUP(context)
{
	self->open = open_now();
	self->ctx = hchan_ctx_with_cancel(HCHAN_BACKGROUND, &self->cancel);
	ASSERT_LE(0, self->ctx) TH_LOG("%s", hchan_errmsg());
	errno = EXDEV;
}

FIXTURE_TEARDOWN(context)
{
	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	EXPECT_EQ(0, hchan_drop(self->cancel));
	EXPECT_EQ(0, hchan_drop(self->ctx));
	EXPECT_EQ(self->open, open_now()) TH_LOG("a descriptor is left");
}

/* C34: the first cancel wins, and says so. */
TEST_F(context, cancel)
{
	struct hchan_why why;

	EXPECT_EQ(0, hchan_ctx_err(self->ctx));
	EXPECT_EQ(0, hchan_ctx_why(self->ctx, &why));
	EXPECT_EQ(0, why.code);
	EXPECT_STREQ("", why.text);
	EXPECT_EQ(-EAGAIN, hchan_ctx_wait(self->ctx, hchan_nowait()));
	EXPECT_EQ(1, hchan_ctx_cancel_why(self->cancel, 42, "enough"));
	EXPECT_EQ(0, hchan_ctx_cancel_why(self->cancel, 43, "again"));
	EXPECT_EQ(0, hchan_ctx_cancel(self->cancel));
	EXPECT_EQ(-ECANCELED, hchan_ctx_why(self->ctx, &why));
	EXPECT_EQ(42, why.code);
	EXPECT_STREQ("enough", why.text);
	EXPECT_EQ(-ECANCELED, hchan_ctx_err(self->cancel));
	EXPECT_EQ(0, hchan_ctx_wait(self->ctx, hchan_nowait()));
	EXPECT_EQ(0, hchan_recv(self->ctx, NULL, 0));
	EXPECT_EQ(self->ctx, hchan_ctx_of(self->ctx));
}

/* C33 C34 C35: downwards, not upwards, and who comes late is born so. */
TEST_F(context, children)
{
	int child, child_cancel, grandchild, late, other;
	struct hchan_why why;

	child = hchan_ctx_with_cancel(self->ctx, &child_cancel);
	grandchild = hchan_ctx_with_cancel(child, NULL);
	ASSERT_LE(0, grandchild);
	EXPECT_EQ(1, hchan_ctx_cancel_why(child_cancel, 1, "child"));
	EXPECT_EQ(0, hchan_ctx_err(self->ctx)) TH_LOG("it went upwards");
	EXPECT_EQ(-ECANCELED, hchan_ctx_err(grandchild));
	other = hchan_ctx_with_cancel(self->ctx, NULL);
	EXPECT_EQ(1, hchan_ctx_cancel_why(self->cancel, 2, "root"));
	EXPECT_EQ(-ECANCELED, hchan_ctx_why(other, &why));
	EXPECT_EQ(2, why.code);
	EXPECT_EQ(-ECANCELED, hchan_ctx_why(grandchild, &why));
	EXPECT_EQ(1, why.code) TH_LOG("the first cause does not stay");
	late = hchan_ctx_with_cancel(other, NULL);
	EXPECT_EQ(-ECANCELED, hchan_ctx_why(late, &why));
	EXPECT_STREQ("root", why.text);
	hchan_drop(child);
	hchan_drop(child_cancel);
	hchan_drop(grandchild);
	hchan_drop(other);
	hchan_drop(late);
}

/* O_NONBLOCK has no say: to wait is what was asked for. */
TEST_F(context, nonblocking)
{
	struct hchan_ctx_opts opts = { .how = HCHAN_O_NONBLOCK };
	int cancel, ctx = hchan_ctx_make(self->ctx, &opts, &cancel);
	pid_t pid;

	EXPECT_EQ(-EAGAIN, hchan_ctx_wait(ctx, hchan_nowait()));
	EXPECT_EQ(-ETIMEDOUT, hchan_ctx_wait(ctx, hchan_after(HCHAN_MSEC)));
	pid = fork();
	if (!pid)
		_exit(-hchan_ctx_wait(ctx, hchan_forever()));
	if (hchan_wait_receivers(ctx, 1, hchan_after(5 * HCHAN_SEC)) != 1)
		TH_LOG("nobody waits");
	hchan_ctx_cancel(cancel);
	EXPECT_EQ(0, exit_of(pid));
	EXPECT_EQ(0, hchan_ctx_wait(ctx, hchan_nowait()));
	hchan_drop(ctx);
	hchan_drop(cancel);
}

/* C31 C34 C35 */
TEST_F(context, deadlines)
{
	struct hchan_why late = { 7, "too late" }, why;
	struct hchan_ctx_opts opts = { .why = &late };
	struct hchan_when far = hchan_after(1000 * HCHAN_SEC), when;
	int outer, inner;

	EXPECT_EQ(0, hchan_ctx_deadline(self->ctx, &when));
	EXPECT_EQ(0, when.flags);
	outer = hchan_ctx_with_deadline(self->ctx, far, NULL);
	inner = hchan_ctx_with_timeout(outer, INT64_MAX, NULL);
	EXPECT_EQ(1, hchan_ctx_deadline(inner, &when));
	EXPECT_EQ(far.ns, when.ns) TH_LOG("not the earlier one");
	EXPECT_EQ(0, hchan_ctx_err(inner));
	hchan_drop(inner);

	opts.deadline = hchan_after(2 * HCHAN_MSEC);
	inner = hchan_ctx_make(outer, &opts, NULL);
	EXPECT_EQ(0, hchan_ctx_wait(inner, patience()));
	EXPECT_LE(opts.deadline.ns, hchan_after(0).ns) TH_LOG("early");
	EXPECT_EQ(-ETIME, hchan_ctx_why(inner, &why));
	EXPECT_EQ(7, why.code);
	EXPECT_STREQ("too late", why.text);
	EXPECT_EQ(0, hchan_ctx_err(outer));
	hchan_drop(inner);

	inner = hchan_ctx_with_timeout(outer, 0, NULL);
	EXPECT_EQ(-ETIME, hchan_ctx_err(inner)) TH_LOG("not born so");
	hchan_drop(inner);
	inner = hchan_ctx_with_timeout(outer, -5, NULL);
	EXPECT_EQ(-ETIME, hchan_ctx_err(inner));
	hchan_drop(inner);
	hchan_drop(outer);
}

/* C36 C37 */
TEST_F(context, values)
{
	int a, b, c, free_one;
	char buf[16] = "";
	size_t len = 0;

	a = hchan_ctx_with_value(self->ctx, "who", "a", 1);
	b = hchan_ctx_with_value(a, "where", "bb", 2);
	c = hchan_ctx_with_value(b, "who", "ccc", 3);
	EXPECT_EQ(1, hchan_ctx_value(c, "who", buf, sizeof(buf), &len));
	EXPECT_EQ(3, len);
	EXPECT_STREQ("ccc", buf);
	EXPECT_EQ(1, hchan_ctx_value(b, "who", buf, sizeof(buf), &len));
	EXPECT_EQ(1, len);
	EXPECT_EQ('a', buf[0]);
	EXPECT_EQ(1, hchan_ctx_value(c, "where", buf, 2, NULL));
	EXPECT_EQ(-EMSGSIZE, hchan_ctx_value(c, "where", NULL, 0, &len));
	EXPECT_EQ(2, len);
	EXPECT_EQ(-ENOENT, hchan_ctx_value(c, "wh", buf, 2, NULL));
	EXPECT_EQ(-ENOENT, hchan_ctx_value(self->ctx, "who", buf, 2, NULL));

	free_one = hchan_ctx_without_cancel(c);
	EXPECT_EQ(1, hchan_ctx_cancel(self->cancel));
	EXPECT_EQ(-ECANCELED, hchan_ctx_err(c));
	EXPECT_EQ(0, hchan_ctx_err(free_one));
	EXPECT_EQ(1, hchan_ctx_value(free_one, "where", buf, 2, NULL));
	hchan_drop(a);
	hchan_drop(b);
	hchan_drop(c);
	hchan_drop(free_one);
}

/* C36: the background, and what is made of it. */
TEST_F(context, background)
{
	int ctx = hchan_ctx_without_cancel(HCHAN_BACKGROUND);

	EXPECT_LE(0, ctx);
	EXPECT_EQ(0, hchan_ctx_err(ctx));
	hchan_drop(ctx);
	EXPECT_EQ(0, hchan_ctx_err(HCHAN_BACKGROUND));
	EXPECT_EQ(-ETIMEDOUT, hchan_ctx_wait(HCHAN_BACKGROUND, hchan_after(0)));
	EXPECT_EQ(0, hchan_drop(HCHAN_BACKGROUND));
}

struct call {
	pthread_t thread;
	int ch, ctx;
	int send;
	int ret;
	int elem;
};

static void *do_call(void *arg)
{
	struct call *call = arg;

	if (call->send)
		call->ret = hchan_send_ctx(call->ch, &call->elem, sizeof(int),
					   call->ctx);
	else
		call->ret = hchan_recv_ctx(call->ch, &call->elem, sizeof(int),
					   call->ctx);
	return NULL;
}

/* A call that waits ends with the context, and leaves nothing behind. */
TEST_F(context, calls)
{
	int ch = hchan_make(sizeof(int), 0), timed, n = 5;
	struct call call = { .ch = ch, .ctx = self->ctx };
	struct hchan_stat st;

	pthread_create(&call.thread, NULL, do_call, &call);
	ASSERT_EQ(1, hchan_wait_receivers(ch, 1, patience()));
	EXPECT_EQ(0, hchan_send_ctx(ch, &n, sizeof(n), self->ctx));
	pthread_join(call.thread, NULL);
	EXPECT_EQ(1, call.ret);
	EXPECT_EQ(5, call.elem);

	timed = hchan_ctx_with_timeout(self->ctx, HCHAN_MSEC, NULL);
	EXPECT_EQ(-ETIME, hchan_recv_ctx(ch, &n, sizeof(n), timed));
	/* C4: for the nil channel that is the only end. */
	EXPECT_EQ(-ETIME, hchan_recv_ctx(HCHAN_NIL, &n, sizeof(n), timed));
	EXPECT_EQ(-ETIME, hchan_send_ctx(HCHAN_NIL, &n, sizeof(n), timed));
	hchan_drop(timed);

	call.send = 1;
	pthread_create(&call.thread, NULL, do_call, &call);
	ASSERT_EQ(1, hchan_wait_senders(ch, 1, patience()));
	EXPECT_EQ(1, hchan_ctx_cancel(self->cancel));
	pthread_join(call.thread, NULL);
	EXPECT_EQ(-ECANCELED, call.ret);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(ch, &n, sizeof(n)));
	ASSERT_EQ(0, hchan_stat(ch, &st));
	EXPECT_EQ(0, st.parked_senders);

	/* Done wins over a channel that is ready. */
	call.send = 0;
	EXPECT_EQ(0, hchan_close(ch));
	EXPECT_EQ(0, hchan_recv_ctx(ch, &n, sizeof(n), HCHAN_BACKGROUND));
	for (n = 0; n < 50; n++)
		ASSERT_EQ(-ECANCELED, hchan_recv_ctx(ch, &call.elem, 4, self->ctx));
	EXPECT_EQ(-EPIPE, hchan_send_ctx(ch, &n, sizeof(n), HCHAN_BACKGROUND));
	hchan_drop(ch);
}

TEST_F(context, select)
{
	int ch = hchan_make(sizeof(int), 1), went = 0, n, r;

	hchan_ctx_cancel(self->cancel);
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_recv(ch, &n, sizeof(n))) {
		went = 1;
	}
	HCHAN_CASE(hchan_on_done(self->ctx)) {
		went = 2;
	}
	HCHAN_END
	EXPECT_EQ(2, went);
	EXPECT_EQ(0, r);
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_done(HCHAN_BACKGROUND)) {
		went = 1;
	}
	HCHAN_DEFAULT {
		went = 3;
	}
	HCHAN_END
	EXPECT_EQ(3, went);
	hchan_drop(ch);
}

TEST_F(context, refused)
{
	int any = hchan_make(0, 1), cancel = -7;
	struct hchan_ctx_opts opts = { .flags = HCHAN_CTX_ON_LOSS };

	EXPECT_EQ(-EINVAL, hchan_ctx_make(self->ctx, &opts, NULL));
	EXPECT_EQ(-ENOTTY, hchan_ctx_with_cancel(any, &cancel));
	EXPECT_EQ(-EBADF, hchan_ctx_with_cancel(-1, &cancel));
	EXPECT_EQ(-7, cancel);
	EXPECT_EQ(-ENOTTY, hchan_ctx_cancel(self->ctx)) TH_LOG("it is no right to");
	EXPECT_EQ(-ENOTTY, hchan_ctx_err(any));
	EXPECT_EQ(-ENOTTY, hchan_ctx_of(any));
	EXPECT_EQ(-ENOTTY, hchan_ctx_wait(any, hchan_nowait()));
	EXPECT_EQ(0, hchan_send(any, NULL, 0));
	EXPECT_EQ(-ENOTTY, hchan_ctx_value(any, "k", NULL, 0, NULL));
	EXPECT_EQ(-ENOTTY, hchan_ctx_deadline(any, NULL));
	EXPECT_EQ(-EBADF, hchan_ctx_err(-1));
	EXPECT_EQ(-EBADF, hchan_close(self->ctx));
	EXPECT_EQ(-EBADF, hchan_try_send(self->ctx, NULL, 0));
	EXPECT_EQ(-EMSGSIZE, hchan_ctx_with_value(self->ctx, "", NULL, 0));
	EXPECT_EQ(-EINVAL, hchan_ctx_value(self->ctx, NULL, NULL, 0, NULL));
	hchan_drop(any);
}

/* The right to cancel is no context: who looks is told of one, that is all. */
TEST_F(context, right_to_cancel)
{
	char entry[HCHAN_CTX_ENV_MAX], text[64];
	int i, ctx = -7;

	ASSERT_EQ(0, hchan_ctx_env(self->ctx, entry));
	snprintf(text, sizeof(text), "%d%s", self->cancel, strchr(entry, ':'));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(i ? -ECANCELED : 0, hchan_ctx_err(self->cancel));
		EXPECT_EQ(-ENOTTY, hchan_ctx_of(self->cancel));
		EXPECT_EQ(-ENOTTY, hchan_ctx_wait(self->cancel, hchan_nowait()));
		EXPECT_EQ(-ENOTTY, hchan_ctx_deadline(self->cancel, NULL));
		EXPECT_EQ(-ENOTTY, hchan_ctx_value(self->cancel, "k", NULL, 0, NULL));
		EXPECT_EQ(-ENOTTY, hchan_ctx_with_cancel(self->cancel, NULL));
		EXPECT_EQ(-ENOTTY, hchan_ctx_env(self->cancel, entry));
		EXPECT_EQ(-ENOTTY, hchan_ctx_to_env(self->cancel));
		EXPECT_EQ(NULL, getenv("HCHAN_CONTEXT"));
		EXPECT_EQ(FD_CLOEXEC, fcntl(self->cancel, F_GETFD));
		setenv("HCHAN_CONTEXT", text, 1);
		EXPECT_EQ(-ESTALE, hchan_ctx_from_env(&ctx));
		EXPECT_EQ(-7, ctx);
		unsetenv("HCHAN_CONTEXT");
		hchan_ctx_cancel(self->cancel);
	}
}

/* C34: the right to cancel goes to no program that is started, the context may. */
TEST_F(context, descriptors)
{
	struct hchan_ctx_opts opts = { .how = HCHAN_O_INHERIT };
	int cancel, ctx = hchan_ctx_make(self->ctx, &opts, &cancel);

	EXPECT_EQ(FD_CLOEXEC, fcntl(self->ctx, F_GETFD));
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->cancel, F_GETFD));
	EXPECT_EQ(0, fcntl(ctx, F_GETFD));
	EXPECT_EQ(FD_CLOEXEC, fcntl(cancel, F_GETFD));
	hchan_drop(ctx);
	hchan_drop(cancel);
}

/* To a program that knows nothing of us but its environment. */
TEST_F(context, exec)
{
	char entry[HCHAN_CTX_ENV_MAX];
	char *const argv[] = { "lib_context", "--started", NULL };
	char *const env[] = { entry, NULL };
	int ctx, i;
	pid_t pid[2];

	ctx = hchan_ctx_with_value(self->ctx, "who", "parent", 6);
	ASSERT_EQ(0, hchan_ctx_env(ctx, entry));
	pid[0] = fork();
	if (!pid[0]) {
		fcntl(ctx, F_SETFD, 0);
		execve("/proc/self/exe", argv, env);
		_exit(1);
	}
	pid[1] = fork();
	if (!pid[1]) {
		if (hchan_ctx_to_env(ctx))
			_exit(2);
		execv("/proc/self/exe", argv);
		_exit(1);
	}
	/* Both wait in it, so both are cancelled while they do. */
	EXPECT_EQ(2, hchan_wait_receivers(ctx, 2, patience()));
	EXPECT_EQ(1, hchan_ctx_cancel_why(self->cancel, 33, "enough"));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(33, exit_of(pid[i]));
	hchan_drop(ctx);
}

/* A number that is something else by now. */
TEST_F(context, stale)
{
	char entry[HCHAN_CTX_ENV_MAX];
	int other, ctx = -7;

	other = hchan_ctx_with_cancel(self->ctx, NULL);
	ASSERT_EQ(0, hchan_ctx_env(other, entry));
	ASSERT_EQ(0, putenv(entry));
	EXPECT_EQ(1, hchan_ctx_from_env(&ctx));
	hchan_drop(ctx);
	ctx = -7;
	ASSERT_EQ(other, dup2(self->ctx, other));
	EXPECT_EQ(-ESTALE, hchan_ctx_from_env(&ctx)) TH_LOG("another context");
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "is not context"));
	hchan_drop(other);
	EXPECT_EQ(-ESTALE, hchan_ctx_from_env(&ctx)) TH_LOG("closed");
	EXPECT_EQ(-7, ctx);
	EXPECT_EQ(0, hchan_ctx_to_env(HCHAN_BACKGROUND));
	EXPECT_EQ(0, hchan_ctx_from_env(&ctx));
	EXPECT_EQ(HCHAN_BACKGROUND, ctx);
}

/* C33: a child's context, made in another process, is done before cancel returns. */
TEST_F(context, socket)
{
	int pair[2], child;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	pid = fork();
	if (!pid) {
		hchan_drop(self->cancel);
		if (!hc_pass(pair[1], hchan_ctx_with_cancel(self->ctx, NULL)))
			pause();
		_exit(1);
	}
	child = hc_passed(pair[0]);
	EXPECT_EQ(child, hchan_ctx_of(child));
	EXPECT_EQ(0, hchan_ctx_err(child));
	/* It holds when the process in the middle is killed. */
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, exit_of(pid));
	EXPECT_EQ(0, hchan_ctx_err(child));
	EXPECT_EQ(1, hchan_ctx_cancel(self->cancel));
	EXPECT_EQ(-ECANCELED, hchan_ctx_err(child));
	hchan_drop(child);
	close(pair[0]);
	close(pair[1]);
}

/* C34: on request the loss of the last holder cancels, a kill -9 too. */
TEST_F(context, loss)
{
	struct hchan_ctx_opts opts = { .flags = HCHAN_CTX_ON_LOSS };
	int cancel, ctx = hchan_ctx_make(HCHAN_BACKGROUND, &opts, &cancel);
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	EXPECT_EQ(0, hchan_drop(cancel));
	EXPECT_EQ(0, hchan_ctx_err(ctx)) TH_LOG("there is a holder left");
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, exit_of(pid));
	EXPECT_EQ(-ECANCELED, hchan_ctx_err(ctx));
	hchan_drop(ctx);
	/* Not on request: nothing. */
	ctx = hchan_ctx_with_cancel(HCHAN_BACKGROUND, &cancel);
	hchan_drop(cancel);
	EXPECT_EQ(0, hchan_ctx_err(ctx));
	hchan_drop(ctx);
}

TEST_HARNESS_MAIN
