// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/record_json.h"

#include "agent/batch/batch_layout.h"
#include "crypto/base/shown_text.h"
#include "crypto/base/time.h"
#include "crypto/base/utf8.h"

namespace edgeseal::agent {
namespace {

/// Writes one JSON object after another; commas are its business.
class JsonWriter {
 public:
  explicit JsonWriter(PlainBytes& out) : out_(out) {}

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
      std::string encoded = to_base64(value);
      text(encoded);
      wipe(encoded.data(), encoded.size());
    }
  }

 private:
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
        put("\\u00");
        put(to_hex(ByteView(&c, 1)));
    }
  }
  void put(std::string_view text) { append(out_, as_bytes(text)); }
  void put(char c) { out_.push_back(static_cast<std::uint8_t>(c)); }

  PlainBytes& out_;
  bool first_ = true;
};

bool has_any(const RecordProperties& properties) { return properties != RecordProperties{}; }

void write_properties(const RecordProperties& properties, JsonWriter& json) {
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
  if (properties.content_type) json.field(layout::kPropertyContentType, as_bytes(*properties.content_type));
  if (properties.response_topic) json.field(layout::kPropertyResponseTopic, as_bytes(*properties.response_topic));
  if (properties.correlation_data) json.field(layout::kPropertyCorrelation, *properties.correlation_data);
  if (properties.payload_format) {
    json.key(layout::kPropertyFormat);
    json.number(*properties.payload_format);
  }
  if (properties.message_expiry_seconds) {
    json.key(layout::kPropertyExpiry);
    json.number(*properties.message_expiry_seconds);
  }
  json.close('}');
}

}  // namespace

void write_record_json(const BatchHeader& header, std::uint64_t index, const Record& record, PlainBytes& out) {
  JsonWriter json(out);
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
  json.field("payload", record.payload);
  if (has_any(record.properties)) write_properties(record.properties, json);
  json.close('}');
  out.push_back('\n');
}

}  // namespace edgeseal::agent
