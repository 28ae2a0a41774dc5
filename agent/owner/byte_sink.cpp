// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/byte_sink.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

namespace edgeseal::agent {
namespace {

constexpr std::size_t kGatherBytes = 64 * 1024;

tl::unexpected<Error> system_error(Kind kind, const std::string& step, const std::string& where) {
  return fail(errno == ENOSPC || errno == EDQUOT ? Kind::full : kind, step + ": " + std::strerror(errno), where);
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error(Kind::fault, "open the folder", folder);
  const int synced = fsync(descriptor);
  close(descriptor);
  if (synced != 0) return system_error(Kind::fault, "fsync the folder", folder);
  return {};
}

}  // namespace

Result<void> DescriptorSink::write(ByteView bytes) {
  if (gathered_.size() + bytes.size() > kGatherBytes) {
    if (auto flushed = flush(); !flushed) return flushed;
  }
  if (bytes.size() > kGatherBytes) return write_out(bytes);
  append(gathered_, bytes);
  return {};
}

Result<void> DescriptorSink::flush() {
  auto written = write_out(gathered_);
  gathered_.clear();
  return written;
}

Result<void> DescriptorSink::write_out(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return system_error(Kind::fault, "write", name_);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

FileSink::FileSink(std::filesystem::path path, std::filesystem::path hidden, int descriptor)
    : path_(std::move(path)),
      hidden_(std::move(hidden)),
      descriptor_(descriptor),
      sink_(descriptor, hidden_.string()) {}

Result<std::unique_ptr<FileSink>> FileSink::create(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return fail(Kind::invalid, "make the folder: " + problem.message(), folder);
  std::string hidden = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  const int descriptor = mkostemp(hidden.data(), O_CLOEXEC);
  if (descriptor < 0) return system_error(Kind::invalid, "make a file", folder);
  return std::unique_ptr<FileSink>(new FileSink(path, hidden, descriptor));
}

FileSink::~FileSink() {
  close(descriptor_);
  if (!committed_) unlink(hidden_.c_str());
}

Result<void> FileSink::write(ByteView bytes) { return sink_.write(bytes); }

Result<void> FileSink::mark() {
  if (auto flushed = sink_.flush(); !flushed) return flushed;
  marked_ = lseek(descriptor_, 0, SEEK_CUR);
  return {};
}

Result<void> FileSink::rewind() {
  sink_.discard();
  if (ftruncate(descriptor_, marked_) != 0 || lseek(descriptor_, marked_, SEEK_SET) != marked_) {
    return system_error(Kind::fault, "truncate", hidden_);
  }
  return {};
}

Result<void> FileSink::commit() {
  if (auto flushed = sink_.flush(); !flushed) return flushed;
  if (fsync(descriptor_) != 0) return system_error(Kind::fault, "fsync", hidden_);
  if (rename(hidden_.c_str(), path_.c_str()) != 0) return system_error(Kind::fault, "rename", path_);
  committed_ = true;
  return sync_folder(path_.has_parent_path() ? path_.parent_path() : ".");
}

}  // namespace edgeseal::agent
