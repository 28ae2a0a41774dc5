// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/esdk_reader.h"

#include <algorithm>
#include <array>

#include "crypto/base/ensure.h"
#include "crypto/base/wire.h"
#include "crypto/envelope/esdk_derivation.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/open/refusal.h"

namespace edgeseal::crypto {
namespace {

/// spec: message-body.md, Encrypted Content Length
constexpr std::uint64_t kUnframedBytesMax = (std::uint64_t{1} << 36) - 32;

}  // namespace

void EsdkReader::expect(Part part, std::uint64_t bytes) {
  part_ = part;
  need_ = bytes;
  held_.clear();
}

std::string EsdkReader::frame_name() const {
  return header_.framed ? "frame " + std::to_string(sequence_) : "the message body";
}

const EncryptionContext::Pairs* EsdkReader::context() const { return decryptor_ ? &header_.context : nullptr; }

Result<void> EsdkReader::feed(ByteView piece, const Release& release) {
  if (part_ == Part::header) {
    auto whole = parser_.feed(piece);
    if (!whole) return failed(whole);
    if (!*whole) return {};
    header_ = parser_.take();
    if (auto verified = verify_header(); !verified) return verified;
  }
  while (part_ != Part::end) {
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(need_ - held_.size(), piece.size()));
    append(held_, piece.first(taken));
    piece = piece.subspan(taken);
    if (held_.size() < need_) return {};
    if (auto accepted = accept(release); !accepted) return accepted;
  }
  if (!piece.empty()) return refuse(Refusal::trailing, "bytes follow the end of the message");
  return {};
}

Result<void> EsdkReader::finish() const {
  if (part_ == Part::end) return {};
  return refuse(Refusal::truncated, part_ == Part::header ? "the message ends within its header"
                                                          : "the message ends before " + frame_name() + " is whole");
}

Result<void> EsdkReader::verify_header() {
  auto data_key = keys_.data_key(header_.edks, header_.context);
  if (!data_key) return failed(data_key);
  ENSURE(data_key->size() == esdk::kDataKeyBytes);
  auto derived = derive_message_keys(*data_key, header_.message_id);
  if (!derived) return failed(derived);
  // spec: decrypt.md, Get the decryption materials: the derived commit key equals the one in the header.
  if (!equal_in_constant_time(derived->commit_key, header_.commit_key)) {
    return refuse(Refusal::commitment, "the header commits to another data key than the one unwrapped");
  }
  auto decryptor = AesGcmDecryptor::create(derived->encryption_key);
  if (!decryptor) return failed(decryptor);
  // spec: decrypt.md, Verify the header: an IV of 0, an empty ciphertext.
  const std::array<std::uint8_t, esdk::kIvBytes> zero_iv{};
  auto verified = decryptor->decrypt(zero_iv, header_.authenticated, {}, header_.tag);
  if (!verified) return failed(verified);
  if (!*verified) return refuse(Refusal::header_tag, "the header was changed after the message was sealed");
  decryptor_ = std::move(*decryptor);
  header_.edks = {};
  header_.authenticated = {};
  if (header_.framed) {
    expect(Part::mark, 4);
  } else {
    expect(Part::unframed_head, esdk::kIvBytes + 8);
  }
  return {};
}

Result<void> EsdkReader::accept(const Release& release) {
  switch (part_) {
    case Part::mark:
      return accept_mark();
    case Part::regular_iv:
      if (auto checked = check_iv(held_); !checked) return checked;
      return expect_content(header_.frame_bytes);
    case Part::final_head:
      return accept_final_head();
    case Part::unframed_head:
      return accept_unframed_head();
    case Part::content:
      return accept_content(release);
    case Part::header:
    case Part::end:
      break;
  }
  ENSURE(false && "neither header nor end gathers a part of the body");
}

Result<void> EsdkReader::accept_mark() {
  // spec: decrypt.md, Decrypt the message body: the first four bytes tell a final frame from a regular one.
  const std::uint32_t mark = *WireReader(held_).u32();
  if (mark == esdk::kFinalFrameMark) {
    expect(Part::final_head, 4 + esdk::kIvBytes + 4);
    return {};
  }
  if (auto checked = check_sequence(mark); !checked) return checked;
  expect(Part::regular_iv, esdk::kIvBytes);
  return {};
}

Result<void> EsdkReader::accept_final_head() {
  WireReader wire(held_);
  if (auto checked = check_sequence(*wire.u32()); !checked) return checked;
  if (auto checked = check_iv(*wire.bytes(esdk::kIvBytes)); !checked) return checked;
  const std::uint32_t content_bytes = *wire.u32();
  // spec: message-body.md, Final Frame: not longer than the frame length.
  if (content_bytes > header_.frame_bytes) {
    return refuse(Refusal::frame_length, "the final frame claims " + std::to_string(content_bytes) +
                                             " bytes; a frame has " + std::to_string(header_.frame_bytes));
  }
  final_ = true;
  return expect_content(content_bytes);
}

Result<void> EsdkReader::accept_unframed_head() {
  WireReader wire(held_);
  if (auto checked = check_iv(*wire.bytes(esdk::kIvBytes)); !checked) return checked;
  const std::uint64_t content_bytes = *wire.u64();
  if (content_bytes > kUnframedBytesMax) {
    return refuse(Refusal::frame_length, "the message body claims more than 2^36 - 32 bytes");
  }
  final_ = true;
  return expect_content(content_bytes);
}

Result<void> EsdkReader::check_sequence(std::uint32_t sequence) const {
  // spec: message-body.md, Sequence Number: from 1, in order, without a gap.
  if (sequence == sequence_) return {};
  return refuse(Refusal::frame_sequence,
                "frame " + std::to_string(sequence) + " stands where frame " + std::to_string(sequence_) + " belongs");
}

Result<void> EsdkReader::check_iv(ByteView iv) const {
  // spec: decrypt.md, Decrypt the message body: the IV is the sequence number, padded with 0; 1 when not framed.
  Bytes expected(esdk::kIvBytes - 4);
  WireWriter(expected).u32(sequence_);
  if (std::equal(iv.begin(), iv.end(), expected.begin(), expected.end())) return {};
  return refuse(Refusal::frame_iv, "the IV of " + frame_name() + " is not its sequence number");
}

Result<void> EsdkReader::expect_content(std::uint64_t bytes) {
  if (bytes > kHeldBytesMax) {
    return refuse(Refusal::too_large, frame_name() + " claims " + std::to_string(bytes) +
                                          " bytes, which would all have to be held before any is released; at most " +
                                          std::to_string(kHeldBytesMax) + " are");
  }
  expect(Part::content, bytes + esdk::kTagBytes);
  return {};
}

Result<void> EsdkReader::accept_content(const Release& release) {
  const MutableByteView content = MutableByteView(held_).first(held_.size() - esdk::kTagBytes);
  const ByteView tag = ByteView(held_).last(esdk::kTagBytes);
  const std::string_view content_string = !header_.framed ? esdk::kAadSingleBlock
                                          : final_        ? esdk::kAadFinalFrame
                                                          : esdk::kAadFrame;
  Bytes iv(esdk::kIvBytes - 4);
  WireWriter(iv).u32(sequence_);
  const Bytes aad = frame_aad(header_.message_id, content_string, sequence_, content.size());
  auto verified = decryptor_->decrypt(iv, aad, content, tag);
  if (!verified) return failed(verified);
  if (!*verified) return refuse(Refusal::frame_tag, frame_name() + " was changed after the message was sealed");
  if (!content.empty()) {
    if (auto released = release(content); !released) return released;
  }
  if (final_) {
    expect(Part::end, 0);
  } else {
    ++sequence_;
    expect(Part::mark, 4);
  }
  return {};
}

}  // namespace edgeseal::crypto
