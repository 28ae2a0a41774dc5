// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory a test asked for: a figure that does not depend on the machine. A program that uses this has its
// operator new replaced (link edgeseal_counted_memory).
#pragma once
#include <cstddef>

namespace edgeseal::test {

/// The bytes that operator new was asked for on this thread so far, those given back included.
[[nodiscard]] std::size_t allocated_bytes();

}  // namespace edgeseal::test
