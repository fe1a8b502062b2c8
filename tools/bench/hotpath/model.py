# SPDX-License-Identifier: GPL-2.0-only
"""What a path should do, if it did nothing but what it is there for.

Crossings into the kernel, accesses to the program's memory (a request or an element
that is copied at once is one), locks, wakes and switches. Where a profile has
counted something else, the table shows both.
"""


def does(crossings, accesses, locks, wakes=0, switches=0):
    return {"crossings": crossings, "user accesses": accesses, "locks": locks,
            "wakes": wakes, "switches": switches}


MODEL = {
    "empty": does(1, 0, 0),
    # The element.
    "write": does(1, 1, 1),
    "read": does(1, 1, 1),
    "write-1k": does(1, 1, 1),
    "read-1k": does(1, 1, 1),
    # The request and the element; a receive tells how it went.
    "send": does(1, 2, 1),
    "recv": does(1, 3, 1),
    # A look without a lock.
    "try": does(1, 0, 0),
    # The request, all elements, how many there were.
    "sendn": does(1, 3, 1),
    "recvn": does(1, 3, 1),
    # 32 times the same, by one crossing; nothing at all.
    "uring-send": does(1, 64, 32),
    "uring-recv": does(1, 96, 32),
    "uring-nop": does(1, 0, 0),
    # The request, all cases, the element, the case that went, its number.
    "select-8": does(1, 5, 1),
    "select-64": does(1, 5, 1),
    # The request, the element, how it went. The channel's lock, and the set's
    # before and after it.
    "set-64": does(1, 3, 3),
    # The channel's lock, under which the receiver is claimed.
    "send-parked": does(1, 2, 1, wakes=1),
    "write-parked": does(1, 1, 1, wakes=1),
    # Two sends to who is parked, two receives that park.
    "ping-pong": does(4, 4, 4, wakes=2, switches=2),
    # The request, the two elements, how it went; on both sides.
    "exchange": does(2, 8, 4, wakes=2, switches=2),
    # The request, and what it has become.
    "create": does(2, 2, 0),
}
