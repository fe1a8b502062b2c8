// SPDX-License-Identifier: GPL-2.0-only
/* The C side of lib_cxx: its own declaration, the same spelling. */
#include <hchan.h>

#include "lib_cxx.h"

HCHAN_DECLARE(job_chan, struct job);

int main(void)
{
	job_chan_rx jobs = job_chan_open_rx(JOBS);
	job_chan_tx back = job_chan_open_tx(BACK);
	struct job job;
	int r;

	if (jobs.fd < 0 || back.fd < 0)
		return 2;
	HCHAN_RANGE(r, jobs, &job) {
		job.id *= 2;
		if (HCHAN_SEND(back, &job))
			return 3;
	}
	return r || HCHAN_CLOSE(back) ? 4 : 0;
}
