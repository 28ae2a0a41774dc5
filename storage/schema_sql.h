// SPDX-License-Identifier: GPL-3.0-or-later
// The spool's tables, by version of the format. docs/spool-format.md draws them.
#pragma once

namespace edgeseal::storage::sql {

inline constexpr const char* kVersion1 = R"sql(
  CREATE TABLE spool (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    spool_id BLOB NOT NULL CHECK (length(spool_id) = 16),
    in_use INTEGER NOT NULL DEFAULT 0 CHECK (in_use IN (0, 1))
  ) STRICT;

  CREATE TABLE routes (
    route TEXT PRIMARY KEY CHECK (route <> ''),
    tip_sequence INTEGER NOT NULL DEFAULT 0 CHECK (tip_sequence >= 0),
    tip_digest BLOB NOT NULL DEFAULT (zeroblob(32)) CHECK (length(tip_digest) = 32),
    newest_us INTEGER NOT NULL DEFAULT 0,
    batches INTEGER NOT NULL DEFAULT 0 CHECK (batches >= 0),
    bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0)
  ) STRICT, WITHOUT ROWID;

  -- AUTOINCREMENT: a row number is never used twice, so a number that someone still holds cannot mean another row.
  CREATE TABLE journals (
    journal_row INTEGER PRIMARY KEY AUTOINCREMENT,
    route TEXT NOT NULL REFERENCES routes,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    batch_id BLOB NOT NULL CHECK (length(batch_id) = 16),
    shared_header BLOB NOT NULL,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
    records_refused INTEGER NOT NULL DEFAULT 0 CHECK (records_refused >= 0),
    UNIQUE (route, batch_id)
  ) STRICT;

  CREATE TABLE journal_sinks (
    journal_row INTEGER NOT NULL REFERENCES journals ON DELETE CASCADE,
    sink TEXT NOT NULL,
    PRIMARY KEY (journal_row, sink)
  ) STRICT, WITHOUT ROWID;

  -- Frames of a journal in the order of frame_row. With a rowid: WITHOUT ROWID keeps little of a row in its own page and
  -- wrote 4 to 18 % more for frames of 300 bytes to 30 KiB.
  CREATE TABLE frames (
    frame_row INTEGER PRIMARY KEY,
    journal_row INTEGER NOT NULL REFERENCES journals ON DELETE CASCADE,
    records INTEGER NOT NULL CHECK (records >= 0),
    sealed_us INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    frame BLOB NOT NULL
  ) STRICT;
  CREATE INDEX frames_of_journal ON frames (journal_row);

  CREATE TABLE batches (
    batch_row INTEGER PRIMARY KEY AUTOINCREMENT,
    route TEXT NOT NULL REFERENCES routes,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    batch_id BLOB NOT NULL CHECK (length(batch_id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('batch', 'journal')),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    bytes INTEGER NOT NULL CHECK (bytes = length(object)),
    records INTEGER NOT NULL CHECK (records >= 0),
    sealed_us INTEGER NOT NULL,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
    object BLOB NOT NULL
  ) STRICT;
  CREATE INDEX batches_to_drop ON batches (priority, batch_row);
  CREATE INDEX batches_by_age ON batches (route, sealed_us);

  CREATE TABLE deliveries (
    batch_row INTEGER NOT NULL REFERENCES batches ON DELETE CASCADE,
    sink TEXT NOT NULL,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'quarantined', 'confirmed')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error TEXT,
    PRIMARY KEY (batch_row, sink)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deliveries_of_sink ON deliveries (sink, state, priority DESC, batch_row);

  CREATE TABLE drops (
    drop_row INTEGER PRIMARY KEY AUTOINCREMENT,
    route TEXT NOT NULL REFERENCES routes,
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    records INTEGER NOT NULL CHECK (records >= 0),
    reason TEXT NOT NULL CHECK (reason <> ''),
    dropped_us INTEGER NOT NULL,
    reported_in INTEGER REFERENCES batches ON DELETE SET NULL
  ) STRICT;
  CREATE INDEX drops_of_route ON drops (route, reported_in);
  CREATE INDEX drops_reported ON drops (reported_in);
  CREATE INDEX drops_growing ON drops (route, reason) WHERE sequence = 0 AND reported_in IS NULL;

  CREATE TABLE sources (
    source TEXT PRIMARY KEY CHECK (source <> ''),
    session INTEGER NOT NULL CHECK (session IN (0, 1)),
    broker_dropped INTEGER CHECK (broker_dropped >= 0)
  ) STRICT;

  CREATE TABLE subscriptions (
    source TEXT NOT NULL,
    filter TEXT NOT NULL,
    PRIMARY KEY (source, filter)
  ) STRICT, WITHOUT ROWID;
)sql";

// What version 2 adds: a drop may stand for several batches: from `sequence` to `last_sequence`, so many of these.
// Where there was no batch, both are 0.
inline constexpr const char* kVersion2 = R"sql(
  ALTER TABLE drops ADD COLUMN last_sequence INTEGER NOT NULL DEFAULT 0 CHECK (last_sequence >= 0);
  ALTER TABLE drops ADD COLUMN batches INTEGER NOT NULL DEFAULT 0 CHECK (batches >= 0);
  UPDATE drops SET last_sequence = sequence, batches = (sequence > 0);
)sql";

}  // namespace edgeseal::storage::sql
