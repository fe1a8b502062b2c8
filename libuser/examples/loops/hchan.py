# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Channels between processes for Python, by libhchan and ctypes: no build step.

Channel is for threads and for event loops of one's own: its file number works in
select, selectors and anything else that polls. Queue is for asyncio:

    async with Queue("jobs", create=16) as jobs:
        await jobs.put(b"a job")

    async for job in Queue("jobs"):     # ends when somebody closes the channel
        work(job)

Elements are bytes; with a format of the struct module they are what that packs:
one value, or a tuple. A channel that is created without a format has messages of
variable length.
"""

import asyncio
import collections
import ctypes
import errno
import os
import struct
import time

_lib = ctypes.CDLL(os.environ.get("LIBHCHAN", "libhchan.so.0"))

SEND, RECV, _NONBLOCK = 1, 2, 4  # HCHAN_O_*
_MSG, _CREATE = 1, 4    # HCHAN_MSG, HCHAN_CREATE
_NOWAIT, _DEADLINE = 1, 2  # flags of struct hchan_when
_LONGEST = 2 ** 63 - 1  # nanoseconds in it


class _When(ctypes.Structure):
    _fields_ = [("ns", ctypes.c_int64), ("flags", ctypes.c_uint32)]


class _Opts(ctypes.Structure):
    _fields_ = [("elem_size", ctypes.c_size_t), ("capacity", ctypes.c_uint64),
                ("tag", ctypes.c_uint64), ("flags", ctypes.c_uint32),
                ("how", ctypes.c_uint32), ("mode", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32 * 5)]


class _Stat(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32),
                ("id", ctypes.c_uint64), ("capacity", ctypes.c_uint64),
                ("length", ctypes.c_uint64), ("type_tag", ctypes.c_uint64),
                ("elem_size", ctypes.c_uint32), ("state", ctypes.c_uint32),
                ("parked_senders", ctypes.c_uint32),
                ("parked_receivers", ctypes.c_uint32),
                ("senders", ctypes.c_uint32), ("receivers", ctypes.c_uint32)]


_elem = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]
_lib.hchan_open.argtypes = [ctypes.c_char_p, ctypes.c_uint]
_lib.hchan_open_opts.argtypes = [ctypes.c_char_p, ctypes.POINTER(_Opts),
                                 ctypes.c_void_p]
_lib.hchan_send_until.argtypes = _elem + [_When]
_lib.hchan_recv_until.argtypes = _elem + [_When]
_lib.hchan_recv_msg.argtypes = _elem + [ctypes.POINTER(ctypes.c_size_t), _When]
_lib.hchan_stat.argtypes = [ctypes.c_int, ctypes.POINTER(_Stat)]
_lib.hchan_errmsg.restype = ctypes.c_char_p
_lib.hchan_strerror.restype = ctypes.c_char_p


class Closed(Exception):
    """Closed, or the other side is gone: a receive finds nothing more, or a
    send finds nobody."""


def _when(timeout):
    """Absolute, so that an interrupted wait goes on up to the same moment."""
    if timeout is None or timeout == float("inf"):
        return _When(0, 0)
    if timeout <= 0:
        return _When(0, _NOWAIT)
    # What is too long is as long as can be: ctypes would cut it to "now".
    ns = time.monotonic_ns() + int(min(timeout, _LONGEST / 1e9) * 1e9)
    return _When(min(ns, _LONGEST), _DEADLINE)


def _check(result):
    if result == -errno.EPIPE:
        raise Closed
    if result < 0:  # BlockingIOError, TimeoutError, ... by the number
        raise OSError(-result, _lib.hchan_strerror(result).decode())
    return result


class Channel:
    """A descriptor of a channel. create: the capacity, if it is not there yet."""

    def __init__(self, name, how=SEND | RECV, *, format=None, create=None,
                 max=4096, nonblock=False):
        self._struct = struct.Struct(format) if format else None
        how |= _NONBLOCK if nonblock else 0
        if create is None:
            fd = _lib.hchan_open(name.encode(), how)
        else:
            opts = _Opts(capacity=create, how=how, flags=_CREATE)
            opts.elem_size = self._struct.size if format else max
            opts.flags |= 0 if format else _MSG
            fd = _lib.hchan_open_opts(name.encode(), ctypes.byref(opts), None)
        if fd < 0:
            raise OSError(-fd, _lib.hchan_errmsg().decode())
        self._fd = fd
        stat = self._stat()
        self._size, self._messages = stat.elem_size, stat.flags & _MSG
        self.capacity = stat.capacity
        if format and (self._messages or self._size != self._struct.size):
            self.drop()
            raise OSError(errno.EPROTOTYPE, f"{name}: not elements of {format}")

    def _stat(self):
        stat = _Stat(size=ctypes.sizeof(_Stat))
        _check(_lib.hchan_stat(self._fd, ctypes.byref(stat)))
        return stat

    def fileno(self):
        return self._fd

    def __len__(self):
        return self._stat().length

    def __bool__(self):
        return True

    def send(self, value, timeout=None):
        if self._struct:
            value = (self._struct.pack(*value) if isinstance(value, tuple)
                     else self._struct.pack(value))
        when = _when(timeout)
        result = -errno.EINTR
        while result == -errno.EINTR:
            result = _lib.hchan_send_until(self._fd, value, len(value), when)
        _check(result)

    def recv(self, timeout=None):
        room = ctypes.create_string_buffer(self._size)
        length = ctypes.c_size_t(self._size)
        when = _when(timeout)
        result = -errno.EINTR
        while result == -errno.EINTR:
            result = (_lib.hchan_recv_msg(self._fd, room, self._size,
                                          ctypes.byref(length), when)
                      if self._messages else
                      _lib.hchan_recv_until(self._fd, room, self._size, when))
        if _check(result) == 0:
            raise Closed
        if not self._struct:
            return room.raw[:length.value]
        values = self._struct.unpack(room.raw)
        return values[0] if len(values) == 1 else values

    def try_send(self, value):
        """BlockingIOError where send() would wait."""
        self.send(value, 0)

    def try_recv(self):
        return self.recv(0)

    def __iter__(self):
        try:
            while True:
                yield self.recv()
        except Closed:
            pass

    def close(self):
        """Closes the channel, for everybody. Once more is no error here."""
        result = _lib.hchan_close(self._fd)
        if result != -errno.EALREADY:
            _check(result)

    def drop(self):
        """Gives the descriptor back, which says nothing to the others."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            _lib.hchan_drop(fd)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.drop()


class Queue:
    """A channel for asyncio, like its Queue: put, get, put_nowait, get_nowait.

    Waiting is the loop's, by add_reader and add_writer. So what is waited for
    has not been taken: a task that is cancelled loses nothing. The loop is no
    peer that is parked: between two of these a channel needs a capacity.
    """

    def __init__(self, name, how=SEND | RECV, **kw):
        self.channel = Channel(name, how, nonblock=True, **kw)
        self._getters = collections.deque()
        self._putters = collections.deque()

    async def _ready(self, waiters, add, remove):
        future = asyncio.get_running_loop().create_future()
        fd = self.channel.fileno()
        waiters.append(future)
        if len(waiters) == 1:
            add(fd, self._wake, waiters)
        try:
            await future
        finally:
            # After drop() it is not there, and the number may be another's.
            if future in waiters:
                waiters.remove(future)
                if not waiters:
                    remove(fd)
        if self.channel.fileno() < 0:
            raise Closed

    @staticmethod
    def _wake(waiters):
        # One; the loop comes again as long as it is ready.
        for future in waiters:
            if not future.done():
                future.set_result(None)
                return

    async def get(self):
        while True:
            try:
                return self.channel.try_recv()
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await self._ready(self._getters, loop.add_reader,
                                  loop.remove_reader)

    async def put(self, value):
        while True:
            try:
                return self.channel.try_send(value)
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await self._ready(self._putters, loop.add_writer,
                                  loop.remove_writer)

    def get_nowait(self):
        try:
            return self.channel.try_recv()
        except BlockingIOError:
            raise asyncio.QueueEmpty from None

    def put_nowait(self, value):
        try:
            self.channel.try_send(value)
        except BlockingIOError:
            raise asyncio.QueueFull from None

    def qsize(self):
        return len(self.channel)

    @property
    def maxsize(self):
        return self.channel.capacity

    async def __aiter__(self):
        try:
            while True:
                yield await self.get()
        except Closed:
            pass

    def close(self):
        self.channel.close()

    def drop(self):
        """As a channel's. Who waits here waits no more: Closed."""
        for waiters, remove in ((self._getters, "remove_reader"),
                                (self._putters, "remove_writer")):
            futures = list(waiters)
            waiters.clear()
            # Before the descriptor is gone: the loop would keep its number.
            if futures and not futures[0].get_loop().is_closed():
                getattr(futures[0].get_loop(), remove)(self.channel.fileno())
            for future in futures:
                if not future.done():
                    future.set_exception(Closed())
        self.channel.drop()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        self.drop()
