// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/sink_factory.h"

namespace edgeseal::transport {

Result<std::unique_ptr<Sink>> make_sink(const SinkOptions& options, std::stop_token stop) {
  return std::visit([&stop](const auto& each) { return create_sink(each, stop); }, options);
}

}  // namespace edgeseal::transport
