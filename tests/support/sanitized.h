// SPDX-License-Identifier: GPL-3.0-or-later
// Sanitizers make a program several times slower. They look at lines that run, not at how often they run, and what a
// test finds by trying very many places it finds without them: under them it tries a share.
#pragma once

namespace edgeseal::test {

#ifdef EDGESEAL_SANITIZED
/// One in so many places, cases or steps is tried. Prime, so that the share meets every remainder of a smaller number.
inline constexpr unsigned kOneIn = 7;
#else
inline constexpr unsigned kOneIn = 1;
#endif

}  // namespace edgeseal::test
