// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/object_name.h"

#include <algorithm>
#include <utility>

#include "crypto/base/utf8.h"
#include "transport/sinks/object_name_form.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kSequenceDigits = 20;  // of the largest 64-bit number

std::string safe(const std::string& name) {
  constexpr std::string_view kUnsafe = "/\\:*?\"<>|%";
  const bool utf8 = is_utf8(name);
  std::string text = name;
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (!utf8 && byte >= 0x80) || kUnsafe.find(c) != std::string_view::npos) c = '_';
  }
  return text;
}

std::string padded(Sequence sequence) {
  const std::string digits = std::to_string(sequence.number);
  return std::string(kSequenceDigits - digits.size(), '0') + digits;
}

/// Only names can be `.` or `..` here: the template was checked.
std::string without_dot_parts(std::string path) {
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..")
      path.replace(begin, part.size(), part.empty() ? "_" : std::string(part.size(), '_'));
    begin = std::min(path.find('/', begin), path.size()) + 1;
  }
  return path;
}

}  // namespace

Result<ObjectName> ObjectName::parse(std::string_view text) {
  if (auto problem = object_name_form(text)) return fail_form("key", std::move(*problem), text);
  ObjectName name;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t brace = std::min(rest.find('{'), rest.size());
    if (brace > 0) name.pieces_.push_back({Field::literal, std::string(rest.substr(0, brace))});
    rest.remove_prefix(brace);
    if (rest.empty()) break;
    const std::size_t close = rest.find('}');
    const auto* const field = std::ranges::find(kObjectNameFields, rest.substr(1, close - 1));
    name.pieces_.push_back({static_cast<Field>(1 + (field - kObjectNameFields.begin())), {}});
    rest.remove_prefix(close + 1);
  }
  return name;
}

std::string ObjectName::of(const SealedObject& object) const {
  std::string path;
  for (const Piece& piece : pieces_) {
    switch (piece.field) {
      case Field::literal:
        path += piece.literal;
        break;
      case Field::gateway:
        path += safe(object.gateway);
        break;
      case Field::route:
        path += safe(object.route.text);
        break;
      case Field::seq:
        path += padded(object.sequence);
        break;
      case Field::batch:
        path += object.batch.hex();
        break;
      case Field::date:
        path += format_date(object.sealed);
        break;
      case Field::hour:
        path += format_hour(object.sealed);
        break;
    }
  }
  if (object.journal) path += 's';
  return without_dot_parts(std::move(path));
}

}  // namespace edgeseal::transport
