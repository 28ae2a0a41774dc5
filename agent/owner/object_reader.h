// SPDX-License-Identifier: GPL-3.0-or-later
// Opens one object as its bytes arrive: a message (.esdk) or a journal object (.esdks), told apart by the first byte.
#pragma once
#include <memory>
#include <optional>

#include "agent/owner/content_reader.h"
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/open/data_key_source.h"

namespace edgeseal::agent {

/// Takes what an object gives when it is opened.
class ObjectConsumer : public ContentConsumer {
 public:
  /// The object's place, from the encryption context that has verified. Before anything else; once an object.
  [[nodiscard]] virtual Result<void> on_link(const ChainLink& link) = 0;
  /// Plaintext as it was sealed, maybe compressed; what it holds has been handed on before, as far as it has come.
  [[nodiscard]] virtual Result<void> on_plaintext(ByteView plaintext) = 0;
};

/// How an object is read.
enum class ReadAs {
  batch,    ///< its content must be that of a batch
  message,  ///< whatever was sealed, by any program: on_plaintext alone is called
};

/// Releases only what has verified, in order; the object is whole only once `finish` has succeeded.
/// Threads: one at a time. Bounds: those of EsdkReader and ContentReader; of a journal object, one frame.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  /// Takes the next bytes. Fails with a crypto::Refusal, a ContentRefusal, or as the consumer or the keys do; then this
  /// is not used again.
  [[nodiscard]] virtual Result<void> feed(ByteView piece) = 0;
  [[nodiscard]] virtual Result<void> finish() = 0;

  /// Borrows `keys` and `consumer`.
  [[nodiscard]] static std::unique_ptr<ObjectReader> create(ReadAs read_as, crypto::DataKeySource& keys,
                                                            ObjectConsumer& consumer,
                                                            std::optional<std::uint64_t> bytes_max = std::nullopt);
};

/// Whether an object that begins with this byte is a journal object: a CBOR map, which no message begins with.
[[nodiscard]] bool begins_journal(std::uint8_t first_byte);

}  // namespace edgeseal::agent
