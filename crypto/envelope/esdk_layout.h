// SPDX-License-Identifier: GPL-3.0-or-later
// The AWS Encryption SDK message format as constants; the writer and the reader stand on either side of it.
// Source: AWS Encryption SDK specification, data-format/message-header.md, data-format/message-body.md,
// data-format/message-body-aad.md, framework/algorithm-suites.md.
//
// A message, big-endian, version 2 with suite 0x0478:
//
//   header  version 1 = 02 | suite 2 = 0478 | message id 32 | AAD length 2, AAD | EDK count 2, EDKs
//           | content type 1 = 02 | frame length 4 | commit key 32 | header tag 16
//   AAD     pair count 2 | per pair, sorted by key: key length 2, key, value length 2, value; nothing when empty
//   EDK     provider id length 2, provider id | provider info length 2, info | ciphertext length 2, ciphertext
//   frame   sequence 4 | IV 12 | ciphertext (frame length) | tag 16
//   final   FFFFFFFF | sequence 4 | IV 12 | content length 4 | ciphertext (content length) | tag 16
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace edgeseal::crypto::esdk {

inline constexpr std::uint8_t kVersion1 = 0x01;
inline constexpr std::uint8_t kVersion2 = 0x02;

/// AES-256-GCM, HKDF-SHA-512, key commitment, no signature (algorithm-suites.md).
inline constexpr std::uint16_t kSuiteCommitting = 0x0478;
/// The same with an ECDSA P-384 signature in a footer.
inline constexpr std::uint16_t kSuiteCommittingSigned = 0x0578;

inline constexpr std::uint8_t kContentNonFramed = 0x01;
inline constexpr std::uint8_t kContentFramed = 0x02;

inline constexpr std::size_t kMessageIdBytes = 32;
inline constexpr std::size_t kDataKeyBytes = 32;
inline constexpr std::size_t kCommitKeyBytes = 32;
inline constexpr std::size_t kIvBytes = 12;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kPrefixBytes = 3;  ///< version and suite, before the message id
inline constexpr std::size_t kFieldBytesMax = 0xFFFF;

inline constexpr std::uint32_t kFinalFrameMark = 0xFFFFFFFF;
inline constexpr std::uint32_t kFrameBytesDefault = 64 * 1024;
inline constexpr std::size_t kRegularFrameOverhead = 4 + kIvBytes + kTagBytes;
inline constexpr std::size_t kFinalFrameOverhead = 4 + 4 + kIvBytes + 4 + kTagBytes;

/// HKDF info of the encryption key: these bytes after the suite id.
inline constexpr std::string_view kDeriveKeyLabel = "DERIVEKEY";
/// HKDF info of the commitment, whole.
inline constexpr std::string_view kCommitKeyLabel = "COMMITKEY";

/// Body AAD content strings (message-body-aad.md).
inline constexpr std::string_view kAadFrame = "AWSKMSEncryptionClient Frame";
inline constexpr std::string_view kAadFinalFrame = "AWSKMSEncryptionClient Final Frame";
inline constexpr std::string_view kAadSingleBlock = "AWSKMSEncryptionClient Single Block";

/// Keys of an encryption context that begin so belong to the SDK; this one holds a signing suite's public key.
inline constexpr std::string_view kReservedContextPrefix = "aws-crypto";
inline constexpr std::string_view kPublicKeyContextKey = "aws-crypto-public-key";

/// aws-kms-rsa wraps SHA-384 of the serialised context, then the data key (AWS KMS RSA keyring specification).
inline constexpr std::string_view kKmsRsaProvider = "aws-kms-rsa";
inline constexpr std::size_t kContextDigestBytes = 48;

}  // namespace edgeseal::crypto::esdk
