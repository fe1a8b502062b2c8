# SPDX-License-Identifier: GPL-2.0-only
"""Profiles as text, and as the tables of kmod/doc/bench.md."""

from layers import COPIES, LAYERS, LOCKS, OBJECT
from model import MODEL

EVENTS = ("crossings", "user accesses", "locks", "wakes", "switches",
          "allocations", "frees")
# Whose locked operations the channel can do something about.
OWN = (OBJECT, COPIES, LOCKS)


class Profile:
    """What has come out of one path."""

    def __init__(self, name, about, operation, all_of_it, kernel):
        self.name, self.about = name, about
        self.op, self.ops, self.kernel = operation, all_of_it, kernel

    def layers(self):
        """(layer, instructions, calls, locked operations) of each."""
        op = self.op
        sums = [op.by_layer(c) for c in (op.instructions, op.calls, op.locked)]
        return [(layer, *(s[layer] for s in sums)) for layer in LAYERS]

    def functions(self):
        """(layer, function, instructions, calls, locked), the most first."""
        op = self.op
        for key, n in op.instructions.most_common():
            yield key[0], self.kernel.names[key[1]][0], n, op.calls[key], op.locked[key]


def text(profile, top):
    op, totals = profile.op, [o.total() for o in profile.ops]
    lines = [f"{profile.name}: {profile.about}",
             f"  {op.total()} instructions, {sum(op.calls.values())} calls, "
             f"{sum(op.locked.values())} locked operations in the kernel; "
             f"{op.program} in the program",
             f"  (the middle one of {len(totals)}, of {totals[0]} to {totals[-1]})",
             "  " + ", ".join(f"{op.events[e]} {e}" for e in EVENTS), "",
             f"  {'layer':<36}{'insns':>8}{'calls':>7}{'locked':>7}"]
    functions = list(profile.functions())
    for layer, *counts in profile.layers():
        if not counts[0]:
            continue
        lines.append(f"  {layer:<36}{counts[0]:>8}{counts[1]:>7}{counts[2]:>7}")
        mine = [f for f in functions if f[0] == layer]
        shown = mine if layer == "channel" else mine[:top]
        for _, name, *n in shown:
            lines.append(f"    {name:<34}{n[0]:>8}{n[1]:>7}{n[2]:>7}")
        rest = [sum(f[i] for f in mine[len(shown):]) for i in (2, 3, 4)]
        if rest[0]:
            what = f"({len(mine) - len(shown)} more)"
            lines.append(f"    {what:<34}{rest[0]:>8}{rest[1]:>7}{rest[2]:>7}")
    return "\n".join(lines) + "\n"


def row(cells):
    return "| " + " | ".join(str(c) for c in cells) + " |"


def table(head, rows):
    return "\n".join([row(head), row(["---", *["---:"] * (len(head) - 1)]),
                      *(row(r) for r in rows)])


def against_model(profile, event):
    """The count, or the count and what it should be."""
    counted = profile.op.events[event]
    expected = MODEL.get(profile.name, {}).get(event, counted)
    if counted == expected:
        return counted or ""
    return f"**{counted}** ({expected})"


def markdown(profiles):
    """Two tables: instructions by layer, and the model."""
    first, second = [], []
    for p in profiles:
        counts = {layer: (n, locked) for layer, n, _, locked in p.layers()}
        first.append([f"`{p.name}`", f"**{p.op.total():,}**",
                      *(f"{n:,}" if n else "" for n, _ in counts.values())])
        own = sum(counts[layer][1] for layer in OWN)
        second.append([f"`{p.name}`", sum(p.op.calls.values()),
                       *(against_model(p, e) for e in EVENTS[:-1]),
                       own or "", sum(p.op.locked.values()) or ""])
    return "\n\n".join([
        table(["path", "in all", *LAYERS], first),
        table(["path", "calls", *EVENTS[:-1], "atomics, its own", "in all"], second)])
