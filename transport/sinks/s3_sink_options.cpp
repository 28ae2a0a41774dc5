// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/s3_sink_options.h"

#include "transport/aws/s3_form.h"

namespace edgeseal::transport {

std::optional<Misfit> sink_misfit(const S3SinkOptions& options) {
  if (auto misfit = s3_address_misfit(options.bucket, options.endpoint, options.path_style)) return misfit;
  if (options.ca.empty() || !options.endpoint.starts_with("http://")) return std::nullopt;
  return Misfit{.setting = "ca", .problem = {"an https:// endpoint with it"}, .found = in_quotes(options.endpoint)};
}

}  // namespace edgeseal::transport
