// SPDX-License-Identifier: GPL-3.0-or-later
// Messages made by hand, whose every tag verifies, so that only the deviation that is meant can refuse them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/base/wire.h"
#include "crypto/envelope/encryption_materials.h"
#include "crypto/envelope/esdk_derivation.h"
#include "crypto/envelope/esdk_layout.h"
#include "crypto/primitives/aes_gcm_encrypt.h"

namespace edgeseal::crypto {

struct HandmadeFrame {
  std::string plaintext;
  std::uint32_t sequence = 1;
  bool final = false;
  std::optional<std::uint32_t> iv{};  ///< the sequence number unless given
};

struct Handmade {
  Bytes data_key = Bytes(32, 0x11);
  Bytes message_id = Bytes(32, 0x22);
  Bytes context{};  ///< serialised
  std::vector<Edk> edks{{"ns", "name", Bytes(8, 0x33)}};
  bool framed = true;
  std::uint32_t frame_bytes = 4;
  std::vector<HandmadeFrame> frames{{"abcd", 1}, {"efgh", 2}, {"ij", 3, true}};
  std::optional<Bytes> commit_key{};  ///< the derived one unless given

  [[nodiscard]] Bytes message() const {
    const auto keys = derive_message_keys(SecretBytes::copy_of(data_key), message_id).value();
    auto cipher = AesGcmEncryptor::create(keys.encryption_key).value();
    Bytes out;
    WireWriter wire(out);
    const auto field = [&wire](ByteView bytes) {
      wire.u16(static_cast<std::uint16_t>(bytes.size()));
      wire.bytes(bytes);
    };
    wire.u8(2);
    wire.u16(0x0478);
    wire.bytes(message_id);
    field(context);
    wire.u16(static_cast<std::uint16_t>(edks.size()));
    for (const Edk& edk : edks) {
      field(as_bytes(edk.provider_id));
      field(as_bytes(edk.provider_info));
      field(edk.ciphertext);
    }
    wire.u8(framed ? 2 : 1);
    wire.u32(frame_bytes);
    wire.bytes(commit_key.value_or(keys.commit_key));
    Bytes tag(16);
    EXPECT_TRUE(cipher.encrypt(Bytes(12), Bytes(out), {}, {}, tag).has_value());
    wire.bytes(tag);
    for (const HandmadeFrame& frame : frames) append_frame(frame, cipher, wire);
    return out;
  }

 private:
  void append_frame(const HandmadeFrame& frame, AesGcmEncryptor& cipher, WireWriter& wire) const {
    Bytes iv(8);
    WireWriter(iv).u32(frame.iv.value_or(frame.sequence));
    const auto content_string = !framed ? esdk::kAadSingleBlock : frame.final ? esdk::kAadFinalFrame : esdk::kAadFrame;
    const Bytes aad = frame_aad(message_id, content_string, frame.sequence, frame.plaintext.size());
    Bytes ciphertext(frame.plaintext.size());
    Bytes tag(16);
    EXPECT_TRUE(cipher.encrypt(iv, aad, as_bytes(frame.plaintext), ciphertext, tag).has_value());
    if (framed && frame.final) wire.u32(0xFFFFFFFF);
    if (framed) wire.u32(frame.sequence);
    wire.bytes(iv);
    if (!framed) wire.u64(frame.plaintext.size());
    if (framed && frame.final) wire.u32(static_cast<std::uint32_t>(frame.plaintext.size()));
    wire.bytes(ciphertext);
    wire.bytes(tag);
  }
};

/// A serialised context of these pairs, in the order given, with a pair count of their number.
inline Bytes context_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Bytes out;
  WireWriter wire(out);
  wire.u16(static_cast<std::uint16_t>(pairs.size()));
  for (const auto& [key, value] : pairs) {
    for (const std::string& text : {key, value}) {
      wire.u16(static_cast<std::uint16_t>(text.size()));
      wire.bytes(as_bytes(text));
    }
  }
  return out;
}

}  // namespace edgeseal::crypto
