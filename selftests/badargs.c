// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every field of every ioctl's argument out of range, and in each state of a
 * channel what that state refuses: one clear error, and nothing changed, neither
 * the channel nor the caller's memory (C1, C4, C11, C16, C38, C40, C42, C47,
 * C48). A row is what differs from an argument that works; that it does is tried
 * too, so no row fails for another reason than its own.
 */
#include <sys/resource.h>

#include "badargs.h"

/* Where a field is. */
static const struct place {
	unsigned long cmd;
	enum field field;
	uint32_t offset;
	uint32_t size;
} places[] = {
#define Q HCHAN_IOC_QUERY
	{ Q, F_SIZE, offsetof(struct hchan_query, size), 4 },
	{ Q, F_TAIL, sizeof(struct hchan_query), 8 },
#define C HCHAN_IOC_CREATE
	{ C, F_SIZE, offsetof(struct hchan_create, size), 4 },
	{ C, F_FLAGS, offsetof(struct hchan_create, flags), 4 },
	{ C, F_ELEM_SIZE, offsetof(struct hchan_create, elem_size), 4 },
	{ C, F_OPEN_FLAGS, offsetof(struct hchan_create, open_flags), 4 },
	{ C, F_CAPACITY, offsetof(struct hchan_create, capacity), 8 },
	{ C, F_TYPE_TAG, offsetof(struct hchan_create, type_tag), 8 },
	{ C, F_NAME, offsetof(struct hchan_create, name), 8 },
	{ C, F_NAME_LEN, offsetof(struct hchan_create, name_len), 4 },
	{ C, F_MODE, offsetof(struct hchan_create, mode), 4 },
	{ C, F_TAIL, sizeof(struct hchan_create), 8 },
#define A HCHAN_IOC_STATAT
	{ A, F_NAME, offsetof(struct hchan_statat, name), 8 },
	{ A, F_NAME_LEN, offsetof(struct hchan_statat, name_len), 4 },
	{ A, F_RESERVED, offsetof(struct hchan_statat, __reserved), 4 },
#define X HCHAN_IOC_SEND	/* and HCHAN_IOC_RECV */
	{ X, F_LEN, offsetof(struct hchan_xfer, len), 4 },
	{ X, F_FLAGS, offsetof(struct hchan_xfer, flags), 4 },
	{ X, F_DEADLINE, offsetof(struct hchan_xfer, deadline), 8 },
#define B HCHAN_IOC_SENDN	/* and HCHAN_IOC_RECVN */
	{ B, F_LENS, offsetof(struct hchan_batch, lens), 8 },
	{ B, F_STRIDE, offsetof(struct hchan_batch, stride), 4 },
	{ B, F_COUNT, offsetof(struct hchan_batch, count), 4 },
	{ B, F_FLAGS, offsetof(struct hchan_batch, flags), 4 },
	{ B, F_DEADLINE, offsetof(struct hchan_batch, deadline), 8 },
#define S HCHAN_IOC_STAT
	{ S, F_SIZE, offsetof(struct hchan_stat, size), 4 },
	{ S, F_TAIL, sizeof(struct hchan_stat), 8 },
#define N HCHAN_IOC_NARROW
	{ N, F_OPEN_FLAGS, offsetof(struct hchan_narrow, open_flags), 4 },
	{ N, F_RESERVED, offsetof(struct hchan_narrow, __reserved), 4 },
#define P HCHAN_IOC_SPIN
	{ P, F_COUNT, 0, 4 },
#define T HCHAN_IOC_TIMER
	{ T, F_FLAGS, offsetof(struct hchan_timer, flags), 4 },
	{ T, F_OPEN_FLAGS, offsetof(struct hchan_timer, open_flags), 4 },
	{ T, F_DUE, offsetof(struct hchan_timer, due), 8 },
	{ T, F_PERIOD, offsetof(struct hchan_timer, period), 8 },
#define Z HCHAN_IOC_TIMER_SET
	{ Z, F_FLAGS, offsetof(struct hchan_timer_set, flags), 4 },
	{ Z, F_RESERVED, offsetof(struct hchan_timer_set, __reserved), 4 },
	{ Z, F_DUE, offsetof(struct hchan_timer_set, due), 8 },
	{ Z, F_PERIOD, offsetof(struct hchan_timer_set, period), 8 },
#define W HCHAN_IOC_WAIT
	{ W, F_WHAT, offsetof(struct hchan_wait, what), 4 },
	{ W, F_FLAGS, offsetof(struct hchan_wait, flags), 4 },
	{ W, F_COUNT, offsetof(struct hchan_wait, count), 8 },
	{ W, F_DEADLINE, offsetof(struct hchan_wait, deadline), 8 },
};

/* Sets a field to what @set says, or adds @bit to it. */
static void apply(uint8_t *at, unsigned long cmd, const struct set *set,
		  uint64_t bit)
{
	const struct place *place = places;
	uint64_t value = set->value;
	uint32_t half;

	if (cmd == HCHAN_IOC_RECV)
		cmd = X;
	else if (cmd == HCHAN_IOC_RECVN)
		cmd = B;
	while (place->cmd != cmd || place->field != set->field)
		hc_must(++place < places + ARRAY_SIZE(places));
	at += place->offset;
	if (place->size == sizeof(half)) {
		memcpy(&half, at, sizeof(half));
		half = bit ? half | bit : value;
		memcpy(at, &half, sizeof(half));
	} else {
		if (bit) {
			memcpy(&value, at, sizeof(value));
			value |= bit;
		}
		memcpy(at, &value, sizeof(value));
	}
}

static void fill_name(void *arg, unsigned long cmd, const struct row *row)
{
	uint32_t len = row->name_len ? row->name_len : strlen(row->name);
	uint64_t name = (uintptr_t)bad_at(B_NAME, len);

	memcpy(bad_at(B_NAME, len), row->name, len);
	if (cmd == HCHAN_IOC_CREATE) {
		((struct hchan_create *)arg)->name = name;
		((struct hchan_create *)arg)->name_len = len;
	} else {
		((struct hchan_statat *)arg)->name = name;
		((struct hchan_statat *)arg)->name_len = len;
	}
}

/* Return: the argument. @bit: what is to be added by the first of row->set. */
static void *fill(unsigned long cmd, const struct row *row, uint64_t bit)
{
	void *arg = bad_at(B_ARG, bad_arg_size(cmd) + row->tail);
	const struct set *set;

	bad_poison();
	bad_fill_arg(arg, cmd, row->on);
	if (row->name)
		fill_name(arg, cmd, row);
	if (row->lens[1])
		memcpy(bad_at(B_NAME, sizeof(row->lens)), row->lens,
		       sizeof(row->lens));
	if (row->inner.field)
		apply(bad_at(B_BUF, sizeof(struct hchan_stat)), HCHAN_IOC_STAT,
		      &row->inner, 0);
	for (set = row->set; set < row->set + ARRAY_SIZE(row->set); set++) {
		if (!set->field)
			break;
		apply(arg, cmd, set, set == row->set ? bit : 0);
	}
	return arg;
}

static bool wrote_found(struct hchan_create *create, const struct hchan_stat *is)
{
	const uint32_t flags = is->flags & (HCHAN_MSG | HCHAN_DISCONNECT);

	return bad_wrote(&create->id, &is->id, sizeof(is->id)) &&
	       bad_wrote(&create->found_capacity, &is->capacity,
			 sizeof(is->capacity)) &&
	       bad_wrote(&create->found_type_tag, &is->type_tag,
			 sizeof(is->type_tag)) &&
	       bad_wrote(&create->found_elem_size, &is->elem_size,
			 sizeof(is->elem_size)) &&
	       bad_wrote(&create->found_flags, &flags, sizeof(flags));
}

/* What the ABI says a call writes although it fails so. */
static bool wrote(unsigned long cmd, const struct row *row, void *arg,
		  const struct bad_state *before)
{
	const uint32_t none = 0, closed = HCHAN_ST_CLOSED, ok = HCHAN_ST_OK;
	struct hchan_batch *batch = arg;
	struct hchan_xfer *xfer = arg;

	switch (cmd) {
	case HCHAN_IOC_CREATE:
		return row->error != EPROTOTYPE ||
		       wrote_found(arg, &before->named);
	case HCHAN_IOC_SEND:
		return row->error != EPIPE ||
		       bad_wrote(&xfer->status, &closed, sizeof(closed));
	case HCHAN_IOC_RECV:
		return row->error != EMSGSIZE ||
		       bad_wrote(&xfer->actual, &row->need, sizeof(row->need));
	case HCHAN_IOC_SENDN:
	case HCHAN_IOC_RECVN:
		if (row->error == EBADF)
			return true;
		if (!bad_wrote(&batch->done, &none, sizeof(none)))
			return false;
		if (row->need && !bad_wrote(&batch->actual, &row->need,
					    sizeof(row->need)))
			return false;
		if (row->error == EPIPE)
			return bad_wrote(&batch->status, &closed,
					 sizeof(closed));
		/* Where it stopped, if it has begun. */
		return batch->status == HC_POISON32 ||
		       bad_wrote(&batch->status, &ok, sizeof(ok));
	default:
		return true;
	}
}

static void works(unsigned long cmd, const char *name, const struct row *row)
{
	uint8_t *arg = fill(cmd, row, 0);
	int ret = bad_call(bad_fd[row->on], cmd, (uintptr_t)arg);
	uint32_t known = bad_arg_size(cmd);
	bool good = ret >= 0;

	if (ret > 0 && (cmd == HCHAN_IOC_CREATE || cmd == HCHAN_IOC_NARROW ||
			cmd == HCHAN_IOC_TIMER))
		close(ret);
	if (row->on == ON_DIR && cmd == HCHAN_IOC_CREATE && !row->name)
		good = good && !unlinkat(bad_fd[ON_DIR], BAD_NEW, 0);
	/* What the kernel does not know is zero. */
	if (row->tail && cmd != HCHAN_IOC_CREATE)
		good = good && !memcmp(arg, &known, sizeof(known)) &&
		       hc_all(arg + known, 0, row->tail);
	ksft_test_result(good, "%s on %s: %s is right (%d)\n", name,
			 bad_on_names[row->on], row->what, ret);
	bad_again();
}

static int call(const struct row *row, unsigned long cmd, void *arg)
{
	struct rlimit old, few;
	int ret;

	if (!row->no_fd)
		return bad_call(bad_fd[row->on], cmd, (uintptr_t)arg);
	hc_must(!getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = next_fd();
	hc_must(!setrlimit(RLIMIT_NOFILE, &few));
	ret = bad_call(bad_fd[row->on], cmd, (uintptr_t)arg);
	hc_must(!setrlimit(RLIMIT_NOFILE, &old));
	return ret;
}

static void refused(unsigned long cmd, const char *name, const struct row *row)
{
	uint64_t bits = row->each ? row->set[0].value : 0;
	struct bad_state before;
	bool same = true;
	uint64_t bit;
	void *arg;
	int ret;

	bad_look(&before);
	do {
		bit = bits & -bits;
		arg = fill(cmd, row, bit);
		bad_remember();
		ret = call(row, cmd, arg);
		same = wrote(cmd, row, arg, &before) && bad_memory_same() &&
		       bad_state_same(&before);
		bits &= ~bit;
	} while (bits && ret == -row->error && same);
	if (row->each && bits)
		ksft_print_msg("bit %#llx\n", (unsigned long long)bit);
	bad_result(ret, -row->error, same, "%s on %s: %s", name,
		   bad_on_names[row->on], row->what);
	if (ret != -row->error || !same)
		bad_again();
}

/* The ioctl whose argument is a number. */
static void test_close(void)
{
	static const struct {
		enum bad_on on;
		unsigned long arg;
		int error;
	} rows[] = {
		{ ON_FIXED, 1, EINVAL },
		{ ON_FIXED, 1ul << 32, EINVAL },
		{ ON_TX, BLOCK_AT(B_ARG), EINVAL },
		{ ON_RX, 0, EBADF },
		{ ON_CLOSED, 0, EALREADY },
	};
	struct bad_state before;
	unsigned int i;
	int ret;

	bad_poison();
	bad_remember();
	bad_look(&before);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ret = ERR(ioctl(bad_fd[rows[i].on], HCHAN_IOC_CLOSE,
				rows[i].arg));
		bad_result(ret, -rows[i].error,
			   bad_memory_same() && bad_state_same(&before),
			   "CLOSE on %s: %#lx", bad_on_names[rows[i].on],
			   rows[i].arg);
	}
}

int main(void)
{
	static const enum bad_on full[] = { ON_FIXED, ON_MSG, ON_ZERO, ON_BIG };
	const unsigned int close_rows = 5;
	unsigned int plan = close_rows + ARRAY_SIZE(full), i, n;
	const struct row *row;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		plan += tables[i].n;
	ksft_print_header();
	ksft_set_plan(plan);
	bad_setup();

	/* First all that works, so that what fails meets the same channels. */
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (n = 0; n < tables[i].n; n++)
			if (!tables[i].rows[n].error)
				works(tables[i].cmd, tables[i].name,
				      &tables[i].rows[n]);
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (n = 0; n < tables[i].n; n++) {
			row = &tables[i].rows[n];
			if (row->error)
				refused(tables[i].cmd, tables[i].name, row);
		}
	}
	test_close();
	for (i = 0; i < ARRAY_SIZE(full); i++)
		ksft_test_result(bad_drain(full[i]),
				 "%s: the elements are what they were\n",
				 bad_on_names[full[i]]);
	bad_teardown();
	ksft_finished();
}
