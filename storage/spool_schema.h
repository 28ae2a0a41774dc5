// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of the spool, by PRAGMA user_version. Drawn and explained in docs/spool-format.md; a change of either is a
// change of both, and of the version.
#pragma once
#include <cstdint>
#include <string>

#include "crypto/base/ids.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "storage/sqlite.h"

namespace edgeseal::storage {

/// PRAGMA user_version of what this program writes.
inline constexpr std::int64_t kSchemaVersion = 2;
/// PRAGMA application_id, "ESSP": tells a spool from another program's SQLite file.
inline constexpr std::int64_t kApplicationId = 0x45535350;

/// Whether this is the version of an edgeseal that is yet to come, rather than a damaged number.
[[nodiscard]] bool is_newer(std::int64_t version);
/// The errors of files that must be left as they are; both Kind::invalid.
[[nodiscard]] tl::unexpected<Error> not_a_spool(const std::string& path);
[[nodiscard]] tl::unexpected<Error> too_new(const std::string& path, std::int64_t version);

/// Makes the tables in an empty file, with a spool id from `random`, or brings an older version up to kSchemaVersion,
/// each version in one transaction. Sets what a connection must be told anew each time. Fails with Kind::invalid,
/// before anything is written, when the file is of a newer edgeseal or no spool at all; with Kind::corrupt when it was
/// a spool and its header or schema is not what it was.
[[nodiscard]] Result<void> prepare_schema(Connection& db, Random& random);

/// Makes the tables that only this connection knows. A part of prepare_schema; by itself for a test of the statements.
[[nodiscard]] Result<void> prepare_connection(Connection& db);

/// For readers: that the file is a spool of exactly this version; Kind::invalid otherwise.
[[nodiscard]] Result<void> check_schema(Connection& db);

/// The random id that the file got when it was made.
[[nodiscard]] Result<SpoolId> read_spool_id(Connection& db);

}  // namespace edgeseal::storage
