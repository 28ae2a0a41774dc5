// SPDX-License-Identifier: GPL-3.0-or-later
// Parses the header of an AWS Encryption SDK message as its bytes arrive. Nothing in it is authenticated yet.
// Source: AWS Encryption SDK specification, data-format/message-header.md, Header Body Version 2.0, and
// framework/structures.md.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/envelope/encryption_context.h"
#include "crypto/envelope/encryption_materials.h"

namespace edgeseal::crypto {

/// A header that is well-formed; whether it is true, its tag says.
struct EsdkHeader {
  Bytes message_id;
  EncryptionContext::Pairs context;
  std::vector<Edk> edks;
  bool framed = true;
  std::uint32_t frame_bytes = 0;  ///< 0 when not framed
  Bytes commit_key;
  Bytes tag;
  Bytes authenticated;  ///< every byte before the tag
};

/// Takes bytes in pieces of any size. Threads: one at a time.
/// Bounds: holds what has arrived and no more, whatever a length field claims; at most kHeaderBytesMax.
class EsdkHeaderParser {
 public:
  /// 65,535 EDKs of RSA-4096 with their key ARNs need 40 MB.
  static constexpr std::size_t kHeaderBytesMax = 64 * 1024 * 1024;

  EsdkHeaderParser();

  /// Takes what it still needs from the front of `input`. True once the header is whole; then it is not fed again.
  /// Fails with a Refusal as soon as a field is wrong; then it is not used again.
  [[nodiscard]] Result<bool> feed(ByteView& input);

  /// The header that is whole. Once.
  [[nodiscard]] EsdkHeader take() { return std::move(header_); }

 private:
  enum class Field {
    version,
    suite,
    message_id,
    context_bytes,
    context,
    edk_count,
    edk_field_bytes,
    edk_field,
    content_type,
    frame_bytes,
    commit_key,
    tag,
    done,
  };
  [[nodiscard]] Result<void> accept(ByteView bytes);
  [[nodiscard]] Result<void> accept_version(std::uint8_t version);
  [[nodiscard]] Result<void> accept_suite(ByteView bytes);
  [[nodiscard]] Result<void> accept_edk_count(std::uint16_t count);
  void accept_edk_field(ByteView bytes);
  [[nodiscard]] Result<void> accept_content_type(std::uint8_t type);
  [[nodiscard]] Result<void> accept_frame_bytes(std::uint32_t bytes);
  void expect(Field field, std::size_t bytes);

  Field field_ = Field::version;
  std::size_t need_ = 1;  ///< bytes of `field_`; at most 65,535
  std::size_t at_ = 0;    ///< where it begins in header_.authenticated
  bool version_1_ = false;
  std::size_t edks_left_ = 0;
  int edk_part_ = 0;  ///< provider id, provider info, ciphertext
  Edk edk_;
  EsdkHeader header_;
};

/// The pairs of an AAD field, in any order: stock SDKs have sorted by UTF-16. Fails with Refusal::context,
/// context_duplicate or context_reserved.
[[nodiscard]] Result<EncryptionContext::Pairs> parse_pairs(ByteView serialised);

}  // namespace edgeseal::crypto
