// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/file_credentials.h"

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

Profile find_profile(std::string_view text, std::string_view name) {
  Profile profile;
  bool inside = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      inside = trimmed(line.substr(1, line.find(']') - 1)) == name;
      profile.found |= inside;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, equals));
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (key == "aws_access_key_id") profile.id = value;
    if (key == "aws_secret_access_key") profile.secret = value;
    if (key == "aws_session_token") profile.token = value;
  }
  return profile;
}

}  // namespace

FileCredentials::FileCredentials(SecretRef file, std::string profile)
    : file_(std::move(file)), profile_(std::move(profile)) {}

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
