// SPDX-License-Identifier: GPL-3.0-or-later
// Why something was lost: the one list, with the text of each as the spool, owners and metrics see it.
// docs/batch-format.md says what each means.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace edgeseal::storage {

enum class DropReason {
  spool_full,      ///< the spool or the disk had no room
  expired,         ///< older than the route's ttl
  no_sink,         ///< every sink that it waited for has left the configuration
  damaged,         ///< its bytes are no longer what was sealed
  spool_damaged,   ///< what of a damaged spool could not be salvaged; how many is not known
  wal_lost,        ///< what the spool's log held; how many is not known
  too_large,       ///< longer than source.max_packet
  qos0_full,       ///< QoS 0 past the bound of what may wait
  broker_dropped,  ///< for any client of the broker
  session_lost,    ///< with the session that the broker should have kept; how many is not known
  other,           ///< the database has a text that this program does not know: a damaged one, or of another edgeseal
};

/// Each, in the order of the list.
inline constexpr std::array kDropReasons{
    DropReason::spool_full,     DropReason::expired,      DropReason::no_sink,   DropReason::damaged,
    DropReason::spool_damaged,  DropReason::wal_lost,     DropReason::too_large, DropReason::qos0_full,
    DropReason::broker_dropped, DropReason::session_lost, DropReason::other};

/// "spool_full".
[[nodiscard]] std::string_view text_of(DropReason reason);

/// DropReason::other for a text that is none of these.
[[nodiscard]] DropReason drop_reason_of(std::string_view text);

}  // namespace edgeseal::storage
