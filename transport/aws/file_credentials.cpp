// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/file_credentials.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace edgeseal::transport {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Views into the file's text, which stays in locked memory.
struct Profile {
  bool found = false;
  std::string_view id;
  std::string_view secret;
  std::string_view token;
};

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// Names in any case, as AWS's own tools take them, and as they stand in the environment.
Profile find_profile(std::string_view text, std::string_view name) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  Profile profile;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  bool inside = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      const std::size_t close = std::min(line.find(']'), line.size());
      inside = without_quotes(trimmed(line.substr(1, close - 1))) == name;
      profile.found |= inside;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, equals));
    const std::string_view value = without_quotes(trimmed(line.substr(equals + 1)));
    if (equal_but_for_case(key, "aws_access_key_id")) profile.id = value;
    if (equal_but_for_case(key, "aws_secret_access_key")) profile.secret = value;
    if (equal_but_for_case(key, "aws_session_token")) profile.token = value;
  }
  return profile;
}

}  // namespace

FileCredentials::FileCredentials(SecretRef file, std::string profile)
    : file_(std::move(file)), profile_(std::move(profile)) {}

std::unique_ptr<CredentialsProvider> create_credentials(const FileCredentialsOptions& options) {
  return std::make_unique<FileCredentials>(options.file, options.profile);
}

Result<AwsCredentials> FileCredentials::get() {
  auto text = file_.read();
  if (!text) {
    text.error().kind = Kind::sink_refused;
    return failed(text, "AWS credentials");
  }
  const Profile profile = find_profile(as_text(std::as_const(*text).reveal()), profile_);
  if (!profile.found) {
    return fail(Kind::sink_refused, "AWS credentials: there is no profile [" + profile_ + "]", file_.describe(),
                "add the section, or name another profile");
  }
  if (profile.id.empty() || profile.secret.empty()) {
    return fail(Kind::sink_refused,
                "AWS credentials: profile [" + profile_ + "] has no " +
                    (profile.id.empty() ? "aws_access_key_id" : "aws_secret_access_key"),
                file_.describe(), "add it; profiles that fetch their keys (role_arn, credential_process) are not read");
  }
  return AwsCredentials{.access_key_id = std::string(profile.id),
                        .secret_access_key = SecretBytes::copy_of(as_bytes(profile.secret)),
                        .session_token = SecretBytes::copy_of(as_bytes(profile.token))};
}

}  // namespace edgeseal::transport
