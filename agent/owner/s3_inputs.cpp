// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/s3_inputs.h"

#include <algorithm>

namespace edgeseal::agent {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Cuts the digits that `text` begins with off it, without leading zeros.
std::string_view take_number(std::string_view& text) {
  const auto end = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view number_a = take_number(a);
      const std::string_view number_b = take_number(b);
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;  // equal but for leading zeros
}

std::filesystem::path safe_relative(std::string_view key) {
  std::filesystem::path path;
  while (!key.empty()) {
    std::string part(key.substr(0, key.find('/')));
    key.remove_prefix(std::min(part.size() + 1, key.size()));
    std::replace(part.begin(), part.end(), '\0', '_');  // where a file name would end
    if (!part.empty() && part != "." && part != "..") path /= part;
  }
  return path;
}

Result<std::vector<Input>> s3_inputs(std::shared_ptr<transport::S3Reader> reader, const transport::S3Address& address) {
  std::vector<std::string> keys;
  auto listed = reader->list(address.prefix, [&keys](const transport::ListedObject& object) -> Result<void> {
    if (is_object_name(object.key)) keys.push_back(object.key);
    return {};
  });
  if (!listed) return failed(listed);
  std::sort(keys.begin(), keys.end(), natural_less);
  // Below the folder of outputs stands what follows the last "/" of the prefix.
  const std::size_t slash = address.prefix.rfind('/');
  const std::size_t cut = slash == std::string::npos ? 0 : slash + 1;
  std::vector<Input> inputs;
  inputs.reserve(keys.size());
  for (const std::string& key : keys) {
    inputs.push_back({"s3://" + address.bucket + "/" + key, safe_relative(std::string_view(key).substr(cut)),
                      [reader, key](const TakeBytes& take) { return reader->get(key, take); }});
  }
  return inputs;
}

}  // namespace edgeseal::agent
