/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhchan for C++17: channels that own their descriptor, range-for, and a select
 * of lambdas. A header over <hchan.h>, to be linked with libhchan.
 *
 *	struct job { std::uint32_t id; char text[60]; };
 *	HCHAN_CXX_ELEMENT(struct job);
 *
 *	auto jobs = hchan::create<job>("jobs", 16);
 *
 *	if (!jobs)
 *		return report(hchan_errmsg());
 *	jobs.send(job{1, "x"}).must();		one program
 *	for (job &j : jobs)			another, until the channel's end
 *		work(j);
 *
 * TYPES, all of them movable and not copyable; what goes drops the descriptor:
 *
 *	hchan::chan<T>		sends and receives
 *	hchan::sender<T>	Go's chan<-: it has no recv()
 *	hchan::receiver<T>	Go's <-chan: it has no send() and no close()
 *
 * T is an element's type, trivially copyable, no pointer and no array, for which
 * HCHAN_CXX_ELEMENT() gives the spelling that C programs give HCHAN_DECLARE(): so
 * they have one type tag (C47). Or T is the C declaration itself:
 *
 *	HCHAN_DECLARE(job_chan, struct job);
 *	auto jobs = hchan::create<job_chan>("jobs", 16);	of struct job
 *
 * RESULTS. Nothing here throws, and nothing needs exceptions or RTTI. What the
 * functions of <hchan.h> return is a hchan::result, or with an element a
 * hchan::received<T>; must() panics if it is an error (<hchan/must.h>). A handler
 * that is set by hchan_set_panic_handler() may throw: that is recover() in C++. To
 * must() a signal is an error (EINTR) unless its handler has SA_RESTART; a loop goes
 * on after it.
 *
 * A channel that is default-constructed is nil (C4), and so is what create() returns
 * when it was not to open it (HCHAN_NO_OPEN). One that was moved from is
 * not: its calls fail with EBADF.
 */
#ifndef HCHAN_HPP
#define HCHAN_HPP

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>
#include <utility>

#include <hchan/result.hpp>

namespace hchan {

namespace detail {

/* Made, moved and destroyed as a channel only: it may not lose its type. */
class descriptor {
public:
	/* Whether there is a channel: not nil, and not what failed to be opened. */
	explicit operator bool() const noexcept { return fd_ >= 0; }
	bool is_nil() const noexcept { return fd_ == HCHAN_NIL; }
	int fd() const noexcept { return fd_; }
	/* Why there is none; hchan_errmsg() says it in words. */
	std::error_code error() const noexcept
	{
		return { fd_ < 0 && !is_nil() ? -fd_ : 0, std::generic_category() };
	}
	std::int64_t len() const noexcept { return hchan_len(fd_); }
	std::int64_t cap() const noexcept { return hchan_cap(fd_); }
	int stat(struct hchan_stat &st) const noexcept { return ::hchan_stat(fd_, &st); }

	/* The descriptor, which is the caller's then. */
	int release() noexcept { return std::exchange(fd_, -EBADF); }
	/* Gives it back now; from then on this is nil. */
	void drop() noexcept
	{
		if (fd_ >= 0)
			hchan_drop(fd_);
		fd_ = HCHAN_NIL;
	}

protected:
	descriptor() noexcept = default;
	explicit descriptor(int fd) noexcept : fd_(fd) {}
	descriptor(descriptor &&other) noexcept : fd_(other.release()) {}
	descriptor &operator=(descriptor &&other) noexcept
	{
		if (this != &other) {
			drop();
			fd_ = other.release();
		}
		return *this;
	}
	~descriptor() { drop(); }

	void check(const char *file, int line) const
	{
		if (fd_ < 0 && !is_nil())
			hchan_panic_at(fd_, "open", -1, "must()", file, line);
	}

private:
	int fd_ = HCHAN_NIL;
};

/* What is opened by name or made, in any direction. */
template <class T> struct opening {
	using type = typename element<T>::type;

	static_assert(!std::is_pointer_v<type> && !std::is_member_pointer_v<type> &&
		      !std::is_null_pointer_v<type>,
		      "a pointer means nothing in another process");
	static_assert(!std::is_array_v<type>, "put the array into a struct");
	static_assert(std::is_trivially_copyable_v<type>,
		      "elements are copied byte by byte");
	static_assert(std::is_default_constructible_v<type>,
		      "a received element begins as a zero value");
	static_assert(!std::is_const_v<type> && !std::is_volatile_v<type>,
		      "elements are written");
	static_assert(sizeof(type) <= HCHAN_ELEM_MAX, "too large for an element");

	static hchan_opts opts(std::uint64_t capacity, std::uint32_t flags,
			       std::uint32_t how) noexcept
	{
		hchan_opts o = {};

		o.elem_size = sizeof(type);
		o.tag = element<T>::tag();
		o.capacity = capacity;
		o.flags = flags;
		o.how = how;
		return o;
	}
	static int make(std::uint64_t capacity, std::uint32_t flags) noexcept
	{
		hchan_opts o = opts(capacity, flags, 0);

		return hchan_make_opts(&o);
	}
	static int create(const char *name, std::uint64_t capacity,
			  std::uint32_t how, std::uint32_t flags) noexcept
	{
		/* What is not opened has no direction. */
		hchan_opts o = opts(capacity, flags | HCHAN_CREATE,
				    flags & HCHAN_NO_OPEN ? 0 : how);

		return hchan_opened_(flags, hchan_open_opts(name, &o, nullptr));
	}
	static int open(const char *name, std::uint32_t how) noexcept
	{
		hchan_opts o = opts(0, HCHAN_EXPECT, how);

		return hchan_open_opts(name, &o, nullptr);
	}
	static int of(int fd) noexcept
	{
		int err = hchan_check(fd, sizeof(type), element<T>::tag());

		return err ? err : fd;
	}
};

/*
 * A loop's place in the channel: it receives when it begins and when it goes on.
 * It is for range-for, and none of the standard's iterators. Behind the loop *@result_ says why it is over; without one, an error panics.
 */
template <class T> class iterator {
public:
	struct end {
	};

	iterator(int fd, result *res, const char *file, int line)
		: fd_(fd), line_(line), file_(file), result_(res)
	{
		next();
	}
	T &operator*() noexcept { return elem_; }
	T *operator->() noexcept { return &elem_; }
	iterator &operator++()
	{
		next();
		return *this;
	}
	bool operator!=(end) const noexcept { return code_ > 0; }
	bool operator==(end) const noexcept { return code_ <= 0; }

private:
	void next()
	{
		do {
			code_ = hchan_recv(fd_, &elem_, sizeof(elem_));
		} while (code_ == -EINTR && !result_);
		if (result_)
			*result_ = result(code_, "receive", fd_);
		else if (code_ < 0)
			hchan_panic_at(code_, "receive", fd_, "range-for",
				       file_, line_);
	}

	int fd_, code_ = 0, line_;
	const char *file_;
	result *result_;
	T elem_{};
};

template <class T> struct range {
	int fd;
	result *res;

	iterator<T> begin() const { return { fd, res, "", 0 }; }
	typename iterator<T>::end end() const { return {}; }
};

/* What a channel can that receives. */
template <class Channel, class T> class receives {
public:
	received<T> recv() noexcept
	{
		return received<T>(at(), [this](T *to) {
			return hchan_recv(at(), to, sizeof(T)); });
	}
	received<T> try_recv() noexcept
	{
		return received<T>(at(), [this](T *to) {
			return hchan_try_recv(at(), to, sizeof(T)); });
	}
	received<T> recv_until(when w) noexcept
	{
		return received<T>(at(), [this, w](T *to) {
			return hchan_recv_until(at(), to, sizeof(T), w); });
	}
	/* Into @n elements, until all are there or the channel ends. */
	result recvn(T *to, std::size_t n) noexcept
	{
		return result(hchan_recvn(at(), to, sizeof(T), n), "receive", at());
	}
	/*
	 * Range-for, over the channel or range(r): to the channel's end. Errors
	 * are faults here, and panic (<hchan/must.h>), or end the loop and are in
	 * @r. A loop keeps a temporary channel itself, but not the one that a
	 * range() or an iterator has been taken of: that is refused.
	 */
	iterator<T> begin(const char *file = __builtin_FILE(),
			  int line = __builtin_LINE()) &
	{
		return { at(), nullptr, file, line };
	}
	typename iterator<T>::end end() & { return {}; }
	detail::range<T> range(result &r) & { return { at(), &r }; }
	iterator<T> begin() && = delete;
	typename iterator<T>::end end() && = delete;
	detail::range<T> range(result &r) && = delete;

private:
	int at() const noexcept { return static_cast<const Channel *>(this)->fd(); }
};

/* What a channel can that sends. */
template <class Channel, class T> class sends {
public:
	result send(const T &elem) noexcept
	{
		return of(hchan_send(at(), &elem, sizeof(T)));
	}
	result try_send(const T &elem) noexcept
	{
		return of(hchan_try_send(at(), &elem, sizeof(T)));
	}
	result send_until(const T &elem, when w) noexcept
	{
		return of(hchan_send_until(at(), &elem, sizeof(T), w));
	}
	result sendn(const T *elems, std::size_t n) noexcept
	{
		return of(hchan_sendn(at(), elems, sizeof(T), n));
	}
	/* The CHANNEL, for everybody, for ever (C15). */
	result close() noexcept { return result(hchan_close(at()), "close", at()); }

private:
	int at() const noexcept { return static_cast<const Channel *>(this)->fd(); }
	result of(int code) const noexcept { return result(code, "send", at()); }
};

} /* namespace detail */

/* ---- the channels ---- */

template <class T> class chan;

/*
 * All three have:
 *
 *	create(name, capacity, flags)	open by name, create if it is not there
 *	open(name)			open by name
 *	of(fd)				take over a descriptor that is one of these;
 *					if it is not, it stays the caller's
 *	must()				itself, or a panic if it could not be opened
 */
template <class T> class sender
	: public detail::descriptor,
	  public detail::sends<sender<T>, typename detail::opening<T>::type> {
public:
	using value_type = typename detail::opening<T>::type;

	sender() noexcept = default;
	static sender create(const char *name, std::uint64_t capacity,
			     std::uint32_t flags = 0) noexcept
	{
		return sender(detail::opening<T>::create(name, capacity,
							 HCHAN_O_SEND, flags));
	}
	static sender open(const char *name) noexcept
	{
		return sender(detail::opening<T>::open(name, HCHAN_O_SEND));
	}
	static sender of(int fd) noexcept
	{
		return sender(detail::opening<T>::of(fd));
	}
	sender must(const char *file = __builtin_FILE(),
		    int line = __builtin_LINE()) &&
	{
		check(file, line);
		return std::move(*this);
	}

private:
	friend class chan<T>;
	explicit sender(int fd) noexcept : descriptor(fd) {}
};

template <class T> class receiver
	: public detail::descriptor,
	  public detail::receives<receiver<T>, typename detail::opening<T>::type> {
public:
	using value_type = typename detail::opening<T>::type;

	receiver() noexcept = default;
	static receiver create(const char *name, std::uint64_t capacity,
			       std::uint32_t flags = 0) noexcept
	{
		return receiver(detail::opening<T>::create(name, capacity,
							   HCHAN_O_RECV, flags));
	}
	static receiver open(const char *name) noexcept
	{
		return receiver(detail::opening<T>::open(name, HCHAN_O_RECV));
	}
	static receiver of(int fd) noexcept
	{
		return receiver(detail::opening<T>::of(fd));
	}
	receiver must(const char *file = __builtin_FILE(),
		      int line = __builtin_LINE()) &&
	{
		check(file, line);
		return std::move(*this);
	}

private:
	friend class chan<T>;
	explicit receiver(int fd) noexcept : descriptor(fd) {}
};

template <class T> class chan
	: public detail::descriptor,
	  public detail::sends<chan<T>, typename detail::opening<T>::type>,
	  public detail::receives<chan<T>, typename detail::opening<T>::type> {
public:
	using value_type = typename detail::opening<T>::type;

	chan() noexcept = default;
	static chan make(std::uint64_t capacity, std::uint32_t flags = 0) noexcept
	{
		return chan(detail::opening<T>::make(capacity, flags));
	}
	static chan create(const char *name, std::uint64_t capacity,
			   std::uint32_t flags = 0) noexcept
	{
		return chan(detail::opening<T>::create(name, capacity, 0, flags));
	}
	static chan open(const char *name) noexcept
	{
		return chan(detail::opening<T>::open(name, 0));
	}
	static chan of(int fd) noexcept
	{
		return chan(detail::opening<T>::of(fd));
	}
	/* A descriptor more, with fewer rights; the kernel enforces it (C42). */
	sender<T> send_only() const noexcept
	{
		return sender<T>(hchan_send_only(fd()));
	}
	receiver<T> recv_only() const noexcept
	{
		return receiver<T>(hchan_recv_only(fd()));
	}
	chan must(const char *file = __builtin_FILE(),
		  int line = __builtin_LINE()) &&
	{
		check(file, line);
		return std::move(*this);
	}

private:
	explicit chan(int fd) noexcept : descriptor(fd) {}
};

template <class T>
chan<T> make(std::uint64_t capacity, std::uint32_t flags = 0) noexcept
{
	return chan<T>::make(capacity, flags);
}

template <class T>
chan<T> create(const char *name, std::uint64_t capacity,
	       std::uint32_t flags = 0) noexcept
{
	return chan<T>::create(name, capacity, flags);
}

template <class T> chan<T> open(const char *name) noexcept
{
	return chan<T>::open(name);
}

} /* namespace hchan */

#include <hchan/select.hpp>

#endif /* HCHAN_HPP */
