// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a salvage, and its last steps: complete or repeatable, whenever the process dies.
//
//   spool.db.salvage       the new spool while it is made; deleted by the next who claims the spool
//   spool.db.salvaged      the new spool, complete: from here on the exchange is finished by whoever claims the spool
//   spool.db.damaged       the broken spool, and spool.db.damaged-wal its log; the last ones alone are kept
#pragma once
#include <filesystem>

#include "crypto/base/result.h"

namespace edgeseal::storage {

/// `path` with `ending` put behind it.
[[nodiscard]] std::filesystem::path beside(const std::filesystem::path& path, const char* ending);

/// Syncs the file, or the folder, at `path`. Kind::fault when that fails.
[[nodiscard]] Result<void> sync_path(const std::filesystem::path& path);

/// Deletes a new spool that was not completed. To be called under the spool's lock.
void discard_salvage(const std::filesystem::path& path);

/// Declares the new spool, which is closed, complete. To be called under the spool's lock.
[[nodiscard]] Result<void> complete_salvage(const std::filesystem::path& path);

/// If there is a complete new spool: puts the broken one aside and it in its place. To be called under the spool's
/// lock, with nobody having any of the files open.
[[nodiscard]] Result<void> finish_salvage(const std::filesystem::path& path);

}  // namespace edgeseal::storage
