// SPDX-License-Identifier: GPL-3.0-or-later
// Options of a folder that batches are written to.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "crypto/base/form.h"
#include "crypto/base/result.h"
#include "transport/sinks/object_name_form.h"

namespace edgeseal::transport {

class Sink;

struct DirectorySinkOptions {
  static constexpr std::string_view kType = "directory";
  std::filesystem::path path;
  std::string key = kDefaultObjectName;  ///< name below `path`; a journal object gets .esdks instead of .esdk
  bool require_mount = false;            ///< `path` must be a mount point; until it is, nothing is written
};

/// Whatever values of good form it has, they fit together.
[[nodiscard]] inline std::optional<Misfit> sink_misfit(const DirectorySinkOptions& /*options*/) { return std::nullopt; }

/// DirectorySink::create. In the library of the sinks; config does not call it.
[[nodiscard]] Result<std::unique_ptr<Sink>> create_sink(const DirectorySinkOptions& options, std::stop_token stop);

}  // namespace edgeseal::transport
