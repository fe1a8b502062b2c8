// SPDX-License-Identifier: GPL-2.0-only
/* A channel as it is seen from outside, and the forms to show it in. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "look.h"

/*
 * A static program can't load what the machine's name service is made of, so
 * that one knows the names in the files only.
 */
#ifdef HCHAN_STATIC
static const struct passwd *user_of(uid_t uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry = NULL;

	if (!file)
		return NULL;
	do {
		entry = fgetpwent(file);
	} while (entry && entry->pw_uid != uid);
	fclose(file);
	return entry;
}

static const struct group *group_of(gid_t gid)
{
	FILE *file = fopen("/etc/group", "re");
	const struct group *entry = NULL;

	if (!file)
		return NULL;
	do {
		entry = fgetgrent(file);
	} while (entry && entry->gr_gid != gid);
	fclose(file);
	return entry;
}
#else
static const struct passwd *user_of(uid_t uid)
{
	return getpwuid(uid);
}

static const struct group *group_of(gid_t gid)
{
	return getgrgid(gid);
}
#endif

static void name_owner(struct look *look)
{
	const struct passwd *passwd = user_of(look->inode.st_uid);
	const struct group *entry;

	if (passwd)
		snprintf(look->owner, sizeof(look->owner), "%s",
			 passwd->pw_name);
	else
		snprintf(look->owner, sizeof(look->owner), "%u",
			 look->inode.st_uid);
	entry = group_of(look->inode.st_gid);
	if (entry)
		snprintf(look->group, sizeof(look->group), "%s",
			 entry->gr_name);
	else
		snprintf(look->group, sizeof(look->group), "%u",
			 look->inode.st_gid);
}

/* A negative errno; hchan_errmsg() says what is wrong. */
int look_at(struct look *look, const char *path)
{
	const char *slash = strrchr(path, '/');
	int err;

	look->path = path;
	look->name = slash ? slash + 1 : path;
	err = hchan_stat_name(path, &look->st);
	if (!err && stat(path, &look->inode)) {
		/* It went in between: ask again for the message. */
		err = hchan_stat_name(path, &look->st);
		if (!err)
			err = -ENOENT;
	}
	if (!err)
		name_owner(look);
	return err;
}

const char *state_name(const struct hchan_stat *st)
{
	const uint32_t both = HCHAN_S_NO_SENDERS | HCHAN_S_NO_RECEIVERS;

	if (st->state & HCHAN_S_CLOSED)
		return "closed";
	if ((st->state & both) == both)
		return "no-senders+no-receivers";
	if (st->state & HCHAN_S_NO_SENDERS)
		return "no-senders";
	if (st->state & HCHAN_S_NO_RECEIVERS)
		return "no-receivers";
	return "open";
}

static void add_flag(struct text *out, const char *key, bool value)
{
	text_addf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void add_string(struct text *out, const char *key, const char *value)
{
	text_addf(out, ",");
	text_json(out, key, value, strlen(value));
}

void add_json(struct text *out, const struct look *look)
{
	const struct hchan_stat *st = &look->st;

	text_addf(out, "{");
	text_json(out, "name", look->name, strlen(look->name));
	add_string(out, "path", look->path);
	text_addf(out, ",\"id\":%llu", st->id);
	add_string(out, "kind", st->flags & HCHAN_MSG ? "messages" : "elements");
	text_addf(out, ",\"element_size\":%u", st->elem_size);
	text_addf(out, ",\"capacity\":%llu,\"length\":%llu", st->capacity,
		  st->length);
	text_addf(out, ",\"senders\":%u,\"receivers\":%u", st->senders,
		  st->receivers);
	text_addf(out, ",\"parked_senders\":%u,\"parked_receivers\":%u",
		  st->parked_senders, st->parked_receivers);
	add_string(out, "state", state_name(st));
	add_flag(out, "closed", st->state & HCHAN_S_CLOSED);
	add_flag(out, "senders_gone", st->state & HCHAN_S_NO_SENDERS);
	add_flag(out, "receivers_gone", st->state & HCHAN_S_NO_RECEIVERS);
	add_flag(out, "disconnect", st->flags & HCHAN_DISCONNECT);
	/* A number of 64 bits is more than JSON's readers can hold. */
	if (st->type_tag)
		text_addf(out, ",\"tag\":\"%#018llx\"", st->type_tag);
	else
		text_addf(out, ",\"tag\":null");
	add_string(out, "owner", look->owner);
	text_addf(out, ",\"uid\":%u", look->inode.st_uid);
	add_string(out, "group", look->group);
	text_addf(out, ",\"gid\":%u,\"mode\":\"%04o\"}\n", look->inode.st_gid,
		  look->inode.st_mode & 07777);
}

void add_lines(struct text *out, const struct look *look)
{
	const struct hchan_stat *st = &look->st;

	text_addf(out, "%s\n", look->path);
	text_addf(out, "  id          %llu\n", st->id);
	if (st->flags & HCHAN_MSG)
		text_addf(out, "  element     message of 1 to %u bytes\n",
			  st->elem_size);
	else
		text_addf(out, "  element     %u bytes\n", st->elem_size);
	if (st->type_tag)
		text_addf(out, "  tag         %#018llx\n", st->type_tag);
	text_addf(out, "  capacity    %llu\n", st->capacity);
	text_addf(out, "  length      %llu\n", st->length);
	text_addf(out, "  senders     %u open, %u parked\n", st->senders,
		  st->parked_senders);
	text_addf(out, "  receivers   %u open, %u parked\n", st->receivers,
		  st->parked_receivers);
	text_addf(out, "  state       %s\n", state_name(st));
	text_addf(out, "  disconnect  %s\n",
		  st->flags & HCHAN_DISCONNECT ? "yes" : "no");
	text_addf(out, "  owner       %s:%s\n", look->owner, look->group);
	text_addf(out, "  mode        %04o\n", look->inode.st_mode & 07777);
}
