// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/inputs.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_of(const std::vector<Input>& inputs) {
  std::vector<std::string> names;
  for (const Input& input : inputs) names.push_back(input.relative.string());
  return names;
}

TEST(FolderInputsTest, AreInTheOrderOfGatewayRouteAndSequence) {
  const test::TempDir dir;
  const auto put = [&dir](const std::string& name, const Bytes& object) { dir.write(name, as_text(object)); };
  ChainLink other_gateway = link(1);
  other_gateway.gateway = "truck-002";
  ChainLink other_route = link(1);
  other_route.route = {"alarms"};
  put("a/10.esdk", batch(link(10), {}));
  put("a/9.esdk", batch(link(9), {}));
  put("b/2.esdks", journal(link(2, true), {"x"}, {0}));
  put("z.esdk", batch(other_gateway, {}));
  put("y.esdk", batch(other_route, {}));
  put("foreign.esdk", sealed({{"a", "b"}}, {}));
  put("broken.esdk", {});
  put("notes.txt", batch(link(3), {}));
  const auto inputs = folder_inputs(dir.path());
  ASSERT_THAT(inputs, IsOk());
  EXPECT_THAT(names_of(*inputs),
              ElementsAre("z.esdk", "y.esdk", "b/2.esdks", "a/9.esdk", "a/10.esdk", "broken.esdk", "foreign.esdk"));
}

TEST(FileInputTest, SaysWhichFileCannotBeRead) {
  EXPECT_THAT(file_input("/nowhere/x.esdk", "x.esdk").read([](ByteView) -> Result<void> { return {}; }),
              Fails(Kind::invalid, HasSubstr("/nowhere/x.esdk")));
  EXPECT_THAT(folder_inputs("/nowhere"), Fails(Kind::invalid, HasSubstr("/nowhere")));
}

TEST(FileInputTest, EndsWithTheErrorOfWhoTakesTheBytes) {
  const test::TempDir dir;
  const auto path = dir.write("x", std::string(200'000, 'x'));
  int calls = 0;
  EXPECT_THAT(file_input(path, "x").read([&calls](ByteView) -> Result<void> {
    ++calls;
    return fail(Kind::corrupt, "enough");
  }),
              Fails(Kind::corrupt, "enough"));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace edgeseal::agent
