#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""selectors: numbers come from one channel, their squares go to another.

    squares_selectors.py IN OUT
"""

import selectors
import sys

import hchan

numbers = hchan.Channel(sys.argv[1], hchan.RECV, format="Q")
squares = hchan.Channel(sys.argv[2], hchan.SEND, format="Q")


def wait(channel, events):
    with selectors.DefaultSelector() as selector:
        selector.register(channel, events)
        selector.select()


def retry(call, channel, events):
    while True:
        try:
            return call()
        except BlockingIOError:
            wait(channel, events)


try:
    while True:
        x = retry(numbers.try_recv, numbers, selectors.EVENT_READ)
        retry(lambda: squares.try_send(x * x % 2**64), squares,
              selectors.EVENT_WRITE)
except hchan.Closed:
    squares.close()
