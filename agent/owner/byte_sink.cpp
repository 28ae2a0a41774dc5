// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/byte_sink.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <unistd.h>

namespace edgeseal::agent {
namespace {

constexpr std::size_t kGatherBytes = 64 * 1024;

tl::unexpected<Error> system_error(Kind kind, const std::string& step, const std::string& where) {
  return fail(errno == ENOSPC || errno == EDQUOT ? Kind::full : kind, step + ": " + std::strerror(errno), where);
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

FileSink::FileSink(WholeFile file, const std::filesystem::path& path)
    : path_(path), file_(std::move(file)), sink_(file_.descriptor(), path.string()) {}

Result<std::unique_ptr<FileSink>> FileSink::create(const std::filesystem::path& path) {
  auto file = WholeFile::create(path);
  if (!file) return failed(file);
  return std::unique_ptr<FileSink>(new FileSink(std::move(*file), path));
}

Result<void> FileSink::write(ByteView bytes) { return sink_.write(bytes); }

Result<void> FileSink::mark() {
  if (auto flushed = sink_.flush(); !flushed) return flushed;
  marked_ = lseek(file_.descriptor(), 0, SEEK_CUR);
  return {};
}

Result<void> FileSink::rewind() {
  sink_.discard();
  if (ftruncate(file_.descriptor(), marked_) != 0 || lseek(file_.descriptor(), marked_, SEEK_SET) != marked_) {
    return system_error(Kind::fault, "truncate", path_);
  }
  return {};
}

Result<void> FileSink::commit() {
  if (auto flushed = sink_.flush(); !flushed) return flushed;
  return file_.commit();
}

}  // namespace edgeseal::agent
