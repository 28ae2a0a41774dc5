// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/inputs.h"

#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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

/// Puts something else in the place of a file. Gives false where this user may not make it.
using TakePlace = bool (*)(const char* path);

bool pipe_takes_place(const char* path) { return mkfifo(path, 0600) == 0; }
bool folder_takes_place(const char* path) { return mkdir(path, 0700) == 0; }
bool link_to_a_pipe_takes_place(const char* path) {
  const std::string pipe = std::string(path) + ".pipe";
  return mkfifo(pipe.c_str(), 0600) == 0 && symlink(pipe.c_str(), path) == 0;
}
/// One that never ends, like a file of a medium that someone prepared.
bool device_takes_place(const char* path) { return mknod(path, S_IFCHR | 0600, makedev(1, 5)) == 0; }

// Whoever can write to the folder may do it after it was listed. None of these is waited for, or read without an end.
TEST(FolderInputsTest, ReadNothingButRegularFilesWhateverTakesTheirPlace) {
  for (const TakePlace take_place :
       {pipe_takes_place, folder_takes_place, link_to_a_pipe_takes_place, device_takes_place}) {
    const test::TempDir dir;
    const auto path = dir.write("1.esdk", as_text(batch(link(1), {})));
    dir.write("2.esdk", as_text(batch(link(2), {})));
    const auto inputs = folder_inputs(dir.path());
    ASSERT_THAT(inputs, IsOk());
    ASSERT_EQ(inputs->size(), 2U);
    std::filesystem::remove(path);
    if (!take_place(path.c_str())) continue;

    EXPECT_THAT(inputs->at(0).read([](ByteView) -> Result<void> { return fail(Kind::fault, "read"); }),
                Fails(Kind::invalid, HasSubstr("1.esdk: ")));
    EXPECT_THAT(inputs->at(1).read([](ByteView) -> Result<void> { return {}; }), IsOk());
    EXPECT_THAT(names_of(*folder_inputs(dir.path())), ElementsAre("2.esdk"));
  }
}

// As `edgeseal-open <(command)` has it.
TEST(FileInputTest, ReadsAPipeThatIsNamed) {
  const test::TempDir dir;
  const std::string pipe = dir / "1.esdk";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::jthread writer([&] {
    const int descriptor = open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(write(descriptor, "bytes", 5), 5);
    close(descriptor);
  });
  std::string got;
  EXPECT_THAT(file_input(pipe, "1.esdk").read([&](ByteView piece) -> Result<void> {
    got += as_text(piece);
    return {};
  }),
              IsOk());
  EXPECT_EQ(got, "bytes");
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
