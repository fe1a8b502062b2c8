/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lines in which the protocol can be broken, each as it is and, with M_...
 * defined, as it would be wrong. The check defines one at a time and demands
 * that an error is found.
 */

/* The two locks of hchan_claim_two(): in the order of the addresses, or own first. */
#ifndef M_ORDER
#define LOW (me < peer -> me : peer)
#define HIGH (me < peer -> peer : me)
#else
#define LOW me
#define HIGH peer
#endif

/* hchan_claim_two() takes both operations, or only the peer's. */
#ifndef M_ONLY_PEER
#define ONLY_PEER false
#else
#define ONLY_PEER true
#endif

/* Who claims looks whether somebody was first, or does not. */
#ifndef M_ANY_STATE
#define may_claim(x) (op[x].state == WAITING)
#else
#define may_claim(x) true
#endif

/* A select that needs no partner claims itself for it, or does not. */
#ifndef M_SELF_FREE
#define CLAIM_SELF hchan_claim(me, CANCELLED)
#else
#define CLAIM_SELF won = 1
#endif

/* hchan_enter() looks again before it links, or trusts the pass. */
#ifndef M_NO_RECHECK
#define NO_RECHECK false
#else
#define NO_RECHECK true
#endif

/*
 * An own entry is no partner, or it is; M_ITSELF_ONCE: and the lock is not taken
 * twice.
 */
#define is_own(x) ((x) == me)
#define high_is_free !op[HIGH].lock
#ifdef M_ITSELF
#undef is_own
#define is_own(x) false
#endif
#ifdef M_ITSELF_ONCE
#undef is_own
#define is_own(x) false
#undef high_is_free
#define high_is_free (me == peer || !op[HIGH].lock)
#endif

/* The claimer drops the operation's lock at once, or after it has said done. */
#ifndef M_LATE_UNLOCK
#define LATE_UNLOCK 0
#else
#define LATE_UNLOCK 1
#endif

/* It unlinks the waiter before it says done, or after. */
#ifndef M_LATE_UNLINK
#define UNLINK_FIRED(x, xc, xd) hchan_unlink(x, xc, xd)
#define UNLINK_LATE skip
#else
#define UNLINK_FIRED(x, xc, xd) op[x].done = 1
#define UNLINK_LATE if :: first != NOBODY -> hchan_unlink(first, c, 1 - d) :: else fi
#endif

/* settle() reads op->next before it says done, or after. */
#ifndef M_LATE_NEXT
#define NEXT_BEFORE true
#else
#define NEXT_BEFORE false
#endif

/* Set_current_state(), then look at done, or the other way round. */
#ifndef M_LOOK_FIRST
#define ASLEEP_FIRST true
#else
#define ASLEEP_FIRST false
#endif

/* Who gives up claims its own operation, or takes it as its own. */
#ifndef M_CANCEL
#define CANCEL_SELF hchan_claim(me, CANCELLED)
#else
#define CANCEL_SELF won = 1
#endif

/* Who has lost that claim waits for done, or returns. */
#ifndef M_NO_FINISH
#define is_done(x) op[x].done
#else
#define is_done(x) true
#endif

/* hchan_leave() takes the lock in any case, or not for what looks unlinked. */
#ifndef M_SKIP_LEAVE
#define skips_leave(x, c, d) false
#else
#define skips_leave(x, c, d) !is_linked(x, c, d)
#endif

/* A select leaves all its queues, or none. */
#ifndef M_NO_LEAVE
#define LEAVES true
#else
#define LEAVES false
#endif

/* It is whole once it is linked everywhere, or from the start. */
#ifndef M_WHOLE_EARLY
#define WHOLE_EARLY 0
#else
#define WHOLE_EARLY 1
#endif

/*
 * hchan.version is counted up for a waiter that is linked, and for everything
 * after it is there. M_VERSION: not for a waiter; M_VERSION_FIRST: before.
 */
#define news_of_waiter 1
#ifdef JUDGED
#define COUNTED(c) ch[c].version
#define count_up() ch[c].version = ch[c].version + news
#else
#define COUNTED(c) 0
#define count_up() skip
#endif
#define early_news(yes) skip
#ifdef M_VERSION
#undef news_of_waiter
#define news_of_waiter 0
#endif
#ifdef M_VERSION_FIRST
#undef early_news
#define early_news(yes) ch[c].version = ch[c].version + (yes)
#undef news_of_waiter
#define news_of_waiter 0
#endif

/* Default: two passes without a change between them, or one. */
#ifndef M_ONE_PASS
#define CERTAIN (clean && was_clean && same)
#else
#define CERTAIN clean
#endif

/*
 * Who passes by sees transients where there is a buffer; M_BLIND: nowhere;
 * M_PASSING_MEET: everywhere.
 */
#define sees_transients(c) (!passing || cap(c))
#ifdef M_BLIND
#undef sees_transients
#define sees_transients(c) !passing
#endif
#ifdef M_PASSING_MEET
#undef sees_transients
#define sees_transients(c) true
#endif

/* Who returns an element sees transients everywhere, or as others who pass by. */
#ifndef M_RETURN
#define RETURN_SEES(c) true
#else
#define RETURN_SEES(c) cap(c)
#endif

/* A transient that leaves looks whether a channel has ended, or does not. */
#ifndef M_UNSEEN_END
#define UNSEEN_END false
#else
#define UNSEEN_END true
#endif

/* ... and for a receive, whether it is drained. */
#ifndef M_NOT_DRAINED
#define IS_DRAINED(c) (!ch[c].count && !ch[c].n_returned)
#else
#define IS_DRAINED(c) true
#endif

/* The end is set before the waiters are fired, or after. */
#ifndef M_LATE_END
#define LATE_END false
#else
#define LATE_END true
#endif

/* Who is still parked on a closed channel meets nobody, or receivers. */
#ifndef M_AFTER_CLOSE
#define no_partner(c) ch[c].closed
#else
#define no_partner(c) (d == TX && ch[c].closed)
#endif

/* A returned element goes to nobody who was parked at the end, or it does. */
#ifndef M_RETURN_AFTER
#define may_return(c) !ch[c].closed
#else
#define may_return(c) true
#endif

/* flush() goes on after a critical section that was full, or does not. */
#ifndef M_FLUSH_ONCE
#define FLUSH_ON true
#else
#define FLUSH_ON false
#endif

/* What is taken from the ring is not there any more, or it is. */
#ifndef M_KEEP
#define KEPT 0
#else
#define KEPT 1
#endif

/* Close leaves what is in the ring, or drops it. */
#ifndef M_DROP
#define LEFT_BY_CLOSE(c) ch[c].count
#else
#define LEFT_BY_CLOSE(c) 0
#endif
