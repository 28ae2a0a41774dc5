// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/directory_sink.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace edgeseal::transport {
namespace {

constexpr std::size_t kDurableFoldersMax = 4096;

class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// What the last failed call means to the forwarder.
tl::unexpected<Error> failed_call(const std::string& step, const std::filesystem::path& where) {
  const int code = errno;
  const std::string what = step + ": " + std::generic_category().message(code);
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return fail(Kind::transient, what, where, "create the folder, or mount the medium that holds it");
    case ENOSPC:
    case EDQUOT:
      return fail(Kind::transient, what, where, "make room there");
    case EACCES:
    case EPERM:
      return fail(Kind::sink_refused, what, where, "let edgeseal's user write there (and the unit: ReadWritePaths=)");
    case EROFS:
      return fail(Kind::sink_refused, what, where, "mount it writable, and the unit needs ReadWritePaths= of it");
    case ENAMETOOLONG:
    case EINVAL:
      return fail(Kind::sink_refused, what, where, "change the sink's `key`: this file system takes no such name");
    case EFBIG:
      return fail(Kind::batch_refused, what, where, "lower batch.max_bytes");
    default:
      return fail(Kind::transient, what, where);
  }
}

bool write_all(const File& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Whether the file holds exactly these bytes; nothing when it cannot be read.
std::optional<bool> holds(const File& file, ByteView bytes) {
  Bytes buffer(64 * 1024);
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return bytes.empty();
    const auto size = static_cast<std::size_t>(got);
    if (size > bytes.size() || !std::equal(bytes.begin(), bytes.begin() + got, buffer.begin())) return false;
    bytes = bytes.subspan(size);
  }
}

/// Makes what was created or renamed in a folder outlive a power cut. A file system that knows no such call for folders
/// (some network ones) does it by itself or not at all: no reason to keep the batch.
bool sync_folder(const File& folder) { return ::fsync(folder.get()) == 0 || errno == EINVAL || errno == EOPNOTSUPP; }

/// Whether a file system of its own is mounted on `folder`. Its device must differ from its parent's as well: inside a
/// unit's sandbox each folder of ReadWritePaths= is a mount, of the disk that it lies on anyway.
std::optional<bool> is_medium(const File& folder) {
  struct statx own = {};
  struct statx parent = {};
  if (::statx(folder.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &own) != 0 ||
      ::statx(folder.get(), "..", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &parent) != 0) {
    return std::nullopt;
  }
  const bool tells = (own.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;  // Linux 5.8
  if (tells && (own.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0) return false;
  return own.stx_dev_major != parent.stx_dev_major || own.stx_dev_minor != parent.stx_dev_minor;
}

/// Opens the sink's folder, which may be named through a link: its path is the administrator's word.
Result<File> open_root(const std::filesystem::path& path, bool require_mount) {
  File folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed_call("open folder", path);
  if (!require_mount) return folder;
  const auto medium = is_medium(folder);
  if (!medium) return failed_call("look for a mounted medium", path);
  if (!*medium) {
    return fail(Kind::transient, "no medium is mounted here, and the sink says require_mount", path,
                "mount it; `path` must be the mount point itself");
  }
  return folder;
}

/// Whether `name` is a symbolic link. Links on a medium are never followed: whoever had it in hand could point them
/// anywhere.
bool is_link(const File& folder, const std::string& name) {
  struct stat found = {};
  return ::fstatat(folder.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(found.st_mode);
}

/// Opens folder `name` in `parent`, making it if need be. A folder is `known` when its entry in `parent` was synced.
Result<File> enter(const File& parent, const std::string& name, bool known, const std::filesystem::path& path) {
  const bool made = ::mkdirat(parent.get(), name.c_str(), 0755) == 0;
  if (!made && errno != EEXIST) return failed_call("make folder", path);
  if ((made || !known) && !sync_folder(parent)) return failed_call("sync folder", path.parent_path());
  File folder(::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder) return folder;
  auto failure = failed_call("open folder", path);
  if (!is_link(parent, name)) return failure;
  return fail(Kind::transient, "a symbolic link stands where a folder should be; links are not followed here", path,
              "remove the link");
}

/// Gives the synced file `part` its name, and replaces nothing, also nothing that has just come.
bool rename_new(const File& folder, const std::string& part, const std::string& name) {
  if (::renameat2(folder.get(), part.c_str(), folder.get(), name.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system without that flag: place() has looked, and two gateways do not share a batch id.
  return ::renameat(folder.get(), part.c_str(), folder.get(), name.c_str()) == 0;
}

tl::unexpected<Error> clash(const char* what, const std::filesystem::path& path) {
  return fail(Kind::batch_refused, what, path, "move it away");
}

/// Whether the object is there already, which is made durable then: a process that ended after the rename may not have
/// come to that. Fails when something else has its name.
Result<bool> already_there(const File& folder, const std::string& name, ByteView bytes,
                           const std::filesystem::path& path) {
  struct stat found = {};
  if (::fstatat(folder.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    return failed_call("look", path);
  }
  // Not opened: a pipe would hang us, a device may act.
  if (!S_ISREG(found.st_mode)) return clash("something other than a file has this name already", path);
  const File there(::openat(folder.get(), name.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!there) return failed_call("open", path);
  const auto same = holds(there, bytes);
  if (!same) return failed_call("read what is there", path);
  if (!*same) return clash("a file with other content has this name already", path);
  if (::fsync(there.get()) != 0 || !sync_folder(folder)) return failed_call("sync", path);
  return true;
}

/// The object under its final name and durable, or not there under that name at all.
Result<void> place(const File& folder, const std::string& name, const SealedObject& object,
                   const std::filesystem::path& path) {
  auto there = already_there(folder, name, object.bytes, path);
  if (!there) return failed(there);
  if (*there) return {};
  const std::string part = "." + object.batch.hex() + ".part";
  const auto give_up = [&](const char* step) {
    auto failure = failed_call(step, path);
    ::unlinkat(folder.get(), part.c_str(), 0);
    return failure;
  };
  // Taken away rather than opened: whatever it is, only a file that we make is written to.
  if (::unlinkat(folder.get(), part.c_str(), 0) != 0 && errno != ENOENT) return failed_call("remove", path);
  const File file(::openat(folder.get(), part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return failed_call("create", path);
  if (!write_all(file, object.bytes)) return give_up("write");
  if (::fsync(file.get()) != 0) return give_up("sync");
  if (!rename_new(folder, part, name)) return give_up("rename");
  if (!sync_folder(folder)) return failed_call("sync folder", path.parent_path());
  return {};
}

}  // namespace

Result<void> find_folder(const DirectorySinkOptions& options) {
  auto root = open_root(options.path, options.require_mount);
  if (!root) return failed(root);
  return {};
}

DirectorySink::DirectorySink(const DirectorySinkOptions& options, ObjectName name)
    : root_(options.path), require_mount_(options.require_mount), name_(std::move(name)) {}

Result<std::unique_ptr<Sink>> DirectorySink::create(const DirectorySinkOptions& options) {
  auto name = ObjectName::parse(options.key);
  if (!name) return failed(name);
  return std::unique_ptr<Sink>(new DirectorySink(options, std::move(*name)));
}

Result<std::unique_ptr<Sink>> create_sink(const DirectorySinkOptions& options, std::stop_token /*stop*/) {
  return DirectorySink::create(options);
}

Result<void> DirectorySink::deliver(const SealedObject& object) {
  return durable_folders_.with([&](std::set<std::string>& durable) -> Result<void> {
    const std::filesystem::path name = name_.of(object);
    auto root = open_root(root_, require_mount_);
    if (!root) return failed(root);
    File folder = std::move(*root);
    std::filesystem::path path = root_;
    for (const std::filesystem::path& part : name.parent_path()) {
      path /= part;
      auto next = enter(folder, part, durable.contains(path), path);
      if (!next) return failed(next);
      folder = std::move(*next);
      if (durable.size() >= kDurableFoldersMax) durable.clear();
      durable.insert(path);
    }
    return place(folder, name.filename(), object, path / name.filename());
  });
}

}  // namespace edgeseal::transport
