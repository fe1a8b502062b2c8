#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Checks hchan.Queue: what asyncio's Queue does, and what only a channel does."""

import asyncio
import os
import threading

import hchan

NAME = "loops-queue"


def remove():
    os.unlink("/dev/chan/" + NAME)


def waiting(queue):
    return len(queue._getters), len(queue._putters)


async def until(condition):
    while not condition():
        await asyncio.sleep(0)


async def order_and_capacity():
    async with hchan.Queue(NAME, create=2) as q:
        assert q.maxsize == 2 and q.qsize() == 0
        q.put_nowait(b"one")
        await q.put(b"two")
        try:
            q.put_nowait(b"three")
            assert False
        except asyncio.QueueFull:
            pass
        put = asyncio.create_task(q.put(b"three"))
        await until(lambda: waiting(q) == (0, 1))
        assert [await q.get() for _ in range(3)] == [b"one", b"two", b"three"]
        await put
        try:
            q.get_nowait()
            assert False
        except asyncio.QueueEmpty:
            pass
        assert waiting(q) == (0, 0)


async def many_waiters():
    async with hchan.Queue(NAME, create=2) as q:
        gets = [asyncio.create_task(q.get()) for _ in range(10)]
        await until(lambda: waiting(q) == (10, 0))
        for i in range(10):
            await q.put(b"%d" % i)
        assert sorted(await asyncio.gather(*gets)) == [b"%d" % i for i in range(10)]
        assert q.qsize() == 0


# Cancelled at any moment, a get has the element or it is still there.
async def cancel():
    async with hchan.Queue(NAME, create=2) as q:
        for i in range(50):
            get = asyncio.create_task(q.get())
            await until(lambda: waiting(q) == (1, 0))
            q.put_nowait(b"%d" % i)
            for _ in range(i % 4):
                await asyncio.sleep(0)
            get.cancel()
            try:
                got = await get
            except asyncio.CancelledError:
                got = q.get_nowait()
            assert got == b"%d" % i and waiting(q) == (0, 0)
        try:
            await asyncio.wait_for(q.get(), 0.01)
            assert False
        except asyncio.TimeoutError:
            pass


# Iteration ends with the channel, for all who iterate; what is left comes first.
async def end():
    async with hchan.Queue(NAME, create=2, format="qd") as q:
        async def take():
            return [x async for x in q]

        takers = [asyncio.create_task(take()) for _ in range(3)]
        await until(lambda: waiting(q) == (3, 0))
        for i in range(20):
            await q.put((i, i / 2))
        q.close()
        q.close()
        taken = [x for part in await asyncio.gather(*takers) for x in part]
        assert sorted(taken) == [(i, i / 2) for i in range(20)]
        try:
            await q.put((0, 0))
            assert False
        except hchan.Closed:
            pass
        try:
            await q.get()
            assert False
        except hchan.Closed:
            pass


async def wrong_format():
    with hchan.Channel(NAME, format="q", create=1):
        try:
            hchan.Queue(NAME, format="i")
            assert False
        except OSError as e:
            assert "not elements of i" in str(e)


# Given back while others wait: they are told, and the next queue gets its number.
async def dropped_while_waiting():
    async with hchan.Queue(NAME, create=1) as q:
        fd = q.channel.fileno()
        await q.put(b"full")
        puts = [asyncio.create_task(q.put(b"x")) for _ in range(2)]
        await until(lambda: waiting(q) == (0, 2))
        puts[0].cancel()
    for put, told in zip(puts, (asyncio.CancelledError, hchan.Closed)):
        try:
            await asyncio.wait_for(put, 10)
            assert False
        except told:
            pass
    q.drop()
    for drop_when_woken in False, True:
        q = hchan.Queue(NAME)
        assert q.channel.fileno() == fd
        await q.get()
        gets = [asyncio.create_task(q.get()) for _ in range(2)]
        await until(lambda: waiting(q) == (2, 0))
        if drop_when_woken:
            q._wake(q._getters)
        q.drop()
        # Before those who waited have run.
        other = hchan.Queue(NAME)
        assert other.channel.fileno() == fd
        get = asyncio.create_task(other.get())
        await until(lambda: waiting(other) == (1, 0))
        for result in await asyncio.wait_for(
                asyncio.gather(*gets, return_exceptions=True), 10):
            assert isinstance(result, hchan.Closed)
        other.put_nowait(b"y")
        assert await asyncio.wait_for(get, 10) == b"y"
        other.put_nowait(b"z")
        other.drop()


# The longest times there are do not end at once.
async def long_timeouts():
    with hchan.Channel(NAME, create=1) as channel:
        for timeout in threading.TIMEOUT_MAX, 1e300, 10 ** 400, float("inf"):
            get = asyncio.create_task(asyncio.to_thread(channel.recv, timeout))
            await until(lambda: get.done() or channel._stat().parked_receivers)
            if not get.done():
                channel.send(b"x", timeout)
            assert await get == b"x"
        try:
            channel.recv(float("nan"))
            assert False
        except ValueError:
            pass


for test in order_and_capacity, many_waiters, cancel, end, wrong_format, \
        dropped_while_waiting, long_timeouts:
    asyncio.run(test())
    remove()
    print("PASS asyncio's queue:", test.__name__.replace("_", " "), flush=True)
