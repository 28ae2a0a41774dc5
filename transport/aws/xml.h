// SPDX-License-Identifier: GPL-3.0-or-later
// The small XML documents that S3 answers with. xml.cpp is the only file with expat.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::transport {

/// Is called for each element that holds no other elements, in the document's order. `path` has the names from the
/// root, without attributes: "ListBucketResult/Contents/Key". `text` has its entities resolved. Both live only for the
/// call: nothing is copied per leaf, so that the work grows with the document's length, also with many leaves in a long
/// path.
using OnXmlLeaf = std::function<void(std::string_view path, std::string_view text)>;

/// Reads a document; gives the name of its root. Time and memory grow linearly with its length. Fails with
/// Kind::transient, as a broken answer does, when it is not well-formed, nests deeper than 16 levels, has a name of
/// more than 256 bytes, or has a document type (S3's have none, attacks on parsers do). Leaves that came before the
/// fault have been told then.
[[nodiscard]] Result<std::string> read_xml(ByteView document, const OnXmlLeaf& on_leaf);

}  // namespace edgeseal::transport
