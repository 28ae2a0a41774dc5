// SPDX-License-Identifier: GPL-3.0-or-later
// Text from outside, made fit to be shown: on a terminal, in a log, in JSON that someone prints.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace edgeseal {

/// So many bytes of one text are shown, unless said otherwise.
inline constexpr std::size_t kShownBytesMax = 4096;

/// Whether a character steers a terminal or hides from the reader, so that a text with it may not be shown as it is:
/// controls (C0, DEL, C1), bidirectional controls (UAX #9), line and paragraph separators, characters without width
/// (zero-width spaces and joiners, byte order mark, soft hyphen, fillers, tags, interlinear marks), noncharacters.
[[nodiscard]] bool is_unshowable(char32_t character);

/// `text` as one line that a terminal may get: each unshowable character as \u{1B} (its number, hexadecimal), each byte
/// that is no UTF-8 as \xFF, each backslash as \\. Two texts are shown alike only when they are alike, as long as both
/// are within the bound. Of a text of more than `bytes_max` bytes the beginning and the end are shown, and … between
/// them. For the door that prints, once: what is shown already would have its backslashes doubled.
[[nodiscard]] std::string shown(std::string_view text, std::size_t bytes_max = kShownBytesMax);

/// `text` as it is, or, of one with more than `bytes_max` bytes, the beginning and the end and … between them: for a
/// form that has escapes of its own.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t bytes_max = kShownBytesMax);

/// Well-formed JSON with each unshowable character that stands in it raw as \uXXXX (RFC 8259 section 7), which keeps
/// its value. Line breaks between tokens stay.
[[nodiscard]] std::string shown_json(std::string_view json);

}  // namespace edgeseal
