// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/splitter.h"

#include <array>
#include <cstdio>
#include <memory>

#include "agent/owner/byte_sink.h"
#include "agent/owner/cbor_reader.h"
#include "agent/owner/content_items.h"
#include "agent/owner/object_reader.h"
#include "crypto/envelope/esdk_parts.h"
#include "crypto/open/refusal.h"

namespace edgeseal::agent {
namespace {

class Splitter {
 public:
  Splitter(std::filesystem::path folder, const std::filesystem::path& relative, OutputGuard& guard)
      : folder_(std::move(folder)), relative_(relative), guard_(guard) {}

  Result<void> feed(ByteView piece) {
    if (piece.empty()) return {};
    if (!journal_) journal_ = begins_journal(piece[0]);
    return *journal_ ? feed_journal(piece) : feed_message(piece);
  }

  Result<std::uint64_t> finish() {
    if (copy_) {
      if (auto committed = copy_->commit(); !committed) return failed(committed);
      return 1;
    }
    if (frames_ == 0 || !sequence_.at_end()) {
      return crypto::refuse(crypto::Refusal::truncated,
                            frames_ == 0 ? "it holds no message" : "the journal object ends within a frame");
    }
    return frames_;
  }

 private:
  Result<std::unique_ptr<FileSink>> create(const std::filesystem::path& path) {
    if (auto fine = guard_.admit(path); !fine) return failed(fine);
    return FileSink::create(path);
  }

  Result<void> feed_message(ByteView piece) {
    if (!copy_) {
      // As versions 1 and 2 of the message format begin.
      if (piece[0] != 0x01 && piece[0] != 0x02) {
        return crypto::refuse(crypto::Refusal::version, "it is neither a journal object nor a message");
      }
      auto file = create(folder_ / relative_);
      if (!file) return failed(file);
      copy_ = std::move(*file);
    }
    return copy_->write(piece);
  }

  Result<void> feed_journal(ByteView piece) {
    sequence_.feed(piece);
    for (;;) {
      auto item = sequence_.next();
      if (!item) return failed(item);
      if (!*item) return {};
      if (auto taken = shared_header_ ? write_frame(**item) : take_start(**item); !taken) return taken;
    }
  }

  Result<void> take_start(ByteView item) {
    auto header = parse_journal_start(item);
    if (!header) return failed(header);
    shared_header_ = std::move(*header);
    return {};
  }

  Result<void> write_frame(ByteView item) {
    auto own_part = parse_journal_frame(item);
    if (!own_part) return failed(own_part);
    const auto message = crypto::message_of(*shared_header_, *own_part);
    if (!message) return crypto::refuse(crypto::Refusal::truncated, "a journal frame is too short");
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "-%04llu.esdk", static_cast<unsigned long long>(frames_));
    std::filesystem::path name = without_object_ending(relative_);
    name += number.data();
    auto file = create(folder_ / name);
    if (!file) return failed(file);
    if (auto written = (*file)->write(*message); !written) return written;
    if (auto committed = (*file)->commit(); !committed) return committed;
    ++frames_;
    return {};
  }

  std::filesystem::path folder_;
  std::filesystem::path relative_;
  OutputGuard& guard_;
  std::optional<bool> journal_;
  std::unique_ptr<FileSink> copy_;
  CborSequence sequence_;
  std::optional<Bytes> shared_header_;
  std::uint64_t frames_ = 0;
};

}  // namespace

Result<std::uint64_t> split_object(const Input& input, const std::filesystem::path& folder, OutputGuard& guard) {
  Splitter splitter(folder, input.relative, guard);
  auto read = input.read([&splitter](ByteView piece) { return splitter.feed(piece); });
  if (read) {
    auto files = splitter.finish();
    if (files) return files;
    read = failed(files);
  }
  if (read.error().where.empty()) read.error().where = input.name;
  return failed(read);
}

}  // namespace edgeseal::agent
