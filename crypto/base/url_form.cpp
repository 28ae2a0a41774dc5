// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/url_form.h"

#include <algorithm>

namespace edgeseal {

std::optional<Problem> server_url_form(std::string_view text, std::array<std::string_view, 2> schemes,
                                       std::span<const SchemeSlip> slips, std::string_view user_fix) {
  const std::string expected =
      std::string(schemes[0]) + "://HOST[:PORT] or " + std::string(schemes[1]) + "://HOST[:PORT]";
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return Problem{expected, "write " + std::string(schemes[0]) + "://…"};
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view server = text.substr(colon + 3);
  if (server.find('@') != std::string_view::npos) {
    return Problem{expected + " without user name and password", std::string(user_fix)};
  }
  if (std::ranges::find(schemes, scheme) == schemes.end()) {
    const auto slip = std::ranges::find(slips, scheme, &SchemeSlip::wrong);
    return Problem{expected,
                   slip == slips.end() ? "" : "write " + std::string(slip->right) + "://" + std::string(server)};
  }
  if (is_host_and_port(server)) return std::nullopt;
  return Problem{expected, server.ends_with('/') ? "leave out the / at the end" : ""};
}

}  // namespace edgeseal
