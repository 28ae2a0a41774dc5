// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/esdk_header.h"

#include "crypto/base/ensure.h"
#include "crypto/base/utf8.h"
#include "crypto/base/wire.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/open/algorithm_suites.h"
#include "crypto/open/refusal.h"

namespace edgeseal::crypto {
namespace {

/// What a version 1 message and base64 text begin with: header version and type.
constexpr std::uint8_t kBase64Start = 'A';

std::uint16_t u16_of(ByteView bytes) { return static_cast<std::uint16_t>((bytes[0] << 8) | bytes[1]); }

std::uint32_t u32_of(ByteView bytes) {
  return (static_cast<std::uint32_t>(u16_of(bytes)) << 16) | u16_of(bytes.subspan(2));
}

}  // namespace

Result<EncryptionContext::Pairs> parse_pairs(ByteView serialised) {
  EncryptionContext::Pairs pairs;
  if (serialised.empty()) return pairs;
  WireReader wire(serialised);
  const auto text = [&wire]() -> std::optional<std::string> {
    const auto size = wire.u16();
    const auto bytes = size ? wire.bytes(*size) : std::nullopt;
    if (!bytes) return std::nullopt;
    return std::string(as_text(*bytes));
  };
  // spec: structures.md, Key Value Pair Count: greater than 0; an empty context has no such field at all.
  const auto count = wire.u16();
  if (!count || *count == 0) return refuse(Refusal::context, "the encryption context has no pairs, but a length");
  for (std::size_t i = 0; i < *count; ++i) {
    const auto key = text();
    const auto value = key ? text() : std::nullopt;
    if (!value) return refuse(Refusal::context, "the encryption context ends within a pair");
    if (!is_utf8(*key) || !is_utf8(*value)) return refuse(Refusal::context, "the encryption context is not UTF-8");
    // spec: message-header.md and algorithm-suites.md: the suite signs nothing, so no verification key may claim it.
    if (*key == esdk::kPublicKeyContextKey) {
      return refuse(Refusal::context_reserved,
                    "the encryption context holds aws-crypto-public-key, but the message "
                    "has no signature");
    }
    // spec: structures.md, Key Value Pair Entries: no duplicates.
    if (!pairs.emplace(*key, *value).second) {
      return refuse(Refusal::context_duplicate, "a key appears twice in the encryption context");
    }
  }
  if (wire.left() != 0) return refuse(Refusal::context, "stray bytes after the encryption context's pairs");
  return pairs;
}

EsdkHeaderParser::EsdkHeaderParser() = default;

void EsdkHeaderParser::expect(Field field, std::size_t bytes) {
  field_ = field;
  need_ = bytes;
}

Result<bool> EsdkHeaderParser::feed(ByteView& input) {
  Bytes& raw = header_.authenticated;
  while (field_ != Field::done) {
    const std::size_t missing = need_ - (raw.size() - at_);
    const std::size_t taken = std::min(missing, input.size());
    append(raw, input.first(taken));
    input = input.subspan(taken);
    if (taken < missing) return false;
    if (raw.size() > kHeaderBytesMax) return refuse(Refusal::too_large, "the header is over 64 MiB");
    const ByteView field = ByteView(raw).subspan(at_, need_);
    at_ += need_;
    if (auto accepted = accept(field); !accepted) return failed(accepted);
  }
  raw.resize(raw.size() - esdk::kTagBytes);
  return true;
}

Result<void> EsdkHeaderParser::accept(ByteView bytes) {
  switch (field_) {
    case Field::version:
      return accept_version(bytes[0]);
    case Field::suite:
      return accept_suite(bytes);
    case Field::message_id:
      header_.message_id.assign(bytes.begin(), bytes.end());
      expect(Field::context_bytes, 2);
      return {};
    case Field::context_bytes:
      expect(Field::context, u16_of(bytes));
      return {};
    case Field::context: {
      auto pairs = parse_pairs(bytes);
      if (!pairs) return failed(pairs);
      header_.context = std::move(*pairs);
      expect(Field::edk_count, 2);
      return {};
    }
    case Field::edk_count:
      return accept_edk_count(u16_of(bytes));
    case Field::edk_field_bytes:
      expect(Field::edk_field, u16_of(bytes));
      return {};
    case Field::edk_field:
      accept_edk_field(bytes);
      return {};
    case Field::content_type:
      return accept_content_type(bytes[0]);
    case Field::frame_bytes:
      return accept_frame_bytes(u32_of(bytes));
    case Field::commit_key:
      header_.commit_key.assign(bytes.begin(), bytes.end());
      expect(Field::tag, esdk::kTagBytes);
      return {};
    case Field::tag:
      header_.tag.assign(bytes.begin(), bytes.end());
      expect(Field::done, 0);
      return {};
    case Field::done:
      break;
  }
  ENSURE(false && "a header that is whole takes no more fields");
}

Result<void> EsdkHeaderParser::accept_version(std::uint8_t version) {
  // spec: message-header.md, Supported Versions
  if (version != esdk::kVersion1 && version != esdk::kVersion2) {
    return refuse(Refusal::version,
                  "it begins with 0x" + to_hex(ByteView(&version, 1)) +
                      ", which is no version of the AWS Encryption SDK message format",
                  version == kBase64Start ? "it looks like base64: decode it first (base64 -d)" : "");
  }
  version_1_ = version == esdk::kVersion1;
  expect(Field::suite, version_1_ ? 3 : 2);  // version 1 has a type before the suite
  return {};
}

Result<void> EsdkHeaderParser::accept_suite(ByteView bytes) {
  const std::uint16_t suite = u16_of(bytes.last(2));
  if (version_1_ || suite != esdk::kSuiteCommitting) {
    return refuse(Refusal::suite,
                  "message version " + std::string(version_1_ ? "1" : "2") + " with suite " + describe_suite(suite) +
                      "; opened here is version 2 with suite " + describe_suite(esdk::kSuiteCommitting),
                  "open it with an AWS Encryption SDK");
  }
  expect(Field::message_id, esdk::kMessageIdBytes);
  return {};
}

Result<void> EsdkHeaderParser::accept_edk_count(std::uint16_t count) {
  // spec: message-header.md, Encrypted Data Key Count
  if (count == 0) return refuse(Refusal::edk_count, "the message has no encrypted data key");
  edks_left_ = count;
  expect(Field::edk_field_bytes, 2);
  return {};
}

void EsdkHeaderParser::accept_edk_field(ByteView bytes) {
  switch (edk_part_++) {
    case 0:
      edk_.provider_id = as_text(bytes);
      break;
    case 1:
      edk_.provider_info = as_text(bytes);
      break;
    default:
      edk_.ciphertext.assign(bytes.begin(), bytes.end());
      header_.edks.push_back(std::move(edk_));
      edk_ = {};
      edk_part_ = 0;
      --edks_left_;
  }
  if (edks_left_ > 0) {
    expect(Field::edk_field_bytes, 2);
  } else {
    expect(Field::content_type, 1);
  }
}

Result<void> EsdkHeaderParser::accept_content_type(std::uint8_t type) {
  // spec: message-header.md, Supported Content Types
  if (type != esdk::kContentFramed && type != esdk::kContentNonFramed) {
    return refuse(Refusal::content_type, "content type 0x" + to_hex(ByteView(&type, 1)) + "; expected 01 or 02");
  }
  header_.framed = type == esdk::kContentFramed;
  expect(Field::frame_bytes, 4);
  return {};
}

Result<void> EsdkHeaderParser::accept_frame_bytes(std::uint32_t bytes) {
  // spec: message-header.md, Frame Length: 0 when and, since a regular frame of nothing would never end, only when
  // the content is not framed.
  if (header_.framed != (bytes > 0)) {
    return refuse(Refusal::frame_length,
                  header_.framed ? "frames of length 0" : "an unframed message with a frame length");
  }
  header_.frame_bytes = bytes;
  expect(Field::commit_key, esdk::kCommitKeyBytes);
  return {};
}

}  // namespace edgeseal::crypto
