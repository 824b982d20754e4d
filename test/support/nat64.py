"""
A NAT64 (RFC 6146): translates IPv6 packets to 64:ff9b::/96 into IPv4, and the answers back. It knows UDP and TCP, no fragments, and
no ICMP. Each IPv6 host gets an address of the pool, so that ports stay.

    nat64.py POOL

POOL is the first three bytes of a /24, as "10.9.64". Routes both prefixes to a TUN device of this network namespace, and prints
"ready". Ends with its input.
"""

import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_HEADER = 0x1001
PREFIX = socket.inet_pton(socket.AF_INET6, "64:ff9b::")[:12]
# Where the checksum is in the header of each protocol.
CHECKSUM_AT = {6: 16, 17: 6}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def with_checksum(payload, protocol, pseudo_header):
    at = CHECKSUM_AT[protocol]
    blank = payload[:at] + b"\0\0" + payload[at + 2 :]
    return payload[:at] + struct.pack("!H", checksum(pseudo_header + blank) or 0xFFFF) + payload[at + 2 :]


class Translator:
    def __init__(self, pool):
        self.pool = socket.inet_aton(pool + ".0")[:3]
        self.hosts = []

    def to_ipv4(self, packet):
        source, target, protocol, payload = packet[8:24], packet[24:40], packet[6], packet[40:]
        if target[:12] != PREFIX or protocol not in CHECKSUM_AT or len(payload) < 8:
            return None
        if source not in self.hosts:
            if len(self.hosts) == 250:
                return None
            self.hosts.append(source)
        addresses = self.pool + bytes([self.hosts.index(source) + 1]) + target[12:]
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, packet[7] - 1, protocol, 0) + addresses
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        return header + with_checksum(payload, protocol, addresses + struct.pack("!HH", protocol, len(payload)))

    def to_ipv6(self, packet):
        source, target, protocol, payload = packet[12:16], packet[16:20], packet[9], packet[20:]
        host = target[3] - 1
        if target[:3] != self.pool or not 0 <= host < len(self.hosts) or protocol not in CHECKSUM_AT or len(payload) < 8:
            return None
        addresses = PREFIX + source + self.hosts[host]
        header = struct.pack("!IHBB", 0x60000000, len(payload), protocol, packet[8] - 1) + addresses
        return header + with_checksum(payload, protocol, addresses + struct.pack("!II", len(payload), protocol))


def main(pool):
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"nat64", IFF_TUN_WITHOUT_HEADER))
    subprocess.check_call(["ip", "link", "set", "nat64", "up"])
    subprocess.check_call(["ip", "route", "add", "64:ff9b::/96", "dev", "nat64"])
    subprocess.check_call(["ip", "route", "add", pool + ".0/24", "dev", "nat64"])
    print("ready", flush=True)
    translator = Translator(pool)
    while True:
        readable, _, _ = select.select([device, 0], [], [])
        if 0 in readable and not os.read(0, 1024):
            return
        if device in readable:
            packet = os.read(device, 65536)
            translated = translator.to_ipv6(packet) if packet[0] >> 4 == 4 else translator.to_ipv4(packet)
            if translated is not None:
                os.write(device, translated)


if __name__ == "__main__":
    main(sys.argv[1])
