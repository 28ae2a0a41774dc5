// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/process.h"

#include <csignal>
#include <new>
#include <thread>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace edgeseal::agent {
namespace {

/// Ends the process, with status 0 if its memory is its own.
void protect_and_exit() {
  protect_memory();
  rlimit core{};
  const bool asked = getrlimit(RLIMIT_CORE, &core) == 0;
  _exit(asked && core.rlim_cur == 0 && core.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1);
}

TEST(ProcessDeathTest, ItsMemoryIsWrittenToNoCoreAndTracedByNobody) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(protect_and_exit(), testing::ExitedWithCode(0), "");
}

TEST(ProcessDeathTest, AnExceptionThatNobodyTakesIsNamed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        name_untaken_exceptions();
        std::thread([] { throw std::bad_alloc(); }).join();
      },
      testing::KilledBySignal(SIGABRT),
      "error: edgeseal ends by an exception that nobody could take: std::bad_alloc; what was not acknowledged stays");
}

}  // namespace
}  // namespace edgeseal::agent
