// SPDX-License-Identifier: GPL-3.0-or-later
// Opens an AWS Encryption SDK message (version 2, suite 0x0478, framed or not) as its bytes arrive.
// Source: AWS Encryption SDK specification, client-apis/decrypt.md, data-format/message-body.md, message-body-aad.md.
// The other half is crypto/envelope/esdk_writer.h.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/wipe.h"
#include "crypto/open/aes_gcm_decrypt.h"
#include "crypto/open/data_key_source.h"
#include "crypto/open/esdk_header.h"

namespace edgeseal::crypto {

/// Releases nothing of a frame before it and everything ahead of it has verified: commitment, header tag, then frame by
/// frame its place, IV and tag. What was released before a later frame is refused was truly sealed, in this order; the
/// message is whole only once `finish` has succeeded.
///
/// Does not give: proof of who sealed. Anyone with the public key may have.
/// Ownership: borrows `keys`, which is asked once.
/// Threads:   one at a time.
/// Bounds:    holds the header and one frame, and of these only what has arrived; frames and unframed bodies over
///            kHeldBytesMax are refused.
/// Secrets:   plaintext is decrypted where it stands and wiped with the reader.
class EsdkReader {
 public:
  /// What a frame or an unframed body may be at most. Writers choose; stock SDKs take 4 KiB, edgeseal 64 KiB.
  static constexpr std::uint64_t kHeldBytesMax = 1024 * 1024 * 1024;

  /// Takes a frame's plaintext, which lives for the call. An Error it gives is handed on.
  using Release = std::function<Result<void>(ByteView plaintext)>;

  explicit EsdkReader(DataKeySource& keys) : keys_(keys) {}

  /// Takes the next bytes of the message, any number. After an error the reader is not used again.
  /// Fails with a Refusal, with what `keys` or `release` failed with, or with Kind::fault when wolfCrypt does.
  [[nodiscard]] Result<void> feed(ByteView piece, const Release& release);

  /// The message has no more bytes. Fails with Refusal::truncated when it should have.
  [[nodiscard]] Result<void> finish() const;

  /// The encryption context, once the header has verified; nothing before.
  [[nodiscard]] const EncryptionContext::Pairs* context() const;

 private:
  enum class Part { header, mark, regular_iv, final_head, unframed_head, content, end };
  [[nodiscard]] Result<void> verify_header();
  [[nodiscard]] Result<void> accept(const Release& release);
  [[nodiscard]] Result<void> accept_mark();
  [[nodiscard]] Result<void> accept_final_head();
  [[nodiscard]] Result<void> accept_unframed_head();
  [[nodiscard]] Result<void> accept_content(const Release& release);
  [[nodiscard]] Result<void> check_sequence(std::uint32_t sequence) const;
  [[nodiscard]] Result<void> check_iv(ByteView iv) const;
  [[nodiscard]] Result<void> expect_content(std::uint64_t bytes);
  void expect(Part part, std::uint64_t bytes);
  [[nodiscard]] std::string frame_name() const;

  DataKeySource& keys_;
  EsdkHeaderParser parser_;
  EsdkHeader header_;
  std::optional<AesGcmDecryptor> decryptor_;
  Part part_ = Part::header;
  std::uint64_t need_ = 0;  ///< bytes of `part_`
  PlainBytes held_;         ///< what has arrived of them
  std::uint32_t sequence_ = 1;
  bool final_ = false;  ///< whether the frame at hand ends the message
};

}  // namespace edgeseal::crypto
