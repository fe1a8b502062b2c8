/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Typed channels: the compiler refuses a wrong element, the kernel a program
 * that means something else by the name.
 *
 *	struct job { uint32_t id; char text[60]; };
 *	HCHAN_DECLARE(job_chan, struct job);		in a header of both programs
 *
 *	job_chan jobs = job_chan_create("jobs", 16);
 *
 *	if (jobs.fd < 0)
 *		errx(1, "%s", hchan_errmsg());
 *	r = HCHAN_SEND(jobs, &job);			one program
 *	while ((r = HCHAN_RECV(jobs, &job)) > 0)	another
 *		work(&job);
 *	if (r < 0)
 *		errx(1, "%s", hchan_strerror(r));
 *
 * HCHAN_DECLARE(NAME, TYPE) at file scope declares the type NAME, a handle to be
 * passed by value, and functions which do what those with hchan_ in place of
 * NAME_ do (see <hchan.h> for results, errors and costs):
 *
 *	NAME NAME_make(capacity)		.fd is the descriptor or the
 *	NAME NAME_make_opts(&opts)		negative errno; elem_size and
 *	NAME NAME_create(name, capacity)	tag of opts are set from TYPE
 *	NAME NAME_open(name, how)
 *	NAME NAME_open_opts(name, &opts, &found)	nil with HCHAN_NO_OPEN
 *	NAME NAME_of(fd)			fd's handle if hchan_check() agrees
 *	NAME NAME_nil()				HCHAN_NIL; also { HCHAN_NIL }
 *	int NAME_close(ch)			the channel
 *	int NAME_drop(ch)			the descriptor
 *
 * and two more types, Go's chan<- and <-chan: handles that only send or only
 * receive. The compiler refuses the other direction, one handle in place of
 * another, and closing by a receiver's (there is no NAME_rx_close); the kernel
 * refuses it, too (C42), to those that are descriptors of their own:
 *
 *	NAME_tx NAME_send_only(ch)		a new descriptor, narrowed as by
 *	NAME_rx NAME_recv_only(ch)		hchan_send_only(); drop it as well
 *	NAME_tx NAME_open_tx(name)		NAME_open(name, HCHAN_O_SEND)
 *	NAME_rx NAME_open_rx(name)		NAME_open(name, HCHAN_O_RECV)
 *	NAME_tx NAME_create_tx(name, capacity)	NAME_create() with HCHAN_O_SEND ...
 *	NAME_rx NAME_create_rx(name, capacity)
 *	NAME_tx NAME_as_tx(ch)			the same descriptor, not to be dropped
 *	NAME_rx NAME_as_rx(ch)			twice: narrower for the compiler alone
 *	NAME_tx NAME_tx_of(fd), _tx_nil()	as NAME_of(), NAME_nil()
 *	NAME_rx NAME_rx_of(fd), _rx_nil()
 *	int NAME_tx_close(tx)
 *	int NAME_tx_drop(tx), NAME_rx_drop(rx)
 *
 * Elements are moved by macros for all such types. Each evaluates each of its
 * arguments once. &ELEM is a pointer to exactly TYPE, to send from also to const
 * TYPE; the last argument may contain commas, as in
 * HCHAN_SEND(jobs, &(struct job){ 1, "x" }).
 *
 *	HCHAN_SEND(ch, &elem)			HCHAN_RECV(ch, &elem)
 *	HCHAN_TRY_SEND(ch, &elem)		HCHAN_TRY_RECV(ch, &elem)
 *	HCHAN_SEND_UNTIL(ch, &elem, when)	HCHAN_RECV_UNTIL(ch, &elem, when)
 *	HCHAN_SENDN(ch, elems, n)		HCHAN_RECVN(ch, elems, n)
 *	HCHAN_SENDN_UNTIL(ch, elems, n, when)
 *	HCHAN_RECVN_UNTIL(ch, elems, n, when, flags)
 *
 * For any handle: HCHAN_LEN(ch), HCHAN_CAP(ch), HCHAN_DROP(ch), and for those that
 * send HCHAN_CLOSE(ch). Whatever else has no type takes the descriptor: poll(2) on
 * jobs.fd.
 *
 * HCHAN_RANGE(r, ch, &elem) is Go's `for elem = range ch`:
 *
 *	HCHAN_RANGE(r, jobs, &job) {
 *		work(&job);
 *	}
 *	if (r < 0)
 *		errx(1, "%s", hchan_strerror(r));
 *
 * Refused by the compiler: a pointer to anything else, void included; and as
 * TYPE a pointer or an array, in C++ also a class that is not trivially
 * copyable. A pointer means nothing in another process: HCHAN_DECLARE_PTR is for
 * channels between threads. An array goes into a struct. Pointers inside a struct
 * are not found, and are as useless there.
 *
 * Refused when opening, with -EPROTOTYPE (C47): a channel of another element
 * size, or one whose tag says another type. The tag is made of TYPE's spelling
 * and its size, so programs should share the declaration. HCHAN_DECLARE_AS takes
 * a text in place of the spelling; HCHAN_DECLARE_LAYOUT adds the members' names,
 * sizes and offsets, so that two versions of a struct are told apart. What a tag
 * is made of does not change in later versions of the library.
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_TYPED_H
#define HCHAN_TYPED_H

#ifdef __cplusplus
#include <type_traits>
#endif

/*
 * HCHAN_DECLARE() - a channel type for elements of @type
 * @name: the new type's name
 * @type: the element's type, without a comma in it
 */
#define HCHAN_DECLARE(name, type) \
	HCHAN_REFUSE_(name, type) \
	HCHAN_TYPED_(name, type, hchan_tag(#type, sizeof(type)))

/*
 * HCHAN_DECLARE_AS() - the same with a text of one's own for the tag
 * @text: a string literal, say "org.example.job/2"
 */
#define HCHAN_DECLARE_AS(name, type, text) \
	HCHAN_REFUSE_(name, type) \
	HCHAN_TYPED_(name, type, hchan_tag("" text, sizeof(type)))

/* HCHAN_DECLARE_PTR() - the same for pointers, between threads of one process */
#define HCHAN_DECLARE_PTR(name, type) \
	HCHAN_TYPED_(name, type, hchan_tag(#type, sizeof(type)))

/*
 * HCHAN_DECLARE_LAYOUT() - the same with members that count for the tag
 * @...: HCHAN_MEMBER(m) for each member, commas between
 */
#define HCHAN_DECLARE_LAYOUT(name, type, ...) \
	HCHAN_REFUSE_(name, type) \
	HCHAN_FN_ uint64_t name##_layout_(void) \
	{ \
		typedef type hchan_type_; \
		static const struct hchan_member members[] = { __VA_ARGS__ }; \
		\
		return hchan_tag_layout(#type, sizeof(type), members, \
					sizeof(members) / sizeof(members[0])); \
	} \
	HCHAN_TYPED_(name, type, name##_layout_())

#define HCHAN_MEMBER(m) \
	{ #m, offsetof(hchan_type_, m), sizeof(((hchan_type_ *)0)->m) }

#define HCHAN_SEND(ch, ...) \
	hchan_send((ch).fd, HCHAN_SRC_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch))
#define HCHAN_RECV(ch, ...) \
	hchan_recv((ch).fd, HCHAN_DST_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch))
#define HCHAN_TRY_SEND(ch, ...) \
	hchan_try_send((ch).fd, HCHAN_SRC_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch))
#define HCHAN_TRY_RECV(ch, ...) \
	hchan_try_recv((ch).fd, HCHAN_DST_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch))
#define HCHAN_SEND_UNTIL(ch, elem, ...) \
	hchan_send_until((ch).fd, HCHAN_SRC_(ch, (elem)), HCHAN_SIZE_(ch), \
			 __VA_ARGS__)
#define HCHAN_RECV_UNTIL(ch, elem, ...) \
	hchan_recv_until((ch).fd, HCHAN_DST_(ch, (elem)), HCHAN_SIZE_(ch), \
			 __VA_ARGS__)
#define HCHAN_SENDN(ch, elems, ...) \
	hchan_sendn((ch).fd, HCHAN_SRC_(ch, (elems)), HCHAN_SIZE_(ch), \
		    __VA_ARGS__)
#define HCHAN_RECVN(ch, elems, ...) \
	hchan_recvn((ch).fd, HCHAN_DST_(ch, (elems)), HCHAN_SIZE_(ch), \
		    __VA_ARGS__)
#define HCHAN_SENDN_UNTIL(ch, elems, n, ...) \
	hchan_sendn_until((ch).fd, HCHAN_SRC_(ch, (elems)), HCHAN_SIZE_(ch), \
			  (n), __VA_ARGS__)
#define HCHAN_RECVN_UNTIL(ch, elems, n, when, ...) \
	hchan_recvn_until((ch).fd, HCHAN_DST_(ch, (elems)), HCHAN_SIZE_(ch), \
			  (n), (when), __VA_ARGS__)

#define HCHAN_LEN(ch)		hchan_len(HCHAN_ANY_(ch))
#define HCHAN_CAP(ch)		hchan_cap(HCHAN_ANY_(ch))
#define HCHAN_DROP(ch)		hchan_drop(HCHAN_ANY_(ch))
#define HCHAN_CLOSE(ch)		hchan_close(HCHAN_SENDS_(ch))

/*
 * HCHAN_RANGE() - receive until the channel ends, with a body for each element
 * @r: an int of the program's: each receive's result. Behind the loop it is 0 at
 *	the channel's end, a negative errno if a receive has failed, and 1 if the
 *	body has left the loop by `break`.
 * @ch: evaluated once, before the first receive
 * @...: &elem, evaluated for each receive, as Go does for what is on the left
 *
 * The body is any loop's. A nil channel has no end.
 */
#define HCHAN_RANGE(r, ch, ...)	HCHAN_RANGE_AT_(__LINE__, r, ch, (__VA_ARGS__))

/* struct hchan_member - a member of a struct, as HCHAN_MEMBER() describes it */
struct hchan_member {
	const char *name;
	size_t offset;
	size_t size;
};

#ifdef __cplusplus
extern "C" {
#endif

/*
 * hchan_tag_layout() - a type tag (never 0) that also covers @n members
 * @text: as for hchan_tag()
 * @size: bytes in the whole
 */
uint64_t hchan_tag_layout(const char *text, size_t size,
			  const struct hchan_member *members, size_t n);

#ifdef __cplusplus
}
#endif

/* ---- behind the scenes ---- */

#define HCHAN_FN_	static inline __attribute__((__unused__))

/* The 0 of HCHAN_NO_OPEN is no descriptor; another 0 is. */
static inline int hchan_opened_(uint32_t flags, int fd)
{
	return !fd && (flags & HCHAN_NO_OPEN) ? HCHAN_NIL : fd;
}

/*
 * A handle's members, fd apart, are never read: they only have types, and share
 * the descriptor's place. That it may send is said by the member can_send_, that
 * it may receive by can_recv_: without it the compiler names what is missing.
 * HCHAN_SRC_() and HCHAN_DST_() are the pointer @p itself, if it has such a type.
 * @ch is evaluated in none of the macros but for its fd; it may be const.
 */
#define HCHAN_SIZE_(ch)		sizeof(*(ch).elem_)
#define HCHAN_ANY_(ch)		((void)sizeof((ch).elem_), (ch).fd)
#define HCHAN_SENDS_(ch)	((void)sizeof((ch).can_send_), (ch).fd)

/* A name for each line, as ranges nest. */
#define HCHAN_RANGE_AT_(line, r, ch, p)	HCHAN_RANGE_AT__(line, r, ch, p)
#define HCHAN_RANGE_AT__(line, r, ch, p) \
	for (int hchan_range_##line##_ = (ch).fd; \
	     hchan_keep_(HCHAN_INT_(r), hchan_recv(hchan_range_##line##_, \
						   HCHAN_DST_(ch, p), \
						   HCHAN_SIZE_(ch))) > 0;)

static inline int hchan_keep_(int *r, int result)
{
	*r = result;
	return result;
}

#ifdef __cplusplus

template <class E, class P> static inline P *hchan_arg_(P *p)
{
	typedef typename std::remove_pointer<E>::type elem;

	static_assert(std::is_same<typename std::remove_const<elem>::type,
				   typename std::remove_const<P>::type>::value,
		      "a pointer to another type than the channel's elements");
	return p;
}

#define HCHAN_SRC_(ch, p)	(hchan_arg_<decltype((ch).can_send_)>(p))
#define HCHAN_DST_(ch, p)	(hchan_arg_<decltype((ch).can_recv_)>(p))

/* For <hchan.hpp>, which takes a handle's type for the whole declaration. */
#define HCHAN_CXX_(type, tag_) \
	typedef type hchan_type_; \
	static uint64_t hchan_tag_() \
	{ \
		return (tag_); \
	}

#define HCHAN_REFUSE_(name, type) \
	static_assert(!std::is_pointer<type>::value && \
		      !std::is_member_pointer<type>::value && \
		      !std::is_same<type, std::nullptr_t>::value, \
		      #name ": a pointer means nothing in another process"); \
	static_assert(!std::is_array<type>::value, \
		      #name ": put the array into a struct"); \
	static_assert(std::is_trivially_copyable<type>::value, \
		      #name ": elements are copied byte by byte");

#else /* C */

#define HCHAN_CXX_(...)

#define HCHAN_SRC_(ch, p) \
	_Generic(p, __typeof__(&*(ch).elem_) : p, \
		 __typeof__(&*(ch).can_send_) : p)
#define HCHAN_DST_(ch, p) \
	_Generic(p, __typeof__(&*(ch).can_recv_) : p)

#define HCHAN_REFUSE_(name, type) \
	_Static_assert(__builtin_classify_type(*(type *)0) != \
		       __builtin_classify_type((char *)0), \
		       #name ": a pointer or an array as the element's type");

#endif

#define HCHAN_OPTS_(capacity, flags, how) \
	{ 0, (capacity), 0, (flags), (how), 0, { 0, 0, 0, 0, 0 } }

/* What all three types have: how a handle is made of a number, and given back. */
#define HCHAN_HANDLE_(name) \
	HCHAN_FN_ name name##_fd_(int fd) \
	{ \
		name ch; \
		\
		ch.fd = fd; \
		return ch; \
	} \
	HCHAN_FN_ name name##_nil(void) \
	{ \
		return name##_fd_(HCHAN_NIL); \
	} \
	HCHAN_FN_ int name##_drop(name ch) \
	{ \
		return hchan_drop(ch.fd); \
	}

#define HCHAN_OF_(name, type, tag_) \
	HCHAN_FN_ name name##_of(int fd) \
	{ \
		int err = hchan_check(fd, sizeof(type), (tag_)); \
		\
		return name##_fd_(err ? err : fd); \
	}

/* What those have which may send. */
#define HCHAN_CLOSES_(name) \
	HCHAN_FN_ int name##_close(name ch) \
	{ \
		return hchan_close(ch.fd); \
	}

/* What only those of one direction have: @narrow is @name's tx or rx. */
#define HCHAN_NARROW_(name, narrow, dir, only, how) \
	HCHAN_HANDLE_(narrow) \
	HCHAN_FN_ narrow name##_as_##dir(name ch) \
	{ \
		return narrow##_fd_(ch.fd); \
	} \
	HCHAN_FN_ narrow name##_##only(name ch) \
	{ \
		return narrow##_fd_(hchan_##only(ch.fd)); \
	} \
	HCHAN_FN_ narrow narrow##_of(int fd) \
	{ \
		return name##_as_##dir(name##_of(fd)); \
	} \
	HCHAN_FN_ narrow name##_open_##dir(const char *path) \
	{ \
		return name##_as_##dir(name##_open(path, (how))); \
	} \
	HCHAN_FN_ narrow name##_create_##dir(const char *path, \
					     uint64_t capacity) \
	{ \
		struct hchan_opts opts = \
			HCHAN_OPTS_(capacity, HCHAN_CREATE, (how)); \
		\
		return name##_as_##dir(name##_open_opts(path, &opts, NULL)); \
	}

#define HCHAN_TYPED_(name, type, tag_) \
	typedef union name { \
		int fd; \
		type *elem_; \
		type const *can_send_; \
		type *can_recv_; \
		HCHAN_CXX_(type, tag_) \
	} name; \
	typedef union name##_tx { \
		int fd; \
		type *elem_; \
		type const *can_send_; \
	} name##_tx; \
	typedef union name##_rx { \
		int fd; \
		type *elem_; \
		type *can_recv_; \
	} name##_rx; \
	\
	HCHAN_HANDLE_(name) \
	HCHAN_CLOSES_(name) \
	HCHAN_CLOSES_(name##_tx) \
	HCHAN_FN_ name name##_make_opts(const struct hchan_opts *o) \
	{ \
		struct hchan_opts opts = *o; \
		\
		opts.elem_size = sizeof(type); \
		opts.tag = (tag_); \
		return name##_fd_(hchan_make_opts(&opts)); \
	} \
	HCHAN_FN_ name name##_make(uint64_t capacity) \
	{ \
		struct hchan_opts opts = HCHAN_OPTS_(capacity, 0, 0); \
		\
		return name##_make_opts(&opts); \
	} \
	HCHAN_FN_ name name##_open_opts(const char *path, \
					const struct hchan_opts *o, \
					struct hchan_found *found) \
	{ \
		struct hchan_opts opts = *o; \
		\
		opts.elem_size = sizeof(type); \
		opts.tag = (tag_); \
		if (!(opts.flags & HCHAN_CREATE)) \
			opts.flags |= HCHAN_EXPECT; \
		return name##_fd_(hchan_opened_(opts.flags, \
						hchan_open_opts(path, &opts, found))); \
	} \
	HCHAN_FN_ name name##_create(const char *path, uint64_t capacity) \
	{ \
		struct hchan_opts opts = \
			HCHAN_OPTS_(capacity, HCHAN_CREATE, 0); \
		\
		return name##_open_opts(path, &opts, NULL); \
	} \
	HCHAN_FN_ name name##_open(const char *path, unsigned int how) \
	{ \
		struct hchan_opts opts = HCHAN_OPTS_(0, 0, how); \
		\
		return name##_open_opts(path, &opts, NULL); \
	} \
	HCHAN_OF_(name, type, tag_) \
	HCHAN_NARROW_(name, name##_tx, tx, send_only, HCHAN_O_SEND) \
	HCHAN_NARROW_(name, name##_rx, rx, recv_only, HCHAN_O_RECV) \
	union name

#endif /* HCHAN_TYPED_H */
