// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/directory_sink.h"

#include <algorithm>
#include <cerrno>
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

/// Opens folder `name` in `parent`, making it if need be. A folder is `known` when its entry in `parent` was synced.
Result<File> enter(const File& parent, const std::string& name, bool known, const std::filesystem::path& path) {
  const bool made = ::mkdirat(parent.get(), name.c_str(), 0755) == 0;
  if (!made && errno != EEXIST) return failed_call("make folder", path);
  if ((made || !known) && !sync_folder(parent)) return failed_call("sync folder", path.parent_path());
  File folder(::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed_call("open folder", path);
  return folder;
}

/// The object under its final name and durable, or not there under that name at all.
Result<void> place(const File& folder, const std::string& name, const SealedObject& object,
                   const std::filesystem::path& path) {
  constexpr int kLook = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;  // a pipe in the way must not hang us
  if (const File there(::openat(folder.get(), name.c_str(), kLook)); there) {
    const auto same = holds(there, object.bytes);
    if (!same) return failed_call("read what is there", path);
    if (!*same) {
      return fail(Kind::batch_refused, "a file with other content has this name already", path,
                  "move it away; then `edgeseal spool requeue`");
    }
    // A process that ended after the rename may not have come to this.
    if (::fsync(there.get()) != 0 || !sync_folder(folder)) return failed_call("sync", path);
    return {};
  } else if (errno != ENOENT) {
    return failed_call("open", path);
  }
  const std::string part = "." + object.batch.hex() + ".part";
  const auto give_up = [&](const char* step) {
    auto failure = failed_call(step, path);
    ::unlinkat(folder.get(), part.c_str(), 0);
    return failure;
  };
  const File file(::openat(folder.get(), part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return failed_call("create", path);
  if (!write_all(file, object.bytes)) return give_up("write");
  if (::fsync(file.get()) != 0) return give_up("sync");
  if (::renameat(folder.get(), part.c_str(), folder.get(), name.c_str()) != 0) return give_up("rename");
  if (!sync_folder(folder)) return failed_call("sync folder", path.parent_path());
  return {};
}

}  // namespace

DirectorySink::DirectorySink(std::filesystem::path root, ObjectName name)
    : root_(std::move(root)), name_(std::move(name)) {}

Result<std::unique_ptr<Sink>> DirectorySink::create(const DirectorySinkOptions& options) {
  auto name = ObjectName::parse(options.key);
  if (!name) return failed(name);
  return std::unique_ptr<Sink>(new DirectorySink(options.path, std::move(*name)));
}

Result<void> DirectorySink::deliver(const SealedObject& object) {
  return durable_folders_.with([&](std::set<std::string>& durable) -> Result<void> {
    const std::filesystem::path name = name_.of(object);
    File folder(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return failed_call("open folder", root_);
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
