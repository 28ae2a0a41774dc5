// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/drop_reason.h"

#include <algorithm>

namespace edgeseal::storage {

std::string_view text_of(DropReason reason) {
  switch (reason) {
    case DropReason::spool_full:
      return "spool_full";
    case DropReason::expired:
      return "expired";
    case DropReason::no_sink:
      return "no_sink";
    case DropReason::damaged:
      return "damaged";
    case DropReason::spool_damaged:
      return "spool_damaged";
    case DropReason::wal_lost:
      return "wal_lost";
    case DropReason::too_large:
      return "too_large";
    case DropReason::qos0_full:
      return "qos0_full";
    case DropReason::broker_dropped:
      return "broker_dropped";
    case DropReason::session_lost:
      return "session_lost";
    case DropReason::other:
      break;
  }
  return "other";
}

DropReason drop_reason_of(std::string_view text) {
  const auto* const found = std::find_if(kDropReasons.begin(), kDropReasons.end(),
                                         [&](DropReason reason) { return text_of(reason) == text; });
  return found == kDropReasons.end() ? DropReason::other : *found;
}

}  // namespace edgeseal::storage
