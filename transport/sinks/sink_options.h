// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all kinds of sinks. A new kind has its options in a header of its own, with three things beside the
// struct: kType, sink_misfit() and create_sink(). Here it is included, and named in SinkOptions; nothing else lists it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "transport/sinks/directory_sink_options.h"
#include "transport/sinks/s3_sink_options.h"

namespace edgeseal::transport {

using SinkOptions = std::variant<S3SinkOptions, DirectorySinkOptions>;

/// The types of sinks as a configuration names them: kType of each.
[[nodiscard]] inline std::vector<std::string> sink_types() {
  return []<typename... Kinds>(std::type_identity<std::variant<Kinds...>>) {
    return std::vector<std::string>{std::string(Kinds::kType)...};
  }(std::type_identity<SinkOptions>{});
}

/// Default options of the sink of that type; nothing for another word.
[[nodiscard]] inline std::optional<SinkOptions> default_sink_options(std::string_view type) {
  return [type]<typename... Kinds>(std::type_identity<std::variant<Kinds...>>) {
    std::optional<SinkOptions> found;
    ((type == Kinds::kType ? static_cast<void>(found.emplace(Kinds{})) : void()), ...);
    return found;
  }(std::type_identity<SinkOptions>{});
}

}  // namespace edgeseal::transport
