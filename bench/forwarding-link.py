"""
Carries IP packets between two network namespaces, each through a TUN device, as a link with a rate, a queue, a delay and loss.

    forwarding-link.py CLIENT SERVER RATE DELAY LOSS QUEUE

CLIENT and SERVER name the namespaces; RATE is in bits per second (0: unlimited), DELAY in ms one way, LOSS from 0 to 1, QUEUE in
bytes. Prints "ready" when both devices exist. Ends with its input. Many kernels lack tc's netem, and Node cannot open TUN devices.

Lines of its input change the link: "udp 0" drops UDP and "udp 1" passes it, "mtu N" drops longer IP packets without a report, and
"delay N" sets DELAY.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_HEADER = 0x1001
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def open_tun(namespace):
    with open("/run/netns/" + namespace) as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN_WITHOUT_HEADER))
    return device


def is_udp(packet):
    return packet[0] >> 4 == 4 and packet[9] == 17 or packet[0] >> 4 == 6 and packet[6] == 17


def main(client, server, rate, delay, loss, queue):
    devices = [open_tun(client), open_tun(server)]
    print("ready", flush=True)
    chance = random.Random(1)
    free_at = [0.0, 0.0]
    pending = []
    number = 0
    passes_udp, mtu = 1, 65536
    while True:
        now = time.monotonic()
        while pending and pending[0][0] <= now:
            _, _, to, packet = heapq.heappop(pending)
            try:
                os.write(devices[to], packet)
            except OSError:
                pass
        wait = max(0.0, pending[0][0] - now) if pending else None
        readable, _, _ = select.select([*devices, 0], [], [], wait)
        if 0 in readable:
            given = os.read(0, 1024).decode()
            if not given:
                return
            for name, value in (line.split() for line in given.splitlines()):
                if name == "udp":
                    passes_udp = int(value)
                elif name == "mtu":
                    mtu = int(value)
                elif name == "delay":
                    delay = float(value)
        for end, device in enumerate(devices):
            if device not in readable:
                continue
            for _ in range(64):
                try:
                    packet = os.read(device, 65536)
                except BlockingIOError:
                    break
                if len(packet) > mtu or (not passes_udp and is_udp(packet)):
                    continue
                now = time.monotonic()
                begun = max(now, free_at[end])
                if rate > 0 and (begun - now) * rate / 8 + len(packet) > queue:
                    continue
                free_at[end] = begun + (len(packet) * 8 / rate if rate > 0 else 0)
                if chance.random() < loss:
                    continue
                number += 1
                heapq.heappush(pending, (free_at[end] + delay / 1000, number, 1 - end, packet))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(float, sys.argv[3:7]))
