/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HCHAN_IOC_SENDN and _RECVN, as hchan_test.h wraps the others: what is never
 * to be touched is looked at after every call.
 */
#ifndef HCHAN_BATCH_H
#define HCHAN_BATCH_H

#include "hchan_test.h"

/* What every batch has to report, whatever has become of it (C39). */
static inline int hc_batch_result(int ret, struct hchan_batch *batch,
				  struct hchan_batch *before)
{
	ret = ret < 0 ? -errno : ret;
	hc_must(batch->done == (ret > 0 ? ret : 0));
	hc_must(batch->done <= before->count);
	hc_must(batch->status == HC_POISON32 ||
		batch->status <= HCHAN_ST_DISCONNECTED);
	hc_must(ret != -EPIPE || batch->status == HCHAN_ST_CLOSED ||
		batch->status == HCHAN_ST_DISCONNECTED);
	before->done = batch->done;
	before->status = batch->status;
	return ret;
}

/*
 * A batch of @count elements (messages: with @lens) in @flags and up to
 * @deadline. @out, or NULL: the structure as it was left.
 */
static inline int hc_sendn_by(int fd, const void *buf, uint32_t stride,
			      uint32_t count, const uint32_t *lens,
			      uint32_t flags, int64_t deadline,
			      struct hchan_batch *out)
{
	struct hchan_batch batch = {
		.buf = (uintptr_t)buf,
		.lens = (uintptr_t)lens,
		.stride = stride,
		.count = count,
		.flags = flags,
		.deadline = deadline,
		.done = HC_POISON32,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	struct hchan_batch before = batch;
	int ret = ioctl(fd, HCHAN_IOC_SENDN, &batch);

	ret = hc_batch_result(ret, &batch, &before);
	hc_must(ret);
	hc_must(!memcmp(&before, &batch, sizeof(before)));
	if (out)
		*out = batch;
	return ret;
}

static inline int hc_recvn_by(int fd, void *buf, uint32_t stride,
			      uint32_t count, uint32_t *lens, uint32_t flags,
			      int64_t deadline, struct hchan_batch *out)
{
	uint8_t *area = hc_guarded(stride * count);
	uint8_t *len_area = hc_guarded(lens ? count * sizeof(*lens) : 0);
	struct hchan_batch batch = {
		.buf = (uintptr_t)area,
		.lens = lens ? (uintptr_t)len_area : 0,
		.stride = stride,
		.count = count,
		.flags = flags,
		.deadline = deadline,
		.done = HC_POISON32,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	struct hchan_batch before = batch;
	int ret = ioctl(fd, HCHAN_IOC_RECVN, &batch);
	uint32_t i, n;

	ret = hc_batch_result(ret, &batch, &before);
	n = ret > 0 ? ret : 0;
	/* Only where a message was too long, which k > 0 may hide. */
	hc_must(ret != -EMSGSIZE || batch.actual != HC_POISON32);
	if (batch.actual != HC_POISON32) {
		hc_must(batch.actual > stride);
		hc_must(n || ret == -EMSGSIZE);
		before.actual = batch.actual;
	}
	hc_must(!memcmp(&before, &batch, sizeof(before)));
	hc_unguard(len_area, lens, n * (lens ? sizeof(*lens) : 0),
		   lens ? count * sizeof(*lens) : 0);
	for (i = 0; lens && i < n; i++) {
		hc_must(lens[i] <= stride);
		hc_must(hc_all(area + i * stride + lens[i], HC_POISON,
			       stride - lens[i]));
	}
	hc_unguard(area, buf, n * stride, count * stride);
	if (out)
		*out = batch;
	return ret;
}

/* The same with elements from hc_fill(), numbered from @seed on. */
static inline int hc_sendn_seed(int fd, uint32_t elem, uint32_t count,
				uint32_t seed, uint32_t flags, int64_t deadline,
				struct hchan_batch *out)
{
	uint8_t *buf = malloc(elem * count + 1);
	uint32_t i;
	int ret;

	for (i = 0; i < count; i++)
		hc_fill(buf + i * elem, elem, seed + i);
	ret = hc_sendn_by(fd, buf, elem, count, NULL, flags, deadline, out);
	free(buf);
	return ret;
}

/* -EBADMSG: those that were received are not the ones from @seed on. */
static inline int hc_recvn_seed(int fd, uint32_t elem, uint32_t count,
				uint32_t seed, uint32_t flags, int64_t deadline,
				struct hchan_batch *out)
{
	uint8_t *buf = malloc(elem * count + 1);
	int ret, i;

	ret = hc_recvn_by(fd, buf, elem, count, NULL, flags, deadline, out);
	for (i = 0; i < ret; i++) {
		if (!hc_is(buf + i * elem, elem, seed + i)) {
			ret = -EBADMSG;
			break;
		}
	}
	free(buf);
	return ret;
}

#endif /* HCHAN_BATCH_H */
