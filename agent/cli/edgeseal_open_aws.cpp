// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/edgeseal_open_aws.h"

#include <cstdlib>
#include <string_view>

#include "transport/aws/credentials_factory.h"

namespace edgeseal::agent {
namespace {

/// Nothing when it is unset or empty, as the AWS command line takes it.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::unique_ptr<transport::CredentialsProvider> credentials(const OpenArguments& arguments) {
  if (arguments.profile.empty() && !environment("AWS_ACCESS_KEY_ID").empty()) {
    return transport::make_credentials_provider(transport::EnvironmentCredentialsOptions{});
  }
  std::string file = environment("AWS_SHARED_CREDENTIALS_FILE");
  if (file.empty()) file = environment("HOME") + "/.aws/credentials";
  transport::FileCredentialsOptions options{.file = {SecretRef::Source::file, std::move(file)}};
  const std::string profile = arguments.profile.empty() ? environment("AWS_PROFILE") : arguments.profile;
  if (!profile.empty()) options.profile = profile;
  return transport::make_credentials_provider(options);
}

std::string bucket_region(const OpenArguments& arguments) {
  for (const std::string& region :
       {arguments.region, environment("AWS_REGION"), environment("AWS_DEFAULT_REGION"), std::string("us-east-1")}) {
    if (!region.empty()) return region;
  }
  return "";
}

}  // namespace

Result<std::unique_ptr<transport::KmsClient>> make_kms_client(const OpenArguments& arguments) {
  transport::KmsOptions options;
  options.region = arguments.region;
  options.endpoint = arguments.endpoint;
  options.ca_file = arguments.ca_file;
  return transport::KmsClient::create(std::move(options), credentials(arguments));
}

Result<std::shared_ptr<transport::S3Reader>> make_s3_reader(const OpenArguments& arguments, const std::string& bucket) {
  transport::S3Location location{bucket, bucket_region(arguments), arguments.s3_endpoint,
                                 !arguments.s3_endpoint.empty()};
  auto reader = transport::S3Reader::create(std::move(location), credentials(arguments), arguments.ca_file);
  if (!reader) return failed(reader);
  return std::shared_ptr<transport::S3Reader>(std::move(*reader));
}

}  // namespace edgeseal::agent
