// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/s3_listing.h"

#include <charconv>
#include <optional>
#include <utility>

#include "transport/aws/s3_error.h"
#include "transport/aws/xml.h"
#include "transport/http/uri.h"

namespace edgeseal::transport {

Result<ListedPage> parse_listing(ByteView document) {
  ListedPage page;
  bool truncated = false;
  bool encoded = false;
  const auto root = read_xml(document, [&](std::string_view path, std::string_view text) {
    if (path == "ListBucketResult/IsTruncated") truncated = text == "true";
    if (path == "ListBucketResult/NextContinuationToken") page.next = text;
    if (path == "ListBucketResult/EncodingType") encoded = text == "url";
    if (path == "ListBucketResult/Contents/Key") page.objects.push_back({.key = std::string(text)});
    if (path == "ListBucketResult/Contents/Size" && !page.objects.empty()) {
      std::from_chars(text.data(), text.data() + text.size(), page.objects.back().bytes);
    }
  });
  if (!root) return tl::unexpected(root.error());
  if (*root != "ListBucketResult") {
    return fail(Kind::transient, "listing: the answer is a <" + quoted_remote_text(*root) + ">, not a ListBucketResult",
                {}, "look for a captive portal or a proxy in between, and check the endpoint");
  }
  for (ListedObject& object : page.objects) {
    if (encoded) {
      auto key = uri_decode(object.key);
      if (!key) return fail(Kind::transient, "listing: a key is not percent-encoded, though the answer says so");
      object.key = std::move(*key);
    }
    if (object.key.size() > kListedKeyBytesMax) {
      return fail(Kind::transient, "listing: a key of " + std::to_string(object.key.size()) +
                                       " bytes; S3 has none over " + std::to_string(kListedKeyBytesMax));
    }
  }
  if (page.next.size() > kListedTokenBytesMax) {
    return fail(Kind::transient, "listing: a continuation token of " + std::to_string(page.next.size()) + " bytes");
  }
  if (!truncated) page.next.clear();
  if (truncated && page.next.empty())
    return fail(Kind::transient, "listing: it goes on, but the server does not say where");
  return page;
}

}  // namespace edgeseal::transport
