// SPDX-License-Identifier: GPL-3.0-or-later
// The small XML documents that S3 answers with. xml.cpp is the only file with expat.
#pragma once
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::transport {

/// An element that holds no other elements.
struct XmlLeaf {
  std::string path;  ///< names from the root down, without attributes: "ListBucketResult/Contents/Key"
  std::string text;  ///< entities resolved; empty for an empty element
};

/// The leaves of a document, in its order. Fails with Kind::transient, as a broken answer does, when it is not
/// well-formed, nests deeper than 16 levels, or has a document type (S3's have none, attacks on parsers do).
[[nodiscard]] Result<std::vector<XmlLeaf>> parse_xml(ByteView document);

}  // namespace edgeseal::transport
