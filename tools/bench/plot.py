#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws the benchmark: plot.py RATIOS.tsv LINES.txt OUT.svg"""

import math
import sys
from html import escape

WIDTH = 980
LEFT = 290
COLORS = {"hchan": "#1565c0", "eventfd": "#e65100", "pipe": "#2e7d32",
          "futex": "#6a1b9a", "unix-seqpacket": "#795548",
          "hchan-set": "#64b5f6", "poll": "#2e7d32", "epoll": "#e65100",
          "futex_waitv": "#6a1b9a"}
VERDICTS = {"aim": "#2e7d32", "gate": "#f9a825", "MISSED": "#c62828"}


class Drawing:
    def __init__(self):
        self.parts = []
        self.y = 10

    def text(self, x, y, text, size=12, anchor="start", color="#222"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{color}">{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, color="#bbb", width=1.0, dash=""):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{color}" stroke-width="{width}" '
            f'stroke-dasharray="{dash}"/>')

    def rect(self, x, y, w, h, color):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" '
                          f'height="{h:.1f}" fill="{color}"/>')

    def circle(self, x, y, color):
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>')

    def title(self, text):
        self.y += 28
        self.text(12, self.y, text, 16)
        self.y += 16

    def write(self, path):
        height = self.y + 20
        with open(path, "w", encoding="utf-8") as out:
            out.write('<?xml version="1.0" encoding="UTF-8"?>\n'
                      '<svg xmlns="http://www.w3.org/2000/svg" '
                      f'width="{WIDTH}" height="{height}" '
                      'font-family="sans-serif">\n'
                      '<rect width="100%" height="100%" fill="#fff"/>\n')
            out.write("\n".join(self.parts))
            out.write("\n</svg>\n")


def ratios(d, rows):
    """A bar for each shape; 1 is as expensive as the peer."""
    most = 2.0
    scale = (WIDTH - LEFT - 80) / most
    d.title("Ratio to the peer, and the gate (solid) and aim (dashed) of each")
    top = d.y
    for name, ratio, gate, aim, verdict in rows:
        ratio, gate, aim = float(ratio), float(gate), float(aim)
        d.text(LEFT - 8, d.y + 12, name, 12, "end")
        d.rect(LEFT, d.y + 2, min(ratio, most) * scale, 12, VERDICTS[verdict])
        d.text(LEFT + min(ratio, most) * scale + 5, d.y + 12,
               f"{ratio:.2f}", 11)
        for x, dash in ((gate, ""), (aim, "2,2")):
            d.line(LEFT + x * scale, d.y, LEFT + x * scale, d.y + 16,
                   "#000", 1.5, dash)
        d.y += 19
    for i in range(5):
        x = i * most / 4
        d.line(LEFT + x * scale, top, LEFT + x * scale, d.y, "#ddd")
        d.text(LEFT + x * scale, d.y + 14, f"{x:g}", 11, "middle")
    d.y += 22


def steps(top):
    """Round numbers from 0 to what is at least top."""
    size = 10 ** math.floor(math.log10(max(top, 1) / 4))
    while size * 5 < top:
        size *= 2
    return [size * i for i in range(math.ceil(top / size) + 1)]


def curves(d, title, xlabel, ylabel, series):
    """series: {name: [(x, y), ...]}, x on a logarithmic axis."""
    if not series:
        return
    d.title(title)
    height, left = 220, 90
    width = WIDTH - left - 190
    xs = [x for points in series.values() for x, _ in points]
    ticks = steps(max(y for points in series.values() for _, y in points))
    top = ticks[-1] or 1
    low = math.log10(min(xs))
    span = max(math.log10(max(xs)) - low, 1e-9)

    def at(x, y):
        return (left + (math.log10(x) - low) / span * width,
                d.y + height - y / top * height)

    for value in ticks:
        _, y = at(min(xs), value)
        d.line(left, y, left + width, y, "#ddd")
        d.text(left - 6, y + 4, f"{value:,.0f}", 11, "end")
    for x in sorted(set(xs)):
        px, _ = at(x, 0)
        d.text(px, d.y + height + 16, f"{x:,}", 11, "middle")
    placed = []
    for name, points in sorted(series.items(), key=lambda s: -s[1][-1][1]):
        color = COLORS.get(name, "#555")
        where = [at(x, y) for x, y in sorted(points)]
        for (x1, y1), (x2, y2) in zip(where, where[1:]):
            d.line(x1, y1, x2, y2, color, 2)
        for x, y in where:
            d.circle(x, y, color)
        y = where[-1][1] + 4
        while any(abs(y - other) < 13 for other in placed):
            y += 13
        placed.append(y)
        d.text(left + width + 8, y, name, 12, "start", color)
    d.text(left + width, d.y + height + 34, f"{xlabel}; {ylabel}", 11, "end")
    d.y += height + 36


def read_series(lines, scenario):
    series = {}
    for line in lines:
        fields = line.split()
        if len(fields) == 5 and fields[0] == scenario:
            series.setdefault(fields[2], []).append(
                (int(fields[1]), float(fields[3])))
    return series


def main():
    tsv, txt, svg = sys.argv[1:]
    with open(tsv, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    with open(txt, encoding="utf-8") as f:
        lines = f.readlines()
    d = Drawing()
    ratios(d, rows)
    for scenario, title, xlabel, ylabel in (
            ("scale-operation", "Send + receive with others alive",
             "channels alive", "instructions"),
            ("scale-memory", "Memory of a channel with others alive",
             "channels alive", "bytes"),
            ("scale-create", "Creating one of many, on average",
             "channels made", "instructions"),
            ("scale-exit", "Exit of the process that holds them, for each",
             "channels held", "instructions"),
            ("waiters", "A message to one of those who wait", "waiters",
             "instructions"),
            ("waiter-memory", "Memory of a parked receiver", "waiters",
             "bytes"),
            ("close", "A close, for each receiver that is parked",
             "parked receivers", "instructions")):
        curves(d, title, xlabel, ylabel, read_series(lines, scenario))
    for scenario, title in (("select_rx", "Select, all ready"),
                            ("select_blocked", "Select that parks")):
        series = read_series(lines, scenario)
        curves(d, title, "channels", "instructions", series)
    d.write(svg)


main()
