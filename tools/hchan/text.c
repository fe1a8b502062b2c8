// SPDX-License-Identifier: GPL-2.0-only
/* Text of any length, JSON, and writing it out. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static char *more(struct text *text, size_t len)
{
	size_t room = text->room ? text->room : 256;
	char *data;

	while (room - text->len < len)
		room *= 2;
	if (room != text->room) {
		data = realloc(text->data, room);
		if (!data)
			out_of_memory();
		text->data = data;
		text->room = room;
	}
	return text->data + text->len;
}

void text_add(struct text *text, const void *data, size_t len)
{
	if (!len)
		return;
	memcpy(more(text, len), data, len);
	text->len += len;
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	va_start(args, format);
	vsnprintf(more(text, len + 1), len + 1, format, args);
	va_end(args);
	text->len += len;
}

void text_hex(struct text *text, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = data;
	char *to = more(text, 2 * len);
	size_t i;

	for (i = 0; i < len; i++) {
		*to++ = digits[byte[i] >> 4];
		*to++ = digits[byte[i] & 15];
	}
	text->len += 2 * len;
}

/* The bytes of the UTF-8 character at @byte, 0 if there is none. */
static size_t utf8_len(const unsigned char *byte, size_t len)
{
	uint32_t min, point;
	size_t need, i;

	if (*byte < 0x80)
		return 1;
	if (*byte >= 0xc2 && *byte < 0xe0) {
		need = 2;
		min = 0x80;
		point = *byte & 0x1f;
	} else if (*byte >= 0xe0 && *byte < 0xf0) {
		need = 3;
		min = 0x800;
		point = *byte & 0x0f;
	} else if (*byte >= 0xf0 && *byte < 0xf5) {
		need = 4;
		min = 0x10000;
		point = *byte & 0x07;
	} else {
		return 0;
	}
	if (len < need)
		return 0;
	for (i = 1; i < need; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (byte[i] & 0x3f);
	}
	if (point < min || point > 0x10ffff ||
	    (point >= 0xd800 && point < 0xe000))
		return 0;
	return need;
}

static bool is_utf8(const unsigned char *byte, size_t len)
{
	size_t n;

	for (; len; byte += n, len -= n) {
		n = utf8_len(byte, len);
		if (!n)
			return false;
	}
	return true;
}

/* A member of a JSON object: "key":"text", or "key_hex":"00ff" if it is none. */
void text_json(struct text *text, const char *key, const void *data, size_t len)
{
	const unsigned char *byte = data;
	size_t i;

	if (!is_utf8(byte, len)) {
		text_addf(text, "\"%s_hex\":\"", key);
		text_hex(text, data, len);
		text_add(text, "\"", 1);
		return;
	}
	text_addf(text, "\"%s\":\"", key);
	for (i = 0; i < len; i++) {
		if (byte[i] == '"' || byte[i] == '\\')
			text_addf(text, "\\%c", byte[i]);
		else if (byte[i] < ' ' || byte[i] == 0x7f)
			text_addf(text, "\\u%04x", byte[i]);
		else
			text_add(text, byte + i, 1);
	}
	text_add(text, "\"", 1);
}

/* Writes all of it, and empties it. Works on O_NONBLOCK descriptors too. */
int text_write(struct text *text, int fd)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	const char *at = text->data;
	size_t left = text->len;
	ssize_t n;

	text->len = 0;
	while (left) {
		n = write(fd, at, left);
		if (n >= 0) {
			at += n;
			left -= n;
		} else if (errno == EAGAIN) {
			poll(&writable, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

int text_print(struct text *text)
{
	int err = text_write(text, STDOUT_FILENO);

	free(text->data);
	if (err)
		return fail("standard output: %s", strerror(-err));
	return DONE;
}
