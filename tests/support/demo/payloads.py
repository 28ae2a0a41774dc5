# SPDX-License-Identifier: GPL-3.0-or-later
"""Sensor payloads as a haul truck and a smart home send them, each one different, from a fixed seed."""
import json
import math
import random
import struct

SECRET = "operator=Jane.Doe-4711"  # a plaintext that must never be found on the gateway's disk


def haul_truck(count, seed):
    """(topic, payload): JSON telemetry of a mining truck, every tenth a binary vibration block."""
    draw = random.Random(seed)
    for n in range(count):
        if n % 10 == 9:
            samples = [int(2000 * math.sin(i / 3 + n) + draw.gauss(0, 90)) for i in range(64)]
            yield "mine/truck-017/vibration/wheel-rl", struct.pack(">4sIQ64h", b"VIB1", n, seed, *samples)
        else:
            yield "mine/truck-017/telemetry", json.dumps({
                "n": n, "run": seed, "driver": SECRET,
                "speed_kmh": round(draw.uniform(0, 48), 1), "payload_t": round(draw.uniform(0, 290), 1),
                "engine": {"rpm": draw.randint(700, 1900), "coolant_c": round(draw.gauss(88, 3), 1),
                           "oil_kpa": draw.randint(280, 460)},
                "tyres_kpa": [draw.randint(660, 720) for _ in range(6)],
                "gps": [round(-23.36 + draw.uniform(-.01, .01), 6), round(119.73 + draw.uniform(-.01, .01), 6)],
            }).encode()


def smart_home(count, seed):
    """(topic, payload): what a home's hub hears, some of it with umlauts, some of it empty."""
    draw = random.Random(seed)
    rooms = ["küche", "bath", "living-room", "garage"]
    for n in range(count):
        room = draw.choice(rooms)
        kind = n % 5
        if kind == 4:
            yield f"home/{room}/presence", b"" if n % 3 else b"\x00\x01\xff" + struct.pack(">Q", n)
        else:
            yield f"home/{room}/climate", json.dumps({
                "n": n, "run": seed, "room": room, "resident": SECRET, "temperature_c": round(draw.gauss(21, 1.5), 2),
                "humidity_pct": draw.randint(30, 70), "window": draw.choice(["open", "closed"])}, ensure_ascii=False).encode()
