// SPDX-License-Identifier: GPL-3.0-or-later
// Between the two halves of SimVfs: what SQLite asks of the folder (sim_vfs.cpp) and of an open file (sim_file.cpp).
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include <sqlite3.h>

#include "tests/simulation/sim_vfs.h"

namespace edgeseal::test {

/// The write-ahead log's index, which the connections to one file share.
struct SimVfs::SharedMemory {
  std::vector<std::unique_ptr<std::vector<std::uint32_t>>> regions;
};

/// What SQLite sees of an Open.
struct SimVfs::Handle {
  sqlite3_file base;
  std::list<Open>::iterator open;
};

/// The functions for an open file.
[[nodiscard]] const sqlite3_io_methods& sim_file_methods();

}  // namespace edgeseal::test
