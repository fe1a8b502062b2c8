# SPDX-License-Identifier: GPL-2.0-only
"""A guest, what it has executed, and what lies in its memory.

The emulator translates one instruction at a time and logs the address of each
that it executes. It does so only between two words of the program in the guest
(paths.c), as it is a thousand times slower then. All of it is QEMU's monitor; nothing
is asked of the guest's kernel.
"""

import json
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
             "--qemu", f"-qmp unix:{monitor},server=on,wait=off "
             f"-chardev socket,id=paths,path={port},server=on,wait=off "
             "-serial chardev:paths",
             "--add", f"{program}:/opt/paths", "/opt/paths", str(count), *paths],
            stdout=self.output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL)
        os.mkfifo(self._file("log"))
        # Both ends, so that it never ends.
        self.log = os.open(self._file("log"), os.O_RDWR | os.O_NONBLOCK)
        self.logged = []
        self.received = self.replies = b""
        self.port = self.monitor = None
        try:
            self._introduce(port, monitor)
        except BaseException:
            self.close()
            raise

    def _introduce(self, port, monitor):
        self.port = self._connect(port)
        self.monitor = self._connect(monitor)
        self._answer()
        self.command("qmp_capabilities")
        # QEMU has changed the name.
        self.single_step = "one-insn-per-tb"
        if "unknown command" in self.console(f"{self.single_step} off"):
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
        """The monitor's next message that is no event."""
        end = time.monotonic() + 120
        while True:
            while b"\n" in self.replies:
                line, self.replies = self.replies.split(b"\n", 1)
                message = json.loads(line)
                if "event" not in message:
                    return message
            # It must not wait for an emulator that waits for the log's reader.
            ready = select.select([self.monitor, self.log], [], [], 1)[0]
            self._drain()
            if time.monotonic() > end:
                raise GuestError("the monitor does not answer")
            if self.monitor not in ready:
                continue
            piece = self.monitor.recv(65536)
            if not piece:
                raise GuestError("the emulator is gone:\n" + self.text()[-2000:])
            self.replies += piece

    def command(self, name, **arguments):
        request = {"execute": name, "arguments": arguments}
        self.monitor.sendall(json.dumps(request).encode() + b"\n")
        answer = self._answer()
        if "return" not in answer:
            raise GuestError(f"the monitor to {name} {arguments}: {answer}")
        return answer["return"]

    def console(self, line):
        """A command that is there for people only. Returns what it says."""
        return self.command("human-monitor-command", **{"command-line": line})

    def _words(self, timeout):
        """The next line that the program says over its port; None: not yet."""
        end = time.monotonic() + timeout
        while b"\n" not in self.received:
            left = max(end - time.monotonic(), 0)
            if not select.select([self.port], [], [], left)[0]:
                return None
            piece = self.port.recv(4096)
            if not piece:
                raise GuestError("the guest is gone:\n" + self.text()[-2000:])
            self.received += piece
        line, self.received = self.received.split(b"\n", 1)
        return line.decode().split()

    def _drain(self):
        while True:
            try:
                self.logged.append(os.read(self.log, 1 << 20))
            except BlockingIOError:
                return

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
        self.command("stop")
        self.logged = []
        self.console(f"{self.single_step} on")
        self.console(f"logfile {self._file('log')}")
        self.console("log exec,nochain")
        # As many as make the port interrupt at once.
        self.port.sendall(16 * b"g")
        self.command("cont")
        end = time.monotonic() + 300
        while not (words := self._words(0)):
            if time.monotonic() > end:
                raise GuestError("this takes too long")
            self._alive()
            select.select([self.log, self.port], [], [], 1)
            self._drain()
        if words[0] != "done":
            raise GuestError(f"the guest says {words}")
        self.command("stop")
        self.console("log none")
        self._drain()
        self.console(f"{self.single_step} off")
        return addresses(b"".join(self.logged))

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
            # The protocol's numbers have a sign.
            self.command("memsave", val=pages[0] - (1 << 64), size=n * PAGE,
                         filename=path)
            with open(path, "rb") as f:
                data = f.read()
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
                if self.monitor:
                    self.command("quit")
                    self.process.wait(timeout=30)
            except (GuestError, OSError, subprocess.TimeoutExpired):
                pass
        if self.process.poll() is None:
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
