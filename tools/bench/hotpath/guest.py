# SPDX-License-Identifier: GPL-2.0-only
"""A guest, what it has executed, and what lies in its memory.

The emulator translates one instruction at a time and logs the address of each
that it executes. It does so only between two words of the program in the guest
(paths.c), as it is a thousand times slower then. All of it is QEMU's monitor; nothing
is asked of the guest's kernel.
"""

import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time

PAGE = 4096
# An address that is executed, or one that was announced and then was not.
EXECUTED = re.compile(rb"\[[0-9a-f]*/([0-9a-f]+)/|^Stopped [^[]*\[([0-9a-f]+)\]",
                      re.M)


class GuestError(Exception):
    pass


class Guest:
    """One boot that walks through the paths that it is given."""

    def __init__(self, run, kernel, module, program, count, paths):
        self.dir = tempfile.mkdtemp(prefix="hchan-profile-")
        self.output = open(self._file("output"), "w+b")
        monitor, port = self._file("monitor"), self._file("port")
        self.process = subprocess.Popen(
            [run, "--kernel", kernel, "--module", module, "--icount",
             "--append", "nokaslr", "--timeout", "3000",
             "--qemu", f"-monitor unix:{monitor},server=on,wait=off "
             f"-chardev socket,id=paths,path={port},server=on,wait=off "
             "-serial chardev:paths",
             "--add", f"{program}:/opt/paths", "/opt/paths", str(count), *paths],
            stdout=self.output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL)
        os.mkfifo(self._file("log"))
        # Both ends, so that it never ends.
        self.log = os.open(self._file("log"), os.O_RDWR | os.O_NONBLOCK)
        self.received = b""
        self.port = self._connect(port)
        self.monitor = self._connect(monitor)
        self._answer()
        # QEMU has changed the name.
        self.single_step = "one-insn-per-tb"
        if "unknown command" in self.command(f"{self.single_step} off"):
            self.single_step = "singlestep"

    def _file(self, name):
        return os.path.join(self.dir, name)

    def _connect(self, path):
        end = time.monotonic() + 120
        while True:
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect(path)
                return s
            except OSError:
                s.close()
                self._alive()
                if time.monotonic() > end:
                    raise GuestError("the emulator does not start") from None
                time.sleep(0.1)

    def text(self):
        with open(self._file("output"), "rb") as f:
            return f.read().decode(errors="replace")

    def _alive(self):
        if self.process.poll() is not None:
            raise GuestError("the guest is gone:\n" + self.text()[-2000:])

    def _answer(self):
        """What the monitor says, up to its prompt."""
        answer = b""
        while not answer.endswith(b"(qemu) "):
            if not select.select([self.monitor], [], [], 120)[0]:
                raise GuestError("the monitor does not answer")
            piece = self.monitor.recv(65536)
            if not piece:
                raise GuestError("the emulator is gone:\n" + self.text()[-2000:])
            answer += piece
        return answer.decode(errors="replace")

    def command(self, line):
        self.monitor.sendall(line.encode() + b"\n")
        return self._answer()

    def _words(self, timeout):
        """The next line that the program says over its port; None: not yet."""
        end = time.monotonic() + timeout
        while b"\n" not in self.received:
            left = end - time.monotonic()
            if left < 0 or not select.select([self.port], [], [], left)[0]:
                return None
            piece = self.port.recv(4096)
            if not piece:
                raise GuestError("the guest is gone:\n" + self.text()[-2000:])
            self.received += piece
        line, self.received = self.received.split(b"\n", 1)
        return line.decode().split()

    def _drain(self, log):
        while True:
            try:
                piece = os.read(self.log, 1 << 20)
            except BlockingIOError:
                return
            log.append(piece)

    def symbols(self):
        """The addresses of the marks, and of all that is code in the kernel."""
        end = time.monotonic() + 60
        while "\nsymbols done" not in (text := self.text()):
            if time.monotonic() > end:
                raise GuestError("the guest does not tell its symbols")
            self._alive()
            time.sleep(0.2)
        marks = re.search(r"marks (\S+) (\S+) skip (\d+)", text)
        symbols = []
        for m in re.finditer(r"^([0-9a-f]{16}) [tTwW] (\S+)(?:\t\[(\S+)\])?",
                             text, re.M):
            symbols.append((int(m[1], 16), m[2], m[3] or ""))
        return int(marks[1], 16), int(marks[2], 16), int(marks[3]), symbols

    def next_path(self):
        """Waits until the next path can be looked at. Returns its name."""
        words = None
        end = time.monotonic() + 300
        while not words:
            if time.monotonic() > end:
                raise GuestError("the guest does not go on")
            self._alive()
            words = self._words(1)
        if words[0] != "ready":
            raise GuestError(f"the guest says {words}")
        return words[1]

    def trace(self):
        """Looks at it. Returns the addresses, in the order of execution."""
        log = []
        self.command("stop")
        self.command(f"{self.single_step} on")
        self.command(f"logfile {self._file('log')}")
        self.command("log exec,nochain")
        self.command("cont")
        self.port.sendall(b"g")
        end = time.monotonic() + 300
        while not (words := self._words(0)):
            if time.monotonic() > end:
                raise GuestError("this takes too long")
            self._alive()
            select.select([self.log, self.port], [], [], 1)
            self._drain(log)
        if words[0] != "done":
            raise GuestError(f"the guest says {words}")
        # The monitor must get its turn while the guest waits for the log to
        # be read.
        self.monitor.sendall(b"stop\n")
        while not select.select([self.monitor], [], [], 0.01)[0]:
            self._drain(log)
        self._answer()
        self.command("log none")
        self._drain(log)
        self.command(f"{self.single_step} off")
        return addresses(b"".join(log))

    def resume(self):
        self.command("cont")

    def memory(self, pages):
        """The bytes of these pages of the kernel, while it is stopped."""
        content = {}
        pages = sorted(pages)
        while pages:
            n = 1
            while n < len(pages) and pages[n] == pages[0] + n * PAGE:
                n += 1
            path = self._file("memory")
            answer = self.command(f"memsave {pages[0]:#x} {n * PAGE} {path}")
            with open(path, "rb") as f:
                data = f.read()
            if len(data) != n * PAGE:
                raise GuestError(f"no memory at {pages[0]:#x}: {answer}")
            for i in range(n):
                content[pages[i]] = data[i * PAGE:(i + 1) * PAGE]
            del pages[:n]
        return content

    def end(self):
        """Returns what the guest came to: 0 is good."""
        return self.process.wait(timeout=120)

    def close(self):
        if self.process.poll() is None:
            try:
                self.command("quit")
                self.process.wait(timeout=30)
            except (GuestError, OSError, subprocess.TimeoutExpired):
                self.process.terminate()
        self.output.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def addresses(log):
    """The log's addresses as integers, without what was only announced."""
    out = []
    for executed, announced in EXECUTED.findall(log):
        if executed:
            out.append(int(executed, 16))
        elif out and out[-1] == int(announced, 16):
            out.pop()
    return out
