// SPDX-License-Identifier: GPL-3.0-or-later
// Seals a plaintext as one AWS Encryption SDK message (version 2, suite 0x0478, framed).
// Source: AWS Encryption SDK specification, data-format/message-header.md and message-body.md.
// The other half is crypto/open/esdk_reader.h, in a library that `edgeseal` does not link.
#pragma once
#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "crypto/base/wipe.h"
#include "crypto/envelope/encryption_materials.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/primitives/aes_gcm_encrypt.h"

namespace edgeseal::crypto {

/// Writes messages under one set of materials: one wrapped data key and the encryption context it is bound to.
/// Each message draws a fresh message id, hence its own derived key; so a journal's frames may share materials.
///
/// Does not give: proof of who sealed. A public key lets anyone seal; see the README's threat model.
/// Ownership: borrows `materials` and `random`; both outlive the writer.
/// Threads:   one at a time. Two writers may share materials, not a Random.
/// Secrets:   the derived key lives for one message, in SecretBytes. The plaintext is read in place.
class EsdkWriter {
 public:
  /// `frame_bytes` is the plaintext size of a regular frame, at least 1.
  EsdkWriter(const EncryptionMaterials& materials, Random& random,
             std::uint32_t frame_bytes = esdk::kFrameBytesDefault);

  /// Exact size in bytes of what `seal` appends for `plaintext_bytes`, so that a batch can be cut to a sink's limit.
  [[nodiscard]] std::uint64_t sealed_bytes(std::uint64_t plaintext_bytes) const;

  /// Appends one whole message to `out`; on error `out` is as before. An empty plaintext gives one empty final frame.
  /// Fails with Kind::fault if wolfCrypt or the DRBG does; the caller then stops sealing. There is no fallback.
  [[nodiscard]] Result<void> seal(ByteView plaintext, Bytes& out) const;

  /// The header part that all messages of these materials share: AAD, EDKs, content type and frame length. It stands
  /// between the message id and the commit key; see esdk_parts.h.
  [[nodiscard]] const Bytes& shared_header() const { return shared_header_; }

 private:
  friend class EsdkStream;
  const EncryptionMaterials& materials_;
  Random& random_;
  std::uint32_t frame_bytes_;
  Bytes shared_header_;
};

/// The same message, written piece by piece in memory that does not grow with it.
/// Ownership and threads as EsdkWriter; it borrows the writer's materials and Random for `start` alone.
class EsdkStream {
 public:
  /// Appends the header to `out`. Errors as EsdkWriter::seal.
  [[nodiscard]] static Result<EsdkStream> start(const EsdkWriter& writer, Bytes& out);
  /// Takes the next piece of the plaintext; appends the frames that are now full. Fails with Kind::invalid past 2^32 -
  /// 2 frames.
  [[nodiscard]] Result<void> write(ByteView piece, Bytes& out);
  /// Appends the final frame. Nothing may be written after it.
  [[nodiscard]] Result<void> finish(Bytes& out);

 private:
  EsdkStream(AesGcmEncryptor encryptor, Bytes message_id, std::uint32_t frame_bytes);
  [[nodiscard]] Result<void> append_frame(ByteView plaintext, bool final, Bytes& out);
  AesGcmEncryptor encryptor_;
  Bytes message_id_;
  std::uint32_t frame_bytes_;
  std::uint32_t sequence_ = 1;
  PlainBytes pending_;  ///< up to a frame that `write` could not yet know to be regular or final
};

}  // namespace edgeseal::crypto
