// SPDX-License-Identifier: GPL-3.0-or-later
// Where AWS credentials for uploading come from. None of them can open a batch.
#pragma once
#include <string>

namespace edgeseal::transport {

struct AwsCredentialsOptions {
  enum class From {
    environment,  ///< AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
    file,         ///< an AWS shared credentials file
    credential,   ///< the same format, as a systemd credential of this name
  };
  From from = From::environment;
  std::string name;                 ///< path or credential name
  std::string profile = "default";  ///< section of the file
};

}  // namespace edgeseal::transport
