// SPDX-License-Identifier: GPL-3.0-or-later
// Builds what edgeseal-open needs of AWS from its command line.
#pragma once
#include <memory>

#include "agent/cli/edgeseal_open_arguments.h"
#include "transport/owner/kms_client.h"
#include "transport/owner/s3_reader.h"

namespace edgeseal::agent {

/// Both fail with Kind::invalid when endpoint or region cannot be used. They connect to nothing yet.
[[nodiscard]] Result<std::unique_ptr<transport::KmsClient>> make_kms_client(const OpenArguments& arguments);
[[nodiscard]] Result<std::shared_ptr<transport::S3Reader>> make_s3_reader(const OpenArguments& arguments,
                                                                          const std::string& bucket);

}  // namespace edgeseal::agent
