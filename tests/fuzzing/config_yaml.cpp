// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as a configuration file: it ends in options or in complaints that a terminal may show; and what is shown of
// the options loads as the same ones.
#include <algorithm>
#include <string>

#include "config/loader.h"
#include "config/show.h"
#include "tests/fuzzing/memory_file.h"
#include "tests/fuzzing/target.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::fuzzing {
namespace {

void check_printable(const std::string& text) {
  ENSURE(std::ranges::none_of(
      text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f; }));
}

config::Diagnosed<config::Loaded> load(ByteView text) {
  const MemoryFile file(text);
  return config::load({.files = {file.path()}, .gateway = {}, .sets = {}}, config::test::environment());
}

}  // namespace

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  const auto add = [&](std::string_view text) { all.emplace_back(text.begin(), text.end()); };
  add(config::test::kSmallest);
  for (const char* name : {"anchors", "example", "warnings"}) {
    add(test::read_file(test::source_dir() + "/tests/vectors/config/good/" + name + ".yaml"));
  }
  return all;
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  using edgeseal::config::ShowFormat;
  const auto loaded = load({data, size});
  if (!loaded) {
    ENSURE(!loaded.error().empty());
    check_printable(render(loaded.error()));
    return 0;
  }
  check_printable(render(loaded->warnings));
  for (const ShowFormat format : {ShowFormat::yaml, ShowFormat::json}) {
    const std::string shown = show(loaded->settings, format, false);
    check_printable(shown);
    const auto again = load(edgeseal::as_bytes(shown));
    ENSURE(again && show(again->settings, format, false) == shown);
  }
  return 0;
}
