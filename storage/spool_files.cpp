// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/spool_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "storage/file_header.h"
#include "storage/raw_file.h"
#include "storage/salvage/salvage_files.h"
#include "storage/spool_schema.h"

namespace edgeseal::storage {
namespace {

// Enough for the WAL of a few deletions and of one large batch; on a small file system a sixteenth of it.
constexpr std::uint64_t kReserveBytes = std::uint64_t{4} << 20;

/// From errno. A file system that is full, failing or read-only may be another one tomorrow; what else is refused takes
/// a person.
tl::unexpected<Error> system_error(const std::string& step, const std::filesystem::path& path, std::string fix) {
  const int code = errno;
  Kind kind = Kind::invalid;
  if (code == ENOSPC || code == EDQUOT) kind = Kind::full;
  if (code == EROFS || code == EIO) kind = Kind::fault;
  return fail(kind, step + ": " + std::generic_category().message(code), path.string(), std::move(fix));
}

Result<int> take_lock(const std::filesystem::path& path) {
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) {
    return system_error("cannot open the spool's lock", path, "let the user that edgeseal runs as own the folder");
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 24> holder{};
    const ssize_t length = ::pread(lock, holder.data(), holder.size() - 1, 0);
    ::close(lock);
    const std::string who = length > 1 ? " (process " + std::string(holder.data(), std::size_t(length) - 1) + ")" : "";
    return fail(Kind::invalid, "another process holds the spool" + who, path.string(),
                "stop the other edgeseal, or give this one another spool.path");
  }
  // For people and the message above; that it could not be written harms nothing.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock, 0) == 0) (void)!::pwrite(lock, pid.data(), pid.size(), 0);
  return lock;
}

/// Another program's database, or that of a newer edgeseal: it is going to be refused, so nothing is done to it.
bool is_anothers(const std::filesystem::path& path) {
  std::array<std::uint8_t, kHeaderBytes> bytes{};
  const auto file = RawFile::open(path);
  if (!file || file->size() < bytes.size() || !file->read(0, bytes)) return false;
  const FileHeader header = read_file_header(bytes);
  return header.sqlite && (!header.application || is_newer(header.version));
}

/// With the lock held, so no connection of this process has the file open.
Result<void> make_private(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST) {
    return system_error("cannot make the spool", path, "let the user that edgeseal runs as own the folder");
  }
  if (file >= 0) ::close(file);
  if (is_anothers(path)) return {};
  if (::chmod(path.c_str(), 0600) != 0) {
    return system_error("cannot make the spool readable by its owner alone", path,
                        "let the user that edgeseal runs as own the file");
  }
  return {};
}

}  // namespace

Result<SpoolFiles> SpoolFiles::claim(const std::filesystem::path& given) {
  const std::filesystem::path path = std::filesystem::absolute(given);
  struct stat folder {};
  if (::stat(path.parent_path().c_str(), &folder) != 0 || !S_ISDIR(folder.st_mode)) {
    return fail(Kind::invalid, "the spool's folder does not exist", path.parent_path().string(),
                "make it, owned by the user that edgeseal runs as, or change spool.path");
  }
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    return fail(Kind::invalid, "the spool's path is that of something else than a file", path.string(),
                "change spool.path to a file that edgeseal has for itself");
  }
  auto lock = take_lock(beside(path, ".lock"));
  if (!lock) return failed(lock);
  SpoolFiles files(path, *lock);
  discard_salvage(path);
  if (auto finished = finish_salvage(path); !finished) return failed(finished, "finish a salvage");
  if (auto made = make_private(path); !made) return failed(made);
  struct stat reserve {};
  files.reserved_ = ::stat(beside(path, ".reserve").c_str(), &reserve) == 0 && reserve.st_size > 0;
  return files;
}

SpoolFiles::SpoolFiles(SpoolFiles&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)), reserved_(other.reserved_) {}

SpoolFiles::~SpoolFiles() {
  if (lock_ >= 0) ::close(lock_);
}

Result<void> SpoolFiles::sync_folder() const { return sync_path(path_.parent_path()); }

std::uint64_t SpoolFiles::disk_free() const {
  struct statvfs system {};
  if (::statvfs(path_.parent_path().c_str(), &system) != 0) return 0;
  return std::uint64_t{system.f_bavail} * system.f_frsize;
}

std::optional<std::uint64_t> SpoolFiles::disk_size() const {
  struct statvfs system {};
  if (::statvfs(path_.parent_path().c_str(), &system) != 0) return std::nullopt;
  return std::uint64_t{system.f_blocks} * system.f_frsize;
}

bool SpoolFiles::release_reserve() {
  if (!reserved_) return false;
  reserved_ = false;
  return ::truncate(beside(path_, ".reserve").c_str(), 0) == 0;
}

void SpoolFiles::restore_reserve() {
  if (reserved_) return;
  struct statvfs system {};
  if (::statvfs(path_.parent_path().c_str(), &system) != 0) return;
  const std::uint64_t total = std::uint64_t{system.f_blocks} * system.f_frsize;
  const std::uint64_t bytes = std::min(kReserveBytes, total / 16);
  if (std::uint64_t{system.f_bavail} * system.f_frsize < 4 * bytes) return;
  const int file = ::open(beside(path_, ".reserve").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return;
  reserved_ = ::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0;
  if (!reserved_) (void)!::ftruncate(file, 0);
  ::close(file);
}

}  // namespace edgeseal::storage
