// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "transport/aws/credentials.h"
#include "transport/aws/environment_credentials_options.h"

namespace edgeseal::transport {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if set, AWS_SESSION_TOKEN.
/// Source: AWS SDKs and Tools Reference Guide, "AWS access keys".
class EnvironmentCredentials final : public CredentialsProvider {
 public:
  [[nodiscard]] Result<AwsCredentials> get() override;
};

}  // namespace edgeseal::transport
