// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/envelope/esdk_writer.h"

#include <array>

#include "crypto/base/ensure.h"
#include "crypto/base/wire.h"
#include "crypto/envelope/esdk_derivation.h"
#include "crypto/primitives/aes_gcm_encrypt.h"
#include "crypto/primitives/sha2.h"

namespace edgeseal::crypto {
namespace {

// The suite's algorithm is AES-256-GCM, whose sizes the primitives have too.
static_assert(esdk::kIvBytes == kGcmIvBytes && esdk::kTagBytes == kGcmTagBytes && esdk::kDataKeyBytes == kAesKeyBytes);

Bytes shared_header_of(const EncryptionMaterials& materials, std::uint32_t frame_bytes) {
  Bytes out;
  WireWriter wire(out);
  const auto field = [&wire](ByteView bytes) {
    wire.u16(static_cast<std::uint16_t>(bytes.size()));
    wire.bytes(bytes);
  };
  field(materials.context().serialise());
  wire.u16(static_cast<std::uint16_t>(materials.edks().size()));
  for (const Edk& edk : materials.edks()) {
    field(as_bytes(edk.provider_id));
    field(as_bytes(edk.provider_info));
    field(edk.ciphertext);
  }
  wire.u8(esdk::kContentFramed);
  wire.u32(frame_bytes);
  return out;
}

std::array<std::uint8_t, esdk::kIvBytes> iv_of(std::uint32_t sequence) {
  std::array<std::uint8_t, esdk::kIvBytes> iv{};
  for (std::size_t i = 0; i < 4; ++i) iv[esdk::kIvBytes - 1 - i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  return iv;
}

}  // namespace

EsdkWriter::EsdkWriter(const EncryptionMaterials& materials, Random& random, std::uint32_t frame_bytes)
    : materials_(materials),
      random_(random),
      frame_bytes_(frame_bytes),
      shared_header_(shared_header_of(materials, frame_bytes)) {
  ENSURE(frame_bytes > 0);
}

std::uint64_t EsdkWriter::sealed_bytes(std::uint64_t plaintext_bytes) const {
  const std::uint64_t regular_frames = plaintext_bytes == 0 ? 0 : (plaintext_bytes - 1) / frame_bytes_;
  return esdk::kPrefixBytes + esdk::kMessageIdBytes + shared_header_.size() + esdk::kCommitKeyBytes + esdk::kTagBytes +
         regular_frames * esdk::kRegularFrameOverhead + esdk::kFinalFrameOverhead + plaintext_bytes;
}

Result<void> EsdkWriter::seal(ByteView plaintext, Bytes& out) const {
  const std::size_t before = out.size();
  out.reserve(before + sealed_bytes(plaintext.size()));
  auto sealed = [&]() -> Result<void> {
    auto stream = EsdkStream::start(*this, out);
    if (!stream) return failed(stream);
    if (auto written = stream->write(plaintext, out); !written) return failed(written);
    return stream->finish(out);
  }();
  if (!sealed) out.resize(before);
  return sealed;
}

EsdkStream::EsdkStream(AesGcmEncryptor encryptor, Bytes message_id, std::uint32_t frame_bytes)
    : encryptor_(std::move(encryptor)), message_id_(std::move(message_id)), frame_bytes_(frame_bytes) {}

Result<EsdkStream> EsdkStream::start(const EsdkWriter& writer, Bytes& out) {
  Bytes message_id(esdk::kMessageIdBytes);
  if (auto drawn = writer.random_.fill(message_id); !drawn) return failed(drawn, "draw a message id");
  auto derived = derive_message_keys(writer.materials_.data_key(), message_id);
  if (!derived) return failed(derived);
  auto encryptor = AesGcmEncryptor::create(derived->encryption_key);
  if (!encryptor) return failed(encryptor);

  Bytes header;
  WireWriter wire(header);
  wire.u8(esdk::kVersion2);
  wire.u16(esdk::kSuiteCommitting);
  wire.bytes(message_id);
  wire.bytes(writer.shared_header_);
  wire.bytes(derived->commit_key);
  // spec: message-header.md, Authentication Tag: an empty plaintext, an IV of zero bytes, the header so far as AAD.
  std::array<std::uint8_t, esdk::kTagBytes> tag{};
  const std::array<std::uint8_t, esdk::kIvBytes> zero_iv{};
  if (auto tagged = encryptor->encrypt(zero_iv, header, {}, {}, tag); !tagged) return failed(tagged);
  wire.bytes(tag);
  append(out, header);
  return EsdkStream(std::move(*encryptor), std::move(message_id), writer.frame_bytes_);
}

Result<void> EsdkStream::write(ByteView piece, Bytes& out) {
  // A frame that is full goes only when more follows: the last bytes of a plaintext belong into the final frame.
  while (pending_.size() + piece.size() > frame_bytes_) {
    const std::size_t missing = frame_bytes_ - pending_.size();
    ByteView frame = piece.first(missing);
    if (!pending_.empty()) {
      append(pending_, frame);
      frame = pending_;
    }
    if (auto appended = append_frame(frame, false, out); !appended) return appended;
    pending_.clear();
    piece = piece.subspan(missing);
  }
  append(pending_, piece);
  return {};
}

Result<void> EsdkStream::finish(Bytes& out) { return append_frame(pending_, true, out); }

Result<void> EsdkStream::append_frame(ByteView plaintext, bool final, Bytes& out) {
  // spec: message-body.md, Regular Frame, Sequence Number: FFFFFFFF marks the final frame and numbers none.
  if (sequence_ == esdk::kFinalFrameMark)
    return fail(Kind::invalid, "the plaintext has more frames than a message holds");
  const auto iv = iv_of(sequence_);
  const Bytes aad = frame_aad(message_id_, final ? esdk::kAadFinalFrame : esdk::kAadFrame, sequence_, plaintext.size());
  WireWriter wire(out);
  if (final) wire.u32(esdk::kFinalFrameMark);
  wire.u32(sequence_);
  wire.bytes(iv);
  if (final) wire.u32(static_cast<std::uint32_t>(plaintext.size()));
  const std::size_t at = out.size();
  out.resize(at + plaintext.size() + esdk::kTagBytes);
  const MutableByteView body = MutableByteView(out).subspan(at);
  if (auto done = encryptor_.encrypt(iv, aad, plaintext, body.first(plaintext.size()), body.last(esdk::kTagBytes));
      !done) {
    return failed(done, "seal a frame");
  }
  ++sequence_;
  return {};
}

}  // namespace edgeseal::crypto
