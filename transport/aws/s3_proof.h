// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an answer is S3's, and whether it proves that S3 holds the object. A captive portal, a proxy and a web server
// that is not S3 answer a PUT with "200 OK" too; a batch that is believed delivered then is gone for good.
#pragma once
#include <functional>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "transport/http/http_client.h"

namespace edgeseal::transport {

/// Whether S3, or a server that speaks its protocol, made the answer: it has a request id of S3's.
/// Source: Amazon S3 API Reference, "Common Response Headers" (x-amz-request-id, x-amz-id-2).
[[nodiscard]] bool is_from_s3(const HttpResponse& response);

/// The error for an answer that is nobody's whom we know: Kind::transient, for portals let one through in time.
[[nodiscard]] Error not_from_s3(const HttpResponse& response, std::string where);

/// What was uploaded.
struct Uploaded {
  ByteView bytes;
  Digest digest;      ///< SHA-256 of the bytes
  std::string where;  ///< for people
};

/// Judges the answer of status 200 to a PutObject that sent x-amz-checksum-sha256. It proves itself by S3's request id,
/// and one of: the checksum, echoed; an ETag that is the MD5 of the bytes (a plain PutObject's is, unless S3 encrypts
/// with a key of KMS or of the customer's); else by what `head` finds, which asks for the object's HEAD with its
/// checksum: same length, and the same checksum or the ETag that the PUT was answered with.
/// Source: Amazon S3 API Reference, PutObject, HeadObject, "Checking object integrity", Object (ETag).
///
/// Fails with Kind::transient when the answer is not S3's, or speaks of other bytes than were sent; with what `head`
/// fails with; and with Kind::sink_refused when a server that is otherwise S3's proves nothing.
[[nodiscard]] Result<void> prove_upload(const HttpResponse& put, const Uploaded& sent,
                                        const std::function<Result<HttpResponse>()>& head);

}  // namespace edgeseal::transport
