// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>

namespace edgeseal::transport {

class CredentialsProvider;

/// AWS credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
struct EnvironmentCredentialsOptions {};

/// In the library of the providers; config does not call it.
[[nodiscard]] std::unique_ptr<CredentialsProvider> create_credentials(const EnvironmentCredentialsOptions& options);

}  // namespace edgeseal::transport
