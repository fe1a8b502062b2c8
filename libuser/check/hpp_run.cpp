// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* <hchan.hpp> by itself: nil, what was moved from, results, and panics. */
#include <cstring>

#include <hchan.hpp>

#include "check.h"

HCHAN_DECLARE(int_chan, int);
HCHAN_CXX_ELEMENT(int);
HCHAN_CXX_ELEMENT_AS(long, "org.example.long/1");

#ifdef __cpp_exceptions
struct panic {
	int code, line;
	char message[100];
};

static void throwing(const hchan_panic *p, void *)
{
	panic thrown = { p->code, p->line, "" };

	std::strncat(thrown.message, p->message, sizeof(thrown.message) - 1);
	throw thrown;
}

struct guard {
	explicit guard(int &gone) : gone_(gone) {}
	~guard() { gone_++; }
	int &gone_;
};

static int close_nil(int &gone, int &line)
{
	guard inner(gone);
	hchan::chan<int> nil;

	line = __LINE__ + 1;
	nil.close().must();
	return 0;
}

static void panics()
{
	int gone = 0, line = 0, caught = 0;

	hchan_set_panic_handler(throwing, nullptr);
	try {
		close_nil(gone, line);
	} catch (const panic &p) {
		check_eq("must() panics as Go does", 0,
			 std::strcmp("close of nil channel", p.message));
		check_eq("at the call", line, p.line);
		caught++;
	}
	check_eq("destructors have run", 1, gone);
	try {
		hchan::receiver<int> moved, now(std::move(moved));

		for (int &i : moved)
			gone += i;
	} catch (const panic &p) {
		check_eq("a loop over nothing", -EBADF, p.code);
		caught++;
	}
	try {
		auto ch = hchan::open<int>("/nowhere/at/all").must();
	} catch (const panic &p) {
		check_eq("what can't be opened", -ENOENT, p.code);
		caught++;
	}
	check_eq("all were caught", 3, caught);
	hchan_set_panic_handler(nullptr, nullptr);
}
#else
static void panics()
{
}
#endif

static void nil()
{
	hchan::chan<int> nil;
	hchan::receiver<int> a, b(std::move(a));
	int ran = 0;
	auto got = nil.recv_until(hchan::after(std::chrono::nanoseconds(1)));

	check_eq("nil is nil", 1, nil.is_nil() && !nil && b.is_nil());
	check_eq("nil has no error", 0, nil.error().value());
	check_eq("nil is never ready", 1, nil.try_send(1).not_ready());
	check_eq("to its moment", 1, got.timed_out() && !got && !got.ended());
	check_eq("its element is zero", 0, *got);
	check_eq("closing it", EINVAL, nil.close().error().value());
	check_eq("its length", 0, nil.len() + nil.cap());
	check_eq("moved from is not nil", 0, a.is_nil());
	check_eq("moved from fails", -EBADF, a.try_recv().code());
	a = std::move(b);
	check_eq("moved again", 1, a.is_nil() && b.try_recv().code() == -EBADF);
	check_eq("a far moment is the last", 1,
		 hchan::after(std::chrono::hours::max()).ns == INT64_MAX);
	check_eq("a moment that is gone is now", 1,
		 hchan::after(-std::chrono::hours(1)).ns > 0);
	check_eq("a select of nothing", -EAGAIN,
		 hchan::select(hchan::otherwise([&] { ran++; })).code());
	check_eq("runs the default", 1, ran);
	check_eq("a moment has come", -ETIMEDOUT,
		 hchan::select(hchan::until(hchan::after(
			std::chrono::milliseconds(1)), [&] { ran++; })).code());
	check_eq("runs the moment's", 2, ran);
	check_eq("the default counts, not the moment", -EAGAIN,
		 hchan::select(hchan::until(hchan_forever(), [&] { ran += 10; }),
			       hchan::otherwise([&] { ran++; })).code());
	check_eq("and runs", 3, ran);
	hchan::result bad = hchan::select(
		hchan::recv(b, [&](int, bool) { ran += 10; }),
		hchan::otherwise([&] { ran += 10; }));
	check_eq("a bad select", -EBADF, bad.code());
	check_eq("runs nothing", 3, ran);
}

int main()
{
	check_eq("one spelling, one tag", 1,
		 hchan::element<int>::tag() == hchan_tag("int", sizeof(int)) &&
		 hchan::element<int>::tag() == hchan::element<int_chan>::tag());
	check_eq("a text of one's own", 1, hchan::element<long>::tag() ==
		 hchan_tag("org.example.long/1", sizeof(long)));
	nil();
	panics();
	return check_end();
}
