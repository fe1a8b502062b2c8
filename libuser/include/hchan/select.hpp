/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* Select of <hchan.hpp>; included by it. */
#ifndef HCHAN_SELECT_HPP
#define HCHAN_SELECT_HPP

#include <hchan.hpp>

namespace hchan {

namespace detail {

/*
 * A clause lists its case, or says how long to wait; when the select is over it
 * runs its function if it is the one. A select is built of temporaries which live
 * until it is over, so each has its element in itself.
 */
struct plan {
	hchan_case *cases;
	std::size_t n;
	when until;
	bool otherwise;
	int went;		/* the index, or the error */
	int code;		/* of the select as a whole */
};

template <class Clause, class F> class one_case {
public:
	explicit one_case(F f) : f_(std::move(f)) {}
	void list(plan &p)
	{
		at_ = p.n++;
		p.cases[at_] = static_cast<Clause *>(this)->get();
	}
	void run(plan &p)
	{
		if (p.went >= 0 && static_cast<std::size_t>(p.went) == at_)
			p.code = static_cast<Clause *>(this)->call(
				f_, hchan_result(&p.cases[at_]), p.went);
	}
	static constexpr int untils = 0, otherwises = 0;

private:
	F f_;
	std::size_t at_ = 0;
};

template <class T, class F>
class recv_clause : public one_case<recv_clause<T, F>, F> {
public:
	recv_clause(int fd, F f)
		: one_case<recv_clause, F>(std::move(f)), fd_(fd)
	{
	}
	hchan_case get() { return hchan_on_recv(fd_, &elem_, sizeof(T)); }
	int call(F &f, int code, int index)
	{
		if (code < 0)
			return code;
		f(std::move(elem_), code > 0);
		return index;
	}

private:
	int fd_;
	T elem_{};
};

template <class T, class F>
class send_clause : public one_case<send_clause<T, F>, F> {
public:
	send_clause(int fd, const T &elem, F f)
		: one_case<send_clause, F>(std::move(f)), fd_(fd), elem_(elem)
	{
	}
	hchan_case get() { return hchan_on_send(fd_, &elem_, sizeof(T)); }
	int call(F &f, int code, int index)
	{
		if constexpr (std::is_invocable_v<F &, result>) {
			f(result(code, "send", fd_));
		} else {
			if (code < 0)
				return code;
			f();
		}
		return index;
	}

private:
	int fd_;
	T elem_;
};

template <class F> class poll_clause : public one_case<poll_clause<F>, F> {
public:
	poll_clause(int fd, std::uint32_t events, F f)
		: one_case<poll_clause, F>(std::move(f)), fd_(fd), events_(events)
	{
	}
	hchan_case get() { return hchan_on_poll(fd_, events_); }
	int call(F &f, int code, int index)
	{
		if (code < 0)
			return code;
		f(code);
		return index;
	}

private:
	int fd_;
	std::uint32_t events_;
};

template <class F> class until_clause {
public:
	until_clause(when w, F f) : when_(w), f_(std::move(f)) {}
	void list(plan &p) { p.until = when_; }
	void run(plan &p)
	{
		/* A moment may also be "not at all". */
		if (!p.otherwise && (p.went == -ETIMEDOUT || p.went == -EAGAIN))
			f_();
	}
	static constexpr int untils = 1, otherwises = 0;

private:
	when when_;
	F f_;
};

template <class F> class otherwise_clause {
public:
	explicit otherwise_clause(F f) : f_(std::move(f)) {}
	void list(plan &p) { p.otherwise = true; }
	void run(plan &p)
	{
		if (p.went == -EAGAIN)
			f_();
	}
	static constexpr int untils = 0, otherwises = 1;

private:
	F f_;
};

} /* namespace detail */

/*
 * The clauses:
 *
 *	recv(ch, [](T elem, bool ok) { ... })	ok false: the channel's end
 *	send(ch, elem, [] { ... })		or [](hchan::result r), which also
 *						hears that the channel is closed
 *	poll(fd, events, [](int events) { ... })
 *	until(when, [] { ... })			none was until then
 *	otherwise([] { ... })			Go's default
 */
template <class Channel, class F> auto recv(Channel &ch, F f)
{
	using T = typename Channel::value_type;

	static_assert(!std::is_const_v<Channel>, "this channel is const");
	static_assert(std::is_base_of_v<
			detail::receives<std::remove_const_t<Channel>, T>, Channel>,
		      "this channel only sends");
	static_assert(std::is_invocable_v<F &, T, bool>,
		      "a receive's function takes the element and a bool");
	return detail::recv_clause<T, F>(ch.fd(), std::move(f));
}

template <class Channel, class F>
auto send(Channel &ch, const typename Channel::value_type &elem, F f)
{
	using T = typename Channel::value_type;

	static_assert(!std::is_const_v<Channel>, "this channel is const");
	static_assert(std::is_base_of_v<
			detail::sends<std::remove_const_t<Channel>, T>, Channel>,
		      "this channel only receives");
	return detail::send_clause<T, F>(ch.fd(), elem, std::move(f));
}

template <class F> auto poll(int fd, std::uint32_t events, F f)
{
	return detail::poll_clause<F>(fd, events, std::move(f));
}

template <class F> auto until(when w, F f)
{
	return detail::until_clause<F>(w, std::move(f));
}

template <class F> auto otherwise(F f)
{
	return detail::otherwise_clause<F>(std::move(f));
}

/*
 * select() - do one of several, exactly one (C18 to C26), and run its function
 *
 * Returns the index of the case that went, among those that are cases; an error
 * if the select has failed (then nothing has happened and nothing was run), if a
 * send that was chosen found its channel closed and its function takes no result
 * (C23), -EMSGSIZE likewise for a receive, and -EAGAIN or -ETIMEDOUT behind
 * otherwise() and until(). Nothing is allocated. The function runs when the select
 * is over, and may do anything.
 */
template <class... Clauses> result select(Clauses &&...clauses)
{
	static_assert((std::decay_t<Clauses>::untils + ... + 0) <= 1,
		      "more than one until()");
	static_assert((std::decay_t<Clauses>::otherwises + ... + 0) <= 1,
		      "more than one otherwise()");
	hchan_case cases[sizeof...(Clauses) + 1];
	detail::plan p = { cases, 0, hchan_forever(), false, 0, 0 };

	(clauses.list(p), ...);
	p.went = hchan_select(cases, p.n, p.otherwise ? hchan_nowait() : p.until, 0);
	p.code = p.went;
	(clauses.run(p), ...);
	if (p.went >= 0 && p.code < 0)
		return result(p.code, nullptr, cases[p.went].fd);
	return result(p.code, "select");
}

} /* namespace hchan */

#endif /* HCHAN_SELECT_HPP */
