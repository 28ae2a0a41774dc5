// SPDX-License-Identifier: GPL-3.0-or-later
// Journals that outlived their process become batches of their own: their key is gone, so they are packed as they are.
#pragma once
#include <vector>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "storage/spool_types.h"

namespace edgeseal::agent {

/// What a leftover journal becomes, ready to be committed together at its place in the chain.
struct Promotion {
  storage::SealedBatch batch;             ///< the journal object of the sound frames; without bytes if there is none
  std::vector<storage::DropRecord> lost;  ///< "damaged", one for each frame that does not match its digest
};

/// The journal object (.esdks, agent/batch/batch_layout.h) of a leftover journal, which has a frame at least. `tip` is
/// the route's; Kind::corrupt when the journal does not continue it.
[[nodiscard]] Result<Promotion> promote(const storage::LeftoverJournal& journal, const ChainTip& tip);

}  // namespace edgeseal::agent
