// SPDX-License-Identifier: GPL-3.0-or-later
// Options of every kind of sink, filled by config.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <variant>

#include "transport/aws/credentials_options.h"

namespace edgeseal::transport {

inline constexpr const char* kDefaultObjectName =
    "gateway={gateway}/route={route}/dt={date}/hour={hour}/{seq}-{batch}.esdk";

struct DirectorySinkOptions {
  std::filesystem::path path;
  std::string key = kDefaultObjectName;  ///< name below `path`; a journal object gets .esdks instead of .esdk
  bool require_mount = false;            ///< `path` must be a mount point; until it is, nothing is written
};

struct S3SinkOptions {
  std::string bucket;
  std::string region;
  std::string endpoint;     ///< http(s)://host[:port]; empty: AWS's own for the region
  bool path_style = false;  ///< bucket in the path instead of the host name, as most S3-compatible servers want
  std::string key = kDefaultObjectName;
  AwsCredentialsOptions credentials;
  std::string ca;                    ///< PEM file for https; empty: the system's store
  std::chrono::seconds timeout{60};  ///< longest silence; one upload may take this and what 4 KiB/s needs besides
};

using SinkOptions = std::variant<DirectorySinkOptions, S3SinkOptions>;

}  // namespace edgeseal::transport
