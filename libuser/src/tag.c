// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Type tags: 64-bit FNV-1a over the text with its NUL and the size, and over the
 * same of every member. Numbers count as eight bytes, the lowest first. Programs
 * built against different versions of the library compare tags, so this can
 * never change.
 */
#include <string.h>

#include "internal.h"

#define FNV_BASIS	0xcbf29ce484222325ULL
#define FNV_PRIME	0x00000100000001b3ULL

static uint64_t hash_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * FNV_PRIME;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	do {
		hash = hash_byte(hash, (unsigned char)*text);
	} while (*text++);
	return hash;
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	int i;

	for (i = 0; i < 8; i++) {
		hash = hash_byte(hash, number & 0xff);
		number >>= 8;
	}
	return hash;
}

uint64_t hchan_tag_layout(const char *text, size_t size,
			  const struct hchan_member *members, size_t n)
{
	uint64_t hash = FNV_BASIS;
	size_t i;

	hash = hash_text(hash, text);
	hash = hash_number(hash, size);
	for (i = 0; i < n; i++) {
		hash = hash_text(hash, members[i].name);
		hash = hash_number(hash, members[i].offset);
		hash = hash_number(hash, members[i].size);
	}
	/* 0 would say that no tag is stated. */
	return hash ? hash : 1;
}

uint64_t hchan_tag(const char *text, size_t size)
{
	return hchan_tag_layout(text, size, NULL, 0);
}
