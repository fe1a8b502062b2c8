// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ping-pong and streaming over a messaging library's local sockets: the same
 * work as the benchmark's ping-pong and spsc. Such a library has threads of its
 * own, so this counts all of them.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "others.h"

#define SIZE	64
#define BURST	1024
#define TURNS	64
#define ROUNDS	10

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void wrong(const char *what)
{
	fprintf(stderr, "%s: %s\n", library, what);
	exit(1);
}

/* Answers each turn, then takes bursts and tells of each that it has come. */
static void other_side(const char *path)
{
	uint64_t data[SIZE / 8], sum;
	void *end = other_connect(path);

	for (int i = 0; i < (ROUNDS + 1) * TURNS; i++) {
		other_recv(end, data, SIZE);
		other_send(end, data, SIZE);
	}
	for (int i = 0; i < ROUNDS + 1; i++) {
		sum = 0;
		for (int k = 0; k < BURST; k++) {
			other_recv(end, data, SIZE);
			sum += data[0];
		}
		data[0] = sum;
		other_send(end, data, SIZE);
	}
	/* What has been sent may still be with the library's threads. */
	other_recv(end, data, SIZE);
	_exit(0);
}

static double turns(void *end)
{
	uint64_t data[SIZE / 8] = { }, begin = now();

	for (uint64_t i = 1; i <= TURNS; i++) {
		data[0] = i;
		other_send(end, data, SIZE);
		data[0] = 0;
		other_recv(end, data, SIZE);
		if (data[0] != i)
			wrong("not the message that was sent");
	}
	return (double)(now() - begin) / TURNS;
}

static double burst(void *end)
{
	uint64_t data[SIZE / 8] = { }, begin = now();

	for (uint64_t i = 1; i <= BURST; i++) {
		data[0] = i;
		other_send(end, data, SIZE);
	}
	other_recv(end, data, SIZE);
	if (data[0] != BURST * (BURST + 1ULL) / 2)
		wrong("not the messages that were sent");
	return (double)(now() - begin) / BURST;
}

static void best_of(const char *name, double (*run)(void *end), void *end)
{
	double best = run(end);

	for (int i = 0; i < ROUNDS; i++) {
		double took;

		usleep(50000);
		took = run(end);
		if (took < best)
			best = took;
	}
	printf("%s %s %.1f insn\n", name, library, best);
	fflush(stdout);
}

int main(void)
{
	char path[64];
	int status;
	void *end;
	pid_t pid;

	snprintf(path, sizeof(path), "ipc:///tmp/others-%d", getpid());
	/* Such libraries do not survive a fork, so before either has begun. */
	pid = fork();
	if (!pid)
		other_side(path);
	end = other_listen(path);
	best_of("ping-pong ipc", turns, end);
	best_of("spsc 64-ipc", burst, end);
	other_send(end, path, SIZE);
	if (waitpid(pid, &status, 0) != pid || status)
		wrong("the other process failed");
	return 0;
}
