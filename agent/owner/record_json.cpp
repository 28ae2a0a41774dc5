// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/record_json.h"

#include <algorithm>

#include "agent/batch/batch_layout.h"
#include "crypto/base/shown_text.h"
#include "crypto/base/time.h"
#include "crypto/base/utf8.h"

namespace edgeseal::agent {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::size_t kBase64Bytes = 48 * 1024;
static_assert(kBase64Bytes % 3 == 0, "the pieces' base64 joins up");

/// Writes one JSON object after another; commas are its business.
class JsonWriter {
 public:
  /// Hands `out` on to `take`, if there is one, whenever kPieceBytes have been gathered.
  explicit JsonWriter(PlainBytes& out, const TakeJson* take = nullptr) : out_(out), take_(take) {}

  /// Hands on what is left; gives the first error of `take`.
  Result<void> finish() {
    hand_on();
    return std::move(taken_);
  }

  void open(char bracket) {
    separate();
    put(bracket);
    first_ = true;
  }
  void close(char bracket) {
    put(bracket);
    first_ = false;
  }
  void key(std::string_view name, std::string_view suffix = {}) {
    separate();
    put('"');
    put(name);
    put(suffix);
    put("\":");
    first_ = true;  // no comma before the value
  }
  void end_line() { put('\n'); }
  void number(std::uint64_t value) {
    separate();
    put(std::to_string(value));
  }
  void boolean(bool value) {
    separate();
    put(value ? "true" : "false");
  }
  /// What a terminal may not get is escaped, too (crypto/base/shown_text.h): its value stays.
  void text(std::string_view value) {
    separate();
    put('"');
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto c = static_cast<unsigned char>(value[i]);
      if (c >= 0x80) {
        const Utf8Character next = first_character(value.substr(i));
        if (next.bytes != 0 && is_unshowable(next.character)) {
          put(value.substr(plain_from, i - plain_from));
          put(shown_json(value.substr(i, next.bytes)));
          plain_from = i + next.bytes;
        }
        if (next.bytes != 0) i += next.bytes - 1;
        continue;
      }
      if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
      put(value.substr(plain_from, i - plain_from));
      escape(c);
      plain_from = i + 1;
    }
    put(value.substr(plain_from));
    put('"');
  }
  /// A member that is text when it can be, base64 otherwise.
  void field(std::string_view name, ByteView value) {
    if (is_utf8(as_text(value))) {
      key(name);
      text(as_text(value));
    } else {
      key(name, "_base64");
      base64(value);
    }
  }

 private:
  void base64(ByteView value) {
    separate();
    put('"');
    while (!value.empty()) {
      const std::size_t size = std::min(value.size(), kBase64Bytes);
      std::string encoded = to_base64(value.first(size));
      put(encoded);
      wipe(encoded.data(), encoded.size());
      value = value.subspan(size);
    }
    put('"');
  }
  void hand_on() {
    if (take_ == nullptr) return;
    if (taken_) taken_ = (*take_)(out_);
    out_.clear();
  }
  void separate() {
    if (!first_) put(',');
    first_ = false;
  }
  void escape(unsigned char c) {
    switch (c) {
      case '"':
        return put("\\\"");
      case '\\':
        return put("\\\\");
      case '\n':
        return put("\\n");
      case '\r':
        return put("\\r");
      case '\t':
        return put("\\t");
      default:
        constexpr std::string_view kDigits = "0123456789abcdef";
        const char escaped[] = {'\\', 'u', '0', '0', kDigits[c >> 4], kDigits[c & 0x0f]};
        put({escaped, sizeof escaped});
    }
  }
  void put(std::string_view text) {
    while (!text.empty()) {
      const std::string_view piece = text.substr(0, kPieceBytes);
      append(out_, as_bytes(piece));
      if (out_.size() >= kPieceBytes) hand_on();
      text.remove_prefix(piece.size());
    }
  }
  void put(char c) { out_.push_back(static_cast<std::uint8_t>(c)); }

  PlainBytes& out_;
  const TakeJson* take_;
  Result<void> taken_;
  bool first_ = true;
};

bool has_any(const MessageProperties& properties) { return properties != MessageProperties{}; }

void write_value(std::string_view key, const std::string& value, JsonWriter& json) { json.field(key, as_bytes(value)); }
void write_value(std::string_view key, const Bytes& value, JsonWriter& json) { json.field(key, value); }
void write_value(std::string_view key, std::uint64_t value, JsonWriter& json) {
  json.key(key);
  json.number(value);
}

void write_properties(const MessageProperties& properties, JsonWriter& json) {
  json.key("properties");
  json.open('{');
  if (!properties.user.empty()) {
    json.key(layout::kPropertyUser);
    json.open('[');
    for (const auto& [name, value] : properties.user) {
      json.open('{');
      json.field("name", as_bytes(name));
      json.field("value", as_bytes(value));
      json.close('}');
    }
    json.close(']');
  }
  layout::for_each_property(
      properties, [&json](const auto& property, const auto& value) { write_value(property.key, value, json); });
  json.close('}');
}

void write_line(const BatchHeader& header, std::uint64_t index, const Record& record, ByteView payload,
                JsonWriter& json) {
  json.open('{');
  json.field("gateway", as_bytes(header.gateway));
  json.field("route", as_bytes(header.route.text));
  json.key("seq");
  json.number(header.sequence.number);
  json.key("index");
  json.number(index);
  json.key("received");
  json.text(format_rfc3339(record.received));
  json.key("clock");
  json.text(header.clock_synced ? "synced" : "unsynced");
  json.field("topic", as_bytes(record.topic));
  json.key("qos");
  json.number(record.qos);
  json.key("retain");
  json.boolean(record.retain);
  json.key("dup");
  json.boolean(record.dup);
  json.field("payload", payload);
  if (has_any(record.properties)) write_properties(record.properties, json);
  json.close('}');
  json.end_line();
}

}  // namespace

void write_record_json(const BatchHeader& header, std::uint64_t index, const Record& record, PlainBytes& out) {
  JsonWriter json(out);
  write_line(header, index, record, record.payload, json);
}

Result<void> write_record_json(const BatchHeader& header, std::uint64_t index, const Record& record, ByteView payload,
                               PlainBytes& buffer, const TakeJson& take) {
  JsonWriter json(buffer, &take);
  write_line(header, index, record, payload, json);
  return json.finish();
}

}  // namespace edgeseal::agent
