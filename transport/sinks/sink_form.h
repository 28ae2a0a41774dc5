// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the settings of a sink, each of good form, fit together.
#pragma once
#include "crypto/base/form.h"
#include "transport/sinks/sink_options.h"

namespace edgeseal::transport {

/// Nothing when they do. make_sink refuses what this refuses. One overload per kind of sink.
[[nodiscard]] std::optional<Misfit> sink_misfit(const DirectorySinkOptions& options);
[[nodiscard]] std::optional<Misfit> sink_misfit(const S3SinkOptions& options);

}  // namespace edgeseal::transport
