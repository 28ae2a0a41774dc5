// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/source_text.h"

namespace edgeseal::config {

std::string describe(const Sources& sources, const Origin& origin) {
  const SourceText& source = *sources[origin.source];
  if (!source.is_file || origin.line == 0) return source.name;
  return source.name + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column);
}

}  // namespace edgeseal::config
