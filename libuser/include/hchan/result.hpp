/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* What <hchan.hpp>'s elements are, its moments and its results; included by it. */
#ifndef HCHAN_RESULT_HPP
#define HCHAN_RESULT_HPP

#if __cplusplus < 201703L
#error "<hchan.hpp> is for C++17"
#endif

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>
#include <type_traits>

#include <hchan.h>
#include <hchan/must.h>

namespace hchan {

/* ---- what the elements are ---- */

template <class T, class = void> struct element {
	static_assert(sizeof(T) == 0,
		      "say HCHAN_CXX_ELEMENT(T) first: its spelling makes the tag");
};

/* The name that HCHAN_DECLARE() has declared. */
template <class T> struct element<T, std::void_t<typename T::hchan_type_>> {
	using type = typename T::hchan_type_;

	static std::uint64_t tag() noexcept
	{
		return T::hchan_tag_();
	}
};

/* At global scope. The second takes a text of one's own in place of the spelling. */
#define HCHAN_CXX_ELEMENT(...) \
	HCHAN_CXX_ELEMENT_(#__VA_ARGS__, __VA_ARGS__)
#define HCHAN_CXX_ELEMENT_AS(type, text) \
	HCHAN_CXX_ELEMENT_("" text, type)
#define HCHAN_CXX_ELEMENT_(text, ...) \
	template <> struct hchan::element<__VA_ARGS__> { \
		using type = __VA_ARGS__; \
		static std::uint64_t tag() noexcept \
		{ \
			return hchan_tag(text, sizeof(type)); \
		} \
	}

/* ---- when to stop waiting ---- */

using when = hchan_when;

/* A moment from now; more than the clock can hold is its last moment (C31). */
template <class Rep, class Period>
when after(std::chrono::duration<Rep, Period> time) noexcept
{
	if (std::chrono::duration<double>(time).count() > 9e9)
		return hchan_after(INT64_MAX);
	if (std::chrono::duration<double>(time).count() < 0)
		return hchan_after(0);
	return hchan_after(
		std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

/* ---- results ---- */

/*
 * result - what a function of <hchan.h> has returned
 *
 * True if it is no error. code() is the value itself: a count, 0, or a negative
 * errno.
 */
class [[nodiscard]] result {
public:
	constexpr explicit result(int code, const char *op = nullptr,
				  int fd = -1) noexcept
		: code_(code), fd_(fd), op_(op)
	{
	}
	constexpr explicit operator bool() const noexcept { return code_ >= 0; }
	constexpr int code() const noexcept { return code_; }
	constexpr bool closed() const noexcept { return code_ == -EPIPE; }
	constexpr bool not_ready() const noexcept { return code_ == -EAGAIN; }
	constexpr bool timed_out() const noexcept { return code_ == -ETIMEDOUT; }
	const char *what() const { return hchan_strerror(code_); }
	std::error_code error() const noexcept
	{
		return { code_ < 0 ? -code_ : 0, std::generic_category() };
	}
	/* Its code, or a panic at the place of the call. */
	int must(const char *file = __builtin_FILE(),
		 int line = __builtin_LINE()) const
	{
		if (code_ < 0)
			hchan_panic_at(code_, op_, fd_, "must()", file, line);
		return code_;
	}

private:
	int code_, fd_;
	const char *op_;
};

/*
 * received - a receive's result with its element
 *
 * True if there is one (Go's ok). ended(): the channel's end, which is no error;
 * the element is a zero value then, as it is after an error.
 */
template <class T> class [[nodiscard]] received {
public:
	explicit operator bool() const noexcept { return result_.code() > 0; }
	bool ended() const noexcept { return result_.code() == 0; }
	int code() const noexcept { return result_.code(); }
	bool not_ready() const noexcept { return result_.not_ready(); }
	bool timed_out() const noexcept { return result_.timed_out(); }
	const char *what() const { return result_.what(); }
	std::error_code error() const noexcept { return result_.error(); }
	T &operator*() noexcept { return elem_; }
	const T &operator*() const noexcept { return elem_; }
	T *operator->() noexcept { return &elem_; }
	const T *operator->() const noexcept { return &elem_; }
	/* Whether there is an element; panics if it is an error. */
	bool must(const char *file = __builtin_FILE(),
		  int line = __builtin_LINE()) const
	{
		return result_.must(file, line) > 0;
	}

	template <class F> explicit received(int fd, F receive) noexcept
		: result_(receive(&elem_), "receive", fd)
	{
	}

private:
	T elem_{};
	result result_;
};

} /* namespace hchan */

#endif /* HCHAN_RESULT_HPP */
