// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/content_reader.h"

#include <algorithm>

#include "agent/owner/content_items.h"
#include "agent/owner/content_refusal.h"

namespace edgeseal::agent {

void ContentBudget::object_came(std::uint64_t bytes) {
  if (fixed_) return;
  const std::uint64_t unpaid = std::min(bytes, free_);
  free_ -= unpaid;
  left_ += (bytes - unpaid) * kBytesForEach;
}

Result<void> ContentBudget::spend(std::uint64_t bytes) {
  if (bytes > left_) {
    return refuse(ContentRefusal::too_large, "it expands to more than an object may",
                  "when you know who sealed it: --max-bytes SIZE");
  }
  left_ -= bytes;
  return {};
}

ContentReader::ContentReader(const ChainLink& link, std::uint64_t record_index, std::optional<std::uint32_t> frame,
                             ContentConsumer& consumer, ContentBudget& budget)
    : link_(link), record_index_(record_index), frame_(frame), consumer_(consumer), budget_(budget) {
  if (link.zstd) decompressor_.emplace();
}

Result<void> ContentReader::feed(ByteView plaintext) {
  if (!decompressor_) return take_content(plaintext);
  return decompressor_->feed(plaintext, [this](ByteView content) { return take_content(content); });
}

Result<void> ContentReader::finish() {
  if (decompressor_) {
    if (auto whole = decompressor_->finish(); !whole) return whole;
  }
  if (!sequence_.at_end()) return refuse(ContentRefusal::content, "it ends within an item");
  if (!header_) return refuse(ContentRefusal::content, "it has no header");
  return {};
}

Result<void> ContentReader::take_content(ByteView content) {
  if (auto spent = budget_.spend(content.size()); !spent) return spent;
  sequence_.feed(content);
  for (;;) {
    auto item = sequence_.next();
    if (!item) return failed(item);
    if (!*item) return {};
    if (auto taken = take_item(**item); !taken) return taken;
  }
}

Result<void> ContentReader::take_item(ByteView item) {
  if (!header_) {
    auto header = parse_header(item);
    if (!header) return failed(header);
    if (auto checked = check_header(*header); !checked) return checked;
    header_ = std::move(*header);
    return consumer_.on_header(*header_, item);
  }
  if (item.size() < ContentBudget::kRecordBytesLeast) {
    if (auto spent = budget_.spend(ContentBudget::kRecordBytesLeast - item.size()); !spent) return spent;
  }
  ByteView payload;
  auto record = parse_record(item, payload);
  if (!record) return failed(record);
  if (auto spent = budget_.spend(ContentBudget::kUserPropertyBytes * record->properties.user.size()); !spent)
    return spent;
  return consumer_.on_record(*header_, record_index_++, *record, payload, item);
}

Result<void> ContentReader::check_header(const BatchHeader& header) const {
  const auto differs = [](std::string_view what) {
    return refuse(ContentRefusal::content_header,
                  "the " + std::string(what) + " inside is not the one in the encryption context");
  };
  if (header.gateway != link_.gateway) return differs("gateway");
  if (header.route != link_.route) return differs("route");
  if (header.sequence != link_.sequence) return differs("sequence number");
  if (header.batch != link_.batch) return differs("batch id");
  if (header.frame.has_value() != link_.journal) return differs("kind");
  if (frame_ && *header.frame < *frame_) {
    return refuse(ContentRefusal::journal_frame,
                  "frame " + std::to_string(*header.frame) + " comes after frame " + std::to_string(*frame_ - 1));
  }
  return {};
}

}  // namespace edgeseal::agent
