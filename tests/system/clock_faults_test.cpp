// SPDX-License-Identifier: GPL-3.0-or-later
// A wall clock that is decades off, and jumps while the gateway runs. libfaketime shows it to this one process.
#include <fstream>

#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using ::testing::StartsWith;

/// Where Debian's libfaketime lies; empty when it is not installed.
std::string faketime_library() {
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib")) {
    const auto library = folder.path() / "faketime/libfaketimeMT.so.1";
    if (std::filesystem::exists(library)) return library.string();
  }
  return {};
}

class ClockFaultTest : public GatewayTest {
 protected:
  ClockFaultTest() : GatewayTest(patient_broker()) {}
  void SetUp() override {
#ifdef EDGESEAL_SANITIZED
    GTEST_SKIP() << "libfaketime stands before the sanitizer's runtime, which then misses waits and unlocks";
#endif
    if (library_.empty()) GTEST_SKIP() << "this needs libfaketime";
    configure("200ms");
  }
  /// The offset of the gateway's wall clock, in the words of libfaketime: "-56y".
  void set_clock(const std::string& offset) const {
    folder_.write("clock.new", offset + "\n");
    std::filesystem::rename(folder_ / "clock.new", folder_ / "clock");
  }
  void start_at(const std::string& offset) {
    set_clock(offset);
    start_gateway({{"LD_PRELOAD", library_},
                   {"FAKETIME_TIMESTAMP_FILE", (folder_ / "clock").string()},
                   {"FAKETIME_NO_CACHE", "1"},
                   {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
  }
  /// Publishes and waits until it is delivered.
  void pass(const std::string& payload) {
    const std::uint64_t before = committed();
    publish({payload});
    ASSERT_TRUE(eventually([&] { return committed() == before + 1 && spool_is_empty(); })) << payload << "\n"
                                                                                           << status().dump(1);
  }

  const std::string library_ = faketime_library();
};

TEST_F(ClockFaultTest, JumpsOfYearsEitherWayStopNothingAndLoseNothing) {
  start_at("-50y");
  ASSERT_NO_FATAL_FAILURE(pass("in the seventies"));
  set_clock("+60y");
  ASSERT_NO_FATAL_FAILURE(pass("in the eighties, a hundred years on"));
  set_clock("-20y");
  ASSERT_NO_FATAL_FAILURE(pass("and back again"));
  EXPECT_EQ(stop_gateway(), 0);
  start_at("+0");
  ASSERT_NO_FATAL_FAILURE(pass("today"));
  EXPECT_EQ(stop_gateway(), 0);

  const auto records = opened();
  ASSERT_EQ(records.size(), 4U);
  std::map<std::string, std::string> received;
  std::map<std::uint64_t, std::string> by_sequence;
  for (const auto& record : records) {
    received[record["payload"]] = record["received"];
    by_sequence[record["seq"]] = record["payload"];
  }
  EXPECT_THAT(received["in the seventies"], StartsWith("197"));
  EXPECT_THAT(received["in the eighties, a hundred years on"], StartsWith("208"));
  EXPECT_THAT(received["and back again"], StartsWith("200"));
  EXPECT_EQ(by_sequence[1], "in the seventies");
  EXPECT_EQ(by_sequence[2], "in the eighties, a hundred years on");
  EXPECT_EQ(by_sequence[3], "and back again");
  EXPECT_EQ(by_sequence[4], "today") << "the chain goes by number, not by date";
}

}  // namespace
}  // namespace edgeseal::test
