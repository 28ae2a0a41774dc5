// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/process.h"

#include <csignal>
#include <new>
#include <thread>

#include <gtest/gtest.h>

namespace edgeseal::agent {
namespace {

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
