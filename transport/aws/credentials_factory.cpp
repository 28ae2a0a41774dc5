// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/credentials_factory.h"

namespace edgeseal::transport {

std::unique_ptr<CredentialsProvider> make_credentials_provider(const AwsCredentialsOptions& options) {
  return std::visit([](const auto& each) { return create_credentials(each); }, options);
}

}  // namespace edgeseal::transport
