// SPDX-License-Identifier: GPL-3.0-or-later
// The form that URLs of servers have here: a scheme, a host and perhaps a port, nothing else.
#pragma once
#include <array>
#include <span>

#include "crypto/base/form.h"

namespace edgeseal {

/// What people write as a scheme, and what they mean by it.
struct SchemeSlip {
  std::string_view wrong;
  std::string_view right;
};

/// SCHEME://HOST[:PORT] with one of the two schemes. `slips` are answered with what to write. `user_fix` is what to do
/// instead of putting a user name into the URL.
[[nodiscard]] std::optional<Problem> server_url_form(std::string_view text, std::array<std::string_view, 2> schemes,
                                                     std::span<const SchemeSlip> slips, std::string_view user_fix);

}  // namespace edgeseal
