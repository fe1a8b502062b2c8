#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""asyncio: numbers come from one channel, their squares go to another.

    squares_asyncio.py IN OUT
"""

import asyncio
import sys

import hchan


async def main(source, sink):
    async with (hchan.Queue(source, hchan.RECV, format="Q") as numbers,
                hchan.Queue(sink, hchan.SEND, format="Q") as squares):
        async for x in numbers:
            await squares.put(x * x % 2**64)
        squares.close()


asyncio.run(main(*sys.argv[1:]))
