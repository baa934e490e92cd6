#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Registrations a second over loopback HTTP, the kernel faked, with grants that are kept.

usage: load.py DAMCD

The daemon has one core, this program the other. Requests are written ahead on several
connections (pipelined), for it is the daemon's time that is measured.
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

CONNECTIONS = 16
NAMES = 500
ROUNDS = 3

CONF = """\
role: sg
insecure-lab: {{node: sg1}}
state: {dir}/state
control: {dir}/control
log-level: warning
edges:
  - {{interface: lo, pod: /pod/sg1/1, listen: ["unix:{dir}/pod"]}}
timers: {{drain: 0ms}}
"""


def request(method, path, body=""):
    """Its bytes."""
    return (f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            f"{body}").encode()


def run(socks, batches, status):
    """Each connection's requests, answered: seconds."""
    start = time.perf_counter()
    for sock, batch in zip(socks, batches):
        sock.sendall(b"".join(batch))
    for sock, batch in zip(socks, batches):
        got, want = b"", len(batch)
        while got.count(b"HTTP/1.1 ") < want or not got.endswith((b"\n", b"\r\n\r\n")):
            got += sock.recv(1 << 20)
        assert got.count(b"HTTP/1.1 " + status) == want, got[:500]
    return time.perf_counter() - start


def cpu(pid):
    """Seconds that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(daemon, path):
    """Rounds of registering and withdrawing all names."""
    socks = []
    for _ in range(CONNECTIONS):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        socks.append(sock)
    for number in range(ROUNDS + 1):
        post = [[request("POST", "/v1/names", f'{{"name": "/s{c}/{i}", "lease": 600}}')
                 for i in range(NAMES)] for c in range(CONNECTIONS)]
        delete = [[request("DELETE", f"/v1/names/s{c}/{i}") for i in range(NAMES)]
                  for c in range(CONNECTIONS)]
        before = cpu(daemon.pid)
        wall = run(socks, post, b"201")
        used = cpu(daemon.pid) - before
        run(socks, delete, b"204")
        total = CONNECTIONS * NAMES
        what = "asked" if not number else "grants kept"
        print(f"{total} registrations, {what}: {wall:.3f} s wall, {used:.2f} s of its CPU, "
              f"{total / wall:.0f}/s wall, {total / max(used, 0.01):.0f}/s of CPU")


def main():
    """Start the daemon, measure, end it."""
    with tempfile.TemporaryDirectory() as directory:
        conf = directory + "/conf"
        with open(conf, "w", encoding="utf-8") as file:
            file.write(CONF.format(dir=directory))
        daemon = subprocess.Popen(["taskset", "-c", "0", sys.argv[1], "-c", conf])
        try:
            while not os.path.exists(directory + "/pod"):
                time.sleep(0.05)
            os.sched_setaffinity(0, {os.cpu_count() - 1})
            measure(daemon, directory + "/pod")
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(20)


if __name__ == "__main__":
    main()
