// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/object_name_form.h"

#include <algorithm>
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/nearest.h"
#include "crypto/base/utf8.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kTemplateBytesMax = 512;
constexpr std::size_t kNameBytesMax = 1024;  // Amazon S3 User Guide, "Naming Amazon S3 objects"
constexpr std::size_t kPartBytesMax = 254;   // NAME_MAX, and an s for a journal object
constexpr const char* kExpectedTemplate = "a template of object names";
/// The longest text of each of kObjectNameFields.
constexpr std::array<std::size_t, kObjectNameFields.size()> kFieldBytesMax = {
    kGatewayNameBytesMax, kRouteNameBytesMax, 20, 2 * BatchId::kSize, 10, 2};

Problem template_expected(std::string_view what, std::string fix = {}) {
  return {kExpectedTemplate + std::string(what), std::move(fix)};
}

std::optional<Problem> path_problem(std::string_view text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (part.empty()) return template_expected(" without / first, last or twice in a row");
    if (part == "." || part == "..") return template_expected(" without . or .. as a part");
    begin = end + 1;
  }
  return std::nullopt;
}

Problem unknown_field(std::string_view name) {
  const std::vector<std::string> names(kObjectNameFields.begin(), kObjectNameFields.end());
  const auto near = nearest(name, names);
  return template_expected(" with no placeholders but {gateway} {route} {seq} {batch} {date} {hour}",
                           near ? "write {" + *near + "} instead of {" + std::string(name) + "}" : "");
}

/// The text with each placeholder as long as it can become, or what is wrong with the placeholders.
std::optional<Problem> fill(std::string_view text, std::string& longest) {
  bool unique = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t brace = std::min(text.find_first_of("{}", at), text.size());
    longest += text.substr(at, brace - at);
    if (brace == text.size()) break;
    const std::size_t end = text.find_first_of("{}", brace + 1);
    if (text[brace] == '}' || end == std::string_view::npos || text[end] == '{') {
      return template_expected(" with each { closed by a }");
    }
    const std::string_view name = text.substr(brace + 1, end - brace - 1);
    const auto* const field = std::ranges::find(kObjectNameFields, name);
    if (field == kObjectNameFields.end()) return unknown_field(name);
    longest += std::string(kFieldBytesMax[static_cast<std::size_t>(field - kObjectNameFields.begin())], 'x');
    unique = unique || name == "batch";
    at = end + 1;
  }
  if (unique) return std::nullopt;
  return template_expected(" with {batch}, which alone makes names unique ({seq} counts from 1 in each new spool)",
                           "write {seq}-{batch}.esdk at the end");
}

std::optional<Problem> length_problem(std::string_view longest) {
  if (longest.size() + 1 > kNameBytesMax) {  // a journal object's ends in .esdks
    return template_expected(" that come to at most 1,024 bytes with the longest names, found " +
                             std::to_string(longest.size() + 1));
  }
  for (std::size_t begin = 0; begin <= longest.size();) {
    const std::size_t end = std::min(longest.find('/', begin), longest.size());
    if (end - begin > kPartBytesMax) {
      return template_expected(
          " whose parts come to at most 254 bytes each with the longest names, found " + std::to_string(end - begin),
          "put a / between {gateway} and {route}");
    }
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> object_name_form(std::string_view text) {
  if (text.empty() || text.size() > kTemplateBytesMax) return template_expected(" of 1 to 512 bytes");
  if (text.find('\\') != std::string_view::npos) return template_expected(" without \\");
  if (!is_utf8(text) || std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return template_expected(" in UTF-8, without control characters");
  }
  if (auto problem = path_problem(text)) return problem;
  std::string longest;
  if (auto problem = fill(text, longest)) return problem;
  if (!text.ends_with(".esdk")) {
    return template_expected(" that ends in .esdk, by which edgeseal-open knows its objects", "add .esdk");
  }
  return length_problem(longest);
}

}  // namespace edgeseal::transport
