// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/sink_factory.h"

#include <utility>

#include "transport/sinks/directory_sink.h"
#include "transport/sinks/s3_sink.h"

namespace edgeseal::transport {
namespace {

struct Maker {
  std::stop_token stop;
  Result<std::unique_ptr<Sink>> operator()(const DirectorySinkOptions& options) const {
    return DirectorySink::create(options);
  }
  Result<std::unique_ptr<Sink>> operator()(const S3SinkOptions& options) const { return S3Sink::create(options, stop); }
};

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const SinkOptions& options, std::stop_token stop) {
  return std::visit(Maker{std::move(stop)}, options);
}

}  // namespace edgeseal::transport
