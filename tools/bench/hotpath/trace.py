# SPDX-License-Identifier: GPL-2.0-only
"""From executed addresses to operations: who executed what, for which layer."""

import bisect
import re
from collections import Counter

import layers

KERNEL = 1 << 47
PAGE = 4096
PREFIXES = {0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65}
CALL, RETURN, LOCKED, ACCESS = 1, 2, 4, 8

# Entries of these functions are counted as events.
EVENTS = [(event, re.compile(pattern)) for event, pattern in (
    ("crossings", r"entry_SYSCALL_64$"),
    ("wakes", r"try_to_wake_up$"),
    ("switches", r"__switch_to_asm$"),
    ("allocations", r"kmem_cache_alloc\w*$|__kmalloc\w*$|kmalloc_trace\w*$|"
                    r"__kvmalloc_node\w*$"),
    ("frees", r"kmem_cache_free$|kfree$|kvfree$|kvfree_call_rcu$"),
)]
SECTION = re.compile(r"(_raw_spin_lock|_raw_read_lock|_raw_write_lock|rt_spin_lock|"
                     r"mutex_lock)"
                     r"(_bh|_irq|_irqsave|_nested|_interruptible)?$")


def decode(code):
    """What an instruction is, of the few sorts that are counted."""
    i, locked = 0, 0
    while i < len(code) and code[i] in PREFIXES:
        if code[i] == 0xf0:
            locked = LOCKED
        i += 1
    if i < len(code) and 0x40 <= code[i] <= 0x4f:
        i += 1
    op = code[i:i + 3]
    if len(op) < 2:
        return locked | (RETURN if op[:1] in (b"\xc2", b"\xc3") else 0)
    memory, reg = op[1] >> 6 != 3, op[1] >> 3 & 7
    if op[0] in (0x86, 0x87) and memory:		# xchg
        return LOCKED
    if op[0] == 0xe8 or op[0] == 0xff and reg in (2, 3):
        return CALL
    if op[0] in (0xc2, 0xc3, 0xca, 0xcb, 0xcf):
        return RETURN
    if op == b"\x0f\x01\xcb":				# stac
        return ACCESS
    return locked


class Kernel:
    """Symbols and code of the guest's kernel."""

    def __init__(self, symbols, begin, end):
        self.marks = {begin: "begin", end: "end"}
        self.symbols = sorted(symbols)
        self.starts = [s[0] for s in self.symbols]
        self.pages = {}
        self.known = {}
        self.names = {}

    def unknown_pages(self, trace):
        return {pc & -PAGE for pc in set(trace) if pc >= KERNEL} - set(self.pages)

    def add_pages(self, pages):
        self.pages.update(pages)

    def look(self, pc):
        """The function that @pc is in, what it is, and whether it begins there."""
        found = self.known.get(pc)
        if found:
            return found
        i = bisect.bisect_right(self.starts, pc) - 1
        # Of several names of one address, the first: it is always the same.
        i = bisect.bisect_left(self.starts, self.starts[i])
        start, name, module = self.symbols[i]
        page = self.pages[pc & -PAGE]
        code = page[pc % PAGE:pc % PAGE + 12]
        if len(code) < 12:
            code += self.pages.get((pc & -PAGE) + PAGE, b"")[:12 - len(code)]
        self.names[start] = (name, module)
        found = self.known[pc] = (start, decode(code), pc == start)
        return found


class Operation:
    """What was executed between two marks."""

    def __init__(self):
        self.program = 0		# the programs' own instructions
        self.instructions = Counter()	# by (layer, function)
        self.calls = Counter()
        self.locked = Counter()
        self.events = Counter()
        self.disturbed = False

    def total(self):
        return sum(self.instructions.values())

    def by_layer(self, counter):
        sums = Counter()
        for (layer, _), n in counter.items():
            sums[layer] += n
        return sums


class Stack:
    """Who has called whom, as far as it can be told from jumps and returns.

    After a switch it is another task's, of which nothing is known: a return that
    no call belongs to begins anew, from the function that it leads to.
    """

    def __init__(self, kernel):
        self.kernel = kernel
        self.frames = []		# (function, layer, address of the call)

    def enter(self, start, call):
        name, module = self.kernel.names[start]
        caller = self.frames[-1][1] if self.frames else None
        layer = layers.layer_of(name, module, caller)
        self.frames.append((start, layer, call))

    def leave(self, start, pc):
        while self.frames:
            _, _, call = self.frames.pop()
            if call is not None and 2 <= pc - call <= 9:
                break
        if not self.frames or self.frames[-1][0] != start:
            self.frames = []
            self.enter(start, None)

    def jump(self, start):
        """Into another function, which is there in place of this one."""
        call = self.frames.pop()[2] if self.frames else None
        self.enter(start, call)

    def layer(self):
        return self.frames[-1][1]


def analyse(kernel, pcs):
    """One operation's addresses, marks not among them."""
    op, stack = Operation(), Stack(kernel)
    previous, previous_pc, previous_kind = None, None, 0
    for pc in pcs:
        if pc < KERNEL:
            op.program += 1
            previous = None
            continue
        start, kind, first = kernel.look(pc)
        if previous is None:
            stack.frames = []
            stack.enter(start, None)
        elif previous_kind & CALL:
            stack.enter(start, previous_pc)
        elif previous_kind & RETURN:
            stack.leave(start, pc)
        elif start != previous:
            stack.jump(start)
        layer = stack.layer()
        key = (layer, start)
        op.instructions[key] += 1
        if kind & CALL:
            op.calls[key] += 1
        if kind & LOCKED:
            op.locked[key] += 1
        if kind & ACCESS:
            op.events["user accesses"] += 1
        if first and (start != previous or previous_kind & CALL):
            entered(op, kernel.names[start][0], layer)
        previous, previous_pc, previous_kind = start, pc, kind
    return op


def entered(op, name, layer):
    if layers.is_interrupt(name):
        op.disturbed = True
    for event, pattern in EVENTS:
        if pattern.match(name):
            op.events[event] += 1
    if layer == layers.LOCKS and SECTION.match(name):
        op.events["locks"] += 1


def operations(kernel, trace, skip):
    """All operations of a trace, but for the first ones."""
    found, begin = [], None
    for i, pc in enumerate(trace):
        mark = kernel.marks.get(pc)
        if mark == "begin":
            begin = i + 1
        elif mark == "end" and begin is not None:
            found.append(trace[begin:i])
            begin = None
    return [analyse(kernel, pcs) for pcs in found[skip:]]


def typical(ops):
    """The one in the middle, of those that no interrupt fell into."""
    quiet = sorted((op for op in ops if not op.disturbed), key=Operation.total)
    return (quiet[len(quiet) // 2], quiet) if quiet else (None, quiet)
