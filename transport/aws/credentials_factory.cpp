// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/credentials_factory.h"

#include "crypto/base/ensure.h"
#include "transport/aws/environment_credentials.h"
#include "transport/aws/file_credentials.h"

namespace edgeseal::transport {

std::unique_ptr<CredentialsProvider> make_credentials_provider(const AwsCredentialsOptions& options) {
  using From = AwsCredentialsOptions::From;
  switch (options.from) {
    case From::environment:
      return std::make_unique<EnvironmentCredentials>();
    case From::file:
      return std::make_unique<FileCredentials>(SecretRef{SecretRef::Source::file, options.name}, options.profile);
    case From::credential:
      return std::make_unique<FileCredentials>(SecretRef{SecretRef::Source::credential, options.name}, options.profile);
  }
  ensure_failed("options.from is a known source", __FILE__, __LINE__);
}

}  // namespace edgeseal::transport
