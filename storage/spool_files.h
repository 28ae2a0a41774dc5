// SPDX-License-Identifier: GPL-3.0-or-later
// What the spool keeps and asks of the file system beside SQLite: the lock, the modes, the reserve, the free room.
//
//   spool.db           0600, made here so that no umask can open it; SQLite gives -wal and -shm the same mode
//   spool.db.lock      held with flock(2) by the one writer, its process id inside; never deleted
//   spool.db.reserve   room on the disk that is given up when the disk is full, so that deletions can still commit
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "crypto/base/result.h"

namespace edgeseal::storage {

/// Threads: one at a time.
class SpoolFiles {
 public:
  /// Takes the lock, finishes a salvage that was cut short (storage/salvage/salvage_files.h), then makes the file if it
  /// is missing. The reserve is made by the first `restore_reserve`. Fails with Kind::invalid when the folder does not
  /// exist or may not be written, the path is not a file's, or another process holds the lock. What is going to be
  /// refused for whose it is stays as it is.
  [[nodiscard]] static Result<SpoolFiles> claim(const std::filesystem::path& path);
  ~SpoolFiles();
  SpoolFiles(SpoolFiles&& other) noexcept;
  SpoolFiles& operator=(SpoolFiles&&) = delete;

  /// Makes the names of the file and of its WAL survive a power cut as surely as what SQLite syncs into them. SQLite
  /// syncs the folder only for a WAL that it makes: not for one that a process which died had made, and never synced.
  [[nodiscard]] Result<void> sync_folder() const;

  /// Bytes that the file system has left for this user; 0 when it does not say.
  [[nodiscard]] std::uint64_t disk_free() const;
  /// Bytes of the whole file system; nothing when it does not tell.
  [[nodiscard]] std::optional<std::uint64_t> disk_size() const;

  /// Gives the reserve's room back to the file system. False when there was none.
  bool release_reserve();
  /// Takes it again, once there is four times as much free.
  void restore_reserve();

 private:
  SpoolFiles(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
  bool reserved_ = false;
};

}  // namespace edgeseal::storage
