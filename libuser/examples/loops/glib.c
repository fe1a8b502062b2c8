// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* GLib: a source for the descriptor that is waited for; squares-glib IN OUT */
#include <glib-unix.h>
#include <glib.h>

#include "squares.h"

static struct squares squares;
static GMainLoop *loop;

static gboolean go_on(gint fd, GIOCondition condition, gpointer data);

static void wait_for(int fd, GIOCondition condition)
{
	GSource *source = g_unix_fd_source_new(fd, condition);

	g_source_set_callback(source, G_SOURCE_FUNC(go_on), NULL, NULL);
	g_source_attach(source, NULL);
	g_source_unref(source);
}

/* What has been waited for goes; what has to be waited for now comes. */
static gboolean go_on(gint fd, GIOCondition condition, gpointer data)
{
	(void)fd;
	(void)condition;
	(void)data;
	switch (squares_step(&squares)) {
	case SQUARES_IN:
		wait_for(squares.in, G_IO_IN | G_IO_HUP);
		break;
	case SQUARES_OUT:
		wait_for(squares.out, G_IO_OUT | G_IO_HUP);
		break;
	case SQUARES_END:
		g_main_loop_quit(loop);
		break;
	}
	return G_SOURCE_REMOVE;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: squares-glib IN OUT");
	squares_open(&squares, argv[1], argv[2]);
	loop = g_main_loop_new(NULL, FALSE);
	wait_for(squares.in, G_IO_IN | G_IO_HUP);
	g_main_loop_run(loop);
	g_main_loop_unref(loop);
	squares_close(&squares);
	return 0;
}
