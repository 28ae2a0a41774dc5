// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <stop_token>

#include "crypto/base/result.h"
#include "transport/sinks/sink.h"
#include "transport/sinks/sink_options.h"

namespace edgeseal::transport {

/// Makes the sink that the options ask for. It connects to nothing and touches no file yet.
/// Once `stop` is requested, deliver() of a sink on the network ends within about a second, with Kind::transient.
/// Fails with Kind::invalid when the options cannot be used, for example the object name, the bucket or the endpoint.
[[nodiscard]] Result<std::unique_ptr<Sink>> make_sink(const SinkOptions& options, std::stop_token stop = {});

}  // namespace edgeseal::transport
