"""A network in one process: a switch between network namespaces that delays, loses and divides (the kernel need not have netem).

    unshare -Ur python3 delay-net.py PEERS DELAY_MS LOSS_PERCENT SEED

makes a namespace with one TAP device for each peer, 10.77.0.1 and on, and prints a line of JSON: its process id and the file descriptor of
each namespace, to be entered by `nsenter -t PID -U --preserve-credentials --net=/proc/PID/fd/FD`. Then it reads commands, a line each,
and answers each with a line of JSON, the counts so far: `cut 1,2|3,4` lets only peers of one group reach each other, `heal` all of them,
`count` changes nothing. It ends with its input.
"""
import ctypes
import fcntl
import heapq
import json
import os
import random
import selectors
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, IFF_UP = 0x8914, 0x8916, 0x891C, 1
FRAME = 2048
READS = 64


def address(name, number, request, control):
    """Sets an IPv4 address or a mask of a device."""
    told = struct.pack("16sH2s4s8s", name, socket.AF_INET, b"", socket.inet_aton(number), b"")
    fcntl.ioctl(control, request, told)


def namespace(number):
    """A new namespace with a TAP device, both kept open: they go with this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"peer0", IFF_TAP | IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        address(b"peer0", f"10.77.0.{number}", SIOCSIFADDR, control)
        address(b"peer0", "255.255.255.0", SIOCSIFNETMASK, control)
        for name in (b"lo", b"peer0"):
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", name, IFF_UP))
    return tap, os.open("/proc/self/ns/net", os.O_RDONLY)


class Switch:
    def __init__(self, taps, delay, loss, seed):
        self.taps, self.delay, self.loss = taps, delay, loss
        self.random = random.Random(seed)
        self.places = {}
        self.group = None
        self.waiting = []
        self.count = {"passed": 0, "lost": 0, "cut": 0}

    def take(self, port, frame):
        """Learns where the sender is; sends on to the receiver, or to all where nobody knows it."""
        self.places[frame[6:12]] = port
        known = self.places.get(frame[0:6])
        for to in range(len(self.taps)) if known is None else [known]:
            if to != port:
                self.forward(port, to, frame)

    def forward(self, port, to, frame):
        if self.group is not None and self.group.get(port) != self.group.get(to):
            self.count["cut"] += 1
        elif self.random.random() < self.loss:
            self.count["lost"] += 1
        else:
            self.count["passed"] += 1
            heapq.heappush(self.waiting, (time.monotonic() + self.delay, self.count["passed"], to, frame))

    def deliver(self):
        """Hands over what is due; seconds until the next is."""
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, to, frame = heapq.heappop(self.waiting)
            try:
                os.write(self.taps[to], frame)
            except OSError:
                self.count["lost"] += 1
        return None if not self.waiting else max(0, self.waiting[0][0] - time.monotonic())

    def command(self, line):
        word, _, rest = line.partition(" ")
        if word == "cut":
            parts = enumerate(rest.split("|"))
            self.group = {int(peer) - 1: number for number, part in parts for peer in part.split(",")}
        elif word == "heal":
            self.group = None


def main():
    peers, delay, loss, seed = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    made = [namespace(number + 1) for number in range(peers)]
    switch = Switch([tap for tap, _ in made], delay / 1000, loss / 100, seed)
    ready = selectors.DefaultSelector()
    for port, (tap, _) in enumerate(made):
        ready.register(tap, selectors.EVENT_READ, port)
    ready.register(sys.stdin.fileno(), selectors.EVENT_READ, None)
    print(json.dumps({"pid": os.getpid(), "namespaces": [fd for _, fd in made]}), flush=True)
    text = b""
    while True:
        for key, _ in ready.select(switch.deliver()):
            if key.data is None:
                read = os.read(key.fd, FRAME)
                if not read:
                    return
                *lines, text = (text + read).split(b"\n")
                for line in lines:
                    switch.command(line.decode())
                    print(json.dumps(switch.count), flush=True)
                continue
            for _ in range(READS):
                try:
                    switch.take(key.data, os.read(key.fd, FRAME))
                except BlockingIOError:
                    break


main()
