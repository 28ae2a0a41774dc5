// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/object_reader.h"

#include "agent/batch/chain.h"
#include "agent/owner/content_items.h"
#include "agent/owner/content_refusal.h"
#include "crypto/envelope/esdk_parts.h"
#include "crypto/open/esdk_reader.h"
#include "crypto/open/refusal.h"

namespace edgeseal::agent {
namespace {

/// A map of 0 to 23 pairs (RFC 8949 section 3.1).
constexpr std::uint8_t kCborMapFirst = 0xa0;
constexpr std::uint8_t kCborMapLast = 0xb7;

/// The facts in a context that has verified.
Result<ChainLink> link_of(const crypto::EncryptionContext::Pairs& context) {
  auto link = parse_context(context);
  if (link) return link;
  return refuse(ContentRefusal::not_a_batch, link.error().what,
                "to write whatever it holds, open it with --format message");
}

/// One message: a batch, a journal frame, or anything that was sealed.
class MessageReader {
 public:
  MessageReader(ReadAs read_as, crypto::DataKeySource& keys, ObjectConsumer& consumer, std::uint64_t record_index,
                std::optional<std::uint32_t> frame, ContentBudget& budget)
      : read_as_(read_as),
        consumer_(consumer),
        record_index_(record_index),
        frame_(frame),
        budget_(budget),
        envelope_(keys) {}

  [[nodiscard]] Result<void> feed(ByteView piece) {
    return envelope_.feed(piece, [this](ByteView plaintext) { return take(plaintext); });
  }

  [[nodiscard]] Result<void> finish() {
    if (auto whole = envelope_.finish(); !whole) return whole;
    if (read_as_ == ReadAs::message) return {};
    if (auto ready = prepare(); !ready) return ready;  // an empty plaintext is never handed on
    if (auto finished = content_->finish(); !finished) return finished;
    record_index_ = content_->record_index();
    return {};
  }

  [[nodiscard]] std::uint64_t record_index() const { return record_index_; }
  /// The first place that the frame after this one may have.
  [[nodiscard]] std::uint32_t next_frame() const { return (content_ ? *content_->frame() : *frame_) + 1; }

 private:
  Result<void> prepare() {
    if (content_) return {};
    auto link = link_of(*envelope_.context());
    if (!link) return failed(link);
    link_ = std::move(*link);
    if (frame_ && !link_->journal) return refuse(ContentRefusal::journal, "a frame says that it is a batch");
    if (!frame_ || *frame_ == 0) {
      if (auto taken = consumer_.on_link(*link_); !taken) return taken;
    }
    content_.emplace(*link_, record_index_, frame_, consumer_, budget_);
    return {};
  }

  Result<void> take(ByteView plaintext) {
    if (read_as_ == ReadAs::batch) {
      if (auto ready = prepare(); !ready) return ready;
      if (auto fed = content_->feed(plaintext); !fed) return fed;
    }
    return consumer_.on_plaintext(plaintext);
  }

  ReadAs read_as_;
  ObjectConsumer& consumer_;
  std::uint64_t record_index_;
  std::optional<std::uint32_t> frame_;
  ContentBudget& budget_;
  crypto::EsdkReader envelope_;
  std::optional<ChainLink> link_;
  std::optional<ContentReader> content_;
};

/// A journal object: its frames are opened one after another, each a whole message once put together.
class JournalReader {
 public:
  JournalReader(ReadAs read_as, crypto::DataKeySource& keys, ObjectConsumer& consumer, ContentBudget& budget)
      : read_as_(read_as), keys_(keys), consumer_(consumer), budget_(budget) {}

  [[nodiscard]] Result<void> feed(ByteView piece) {
    sequence_.feed(piece);
    for (;;) {
      auto item = sequence_.next();
      if (!item) return failed(item);
      if (!*item) return {};
      if (auto taken = take_item(**item); !taken) return taken;
    }
  }

  [[nodiscard]] Result<void> finish() {
    if (!sequence_.at_end())
      return crypto::refuse(crypto::Refusal::truncated, "the journal object ends within an item");
    if (frame_ == 0) return crypto::refuse(crypto::Refusal::truncated, "the journal object has no frames");
    return {};
  }

 private:
  Result<void> take_item(ByteView item) {
    if (!shared_header_) {
      auto header = parse_journal_start(item);
      if (!header) return failed(header);
      shared_header_ = std::move(*header);
      return {};
    }
    const std::string step = "journal frame " + std::to_string(frame_);
    auto own_part = parse_journal_frame(item);
    if (!own_part) return failed(own_part, step);
    // The shared part is read again with each frame.
    if (auto spent = budget_.spend(shared_header_->size()); !spent) return failed(spent, step);
    const auto message = crypto::message_of(*shared_header_, *own_part);
    if (!message) return crypto::refuse(crypto::Refusal::truncated, step + " is too short");
    MessageReader reader(read_as_, keys_, consumer_, record_index_, frame_, budget_);
    if (auto fed = reader.feed(*message); !fed) return failed(fed, step);
    if (auto finished = reader.finish(); !finished) return failed(finished, step);
    record_index_ = reader.record_index();
    frame_ = reader.next_frame();
    return {};
  }

  ReadAs read_as_;
  crypto::RememberedDataKey keys_;
  ObjectConsumer& consumer_;
  ContentBudget& budget_;
  CborSequence sequence_;
  std::optional<Bytes> shared_header_;
  std::uint32_t frame_ = 0;
  std::uint64_t record_index_ = 0;
};

/// Decides by the first byte.
class AnyObjectReader final : public ObjectReader {
 public:
  AnyObjectReader(ReadAs read_as, crypto::DataKeySource& keys, ObjectConsumer& consumer,
                  std::optional<std::uint64_t> bytes_max)
      : read_as_(read_as), keys_(keys), consumer_(consumer), budget_(bytes_max) {}

  Result<void> feed(ByteView piece) override {
    if (piece.empty()) return {};
    budget_.object_came(piece.size());
    if (!message_ && !journal_) {
      if (begins_journal(piece[0])) {
        journal_.emplace(read_as_, keys_, consumer_, budget_);
      } else {
        message_.emplace(read_as_, keys_, consumer_, 0, std::nullopt, budget_);
      }
    }
    return journal_ ? journal_->feed(piece) : message_->feed(piece);
  }

  Result<void> finish() override {
    if (journal_) return journal_->finish();
    if (message_) return message_->finish();
    return crypto::refuse(crypto::Refusal::truncated, "the object is empty");
  }

 private:
  ReadAs read_as_;
  crypto::DataKeySource& keys_;
  ObjectConsumer& consumer_;
  ContentBudget budget_;
  std::optional<MessageReader> message_;
  std::optional<JournalReader> journal_;
};

}  // namespace

bool begins_journal(std::uint8_t first_byte) { return first_byte >= kCborMapFirst && first_byte <= kCborMapLast; }

std::unique_ptr<ObjectReader> ObjectReader::create(ReadAs read_as, crypto::DataKeySource& keys,
                                                   ObjectConsumer& consumer, std::optional<std::uint64_t> bytes_max) {
  return std::make_unique<AnyObjectReader>(read_as, keys, consumer, bytes_max);
}

}  // namespace edgeseal::agent
