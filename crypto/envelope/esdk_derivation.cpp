// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/esdk_derivation.h"

#include "crypto/base/wire.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/primitives/aes_gcm_encrypt.h"
#include "crypto/primitives/hkdf.h"

namespace edgeseal::crypto {

Result<MessageKeys> derive_message_keys(const SecretBytes& data_key, ByteView message_id) {
  // spec: algorithm-suites.md, HKDF: the encryption key's info is the suite id and "DERIVEKEY", the commitment's is
  // "COMMITKEY" alone.
  Bytes info;
  WireWriter wire(info);
  wire.u16(esdk::kSuiteCommitting);
  wire.bytes(as_bytes(esdk::kDeriveKeyLabel));
  auto encryption_key = hkdf_sha512(data_key, message_id, info, kAesKeyBytes);
  if (!encryption_key) return failed(encryption_key, "derive the message's key");
  auto commit_key = hkdf_sha512(data_key, message_id, as_bytes(esdk::kCommitKeyLabel), esdk::kCommitKeyBytes);
  if (!commit_key) return failed(commit_key, "derive the commitment");
  const ByteView commitment = commit_key->reveal();  // secret until now only: it goes into the header
  return MessageKeys{std::move(*encryption_key), Bytes(commitment.begin(), commitment.end())};
}

Bytes frame_aad(ByteView message_id, std::string_view content_string, std::uint32_t sequence,
                std::uint64_t content_bytes) {
  Bytes aad;
  aad.reserve(message_id.size() + content_string.size() + 12);
  WireWriter wire(aad);
  wire.bytes(message_id);
  wire.bytes(as_bytes(content_string));
  wire.u32(sequence);
  wire.u64(content_bytes);
  return aad;
}

}  // namespace edgeseal::crypto
