// SPDX-License-Identifier: GPL-3.0-or-later
// Options of a bucket that batches are uploaded to.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "crypto/base/form.h"
#include "crypto/base/result.h"
#include "transport/aws/credentials_options.h"
#include "transport/sinks/object_name_form.h"

namespace edgeseal::transport {

class Sink;

struct S3SinkOptions {
  static constexpr std::string_view kType = "s3";
  std::string bucket;
  std::string region;
  std::string endpoint;     ///< http(s)://host[:port]; empty: AWS's own for the region
  bool path_style = false;  ///< bucket in the path instead of the host name, as most S3-compatible servers want
  std::string key = kDefaultObjectName;
  AwsCredentialsOptions credentials;
  std::string ca;                    ///< PEM file for https; empty: the system's store
  std::chrono::seconds timeout{60};  ///< longest silence; one upload may take this and what 4 KiB/s needs besides
};

/// Whether values of good form fit together: nothing when they do. S3Sink::create refuses what this refuses.
[[nodiscard]] std::optional<Misfit> sink_misfit(const S3SinkOptions& options);

/// S3Sink::create. In the library of the sinks; config does not call it.
[[nodiscard]] Result<std::unique_ptr<Sink>> create_sink(const S3SinkOptions& options, std::stop_token stop);

}  // namespace edgeseal::transport
