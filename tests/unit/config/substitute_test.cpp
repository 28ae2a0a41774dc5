// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/substitute.h"

#include <cstdlib>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace edgeseal::config {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  std::string text;
  std::string said;
};

Outcome substituted(std::string text) {
  const SourceText defaults{.name = "default", .folder = "/", .text = {}, .is_file = false};
  const Sources sources = {&defaults};
  Report report(sources);
  Node node = scalar(std::move(text), {});
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "1";
    if (name == "EMPTY") return "";
    if (name == "REFERENCE") return "${A}";
    return std::nullopt;
  };
  substitute(node, "a.b", environment, report);
  return {node.text, render(report.errors())};
}

TEST(Substitute, PutsInVariablesAndDefaults) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", ""},
      {"plain", "plain"},
      {"${A}", "1"},
      {"x${A}y${A}z", "x1y1z"},
      {"${EMPTY}", ""},
      {"${EMPTY:-b}", "b"},
      {"${A:-b}", "1"},
      {"${NONE:-b}", "b"},
      {"${NONE:-}", ""},
      {"${NONE:-a:-b}", "a:-b"},
      {"${NONE:-mqtt://h:1}", "mqtt://h:1"},
      {"$${A}", "${A}"},
      {"$${", "${"},
      {"$$${A}", "$${A}"},
      {"$A $SYS/# $ $$", "$A $SYS/# $ $$"},
      {"{route}", "{route}"},
      {"${REFERENCE}", "${A}"},
  };
  for (const auto& [text, expected] : rows) {
    const Outcome outcome = substituted(text);
    EXPECT_EQ(outcome.text, expected) << text;
    EXPECT_EQ(outcome.said, "") << text;
  }
}

TEST(Substitute, RefusesWhatItCannotPutIn) {
  EXPECT_THAT(substituted("${NONE}").said, HasSubstr("a.b: expected the environment variable NONE to be set"));
  EXPECT_THAT(substituted("${A").said, HasSubstr("expected } after ${"));
  for (const char* text : {"${}", "${ A}", "${1A}", "${A-b}", "${A:b}", "${:-b}", "${${A}}"}) {
    EXPECT_THAT(substituted(text).said, HasSubstr("expected ${NAME} or ${NAME:-default}")) << text;
  }
}

TEST(Substitute, RefusesADefaultWithAVariableInIt) {
  for (const char* text : {"${A:-${B}}", "${NONE:-${A}}", "${NONE:-x${A:-y}z}", "${NONE:-$${}"}) {
    EXPECT_THAT(substituted(text).said, HasSubstr("expected a default without a variable in it")) << text;
  }
}

TEST(Substitute, HostnameIsTheMachinesWhenTheEnvironmentHasNone) {
  char name[256] = {};
  ASSERT_EQ(::gethostname(name, sizeof name - 1), 0);
  EXPECT_EQ(substituted("${HOSTNAME}").text, name);
}

TEST(Substitute, TheProcessEnvironment) {
  ::setenv("EDGESEAL_TEST_VARIABLE", "x", 1);
  EXPECT_EQ(process_environment()("EDGESEAL_TEST_VARIABLE"), "x");
  ::unsetenv("EDGESEAL_TEST_VARIABLE");
  EXPECT_EQ(process_environment()("EDGESEAL_TEST_VARIABLE"), std::nullopt);
}

}  // namespace
}  // namespace edgeseal::config
