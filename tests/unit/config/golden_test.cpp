// SPDX-License-Identifier: GPL-3.0-or-later
// Every file in tests/vectors/config/bad is refused, in exactly the words of the .expected beside it; every file in
// good loads with exactly those warnings. The first line of a file names the check. `# set:`, `# gateway:` and `# env:`
// give it a command line and an environment. EDGESEAL_UPDATE=1 writes the .expected anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/places.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const fs::path kVectors = fs::path(edgeseal::test::source_dir()) / "tests/vectors/config";

std::vector<fs::path> vectors(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kVectors / folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// The file as `gw.yaml` in a folder of its own, with what its head asks for.
void prepare(const fs::path& vector, World& world) {
  const std::string text = edgeseal::test::read_file(vector);
  world.file("gw.yaml", text);
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line) && line.starts_with("# ")) {
    if (line.starts_with("# set: ")) world.set(line.substr(7));
    if (line.starts_with("# gateway: ")) world.gateway(line.substr(11));
    if (line.starts_with("# env: ")) {
      const std::size_t equals = line.find('=');
      const std::string value = line.substr(equals + 1);
      world.variables[line.substr(7, equals - 7)] = value == "\\xff" ? "\xff" : value;
    }
  }
}

class Golden : public ::testing::TestWithParam<fs::path> {
 protected:
  void compare(const std::string& said) {
    const fs::path expected = fs::path(GetParam()).replace_extension(".expected");
    const char* update = std::getenv("EDGESEAL_UPDATE");
    if (update != nullptr && std::string_view(update) == "1") std::ofstream(expected, std::ios::binary) << said;
    EXPECT_EQ(said, edgeseal::test::read_file(expected));
  }
};

class GoldenBad : public Golden {};
TEST_P(GoldenBad, IsRefusedInTheseWords) {
  World world;
  prepare(GetParam(), world);
  EXPECT_THAT(edgeseal::test::read_file(GetParam()), StartsWith("# check: "));
  EXPECT_THAT(world.load(), Not(Loads()));
  const std::string said = complaints(world);
  EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << "a password was shown";
  compare(said);
}

class GoldenGood : public Golden {};
TEST_P(GoldenGood, LoadsWithTheseWarnings) {
  World world;
  prepare(GetParam(), world);
  EXPECT_THAT(world.load(), Loads());
  compare(complaints(world));
}

std::string test_name(const ::testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Config, GoldenBad, ::testing::ValuesIn(vectors("bad")), test_name);
INSTANTIATE_TEST_SUITE_P(Config, GoldenGood, ::testing::ValuesIn(vectors("good")), test_name);

}  // namespace
}  // namespace edgeseal::config::test
