// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/output.h"

#include "agent/owner/content_refusal.h"
#include "agent/owner/record_json.h"

namespace edgeseal::agent {
namespace {

constexpr std::size_t kDropsMax = 100'000;  // of all frames of a journal object; they are held until its end

}  // namespace

std::string_view file_ending(Format format) {
  switch (format) {
    case Format::ndjson:
      return ".ndjson";
    case Format::cbor:
      return ".cbor";
    case Format::raw:
      return ".raw";
    case Format::payload:
      return ".payload";
    case Format::message:
      break;
  }
  return "";
}

Result<void> Output::on_link(const ChainLink& link) {
  summary_.link = link;
  return {};
}

Result<void> Output::on_header(const BatchHeader& header, ByteView item) {
  if (header.drops.size() > kDropsMax - summary_.drops.size()) {
    return refuse(ContentRefusal::too_large, "it reports more than " + std::to_string(kDropsMax) + " drops");
  }
  summary_.drops.insert(summary_.drops.end(), header.drops.begin(), header.drops.end());
  return format_ == Format::cbor ? write(item) : Result<void>();
}

Result<void> Output::on_record(const BatchHeader& header, std::uint64_t index, const Record& record, ByteView payload,
                               ByteView item) {
  ++summary_.records;
  switch (format_) {
    case Format::ndjson:
      if (sink_ == nullptr) return {};
      return write_record_json(header, index, record, payload, line_, [this](ByteView piece) { return write(piece); });
    case Format::cbor:
      return write(item);
    case Format::payload:
      return write(payload);
    case Format::raw:
    case Format::message:
      break;
  }
  return {};
}

Result<void> Output::on_plaintext(ByteView plaintext) {
  summary_.plaintext_bytes += plaintext.size();
  return format_ == Format::raw || format_ == Format::message ? write(plaintext) : Result<void>();
}

Result<void> Output::write(ByteView bytes) {
  if (sink_ == nullptr) return {};
  auto written = sink_->write(bytes);
  if (!written) sink_failed_ = true;
  return written;
}

}  // namespace edgeseal::agent
