// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/salvage/salvage_files.h"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace edgeseal::storage {
namespace {

Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return fail(Kind::fault, "cannot rename it to " + to.string() + ": " + std::generic_category().message(errno),
              from.string(), "let the user that edgeseal runs as own the folder");
}

bool is_there(const std::filesystem::path& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace

std::filesystem::path beside(const std::filesystem::path& path, const char* ending) {
  return std::filesystem::path(path) += ending;
}

Result<void> sync_path(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (synced) return {};
  return fail(Kind::fault, "cannot sync it: " + std::generic_category().message(error), path.string(), {});
}

void discard_salvage(const std::filesystem::path& path) {
  for (const char* ending : {".salvage", ".salvage-wal", ".salvage-shm", ".salvage-journal"}) {
    ::unlink(beside(path, ending).c_str());
  }
}

Result<void> complete_salvage(const std::filesystem::path& path) {
  if (auto synced = sync_path(beside(path, ".salvage")); !synced) return synced;
  if (auto moved = move_file(beside(path, ".salvage"), beside(path, ".salvaged")); !moved) return moved;
  return sync_path(path.parent_path());
}

Result<void> finish_salvage(const std::filesystem::path& path) {
  if (!is_there(beside(path, ".salvaged"))) return {};
  // Each step finds those before it done or undone. While the broken file is in its place, a log put aside is older.
  if (is_there(path)) {
    ::unlink(beside(path, ".damaged-wal").c_str());
    if (auto moved = move_file(path, beside(path, ".damaged")); !moved) return moved;
  }
  if (auto moved = move_file(beside(path, "-wal"), beside(path, ".damaged-wal")); !moved) return moved;
  ::unlink(beside(path, "-shm").c_str());
  // The new file must never meet the old log, whichever of the names survives a power cut.
  if (auto synced = sync_path(path.parent_path()); !synced) return synced;
  if (auto moved = move_file(beside(path, ".salvaged"), path); !moved) return moved;
  return sync_path(path.parent_path());
}

}  // namespace edgeseal::storage
