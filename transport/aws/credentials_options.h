// SPDX-License-Identifier: GPL-3.0-or-later
// The list of where AWS credentials can come from. None of them can open a batch. A new provider has its options in a
// header of its own, with create_credentials() beside the struct. Here it is included and named; nothing else lists it.
#pragma once
#include <variant>

#include "transport/aws/environment_credentials_options.h"
#include "transport/aws/file_credentials_options.h"

namespace edgeseal::transport {

using AwsCredentialsOptions = std::variant<EnvironmentCredentialsOptions, FileCredentialsOptions>;

}  // namespace edgeseal::transport
