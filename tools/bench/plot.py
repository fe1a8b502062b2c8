#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws the benchmark: plot.py RATIOS.tsv LINES.txt OUT.svg

OUT.svg has the ratios to the peers. Beside it come scale.svg (what it costs
when many channels are alive or many wait) and select.svg (by the number of channels).
"""

import math
import os
import sys
from html import escape

INK, SOFT, GRID = "#1f2328", "#57606a", "#e3e6ea"
# Who it is, everywhere the same; the channel's is the strongest.
LOOKS = {"hchan": ("channel", "#0b57d0", 3.0),
         "hchan-set": ("channels in a set", "#6ea8fe", 3.0),
         "hchan-select-8": ("in a select over 8", "#6ea8fe", 2.0),
         "hchan-select-64": ("in a select over 64", "#9a6700", 2.0),
         "eventfd": ("eventfd", "#d1570c", 1.7),
         "pipe": ("pipe", "#1a7f37", 1.7),
         "futex": ("futex", "#8250df", 1.7),
         "unix-seqpacket": ("seqpacket", "#9a6700", 1.7),
         "poll": ("poll", "#1a7f37", 1.7),
         "epoll": ("epoll", "#d1570c", 1.7),
         "futex_waitv": ("futex_waitv", "#8250df", 1.7)}
VERDICTS = {"aim": ("#1a7f37", "aim reached"), "gate": ("#bf8700", "gate reached"),
            "MISSED": ("#cf222e", "missed")}


class Drawing:
    def __init__(self, width):
        self.parts = []
        self.width = width

    def text(self, x, y, text, size=12, anchor="start", color=INK, bold=False,
             turn=0):
        more = ' font-weight="600"' if bold else ""
        if turn:
            more += f' transform="rotate({turn} {x:.1f} {y:.1f})"'
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{color}"{more}>{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, color=GRID, width=1.0, dash=""):
        more = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{color}" stroke-width="{width}"{more}/>')

    def path(self, points, color, width):
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{where}" fill="none" '
                          f'stroke="{color}" stroke-width="{width}" '
                          'stroke-linejoin="round"/>')

    def rect(self, x, y, w, h, color):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" '
                          f'height="{h:.1f}" fill="{color}"/>')

    def circle(self, x, y, r, color):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="{color}" '
                          'stroke="#fff" stroke-width="1"/>')

    def heading(self, title, below):
        self.text(24, 36, title, 20, bold=True)
        self.text(24, 58, below, 13, color=SOFT)

    def write(self, path, height):
        with open(path, "w", encoding="utf-8") as out:
            out.write('<?xml version="1.0" encoding="UTF-8"?>\n'
                      '<svg xmlns="http://www.w3.org/2000/svg" '
                      f'width="{self.width}" height="{height:.0f}" '
                      f'viewBox="0 0 {self.width} {height:.0f}" '
                      'font-family="DejaVu Sans, Verdana, sans-serif">\n'
                      '<rect width="100%" height="100%" fill="#fff"/>\n')
            out.write("\n".join(self.parts))
            out.write("\n</svg>\n")


# --- ratios -------------------------------------------------------------------

def ratios(rows, path):
    """A bar for each shape; 1 is as expensive as the peer."""
    d, left, most, high = Drawing(980), 300, 2.0, 22
    scale = (d.width - left - 70) / most
    d.heading("A channel's operations beside the cheapest peer's",
              "Instructions (or bytes) of the channel / of the peer. "
              "Shorter is better; 1 is the same.")
    x, y = left, 84
    for color, word in VERDICTS.values():
        d.rect(x, y - 10, 12, 12, color)
        d.text(x + 18, y, word, 12)
        x += 120
    for dash, word in (("", "gate"), ("2,2", "aim")):
        d.line(x, y - 11, x, y + 3, INK, 2, dash)
        d.text(x + 8, y, word, 12)
        x += 60
    top = y = 100
    bottom = top + high * len(rows)
    for i in range(9):
        x = left + i * most / 8 * scale
        one = i * most / 8 == 1
        d.line(x, top, x, bottom, SOFT if one else GRID, 1)
        if i % 2 == 0:
            d.text(x, bottom + 18, f"{i * most / 8:g}", 12, "middle", SOFT)
    for name, ratio, gate, aim, verdict in rows:
        ratio, gate, aim = float(ratio), float(gate), float(aim)
        d.text(left - 10, y + 15, name, 12.5, "end")
        end = left + min(ratio, most) * scale
        d.rect(left, y + 4, end - left, high - 8, VERDICTS[verdict][0])
        for x, dash in ((gate, ""), (aim, "2,2")):
            d.line(left + x * scale, y + 1, left + x * scale, y + high - 1, INK, 2,
                   dash)
        # Behind whatever stands there.
        marks = [left + x * scale for x in (gate, aim)]
        at = end + 6
        while any(at - 4 < x < at + 30 for x in marks):
            at += 4
        d.rect(at - 2, y + 3, 30, high - 6, "#fff")
        d.text(at, y + 15, f"{ratio:.2f}" + (" →" if ratio > most else ""), 12)
        y += high
    d.write(path, bottom + 36)


# --- curves -------------------------------------------------------------------

def steps(top):
    """Four or five round numbers from 0 to what is at least top."""
    size = 10 ** math.floor(math.log10(max(top, 1) / 4))
    for times in (1, 2, 2.5, 5, 10):
        if size * times * 5 >= top:
            size *= times
            break
    return [size * i for i in range(math.ceil(top / size - 1e-9) + 1)]


def decades(low, high):
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0 ** i for i in range(first, last + 1)]


def number(x):
    return f"{x:,.0f}"


class Panel:
    """One diagram. Its x axis is logarithmic; its y axis begins at 0, or is too."""

    LEFT, TOP, RIGHT, BOTTOM = 78, 46, 186, 50

    def __init__(self, d, x, y, width, height, log=False):
        self.d = d
        self.x, self.y = x + self.LEFT, y + self.TOP
        self.w = width - self.LEFT - self.RIGHT
        self.h = height - self.TOP - self.BOTTOM
        self.log = log

    def draw(self, title, xlabel, ylabel, series):
        self.d.text(self.x - self.LEFT + 24, self.y - 26, title, 15, bold=True)
        self.d.text(self.x - self.LEFT + 24, self.y - 9, ylabel, 11.5, color=SOFT)
        self.scales(series)
        self.axes(xlabel)
        for name in sorted(series, key=lambda n: LOOKS[n][2]):
            self.curve(LOOKS[name], sorted(series[name]))
        self.names(series)

    def scales(self, series):
        self.xs = sorted({x for points in series.values() for x, _ in points})
        values = [y for points in series.values() for _, y in points]
        if self.log:
            self.ticks = decades(min(values), max(values))
        else:
            self.ticks = steps(max(max(values) * 1.02, 4))

    def at(self, x, y):
        low = math.log10(self.xs[0])
        span = max(math.log10(self.xs[-1]) - low, 1e-9)
        if self.log:
            bottom, top = (math.log10(self.ticks[i]) for i in (0, -1))
            part = (math.log10(y) - bottom) / (top - bottom)
        else:
            part = y / self.ticks[-1]
        return (self.x + (math.log10(x) - low) / span * self.w,
                self.y + self.h * (1 - part))

    def axes(self, xlabel):
        d, bottom = self.d, self.y + self.h
        for value in self.ticks:
            _, y = self.at(self.xs[0], value)
            d.line(self.x, y, self.x + self.w, y)
            d.text(self.x - 8, y + 4, number(value), 11, "end", SOFT)
        for x in self.xs:
            px, _ = self.at(x, self.ticks[-1])
            d.line(px, self.y, px, bottom)
            d.line(px, bottom, px, bottom + 4, SOFT)
            d.text(px, bottom + 18, number(x), 11, "middle", SOFT)
        d.line(self.x, bottom, self.x + self.w, bottom, SOFT)
        d.text(self.x + self.w / 2, bottom + 36, xlabel, 12, "middle")

    def curve(self, look, points):
        where = [self.at(x, y) for x, y in points]
        self.d.path(where, look[1], look[2])
        for x, y in where:
            self.d.circle(x, y, 2.2 + look[2] / 2, look[1])

    def names(self, series):
        """On the right, each at the height of its curve's end, none upon another."""
        ends = sorted((self.at(*max(series[name]))[1], name) for name in series)
        rows = [y for y, _ in ends]
        gap = 16
        for _ in range(200):		# push apart what is too close
            for i in range(len(rows) - 1):
                near = gap - (rows[i + 1] - rows[i])
                if near > 0:
                    rows[i] -= near / 2
                    rows[i + 1] += near / 2
        lowest = self.y + self.h
        for i in reversed(range(len(rows))):
            rows[i] = min(rows[i], lowest)
            lowest = rows[i] - gap
        for y, (_, name) in zip(rows, ends):
            x, value = max(series[name])
            word, color, strong = LOOKS[name]
            left = self.x + self.w + 14
            self.d.line(left, y, left + 14, y, color, strong)
            where = f" at {number(x)}" if x < self.xs[-1] else ""
            self.d.text(left + 20, y + 4, f"{word}: {number(value)}{where}", 11.5,
                        color=color, bold=name == "hchan")


def read_series(lines, scenario):
    series = {}
    for line in lines:
        fields = line.split()
        if len(fields) == 5 and fields[0] == scenario and fields[2] in LOOKS:
            series.setdefault(fields[2], []).append(
                (int(fields[1]), float(fields[3])))
    return series


def panels(lines, path, title, below, wanted, log=False):
    """Two in a row; what was not measured leaves no hole."""
    there = [(w, read_series(lines, w[0])) for w in wanted]
    there = [(w, series) for w, series in there if series]
    if not there:
        return
    d, width, height, top = Drawing(1240), 612, 300, 76
    d.heading(title, below)
    for i, ((_, *words), series) in enumerate(there):
        Panel(d, 12 + i % 2 * width, top + i // 2 * height, width, height,
              log).draw(*words, series)
    d.write(path, top + (len(there) + 1) // 2 * height)


SCALE = (
    ("scale-operation", "Send + receive, each time on another one",
     "channels alive", "instructions"),
    ("scale-memory", "Memory of an idle one", "channels alive",
     "bytes charged, each (capacity 2)"),
    ("scale-create", "Making one", "channels made", "instructions, each"),
    ("scale-close", "Closing one", "channels closed", "instructions, each"),
    ("scale-exit", "Exit of the process that has them", "channels closed by it",
     "instructions, each"),
    ("waiters", "A message to one of those who wait, until it has it",
     "tasks that wait", "instructions"),
    ("close", "A close, until the last one has seen it",
     "receivers parked", "instructions, for each receiver"),
    ("waiter-memory", "Memory of a parked receive", "tasks parked",
     "bytes charged, each"),
)
SELECT = (
    ("select_rx", "Select, all ready", "channels", "instructions"),
    ("select_one", "Send to one, and the select that finds it", "channels",
     "instructions"),
    ("select_both", "Select over n sends, then over n receives", "channels",
     "instructions"),
    ("select_blocked", "Question, select that parks, answer", "channels",
     "instructions"),
)


def main():
    tsv, txt, svg = sys.argv[1:]
    beside = os.path.dirname(svg)
    with open(tsv, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    with open(txt, encoding="utf-8") as f:
        lines = f.readlines()
    ratios(rows, svg)
    panels(lines, os.path.join(beside, "scale.svg"),
           "Many channels, many who wait",
           "What one costs when there are many: flat is good. At the right, what it "
           "costs with the most.", SCALE)
    panels(lines, os.path.join(beside, "select.svg"), "Select",
           "By the number of channels; at the right, what it costs with the most. Both "
           "axes are logarithmic.", SELECT, True)


main()
