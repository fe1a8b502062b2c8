// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What <hchan.hpp> takes and what it refuses. As in typed.c:
 *
 * pass 0 what the header offers
 * fail 1 receiving from a sender: recv
 * fail 2 sending on a receiver: send
 * fail 3 closing a receiver: close
 * fail 4 a loop over a sender: begin
 * fail 5 a receive clause of a sender: this channel only sends
 * fail 6 a send clause of a receiver: this channel only receives
 * fail 7 copying a channel: delete
 * fail 8 a sender for a receiver: convert|no viable|conversion
 * fail 9 another element: convert|no viable|conversion|no known
 * fail 10 a type without a spelling: HCHAN_CXX_ELEMENT
 * fail 11 a pointer: means nothing in another process
 * fail 12 what is not trivially copyable: copied byte by byte
 * fail 13 a clause's function without ok: the element and a bool
 * fail 14 two moments: more than one until
 * fail 15 two defaults: more than one otherwise
 * fail 16 an element too large: too large for an element
 * fail 17 a class derived from the element: convert|no viable|conversion|no known
 * fail 18 a range of a channel that is gone before the loop: delete
 * fail 19 the beginning of one: delete
 * fail 20 the end of one: delete
 * fail 21 a receive clause of a const channel: this channel is const
 * fail 22 a send clause of a const channel: this channel is const
 * fail 23 a loop's place as a standard iterator: no type|no matching
 * fail 24 a descriptor out of a channel: protected
 * fail 25 a descriptor that takes a channel's: protected
 */
#include <iterator>
#include <poll.h>

#include <hchan.hpp>

struct job {
	std::uint32_t id;
	char text[60];
};

struct heavy {
	heavy() {}
	heavy(const heavy &) {}
};

struct other {
	int id;
};

struct large {
	char bytes[HCHAN_ELEM_MAX + 1];
};

HCHAN_CXX_ELEMENT(struct job);
HCHAN_CXX_ELEMENT(unsigned long);
HCHAN_CXX_ELEMENT(int *);
HCHAN_CXX_ELEMENT(heavy);
HCHAN_CXX_ELEMENT(large);
HCHAN_CXX_ELEMENT_AS(other, "org.example.other/1");
/* As a header of C's has them. */
extern "C" {
HCHAN_DECLARE(job_chan, struct job);
HCHAN_DECLARE(int_chan, int);
HCHAN_DECLARE_LAYOUT(job_layout, struct job, HCHAN_MEMBER(id),
		     HCHAN_MEMBER(text));
}

int use(hchan::chan<job> &jobs, hchan::sender<job> &tx,
	hchan::receiver<job> &rx);

int use(hchan::chan<job> &jobs, hchan::sender<job> &tx,
	hchan::receiver<job> &rx)
{
	int n = 0;

	(void)jobs;
	(void)tx;
	(void)rx;
#if CASE == 0
	auto numbers = hchan::make<unsigned long>(3).must();
	auto ints = hchan::create<int_chan>("ints", 3);
	auto others = hchan::open<other>("others");
	auto layout = hchan::sender<job_layout>::create("layout", 3).must();
	hchan::sender<job> narrow = jobs.send_only(), nil;
	hchan::receiver<job_chan> by_c = hchan::receiver<job_chan>::open("jobs");
	hchan::result r(0);
	job array[3] = {};

	tx = std::move(narrow);
	n += tx.send(array[0]).code() + tx.try_send({ 1, "x" }).must();
	n += tx.send_until(array[0], hchan::after(std::chrono::hours(1))).code();
	n += tx.sendn(array, 3).code() + rx.recvn(array, 3).code();
	n += nil.close().code() + ints.close().code();
	if (auto got = rx.recv())
		n += static_cast<int>(got->id + (*got).id);
	else if (got.ended() || got.error() || got.not_ready())
		n++;
	for (job &j : jobs)
		n += static_cast<int>(j.id);
	for (auto &j : rx.range(r))
		n += static_cast<int>(j.id);
	for (auto &j : hchan::open<job>("jobs").must())
		n += static_cast<int>(j.id);
	for (unsigned long i : numbers)
		n += static_cast<int>(i);
	n += static_cast<int>(by_c.recv_until(hchan_nowait())->id);
	n += static_cast<int>(rx.try_recv().must() + rx.len() + tx.cap());
	n += others.is_nil() + !layout + ints.fd() + r.code();
	r = hchan::select(
		hchan::recv(rx, [&](job j, bool ok) {
			n += ok ? static_cast<int>(j.id) : -1; }),
		hchan::recv(jobs, [&](const job &, bool) { n++; }),
		hchan::send(tx, { 1, "x" }, [&] { n++; }),
		hchan::send(ints, 5, [&](hchan::result res) { n += res.code(); }),
		hchan::poll(0, POLLIN, [&](int events) { n += events; }),
		hchan::until(hchan::after(std::chrono::seconds(1)), [&] { n++; }),
		hchan::otherwise([&] { n--; }));
	n += r.closed() + r.timed_out() + hchan::select().code();
#elif CASE == 1
	n += tx.recv().code();
#elif CASE == 2
	n += rx.send({}).code();
#elif CASE == 3
	n += rx.close().code();
#elif CASE == 4
	for (auto &j : tx)
		n += j.id;
#elif CASE == 5
	n += hchan::select(hchan::recv(tx, [](job, bool) {})).code();
#elif CASE == 6
	n += hchan::select(hchan::send(rx, {}, [] {})).code();
#elif CASE == 7
	auto copy = jobs;
#elif CASE == 8
	hchan::receiver<job> wrong = jobs.send_only();
#elif CASE == 9
	n += jobs.send(other{ 1 }).code();
#elif CASE == 10
	auto made = hchan::make<short>(1);
#elif CASE == 11
	auto made = hchan::make<int *>(1);
#elif CASE == 12
	auto made = hchan::make<heavy>(1);
#elif CASE == 13
	n += hchan::select(hchan::recv(rx, [](job) {})).code();
#elif CASE == 14
	n += hchan::select(hchan::until(hchan_nowait(), [] {}),
			   hchan::until(hchan_nowait(), [] {})).code();
#elif CASE == 15
	n += hchan::select(hchan::otherwise([] {}), hchan::otherwise([] {})).code();
#elif CASE == 16
	auto made = hchan::make<large>(1);
#elif CASE == 17
	struct more : other {
		int extra;
	};
	auto made = hchan::make<job>(1);

	n += made.send(more{}).code();
#elif CASE == 18
	hchan::result r(0);

	for (auto &j : hchan::open<job>("jobs").range(r))
		n += static_cast<int>(j.id);
#elif CASE == 19
	auto it = hchan::open<job>("jobs").begin();
#elif CASE == 20
	auto it = hchan::open<job>("jobs").end();
#elif CASE == 21
	const hchan::receiver<job> fixed;

	n += hchan::select(hchan::recv(fixed, [](job, bool) {})).code();
#elif CASE == 22
	const hchan::sender<job> fixed;

	n += hchan::select(hchan::send(fixed, {}, [] {})).code();
#elif CASE == 23
	auto it = std::next(jobs.begin());
#elif CASE == 24
	hchan::detail::descriptor d = std::move(jobs);
#elif CASE == 25
	hchan::detail::descriptor &d = jobs;

	d = std::move(tx);
#endif
	return n;
}
