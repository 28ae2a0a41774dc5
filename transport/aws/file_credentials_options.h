// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <string>

#include "crypto/base/secret_ref.h"

namespace edgeseal::transport {

class CredentialsProvider;

/// AWS credentials from a shared credentials file: a path, or a systemd credential in the same format.
struct FileCredentialsOptions {
  SecretRef file;
  std::string profile = "default";  ///< section of the file
};

/// In the library of the providers; config does not call it.
[[nodiscard]] std::unique_ptr<CredentialsProvider> create_credentials(const FileCredentialsOptions& options);

}  // namespace edgeseal::transport
