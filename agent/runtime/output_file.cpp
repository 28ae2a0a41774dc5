// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/output_file.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace edgeseal::agent {
namespace {

tl::unexpected<Error> cannot(const char* what, const std::filesystem::path& path) {
  return fail(Kind::transient, std::string("cannot ") + what + ": " + std::generic_category().message(errno),
              path.string());
}

}  // namespace

OutputFile::OutputFile(int descriptor, std::filesystem::path path, std::string temporary)
    : descriptor_(descriptor), path_(std::move(path)), temporary_(std::move(temporary)) {}

Result<OutputFile> OutputFile::create(const std::filesystem::path& path) {
  std::string temporary = (path.parent_path() / ("." + path.filename().string() + ".XXXXXX")).string();
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return cannot("create the file", path);
  return OutputFile(descriptor, path, std::move(temporary));
}

Result<OutputFile> OutputFile::stream(int descriptor) { return OutputFile(descriptor, "standard output", {}); }

OutputFile::OutputFile(OutputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})) {}

OutputFile::~OutputFile() {
  if (temporary_.empty()) return;
  close(descriptor_);
  unlink(temporary_.c_str());
}

Result<void> OutputFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return cannot("write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> OutputFile::commit() {
  if (temporary_.empty()) return {};
  if (fsync(descriptor_) != 0) return cannot("sync", path_);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return cannot("rename", path_);
  close(std::exchange(descriptor_, -1));
  temporary_.clear();
  return {};
}

}  // namespace edgeseal::agent
