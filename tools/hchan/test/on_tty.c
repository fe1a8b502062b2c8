// SPDX-License-Identifier: GPL-2.0-only
/*
 * on_tty COMMAND [ARGUMENT]...: as the leader of a session on a terminal of its own.
 * What is on standard input is typed there; a NUL byte hangs the terminal up.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int terminal, keys = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int status;
	pid_t child;
	char key;

	if (argc < 2 || keys < 0 || grantpt(keys) || unlockpt(keys))
		err(99, "no terminal");
	/* Open here as well: what is typed before the child looks is kept. */
	terminal = open(ptsname(keys), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0)
		err(99, "%s", ptsname(keys));
	child = fork();
	if (child < 0)
		err(99, "fork");
	if (!child) {
		if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0))
			err(99, "the terminal can not be ours");
		dup2(terminal, 0);
		/* As in a session that was not started in the background. */
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		execvp(argv[1], argv + 1);
		err(99, "%s", argv[1]);
	}
	while (read(0, &key, 1) == 1) {
		if (!key)
			close(keys);
		else if (write(keys, &key, 1) != 1)
			err(99, "typing");
	}
	if (waitpid(child, &status, 0) != child)
		err(99, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}
