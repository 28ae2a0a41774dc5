# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills a spool that edgeseal has made with batches that wait for their sink. The tables: docs/spool-format.md."""
import hashlib
import os
import sqlite3

OBJECT_BYTES = 256 * 1024
SEALED_US = 1_795_511_703_123_456
RECORDS = 4000


def fill(path, gib):
    db = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "BEGIN"):
        db.execute(statement)
    db.execute("INSERT INTO routes (route) VALUES ('telemetry') ON CONFLICT DO NOTHING")
    tip, = db.execute("SELECT tip_sequence FROM routes WHERE route = 'telemetry'").fetchone()
    count = int(gib * (1 << 30) / OBJECT_BYTES)
    for sequence in range(tip + 1, tip + count + 1):
        sealed = os.urandom(OBJECT_BYTES)
        digest = hashlib.sha256(sealed).digest()
        row = db.execute(
            "INSERT INTO batches (route, sequence, batch_id, kind, digest, bytes, records, sealed_us, priority, object) "
            "VALUES ('telemetry', ?, ?, 'batch', ?, ?, ?, ?, 5, ?)",
            (sequence, os.urandom(16), digest, OBJECT_BYTES, RECORDS, SEALED_US, sealed)).lastrowid
        db.execute("INSERT INTO deliveries (batch_row, sink, priority) VALUES (?, 'out', 5)", (row,))
    db.execute("UPDATE routes SET tip_sequence = ?, tip_digest = ?, batches = batches + ?, bytes = bytes + ?",
               (tip + count, digest, count, count * OBJECT_BYTES))
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    with open(path, "rb") as file:  # or the disk would still be busy with it while commits are timed
        os.fsync(file.fileno())
