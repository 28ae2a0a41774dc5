# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a broker waits for an acknowledgement, seen from outside: the packets of its port on the loopback interface.
Neither side knows that it is watched. Source: MQTT 5.0 (OASIS) sections 2.1, 3.3, 3.4."""
import socket
import struct
import threading
import time

ETH_P_IP = 0x0800
SO_RCVBUFFORCE = 33  # Python does not name it
ETHERNET_BYTES = 14
BUFFER_BYTES = 16 << 20
PUBLISH, PUBACK = 3, 4


class Stream:
    """One direction of a TCP connection, seen from its beginning, cut into MQTT packets."""

    def __init__(self):
        self.next = None
        self.bytes = bytearray()

    def packets(self, sequence, syn, payload):
        if syn:
            self.next = (sequence + 1) & 0xFFFFFFFF
        if not payload or sequence != self.next:  # nothing, again, or a connection that was there before
            return
        self.next = (sequence + len(payload)) & 0xFFFFFFFF
        self.bytes += payload
        at = 0
        while (end := self.end_of_packet(at)) is not None:
            yield self.bytes[at], self.bytes[self.body:end]
            at = end
        del self.bytes[:at]

    def end_of_packet(self, at):
        length, shift, self.body = 0, 0, at + 1
        while self.body < len(self.bytes):
            digit = self.bytes[self.body]
            length |= (digit & 0x7F) << shift
            shift += 7
            self.body += 1
            if digit < 0x80:
                end = self.body + length
                return end if end <= len(self.bytes) else None
        return None


class AckWatch:
    """From PUBLISH to PUBACK of every QoS 1 message that the broker at `port` sends."""

    def __init__(self, port):
        self.port, self.streams, self.sent, self.waits_s = port, {}, {}, []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
        self.socket.bind(("lo", ETH_P_IP))
        self.socket.settimeout(0.1)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        self.socket.close()

    def run(self):
        while not self.ended.is_set():
            try:
                frame = self.socket.recv(1 << 17)
            except TimeoutError:
                continue
            self.look(frame[ETHERNET_BYTES:], time.monotonic())

    def look(self, ip, now_s):
        if ip[9] != socket.IPPROTO_TCP:
            return
        tcp = ip[(ip[0] & 0xF) * 4:]
        source, target, sequence = struct.unpack_from("!HHI", tcp)
        if self.port not in (source, target):
            return
        stream = self.streams.setdefault((source, target), Stream())
        for first, body in stream.packets(sequence, tcp[13] & 2, tcp[(tcp[12] >> 4) * 4:]):
            if source == self.port and first >> 4 == PUBLISH and first & 6 == 2:
                topic_bytes, = struct.unpack_from("!H", body)
                self.sent[struct.unpack_from("!H", body, 2 + topic_bytes)[0]] = now_s
            elif target == self.port and first >> 4 == PUBACK:
                came_s = self.sent.pop(struct.unpack_from("!H", body)[0], None)
                if came_s is not None:
                    self.waits_s.append(now_s - came_s)

    def percentiles_ms(self, *percents):
        waits = sorted(self.waits_s)
        return [waits[min(len(waits) - 1, len(waits) * percent // 100)] * 1000 for percent in percents]
