// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/object_name.h"

#include <algorithm>

#include "crypto/base/utf8.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kSequenceDigits = 20;  // of the largest 64-bit number
constexpr std::string_view kSuffix = ".esdk";
constexpr std::string_view kFieldNames[] = {"gateway", "route", "seq", "batch", "date", "hour"};

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

/// Why a path would not do as a name; empty when it does.
std::string path_fault(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty()) return "has an empty part, or a / at an end";
    if (part == "." || part == "..") return "has the part " + std::string(part);
    begin = end + 1;
  }
  return {};
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

tl::unexpected<Error> refuse(std::string_view text, const std::string& why) {
  return fail(
      Kind::invalid, "object name \"" + std::string(text) + "\" " + why, {},
      "write it like {route}/{date}/{seq}-{batch}.esdk; placeholders: {gateway} {route} {seq} {batch} {date} {hour}");
}

}  // namespace

Result<ObjectName> ObjectName::parse(std::string_view text) {
  ObjectName name;
  bool has_batch = false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t brace = rest.find_first_of("{}");
    if (brace != 0) {
      name.pieces_.push_back({Field::literal, std::string(rest.substr(0, brace))});
      rest.remove_prefix(std::min(brace, rest.size()));
      continue;
    }
    const std::size_t close = rest.find('}');
    if (rest.front() == '}' || close == std::string_view::npos) return refuse(text, "has a stray brace");
    const std::string_view field = rest.substr(1, close - 1);
    const auto* known = std::find(std::begin(kFieldNames), std::end(kFieldNames), field);
    if (known == std::end(kFieldNames)) return refuse(text, "has the unknown placeholder {" + std::string(field) + "}");
    has_batch |= field == "batch";
    name.pieces_.push_back({static_cast<Field>(1 + (known - std::begin(kFieldNames))), {}});
    rest.remove_prefix(close + 1);
  }
  if (!text.ends_with(kSuffix)) return refuse(text, "does not end in .esdk");
  if (!has_batch) return refuse(text, "has no {batch}: two batches could overwrite each other");
  if (const std::string fault = path_fault(text); !fault.empty()) return refuse(text, fault);
  if (!is_utf8(text) || std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return refuse(text, "has control characters or is not UTF-8");
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
