// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds up what the workers have counted, until the last of them is gone: they
 * need not tell, the channel does (C49).
 *
 *	reducer COUNTS RESULT
 *
 * Writes to RESULT:
 *
 *	word WORD COUNT			each word
 *	worker WHO LINES WORDS		each worker: what it has done
 *	time MICROSECONDS		from the first message to the end
 */
#include <hchan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

#define BATCH	64

/* What is known of a word or of a worker. */
struct entry {
	struct entry *next;
	unsigned long long lines;
	unsigned long long words;
	char name[];
};

/* Both are few enough for a table that does not grow. */
struct table {
	struct entry *bucket[1 << 14];
	unsigned long long entries;
};

static struct table words, workers;
static unsigned long long all_lines, all_words;

static struct entry *find(struct table *table, const char *name, size_t len)
{
	struct entry **at, *entry;
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	at = &table->bucket[(hash ^ hash >> 16) % (1 << 14)];
	for (entry = *at; entry; entry = entry->next)
		if (!strncmp(entry->name, name, len) && !entry->name[len])
			return entry;
	entry = calloc(1, sizeof(*entry) + len + 1);
	if (!entry)
		exit(1);
	memcpy(entry->name, name, len);
	entry->next = *at;
	*at = entry;
	table->entries++;
	return entry;
}

/* "WHO word count word count ...", ended by a NUL. */
static void add_message(const char *text)
{
	size_t len = strcspn(text, " ");
	struct entry *worker = find(&workers, text, len);
	struct entry *word;
	unsigned long n;
	char *end;

	worker->lines++;
	all_lines++;
	for (text += len; *text; text = end) {
		len = strcspn(++text, " ");
		n = strtoul(text + len, &end, 10);
		if (!len || !n || (*end && *end != ' ')) {
			fprintf(stderr, "reducer: no count: %s\n", text);
			exit(1);
		}
		word = find(&words, text, len);
		word->words += n;
		worker->words += n;
		all_words += n;
	}
}

static void show_progress(int64_t now)
{
	static int64_t shown;

	if (!shown)
		shown = now;
	if (now - shown < HCHAN_SEC)
		return;
	shown = now;
	printf("reducer: %llu lines, %llu words, %llu different\n", all_lines,
	       all_words, words.entries);
	fflush(stdout);
}

static void write_table(FILE *file, const struct table *table, const char *what,
			int with_lines)
{
	const struct entry *entry;
	size_t i;

	for (i = 0; i < 1 << 14; i++) {
		for (entry = table->bucket[i]; entry; entry = entry->next) {
			fprintf(file, "%s %s", what, entry->name);
			if (with_lines)
				fprintf(file, " %llu", entry->lines);
			fprintf(file, " %llu\n", entry->words);
		}
	}
}

int main(int argc, char **argv)
{
	struct hchan_batch batch;
	int64_t begin = 0, now;
	uint32_t lens[BATCH];
	char *text, *message;
	int counts, ret, i;
	size_t room;
	FILE *file;

	if (argc != 3) {
		fprintf(stderr, "usage: reducer COUNTS RESULT\n");
		return 2;
	}
	counts = open_channel(argv[1], HCHAN_O_RECV, &room);
	text = malloc(BATCH * room);
	message = malloc(room + 1);
	file = fopen(argv[2], "w");
	if (!text || !message || !file)
		return 1;

	for (;;) {
		memset(&batch, 0, sizeof(batch));
		batch.buf = (uintptr_t)text;
		batch.lens = (uintptr_t)lens;
		batch.stride = room;
		batch.count = BATCH;
		batch.flags = HCHAN_SOME;
		ret = hchan_batch_recv(counts, &batch);
		if (ret <= 0)
			break;
		now = hchan_after(0).ns;
		if (!begin)
			begin = now;
		for (i = 0; i < ret; i++) {
			memcpy(message, text + i * room, lens[i]);
			message[lens[i]] = '\0';
			add_message(message);
		}
		show_progress(now);
	}
	if (ret < 0)
		die(argv[1], ret);
	if (batch.status != HCHAN_ST_DISCONNECTED) {
		fprintf(stderr, "reducer: closed, but nobody should\n");
		return 1;
	}
	now = hchan_after(0).ns;
	write_table(file, &words, "word", 0);
	write_table(file, &workers, "worker", 1);
	fprintf(file, "time %lld\n", (long long)(now - begin) / HCHAN_USEC);
	return fclose(file) ? 1 : 0;
}
