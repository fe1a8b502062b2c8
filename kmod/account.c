// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a user's channels may cost (C50), with the sets and whatever else is kept for
 * them: counts of channels and of bytes for each user, and their maxima as sysctls.
 *
 *	hchan/max_channels_per_user	channels a user may have
 *	hchan/max_bytes_per_user	bytes they may make the kernel hold
 *	hchan/channels			channels there are (read-only)
 *
 * A channel counts for the user who made it (the real one, as pipes do) and for
 * the owner of every user namespace around that process, so nobody gets more by
 * making namespaces with users of their own in them. The initial namespace has
 * no owner in this sense. Whom a channel counts for does not change with the
 * file's owner. Lowering a maximum takes nothing away.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "hchan.h"

/* User namespaces nest 33 deep, each has an owner; and the user. */
#define HCHAN_PAYERS_MAX	34

/*
 * struct hchan_user - what one user's channels come to
 *
 * There is one per user, in hchan_users, while there are accounts that name it.
 */
struct hchan_user {
	struct hlist_node node;	/* in hchan_users, or on a list of spares */
	kuid_t uid;
	unsigned long accounts;
	unsigned long channels;
	u64 bytes;
	unsigned long kept;	/* of @bytes, what could not be refused */
};

/*
 * struct hchan_account - the users that one channel, or set, or block counts for
 *
 * Each only once, whatever the number of namespaces they own. Belongs to what it
 * is for and does not change. Most count for one user alone: then there is none of
 * these, and the pointer, with SINGLE set, is the user's.
 */
struct hchan_account {
	unsigned int n;
	struct hchan_user *users[];
};

#define SINGLE	1UL

/* What an account comes to, either way. */
struct payers {
	unsigned int n;
	struct hchan_user **users;
	struct hchan_user *one;	/* where @users points to if there is but one */
};

static void payers_of(struct hchan_account *account, struct payers *p)
{
	if ((unsigned long)account & SINGLE) {
		p->one = (void *)((unsigned long)account & ~SINGLE);
		p->users = &p->one;
		p->n = 1;
	} else {
		p->users = account->users;
		p->n = account->n;
	}
}

static unsigned long max_channels_per_user = 65536;
static unsigned long max_bytes_per_user = SZ_1G;

/*
 * hchan_users_lock guards hchan_users, every hchan_user and hchan_channels: a
 * charge is checked against all of its users' limits and booked on all of them
 * in one critical section. It is taken in task context only, also inside hchan.lock,
 * nothing else is taken under it, and it is held for a bounded number of steps.
 */
static DEFINE_SPINLOCK(hchan_users_lock);
static DEFINE_HASHTABLE(hchan_users, 10);	/* one's user namespaces have 65,536 uids */
static unsigned long hchan_channels;

/* The users whom something that the caller makes counts for. */
static unsigned int list_payers(kuid_t *uids)
{
	const struct user_namespace *ns = current_user_ns();
	unsigned int n = 1, i;

	uids[0] = current_uid();
	for (; ns != &init_user_ns && n < HCHAN_PAYERS_MAX; ns = ns->parent) {
		for (i = 0; i < n; i++)
			if (uid_eq(uids[i], ns->owner))
				break;
		if (i == n)
			uids[n++] = ns->owner;
	}
	return n;
}

static struct hchan_user *look_up(kuid_t uid)
{
	struct hchan_user *user;

	hash_for_each_possible(hchan_users, user, node, __kuid_val(uid))
		if (uid_eq(user->uid, uid))
			return user;
	return NULL;
}

/* Fills in the users there are; returns how many there are not, left NULL. */
static unsigned int look_up_users(const struct payers *p, const kuid_t *uids)
{
	unsigned int missing = 0, i;

	for (i = 0; i < p->n; i++) {
		p->users[i] = look_up(uids[i]);
		if (!p->users[i])
			missing++;
	}
	return missing;
}

static bool within_limits(const struct payers *p, unsigned int channels, u64 bytes)
{
	unsigned long max_channels = READ_ONCE(max_channels_per_user);
	u64 max_bytes = READ_ONCE(max_bytes_per_user);
	unsigned int i;

	if (channels > max_channels || bytes > max_bytes)
		return false;
	for (i = 0; i < p->n; i++) {
		const struct hchan_user *user = p->users[i];

		if (user && ((channels && user->channels >= max_channels) ||
			     user->bytes > max_bytes - bytes))
			return false;
	}
	return true;
}

/* Nothing can fail here: there is a spare for every user that is missing. */
static void book(const struct payers *p, const kuid_t *uids, unsigned int channels,
		 u64 bytes, struct hlist_head *spares)
{
	struct hchan_user *user;
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		user = p->users[i];
		if (!user) {
			user = hlist_entry(spares->first, typeof(*user), node);
			hlist_del(&user->node);
			user->uid = uids[i];
			hash_add(hchan_users, &user->node, __kuid_val(uids[i]));
			p->users[i] = user;
		}
		user->accounts++;
		user->channels += channels;
		user->bytes += bytes;
	}
	hchan_channels += channels;
}

static void free_users(struct hlist_head *users)
{
	struct hchan_user *user;
	struct hlist_node *next;

	hlist_for_each_entry_safe(user, next, users, node)
		kfree(user);
}

/* Books it on all of them, whose users are filled in, or on none. */
static int charge(const struct payers *p, const kuid_t *uids, unsigned int channels,
		  u64 bytes)
{
	unsigned int n_spares = 0;
	struct hchan_user *spare;
	bool exempt = false;
	HLIST_HEAD(spares);
	int err = 0;

	spin_lock(&hchan_users_lock);
	for (;;) {
		bool missing = look_up_users(p, uids) > n_spares;

		if (!missing && (exempt || within_limits(p, channels, bytes)))
			break;
		spin_unlock(&hchan_users_lock);

		if (missing) {
			err = -ENOMEM;
			spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
			if (!spare)
				goto out;
			hlist_add_head(&spare->node, &spares);
			n_spares++;
		} else {
			/* Asked last: it leaves traces in audit logs. */
			err = -EDQUOT;
			exempt = capable(CAP_SYS_RESOURCE);
			if (!exempt)
				goto out;
		}
		spin_lock(&hchan_users_lock);
	}
	book(p, uids, channels, bytes, &spares);
	spin_unlock(&hchan_users_lock);
	err = 0;
out:
	free_users(&spares);
	return err;
}

static struct hchan_account *charge_one(unsigned int channels, u64 bytes)
{
	kuid_t uid = current_uid();
	struct payers p = { .n = 1, .users = &p.one };
	int err = charge(&p, &uid, channels, bytes);

	return err ? ERR_PTR(err) : (void *)((unsigned long)p.one | SINGLE);
}

static noinline struct hchan_account *charge_all(unsigned int channels, u64 bytes)
{
	kuid_t uids[HCHAN_PAYERS_MAX];
	struct hchan_account *account;
	struct payers p;
	int err;

	p.n = list_payers(uids);
	if (p.n == 1)
		return charge_one(channels, bytes);
	account = kmalloc(struct_size(account, users, p.n), GFP_KERNEL_ACCOUNT);
	if (!account)
		return ERR_PTR(-ENOMEM);
	account->n = p.n;
	p.users = account->users;
	err = charge(&p, uids, channels, bytes);
	if (err) {
		kfree(account);
		return ERR_PTR(err);
	}
	return account;
}

struct hchan_account *hchan_charge(unsigned int channels, u64 bytes)
{
	return current_user_ns() == &init_user_ns ? charge_one(channels, bytes) :
						    charge_all(channels, bytes);
}

void hchan_uncharge(struct hchan_account *account, unsigned int channels, u64 bytes)
{
	struct payers p;
	HLIST_HEAD(gone);
	unsigned int i;

	payers_of(account, &p);
	spin_lock(&hchan_users_lock);
	for (i = 0; i < p.n; i++) {
		struct hchan_user *payer = p.users[i];

		payer->channels -= channels;
		payer->bytes -= bytes;
		if (!--payer->accounts) {
			hash_del(&payer->node);
			hlist_add_head(&payer->node, &gone);
		}
	}
	hchan_channels -= channels;
	spin_unlock(&hchan_users_lock);
	free_users(&gone);
	if (!((unsigned long)account & SINGLE))
		kfree(account);
}

static bool book_more(const struct payers *p, u64 bytes, bool exempt)
{
	unsigned int i;
	bool ok;

	spin_lock(&hchan_users_lock);
	ok = exempt || within_limits(p, 0, bytes);
	for (i = 0; ok && i < p->n; i++)
		p->users[i]->bytes += bytes;
	spin_unlock(&hchan_users_lock);
	return ok;
}

int hchan_charge_more(struct hchan_account *account, u64 bytes)
{
	struct payers p;

	payers_of(account, &p);
	if (book_more(&p, bytes, false))
		return 0;
	if (!capable(CAP_SYS_RESOURCE))
		return -EDQUOT;
	book_more(&p, bytes, true);
	return 0;
}

void hchan_charge_less(struct hchan_account *account, u64 bytes)
{
	struct payers p;
	unsigned int i;

	payers_of(account, &p);
	spin_lock(&hchan_users_lock);
	for (i = 0; i < p.n; i++)
		p.users[i]->bytes -= bytes;
	spin_unlock(&hchan_users_lock);
}

void hchan_charge_kept(struct hchan_account *account, s64 bytes)
{
	struct payers p;
	unsigned int i;

	payers_of(account, &p);
	spin_lock(&hchan_users_lock);
	for (i = 0; i < p.n; i++) {
		p.users[i]->bytes += bytes;
		WRITE_ONCE(p.users[i]->kept, p.users[i]->kept + bytes);
	}
	spin_unlock(&hchan_users_lock);
}

/* Without the lock: it may be a little more than allowed. */
bool hchan_kept_too_much(struct hchan_account *account)
{
	struct payers p;
	unsigned int i;

	payers_of(account, &p);
	for (i = 0; i < p.n; i++)
		if (READ_ONCE(p.users[i]->kept) > READ_ONCE(max_bytes_per_user))
			return true;
	return false;
}

static struct ctl_table hchan_sysctls[] = {
	{
		.procname	= "max_channels_per_user",
		.data		= &max_channels_per_user,
		.maxlen		= sizeof(max_channels_per_user),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
	},
	{
		.procname	= "max_bytes_per_user",
		.data		= &max_bytes_per_user,
		.maxlen		= sizeof(max_bytes_per_user),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
	},
	{
		.procname	= "channels",
		.data		= &hchan_channels,
		.maxlen		= sizeof(hchan_channels),
		.mode		= 0444,
		.proc_handler	= proc_doulongvec_minmax,
	},
	HCHAN_SYSCTL_END
};

static struct ctl_table_header *hchan_sysctl_header;

int __init hchan_account_init(void)
{
	hchan_sysctl_header = register_sysctl("hchan", hchan_sysctls);
	if (!hchan_sysctl_header && IS_ENABLED(CONFIG_SYSCTL))
		return -ENOMEM;
	return 0;
}

void hchan_account_exit(void)
{
	unregister_sysctl_table(hchan_sysctl_header);
	WARN_ON(!hash_empty(hchan_users));
}
