// SPDX-License-Identifier: GPL-3.0-or-later
// A message of any size opens in bounded memory. EDGESEAL_OPEN_MEMORY_MIB sets the size; 4096 was tried by hand.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/support/places.h"
#include "tests/system/open_fixture.h"

namespace edgeseal::agent {
namespace {

TEST(OpenMemoryTest, StaysUnder64MiB) {
  const char* asked = std::getenv("EDGESEAL_OPEN_MEMORY_MIB");
  const std::size_t mebibytes = asked == nullptr ? 256 : std::strtoul(asked, nullptr, 10);
  const test::TempDir dir;
  const auto materials = materials_for({{"purpose", "memory"}});
  crypto::Drbg drbg = crypto::Drbg::create().value();
  const crypto::EsdkWriter writer(materials, drbg);
  {
    std::ofstream file(dir / "large.esdk", std::ios::binary);
    Bytes out;
    auto stream = crypto::EsdkStream::start(writer, out).value();
    const Bytes piece(1024 * 1024, 'x');
    for (std::size_t i = 0; i < mebibytes; ++i) {
      ASSERT_THAT(stream.write(piece, out), test::IsOk());
      file.write(reinterpret_cast<const char*>(out.data()), static_cast<std::streamsize>(out.size()));
      out.clear();
    }
    ASSERT_THAT(stream.finish(out), test::IsOk());
    file.write(reinterpret_cast<const char*>(out.data()), static_cast<std::streamsize>(out.size()));
    ASSERT_TRUE(file.flush()) << "no room for the message";
  }
  const auto done = test::run({test::program_dir() + "/edgeseal-open", "--private-key", private_key(), "--format",
                               "message", "-o", "/dev/null", (dir / "large.esdk").string()},
                              {}, std::chrono::seconds(600));
  ASSERT_EQ(done.status, 0) << done.err;
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  RecordProperty("resident_kib", static_cast<int>(used.ru_maxrss));
  EXPECT_LT(used.ru_maxrss, 64 * 1024) << "KiB, for " << mebibytes << " MiB";
}

}  // namespace
}  // namespace edgeseal::agent
