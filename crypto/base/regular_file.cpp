// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/regular_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace edgeseal {
namespace {

std::string reason(int number) { return std::generic_category().message(number); }

/// A regular file, open for reading; closes itself.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (descriptor_ < 0 || fstat(descriptor_, &status_) != 0) {
      problem_ = reason(errno);
    } else if (S_ISDIR(status_.st_mode)) {
      problem_ = "it is a folder";
    } else if (!S_ISREG(status_.st_mode)) {
      problem_ = "it is no regular file";
    }
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  /// Why it cannot be read; empty when it can.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::uint64_t bytes() const { return static_cast<std::uint64_t>(status_.st_size); }

 private:
  int descriptor_;
  struct stat status_ {};
  std::string problem_;
};

}  // namespace

Result<std::size_t> read_regular_file(const std::string& path, MutableByteView out) {
  const OpenFile file(path);
  if (!file.problem().empty()) return fail(Kind::invalid, file.problem(), path);
  std::size_t size = 0;
  ssize_t got = 0;
  while (size < out.size() && (got = read(file.descriptor(), out.data() + size, out.size() - size)) > 0) {
    size += static_cast<std::size_t>(got);
  }
  if (got < 0) return fail(Kind::invalid, reason(errno), path);
  return size;
}

Result<void> check_regular_file(const std::string& path, std::uint64_t bytes_max) {
  const OpenFile file(path);
  if (!file.problem().empty()) return fail(Kind::invalid, file.problem(), path);
  if (file.bytes() == 0) return fail(Kind::invalid, "it is empty", path);
  if (file.bytes() > bytes_max) return fail(Kind::invalid, "it has over " + std::to_string(bytes_max) + " bytes", path);
  return {};
}

}  // namespace edgeseal
