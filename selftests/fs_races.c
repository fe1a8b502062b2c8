// SPDX-License-Identifier: GPL-2.0-only
/* Many threads create, open, rename and remove the same names at once. */
#include <pthread.h>

#include "../kselftest_harness.h"
#include "fs_fixture.h"

/* Who is first is decided once: one creates, the others find it. */
enum { RACERS = 4, RACES = 300 };

struct race {
	pthread_barrier_t barrier;
	int dirfd;
	struct racer {
		struct race *race;
		pthread_t thread;
		uint32_t flags;
		int ret[RACES];
		uint64_t id[RACES];
	} racers[RACERS];
};

static void *racer(void *arg)
{
	struct racer *me = arg;
	struct hchan_create create;
	int i;

	for (i = 0; i < RACES; i++) {
		pthread_barrier_wait(&me->race->barrier);
		create = request("c", me->flags);
		me->ret[i] = ioc_create(me->race->dirfd, &create);
		me->id[i] = create.id;
		if (me->ret[i] >= 0)
			close(me->ret[i]);
		/* The next round begins without the name. */
		if (pthread_barrier_wait(&me->race->barrier) ==
		    PTHREAD_BARRIER_SERIAL_THREAD)
			unlinkat(me->race->dirfd, "c", 0);
	}
	return NULL;
}

static void run_race(struct __test_metadata *_metadata, struct race *race,
		     int dirfd, uint32_t flags)
{
	int i;

	race->dirfd = dirfd;
	ASSERT_EQ(0, pthread_barrier_init(&race->barrier, NULL, RACERS));
	for (i = 0; i < RACERS; i++) {
		race->racers[i].race = race;
		race->racers[i].flags = flags;
		ASSERT_EQ(0, pthread_create(&race->racers[i].thread, NULL,
					    racer, &race->racers[i]));
	}
	for (i = 0; i < RACERS; i++)
		pthread_join(race->racers[i].thread, NULL);
	pthread_barrier_destroy(&race->barrier);
}

TEST_F(names, race_exclusive)
{
	struct race *race = calloc(1, sizeof(*race));
	int i, j, winners;

	ASSERT_NE(NULL, race);
	run_race(_metadata, race, self->fd,
		 HCHAN_CREATE | HCHAN_EXCL);
	for (j = 0; j < RACES; j++) {
		winners = 0;
		for (i = 0; i < RACERS; i++) {
			if (race->racers[i].ret[j] >= 0) {
				winners++;
			} else {
				ASSERT_EQ(-EEXIST, race->racers[i].ret[j]);
				ASSERT_EQ(POISON64, race->racers[i].id[j]);
			}
		}
		ASSERT_EQ(1, winners);
	}
	EXPECT_EQ(self->channels, channels());
	free(race);
}

TEST_F(names, race_open_or_create)
{
	struct race *race = calloc(1, sizeof(*race));
	int i, j;

	ASSERT_NE(NULL, race);
	run_race(_metadata, race, self->fd, HCHAN_CREATE);
	for (j = 0; j < RACES; j++) {
		for (i = 0; i < RACERS; i++) {
			ASSERT_LE(0, race->racers[i].ret[j]);
			ASSERT_EQ(race->racers[0].id[j], race->racers[i].id[j]);
		}
	}
	EXPECT_EQ(self->channels, channels());
	free(race);
}

/* Creation against unlink and rename without any order: nothing gets lost. */
static void *churn(void *arg)
{
	struct racer *me = arg;
	int i, fd;

	for (i = 0; i < RACES; i++) {
		fd = create_at(me->race->dirfd, i % 2 ? "a" : "b",
			       HCHAN_CREATE);
		me->ret[i] = fd < 0 ? fd : 0;
		if (i % 3 == 0)
			renameat(me->race->dirfd, "a", me->race->dirfd, "b");
		if (i % 3 == 1)
			unlinkat(me->race->dirfd, "b", 0);
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

TEST_F(names, race_with_unlink)
{
	struct race *race = calloc(1, sizeof(*race));
	int i, j;

	ASSERT_NE(NULL, race);
	race->dirfd = self->fd;
	for (i = 0; i < RACERS; i++) {
		race->racers[i].race = race;
		ASSERT_EQ(0, pthread_create(&race->racers[i].thread, NULL,
					    churn, &race->racers[i]));
	}
	for (i = 0; i < RACERS; i++) {
		pthread_join(race->racers[i].thread, NULL);
		for (j = 0; j < RACES; j++)
			ASSERT_EQ(0, race->racers[i].ret[j]);
	}
	EXPECT_EQ(self->channels + count_names(self->dir), channels());
	free(race);
}

TEST_HARNESS_MAIN
