// SPDX-License-Identifier: GPL-2.0-only
/* Histories as text, in and out: history.h. */

#include <stdlib.h>
#include <string.h>

#include "history.h"

#define WORDS_MAX 32

/* Splits @line at blanks and commas. Return: how many words. */
static int split(char *line, char *words[WORDS_MAX])
{
	char *rest = line, *word;
	int n = 0;

	while (n < WORDS_MAX && (word = strtok_r(rest, " \t,", &rest)))
		words[n++] = word;
	return n;
}

static int channel(const struct history *history, const char *word)
{
	int ch = word ? word[0] - 'a' : -1;

	return ch >= 0 && ch < history->n_chans && !word[1] ? ch : -1;
}

static bool number(const char *word, uint32_t max, uint32_t *value)
{
	unsigned long n;
	char *end;

	if (!word || *word < '0' || *word > '9')
		return false;
	n = strtoul(word, &end, 10);
	*value = n;
	return !*end && n <= max;
}

static bool parse_chan(struct history *history, char *words[])
{
	uint32_t *cap = &history->cap[history->n_chans];

	if (history->n_chans == HISTORY_CHANS || !words[1] ||
	    words[1][0] != 'a' + history->n_chans || words[1][1])
		return false;
	history->n_chans++;
	return number(words[2], HISTORY_CAP, cap) && !words[3];
}

/* Reads a case at *@words and goes on behind it. */
static bool parse_case(const struct history *history, struct history_op *op,
		       char ***words)
{
	struct history_case *c = &op->cases[op->n_cases];
	char **at = *words;
	uint32_t value = 0;
	int ch;

	if (op->n_cases == HISTORY_CASES || !*at)
		return false;
	c->dir = !strcmp(*at, "send");
	if (!c->dir && strcmp(*at, "recv"))
		return false;
	ch = channel(history, *++at);
	if (ch < 0)
		return false;
	at++;
	if (op->kind == HISTORY_COMM && c->dir &&
	    (!number(*at++, UINT8_MAX, &value) || !value))
		return false;
	c->ch = ch;
	c->value = value;
	op->n_cases++;
	*words = at;
	return true;
}

static const char *const watched[] = { "receivers", "senders", "length" };

static bool parse_watch(const struct history *history, struct history_op *op,
			char ***words)
{
	char **at = *words;
	int ch, what;

	op->kind = HISTORY_WATCH;
	for (what = 0; what < 3; what++) {
		if (*at && !strcmp(*at, watched[what]))
			break;
	}
	if (what == 3)
		return false;
	ch = channel(history, at[1]);
	op->what = what;
	op->cases[0].ch = ch;
	*words = at + 3;
	return ch >= 0 && number(at[2], UINT8_MAX, &op->count);
}

/* Up to the colon. */
static bool parse_call(const struct history *history, struct history_op *op,
		       char ***words)
{
	char **at = *words;
	int ch;

	if (*at && (!strcmp(*at, "close") || !strcmp(*at, "stat"))) {
		op->kind = **at == 'c' ? HISTORY_CLOSE : HISTORY_STAT;
		ch = channel(history, at[1]);
		op->cases[0].ch = ch;
		*words = at + 2;
		return ch >= 0;
	}
	if (*at && !strcmp(*at, "poll")) {
		op->kind = HISTORY_POLL;
		*words = at + 1;
		return parse_case(history, op, words);
	}
	if (*at && !strcmp(*at, "watch")) {
		*words = at + 1;
		return parse_watch(history, op, words);
	}
	if (*at && !strcmp(*at, "try")) {
		op->try = true;
		at++;
	}
	if (*at && !strcmp(*at, "select")) {
		op->select = true;
		at++;
	}
	do {
		if (!parse_case(history, op, &at))
			return false;
	} while (op->select && *at && strcmp(*at, ":"));
	*words = at;
	return true;
}

static bool parse_stat(struct history_op *op, char *words[])
{
	if (!number(words[0], UINT32_MAX, &op->length) ||
	    !number(words[1], UINT32_MAX, &op->parked[1]) ||
	    !number(words[2], UINT32_MAX, &op->parked[0]) || !words[3])
		return false;
	op->outcome = HISTORY_OK;
	op->closed = !strcmp(words[3], "closed");
	return (op->closed || !strcmp(words[3], "open")) && !words[4];
}

/* Behind the colon. */
static bool parse_result(struct history_op *op, char *words[])
{
	uint32_t n = 0;

	if (!*words)
		return false;
	if (op->kind == HISTORY_STAT)
		return parse_stat(op, words);
	if (!strcmp(*words, "none") || !strcmp(*words, "again")) {
		op->outcome = HISTORY_NONE;
		return !words[1] || (number(words[1], UINT32_MAX,
					    &op->decided_from) && !words[2]);
	}
	if (op->select) {
		if (!number(*words++, op->n_cases - 1, &n) || !*words)
			return false;
		op->index = n;
	}
	n = 0;
	op->outcome = HISTORY_OK;
	if (!strcmp(*words, "closed")) {
		op->outcome = HISTORY_CLOSED;
	} else if (op->kind != HISTORY_COMM || op->cases[op->index].dir) {
		if (strcmp(*words, "ok"))
			return false;
	} else if (!number(*words, UINT8_MAX, &n)) {
		return false;
	}
	op->value = n;
	return !words[1];
}

static bool parse_op(struct history *history, char *words[])
{
	struct history_op *op = &history->ops[history->n_ops];
	char *end;

	if (history->n_ops++ == HISTORY_OPS)
		return false;
	op->begin = strtoul(*words, &end, 10);
	if (end == *words || *end != '-' ||
	    !number(end + 1, UINT32_MAX, &op->end) || op->end <= op->begin)
		return false;
	op->decided_from = op->begin;
	words++;
	if (*words && **words == 'p' && number(*words + 1, UINT32_MAX,
					       &op->parked_by))
		words++;
	if (!parse_call(history, op, &words) || !*words || strcmp(*words, ":"))
		return false;
	return parse_result(op, words + 1);
}

static bool parse_step(struct history *history, char *words[], int *owner,
		       bool *queues)
{
	struct history_op *op = &history->ops[history->n_ops];
	uint32_t task;

	if (history->n_ops == HISTORY_OPS || !number(*words, 99, &task))
		return false;
	owner[history->n_ops] = task;
	words++;
	queues[history->n_ops] = *words && !strcmp(*words, "queues");
	words += queues[history->n_ops++];
	return parse_call(history, op, &words) && !*words;
}

int history_parse_script(struct history *history, const char *text,
			 int owner[HISTORY_OPS], bool queues[HISTORY_OPS])
{
	char *words[WORDS_MAX + 1];
	char *copy, *rest, *line;
	bool good = true;
	int n, at;

	memset(history, 0, sizeof(*history));
	copy = strdup(text);
	if (!copy)
		return -1;
	rest = copy;
	for (at = 0; good && (line = strsep(&rest, "\n")); at++) {
		n = split(line, words);
		words[n] = NULL;
		if (!n || words[0][0] == '#')
			continue;
		if (!strcmp(words[0], "chan"))
			good = parse_chan(history, words);
		else if (owner)
			good = parse_step(history, words, owner, queues);
		else
			good = parse_op(history, words);
	}
	free(copy);
	return good ? 0 : at;
}

int history_parse(struct history *history, const char *text)
{
	return history_parse_script(history, text, NULL, NULL);
}

static void print_case(const struct history_op *op, int i, FILE *out)
{
	const struct history_case *c = &op->cases[i];

	fprintf(out, " %s %c", c->dir ? "send" : "recv", 'a' + c->ch);
	if (c->dir && op->kind == HISTORY_COMM)
		fprintf(out, " %u", c->value);
}

static void print_call(const struct history_op *op, FILE *out)
{
	int i;

	if (op->kind == HISTORY_CLOSE)
		fprintf(out, " close %c", 'a' + op->cases[0].ch);
	if (op->kind == HISTORY_STAT)
		fprintf(out, " stat %c", 'a' + op->cases[0].ch);
	if (op->kind == HISTORY_POLL)
		fputs(" poll", out);
	if (op->kind == HISTORY_WATCH)
		fprintf(out, " watch %s %c %u", watched[op->what],
			'a' + op->cases[0].ch, op->count);
	if (op->try)
		fputs(" try", out);
	if (op->select)
		fputs(" select", out);
	for (i = 0; i < op->n_cases; i++) {
		if (i)
			fputs(",", out);
		print_case(op, i, out);
	}
}

static void print_result(const struct history_op *op, FILE *out)
{
	if (op->kind == HISTORY_STAT) {
		fprintf(out, " %u %u %u %s", op->length, op->parked[1],
			op->parked[0], op->closed ? "closed" : "open");
		return;
	}
	if (op->outcome == HISTORY_NONE) {
		fputs(op->kind == HISTORY_CLOSE ? " again" : " none", out);
		if (op->decided_from != op->begin)
			fprintf(out, " %u", op->decided_from);
		return;
	}
	if (op->select)
		fprintf(out, " %u", op->index);
	if (op->outcome == HISTORY_CLOSED)
		fputs(" closed", out);
	else if (op->kind == HISTORY_COMM && !op->cases[op->index].dir)
		fprintf(out, " %u", op->value);
	else
		fputs(" ok", out);
}

void history_print(const struct history *history, FILE *out)
{
	const struct history_op *op;
	int i;

	for (i = 0; i < history->n_chans; i++)
		fprintf(out, "chan %c %u\n", 'a' + i, history->cap[i]);
	for (i = 0; i < history->n_ops; i++) {
		op = &history->ops[i];
		fprintf(out, "%u-%u", op->begin, op->end);
		if (op->parked_by)
			fprintf(out, " p%u", op->parked_by);
		print_call(op, out);
		fputs(" :", out);
		print_result(op, out);
		fputs("\n", out);
	}
}
