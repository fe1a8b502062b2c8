/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the hchan command share. */
#ifndef HCHAN_TOOL_H
#define HCHAN_TOOL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <hchan.h>

/* Exit statuses: scripts rely on them, and --help tells them. */
enum {
	DONE = 0,
	AT_END = 1,		/* closed or disconnected */
	USAGE = 2,
	FAILED = 3,
	TIMED_OUT = 124,	/* as timeout(1) */
};

/*
 * struct command - one of the commands
 * @run: gets the arguments behind "hchan", argv[0] is "hchan NAME"; its result
 *	is the exit status
 * @any_status: @run's result is another command's, and means nothing here
 * @help: the text of --help
 */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	bool any_status;
	const char *summary;
	const char *help;
};

extern const struct command create_command, close_command, rm_command;
extern const struct command ls_command, stat_command, wait_command;
extern const struct command send_command, recv_command;
extern const struct command run_command, ctx_command;

/* main.c */
int show_help(const struct command *command);
void see_help(const struct command *command);
int bad_option(void);

/* say.c: every message is one printable line on standard error. */
__printf(1, 2) int fail(const char *format, ...);
__printf(1, 2) int misused(const char *format, ...);
void say_nothing_more(void);
void __noreturn out_of_memory(void);

/* args.c */
bool parse_number(const char *text, uint64_t max, uint64_t *number);
#define BAD_TIMEOUT	"--timeout: '%s' is no time such as 1.5, 5s, 100ms"
bool parse_duration(const char *text, int64_t *ns);
struct hchan_when when_up(int64_t ns);
bool time_is_up(struct hchan_when when);
int one_name(int argc, char **argv, const char **name);

/*
 * struct chan - a channel that a command works on
 * @path: where it is; what messages call it
 * @fd: its descriptor
 * @st: what it was like when it was opened
 */
struct chan {
	char path[PATH_MAX];
	int fd;
	struct hchan_stat st;
};

/* chan.c: a status, DONE if all is well; else it has been said what is wrong. */
int chan_path(const char *name, char *path);
const char *chan_dir(void);
int chan_open(struct chan *chan, const char *name, unsigned int how);
int chan_unnamed(const char *path, int err);
int chan_ended(const struct chan *chan, uint32_t status, const char *progress);
int chan_failed(const struct chan *chan, int err, const char *progress);

/* text.c: text to be written at once, of any length. */
struct text {
	char *data;
	size_t len;
	size_t room;
};

void text_add(struct text *text, const void *data, size_t len);
__printf(2, 3) void text_addf(struct text *text, const char *format, ...);
void text_hex(struct text *text, const void *data, size_t len);
void text_json(struct text *text, const char *key, const void *data, size_t len);
int text_write(struct text *text, int fd);	/* 0 or a negative errno */
int text_print(struct text *text);		/* a status */

/*
 * input.c: standard input in pieces.
 *
 * enum cut - where a piece ends
 */
enum cut {
	CUT_LINES,	/* at a newline, which is not part of it */
	CUT_NULS,	/* at a NUL, likewise */
	CUT_SIZE,	/* after so many bytes */
	CUT_NOT,	/* at the end of the input */
};

struct input {
	enum cut how;
	size_t size;		/* of CUT_SIZE */
	char *buf;
	size_t begin, end;	/* what is unread of @buf */
	bool eof;
	bool done;		/* the last piece has been given out */
};

void input_init(struct input *in, enum cut how, size_t size);
bool input_next(struct input *in, const char **piece, size_t *len);
bool input_full(const struct input *in);
int input_wait(struct input *in, struct hchan_when when);

/* output.c: whether standard output still has a reader. */
void output_init(void);
bool output_is_watched(void);
void output_watch(void);
bool output_wanted(bool wait);

#endif /* HCHAN_TOOL_H */
