// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/environment_credentials.h"

#include <cstdlib>

namespace edgeseal::transport {
namespace {

/// Empty counts as not set, as it does for AWS's own tools.
std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

std::unique_ptr<CredentialsProvider> create_credentials(const EnvironmentCredentialsOptions& /*options*/) {
  return std::make_unique<EnvironmentCredentials>();
}

Result<AwsCredentials> EnvironmentCredentials::get() {
  const std::string_view id = variable("AWS_ACCESS_KEY_ID");
  const std::string_view secret = variable("AWS_SECRET_ACCESS_KEY");
  if (id.empty() || secret.empty()) {
    return fail(Kind::sink_refused,
                std::string("environment variable ") + (id.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY") +
                    " is not set",
                {}, "set it, or name a credentials file");
  }
  return AwsCredentials{.access_key_id = std::string(id),
                        .secret_access_key = SecretBytes::copy_of(as_bytes(secret)),
                        .session_token = SecretBytes::copy_of(as_bytes(variable("AWS_SESSION_TOKEN")))};
}

}  // namespace edgeseal::transport
