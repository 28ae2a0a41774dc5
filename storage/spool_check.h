// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of a spool's files when it is opened: damage that SQLite would meet too late, or pass over in silence.
#pragma once
#include <filesystem>

#include "crypto/base/result.h"
#include "storage/sqlite.h"

namespace edgeseal::storage {

/// Before SQLite opens them: that the header is a spool's if it says it is one, and that SQLite will reach every
/// transaction in the log. Kind::corrupt otherwise. Reads 100 bytes and the log.
[[nodiscard]] Result<void> check_files(const std::filesystem::path& path);

/// Whether there is a log beside the file. A process that is killed always leaves one.
[[nodiscard]] bool has_wal(const std::filesystem::path& path);

/// The structure of all pages and the agreement of tables and indexes, if the file is small enough to wait for that;
/// Kind::corrupt when it is broken. A larger one is found broken when the page is met.
[[nodiscard]] Result<void> check_pages(Connection& db);

/// Marks the file as in use, inside a transaction that the caller has begun; a checkpoint is to follow, so that the
/// mark stands in the file rather than its log. Returns whether a log was lost, and with it commits perhaps: the file
/// was in use already, and `had_wal` is false. Each route's drop "wal_lost" then tells of it.
[[nodiscard]] Result<bool> mark_in_use(Connection& db, bool had_wal);

/// Takes the mark back once all of the log is in the file. What fails leaves the mark, which the log's presence
/// explains.
void mark_closed(Connection& db);

}  // namespace edgeseal::storage
