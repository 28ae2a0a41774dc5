// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>

#include "transport/aws/credentials.h"
#include "transport/aws/credentials_options.h"

namespace edgeseal::transport {

/// The provider that the options ask for. Reads nothing yet.
[[nodiscard]] std::unique_ptr<CredentialsProvider> make_credentials_provider(const AwsCredentialsOptions& options);

}  // namespace edgeseal::transport
