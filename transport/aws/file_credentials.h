// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

#include "crypto/base/secret_ref.h"
#include "transport/aws/credentials.h"
#include "transport/aws/file_credentials_options.h"

namespace edgeseal::transport {

/// One profile of an AWS shared credentials file: a path, or a systemd credential in the same format.
///
///     [default]
///     aws_access_key_id = AKIA…
///     aws_secret_access_key = …
///     aws_session_token = …        # if they are temporary
///
/// Other keys and sections are passed over. Lines that begin with # or ; are comments. Of a key that is given twice the
/// last counts. Credentials that would have to be fetched (role_arn, credential_process, sso_…) are not supported.
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
class FileCredentials final : public CredentialsProvider {
 public:
  FileCredentials(SecretRef file, std::string profile);
  [[nodiscard]] Result<AwsCredentials> get() override;
  [[nodiscard]] std::string stamp() const override { return file_.stamp(); }

 private:
  SecretRef file_;
  std::string profile_;
};

}  // namespace edgeseal::transport
