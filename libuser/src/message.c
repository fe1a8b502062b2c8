// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* What went wrong, in words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static __thread char message[2 * PATH_MAX];

static const char *text_of(int err)
{
	switch (err) {
	case EPIPE:
		return "The channel is closed, or its other side is gone";
	case EALREADY:
		return "The channel is closed already";
	case EAGAIN:
		return "Not ready, and not to wait";
	case ETIMEDOUT:
		return "The deadline has passed";
	case ECANCELED:
		return "The context is cancelled";
	case ETIME:
		return "The context's deadline has passed";
	case EMSGSIZE:
		return "The size does not suit the channel's elements";
	case EPROTOTYPE:
		return "The channel has other elements than expected";
	case ENOTTY:
		return "Not a channel";
	case EDQUOT:
		return "The user's limit for channels is reached";
	case E2BIG:
		return "More cases, or larger elements, than a select takes";
	case EOVERFLOW:
		return "The capacity is too large";
	case EBADF:
		return "Not a descriptor, or not one for this direction";
	default:
		return strerror(err);
	}
}

const char *hchan_strerror(int result)
{
	if (result == HCHAN_NIL)
		return "The nil channel";
	return text_of(result < 0 ? -result : 0);
}

const char *hchan_errmsg(void)
{
	return message;
}

/* Names may hold anything but a slash: keep the message one printable line. */
void hchan__printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int hchan__explain(int err, const char *subject, const char *why)
{
	int saved = errno;

	snprintf(message, sizeof(message), "%s: %s", subject, why);
	hchan__printable(message);
	errno = saved;
	return err;
}

int hchan__fail(const char *subject, int err)
{
	int saved = errno;

	hchan__explain(err, subject, hchan_strerror(err));
	errno = saved;
	return err;
}

static void describe(char *text, size_t size, uint64_t elem_size, bool msg,
		     uint64_t tag)
{
	char tagged[40] = "no tag";

	if (tag)
		snprintf(tagged, sizeof(tagged), "tag %#018llx",
			 (unsigned long long)tag);
	snprintf(text, size, "%s of %llu bytes with %s",
		 msg ? "messages" : "elements", (unsigned long long)elem_size,
		 tagged);
}

int hchan__mismatch(const char *subject, const struct hchan_opts *wanted,
		    const struct hchan_found *found)
{
	char there[100], here[100], why[300];

	describe(there, sizeof(there), found->elem_size,
		 found->flags & HCHAN_MSG, found->tag);
	if (wanted->flags & (HCHAN_CREATE | HCHAN_EXPECT))
		describe(here, sizeof(here), wanted->elem_size,
			 wanted->flags & HCHAN_MSG, wanted->tag);
	else
		snprintf(here, sizeof(here), "tag %#018llx",
			 (unsigned long long)wanted->tag);
	snprintf(why, sizeof(why), "expected %s, found %s", here, there);
	return hchan__explain(-EPROTOTYPE, subject, why);
}
