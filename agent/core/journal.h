// SPDX-License-Identifier: GPL-3.0-or-later
// Journals that outlived their process become batches of their own: their key is gone, so they are packed as they are.
#pragma once
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "storage/spool_types.h"

namespace edgeseal::agent {

/// The journal object (.esdks, agent/batch/batch_layout.h) of a leftover journal, ready to be committed at its place in
/// the chain. `tip` is the route's; Kind::corrupt when the journal does not continue it.
[[nodiscard]] Result<storage::SealedBatch> promote(const storage::LeftoverJournal& journal, const ChainTip& tip);

}  // namespace edgeseal::agent
