// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* A context's way into the programs that this one starts: the environment. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define VARIABLE	"HCHAN_CONTEXT"

/* Digits, by no function that may lock: this runs between fork and exec. */
static char *put_number(char *at, uint64_t number)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (n)
		*at++ = digits[--n];
	return at;
}

int hchan_ctx_env(int ctx, char *entry)
{
	struct hchan_ctx_stat st;
	int err;

	memcpy(entry, VARIABLE "=", sizeof(VARIABLE "="));
	if (ctx == HCHAN_BACKGROUND)
		return 0;
	err = hchan__ctx_stat(ctx, &st);
	if (err)
		return err;
	entry += strlen(entry);
	entry = put_number(entry, (uint64_t)ctx);
	*entry++ = ':';
	entry = put_number(entry, st.id);
	*entry = '\0';
	return 0;
}

int hchan_ctx_to_env(int ctx)
{
	char entry[HCHAN_CTX_ENV_MAX];
	int saved = errno;
	int err;

	err = hchan_ctx_env(ctx, entry);
	if (err)
		return err;
	if (ctx == HCHAN_BACKGROUND)
		unsetenv(VARIABLE);
	else if (setenv(VARIABLE, strchr(entry, '=') + 1, 1))
		err = -errno;
	else
		err = hchan__cloexec(ctx, false);
	errno = saved;
	return err;
}

/* A decimal number of digits only, at most @max; @text moves behind it. */
static bool number(const char **text, uint64_t max, uint64_t *value)
{
	const char *at = *text;

	*value = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (*value > (max - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	if (at == *text)
		return false;
	*text = at;
	return true;
}

static bool parse(const char *text, int *fd, uint64_t *id)
{
	uint64_t value;

	if (!number(&text, INT_MAX, &value) || *text++ != ':')
		return false;
	*fd = (int)value;
	return number(&text, UINT64_MAX, id) && !*text;
}

static int explain(int err, const char *why)
{
	return hchan__explain(err, VARIABLE, why);
}

int hchan_ctx_from_env(int *ctx)
{
	const char *text = secure_getenv(VARIABLE);
	struct hchan_ctx_stat st;
	char why[100];
	uint64_t id;
	int fd, own;

	if (!text || !*text) {
		*ctx = HCHAN_BACKGROUND;
		return 0;
	}
	if (!parse(text, &fd, &id))
		return explain(-EINVAL, "it has to name a descriptor and a context, as in 7:4711");
	/* First it is made ours, then looked at: nobody can close it between. */
	own = hchan__dup(fd);
	if (own < 0 && own != -EBADF)
		return hchan__fail(VARIABLE, own);
	if (own >= 0 && !hchan__ctx_stat(own, &st) && st.id == id) {
		*ctx = own;
		return 1;
	}
	if (own >= 0)
		hchan__close(own);
	snprintf(why, sizeof(why), "descriptor %d is not context %llu any more",
		 fd, (unsigned long long)id);
	return explain(-ESTALE, why);
}
