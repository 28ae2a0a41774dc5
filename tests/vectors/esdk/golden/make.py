#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes golden.json and the messages it names: AWS Encryption SDK messages whose every input byte is given.

A second implementation of the format, from the specification's text and not from crypto/envelope, on python3-cryptography
alone. `make.py --check` compares with the files that are there and writes nothing.
Source: AWS Encryption SDK specification, data-format/message-header.md, message-body.md, message-body-aad.md,
framework/algorithm-suites.md (suite 0x0478).
"""
import json
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HERE = pathlib.Path(__file__).resolve().parent
PATTERN = b'{"sensor":"plant/7","value":42}\n'


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def field(value):
    return u16(len(value)) + value


def hkdf(data_key, message_id, info):
    return HKDF(algorithm=SHA512(), length=32, salt=message_id, info=info).derive(data_key)


def aad_of(context):
    if not context:
        return b""
    pairs = sorted((key.encode(), value.encode()) for key, value in context.items())
    return u16(len(pairs)) + b"".join(field(key) + field(value) for key, value in pairs)


def seal(plaintext, data_key, message_id, context, edks, frame_bytes):
    message = b"\x02\x04\x78" + message_id + field(aad_of(context)) + u16(len(edks))
    for provider_id, info, ciphertext in edks:
        message += field(provider_id.encode()) + field(info.encode()) + field(ciphertext)
    message += b"\x02" + u32(frame_bytes) + hkdf(data_key, message_id, b"COMMITKEY")
    gcm = AESGCM(hkdf(data_key, message_id, b"\x04\x78DERIVEKEY"))
    message += gcm.encrypt(bytes(12), b"", message)  # over nothing: the tag alone

    pieces = [plaintext[at:at + frame_bytes] for at in range(0, len(plaintext), frame_bytes)] or [b""]
    for number, piece in enumerate(pieces, start=1):
        final = number == len(pieces)
        kind = b"AWSKMSEncryptionClient Final Frame" if final else b"AWSKMSEncryptionClient Frame"
        iv = struct.pack(">QI", 0, number)
        aad = message_id + kind + u32(number) + struct.pack(">Q", len(piece))
        if final:
            message += b"\xff\xff\xff\xff" + u32(number) + iv + u32(len(piece))
        else:
            message += u32(number) + iv
        message += gcm.encrypt(iv, piece, aad)
    return message


ONE_EDK = [("edgeseal", "mine-2026", bytes(range(256)))]
MANY_EDKS = [
    ("aws-kms-rsa", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
     bytes((7 * i) & 0xff for i in range(512))),
    ("edgeseal", "mine-2026", bytes((3 * i + 1) & 0xff for i in range(384))),
    ("größe", "Schlüssel 七", bytes(range(256))),
    ("n", "", b"\x00"),
]
GATEWAY = {"gateway": "truck-017", "route": "telemetry", "seq": "12"}
# Sorted by UTF-8 bytes this is another order than by UTF-16 units (U+FB00 before U+1D11E) or by a locale's alphabet.
UNICODE = {"größe": "42 µm", "機械": "七號", "🚚": "017", "\U0001d11e": "1", "\ufb00": "2", "Z": "upper", "a": "lower",
           "aa": "longer", "é": ""}

CASES = [
    # name, bytes of plaintext, frame bytes, context, EDKs
    ("empty-plaintext", 0, 65536, GATEWAY, ONE_EDK),
    ("empty-plaintext-frame-1", 0, 1, {}, ONE_EDK),
    ("one-byte", 1, 65536, GATEWAY, ONE_EDK),
    ("one-byte-frame-1", 1, 1, GATEWAY, ONE_EDK),
    ("one-short-of-a-frame", 15, 16, GATEWAY, ONE_EDK),
    ("exactly-one-frame", 16, 16, GATEWAY, ONE_EDK),
    ("one-frame-and-one-byte", 17, 16, GATEWAY, ONE_EDK),
    ("exactly-three-frames", 48, 16, GATEWAY, ONE_EDK),
    ("many-frames", 4777, 16, GATEWAY, ONE_EDK),  # 299 frames: numbers beyond one byte
    ("default-frame-filled", 65536, 65536, GATEWAY, ONE_EDK),
    ("default-frame-and-one-byte", 65537, 65536, GATEWAY, ONE_EDK),
    ("empty-context", 100, 65536, {}, ONE_EDK),
    ("empty-context-value", 100, 65536, {"nothing": ""}, ONE_EDK),
    ("unicode-context", 100, 65536, UNICODE, ONE_EDK),
    ("several-edks", 100, 64, UNICODE, MANY_EDKS),
]


def main(check):
    described, wrong = [], []

    def keep(name, content):
        path = HERE / name
        if check and (not path.exists() or path.read_bytes() != content):
            wrong.append(name)
        elif not check:
            path.write_bytes(content)

    for index, (name, size, frame_bytes, context, edks) in enumerate(CASES):
        data_key = bytes((31 * i + 17 * index + 5) & 0xff for i in range(32))
        message_id = bytes((13 * i + 29 * index + 3) & 0xff for i in range(32))
        plaintext = (PATTERN * (size // len(PATTERN) + 1))[:size]
        keep(name + ".bin", seal(plaintext, data_key, message_id, context, edks, frame_bytes))
        described.append({
            "name": name, "message": name + ".bin", "plaintext_bytes": size, "frame_bytes": frame_bytes,
            "data_key": data_key.hex(), "message_id": message_id.hex(), "context": context,
            "edks": [{"provider_id": p, "provider_info": i, "ciphertext": c.hex()} for p, i, c in edks],
        })
    about = "Made by make.py. The plaintext is `pattern` repeated and cut to plaintext_bytes."
    text = json.dumps({"about": about, "pattern": PATTERN.decode(), "messages": described}, indent=1, ensure_ascii=False)
    keep("golden.json", text.encode() + b"\n")
    if wrong:
        sys.exit("differ from what make.py makes: " + ", ".join(wrong))


main(sys.argv[1:] == ["--check"])
