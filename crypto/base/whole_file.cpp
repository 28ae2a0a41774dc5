// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/whole_file.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace edgeseal {
namespace {

tl::unexpected<Error> cannot(const std::string& step, const std::filesystem::path& path, Kind kind = Kind::fault) {
  // A name that cannot be given is the fault of whoever chose it, not of the disk.
  if (errno == ENAMETOOLONG || errno == EISDIR || errno == ENOTDIR || errno == EEXIST) kind = Kind::invalid;
  const Kind sorted = errno == ENOSPC || errno == EDQUOT ? Kind::full : kind;
  return fail(sorted, step + ": " + std::generic_category().message(errno), path.string());
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return cannot("open the folder", folder);
  const int synced = fsync(descriptor);
  const int code = errno;
  close(descriptor);
  errno = code;
  // Some network file systems know no such call for folders.
  if (synced != 0 && errno != EINVAL && errno != EOPNOTSUPP) return cannot("fsync the folder", folder);
  return {};
}

/// The hidden names that are in use now. A signal handler may read it at any time.
class HiddenNames {
 public:
  /// The place that the name has got; negative when there is none free.
  static int add(const std::string& name) {
    install();
    for (std::size_t i = 0; i < kNames; ++i) {
      bool free = false;
      if (name.size() >= PATH_MAX || !taken_[i].compare_exchange_strong(free, true)) continue;
      std::memcpy(names_[i].data(), name.c_str(), name.size() + 1);
      set_[i] = true;
      return static_cast<int>(i);
    }
    return -1;
  }
  static void remove(int place) {
    if (place < 0) return;
    set_[static_cast<std::size_t>(place)] = false;
    taken_[static_cast<std::size_t>(place)] = false;
  }

 private:
  static constexpr std::size_t kNames = 64;

  static void end(int number) {
    for (std::size_t i = 0; i < kNames; ++i) {
      if (set_[i]) unlink(names_[i].data());
    }
    std::signal(number, SIG_DFL);
    raise(number);
  }
  static void install() {
    static const bool installed = [] {
      for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) std::signal(number, end);
      }
      return true;
    }();
    static_cast<void>(installed);
  }
  static inline std::array<std::array<char, PATH_MAX>, kNames> names_{};
  static inline std::array<std::atomic<bool>, kNames> taken_{};
  static inline std::array<std::atomic<bool>, kNames> set_{};
};

/// No signal ends the process between the two steps of taking a place.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

tl::unexpected<Error> no_place(const std::filesystem::path& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
    return fail(Kind::invalid, "a symbolic link stands there, and nothing is written through it", path.string(),
                "name the file that it leads to, or remove it");
  }
  return fail(Kind::invalid, "no file can take the place of what stands there", path.string(), "name another file");
}

}  // namespace

Result<void> make_folders(const std::filesystem::path& folder) {
  std::error_code problem;
  if (std::filesystem::is_directory(folder, problem)) return {};
  if (auto made = make_folders(folder_of(folder)); !made) return made;
  const bool is_new = std::filesystem::create_directory(folder, problem);
  if (problem) return fail(Kind::invalid, "make the folder: " + problem.message(), folder.string());
  return is_new ? sync_folder(folder_of(folder)) : Result<void>();
}

OutputPlace output_place(const std::filesystem::path& path) {
  struct stat link {};
  if (lstat(path.c_str(), &link) != 0) return OutputPlace::file;
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return OutputPlace::no;
  if (S_ISDIR(status.st_mode)) return OutputPlace::folder;
  if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) || S_ISSOCK(status.st_mode)) return OutputPlace::stream;
  return S_ISREG(link.st_mode) ? OutputPlace::file : OutputPlace::no;
}

OutputGuard::Identity OutputGuard::identity_of(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return {status.st_dev, status.st_ino, {}};
  const std::filesystem::path folder = folder_of(path);
  if (stat(folder.c_str(), &status) == 0) return {status.st_dev, status.st_ino, path.filename().string()};
  return {0, 0, std::filesystem::absolute(path).lexically_normal().string()};
}

void OutputGuard::reads(const std::filesystem::path& input) { inputs_.emplace(identity_of(input), input); }

Result<void> OutputGuard::admit(const std::filesystem::path& output) {
  const OutputPlace place = output_place(output);
  if (place == OutputPlace::no) return no_place(output);
  const Identity identity = identity_of(output);
  if (const auto input = inputs_.find(identity); input != inputs_.end()) {
    return fail(Kind::invalid, "is " + input->second.string() + ", which is to be read: it would be lost",
                output.string(), "name another output");
  }
  if (!outputs_.insert(identity).second && place == OutputPlace::file) {
    return fail(Kind::invalid, "two inputs would both be written there, the second over the first", output.string(),
                "write them into different folders");
  }
  return {};
}

struct WholeFile::Parts {
  std::filesystem::path path;
  int file = -1;
  std::string hidden{};  ///< empty: without a name
  int hidden_place = -1;
  bool replaces = false;
  struct stat before {};  ///< what it replaces

  ~Parts() {
    if (file >= 0) close(file);
    if (!hidden.empty()) unlink(hidden.c_str());
    HiddenNames::remove(hidden_place);
  }
  Parts(std::filesystem::path name) : path(std::move(name)) {}
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  [[nodiscard]] std::string hidden_name() const {
    return (folder_of(path) / ("." + path.filename().string().substr(0, 200) + ".XXXXXX")).string();
  }

  Result<void> open_file() {
    file = open(folder_of(path).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return {};
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
      return cannot("make a file", folder_of(path), Kind::invalid);
    }
    std::string name = hidden_name();
    const SignalsBlocked blocked;
    file = mkostemp(name.data(), O_CLOEXEC);
    if (file < 0) return cannot("make a file", folder_of(path), Kind::invalid);
    hidden = name;
    hidden_place = HiddenNames::add(hidden);
    return {};
  }

  /// As the file was that is replaced. Its owner is kept if that is permitted.
  Result<void> take_over_rights() const {
    if (!replaces) return {};
    if (fchown(file, before.st_uid, before.st_gid) != 0 && errno != EPERM) return cannot("give it its owner", path);
    if (fchmod(file, before.st_mode & 07777U) != 0) return cannot("give it its mode", path);
    return {};
  }

  [[nodiscard]] int link_as(const std::string& name) const {
    const std::string self = "/proc/self/fd/" + std::to_string(file);
    return linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
  }

  /// A name of its own for a file that has none: what takes a place by a rename needs one.
  Result<void> name_it() {
    for (int tries = 0; hidden.empty(); ++tries) {
      std::string name = hidden_name();
      // mkostemp draws the letters; the file that it makes is none of ours.
      const int drawn = mkostemp(name.data(), O_CLOEXEC);
      if (drawn < 0) return cannot("make a name", path);
      close(drawn);
      unlink(name.c_str());
      if (link_as(name) == 0) {
        hidden = name;
      } else if (errno != EEXIST || tries > 10) {
        return cannot("make a name", path);
      }
    }
    return {};
  }

  Result<void> take_place() {
    const SignalsBlocked blocked;
    struct stat now {};
    const bool there = lstat(path.c_str(), &now) == 0;
    if (there != replaces || (there && !S_ISREG(now.st_mode))) {
      errno = EEXIST;
      return cannot("something else has come there meanwhile", path);
    }
    if (!there && hidden.empty()) {
      if (link_as(path.string()) != 0) return cannot("give it its name", path);
      return {};
    }
    if (auto named = name_it(); !named) return named;
    const unsigned flags = there ? 0 : RENAME_NOREPLACE;
    int renamed = renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, path.c_str(), flags);
    if (renamed != 0 && flags != 0 && (errno == EINVAL || errno == ENOSYS)) {
      renamed = rename(hidden.c_str(), path.c_str());  // a file system without that flag
    }
    if (renamed != 0) return cannot("rename", path);
    hidden.clear();
    return {};
  }
};

WholeFile::WholeFile(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
WholeFile::WholeFile(WholeFile&&) noexcept = default;
WholeFile& WholeFile::operator=(WholeFile&&) noexcept = default;
WholeFile::~WholeFile() = default;

Result<WholeFile> WholeFile::create(const std::filesystem::path& path) {
  if (auto made = make_folders(folder_of(path)); !made) return failed(made);
  if (output_place(path) == OutputPlace::folder) {
    return fail(Kind::invalid, "a folder stands there", path.string(), "name a file");
  }
  if (output_place(path) != OutputPlace::file) return no_place(path);
  auto parts = std::make_unique<Parts>(path);
  parts->replaces = lstat(path.c_str(), &parts->before) == 0;
  if (!parts->replaces && errno != ENOENT) return cannot("look at what is there", path, Kind::invalid);
  if (auto opened = parts->open_file(); !opened) return failed(opened);
  return WholeFile(std::move(parts));
}

int WholeFile::descriptor() const { return parts_->file; }

Result<void> WholeFile::commit() {
  if (auto done = parts_->take_over_rights(); !done) return done;
  if (fsync(parts_->file) != 0) return cannot("fsync", parts_->path);
  if (auto done = parts_->take_place(); !done) return done;
  return sync_folder(folder_of(parts_->path));
}

}  // namespace edgeseal
