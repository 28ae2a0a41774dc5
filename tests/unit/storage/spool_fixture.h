// SPDX-License-Identifier: GPL-3.0-or-later
// A spool in a folder of its own, and batches in words.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/spool.h"
#include "storage/spool_view.h"
#include "tests/support/matchers.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::storage {

using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// No SHA-256: the spool keeps digests and never makes one.
inline Digest digest_of(const std::string& text) {
  Digest digest;
  for (std::size_t i = 0; i < text.size(); ++i) {
    digest.bytes[i % Digest::kSize] = static_cast<std::uint8_t>(digest.bytes[i % Digest::kSize] * 31 + text[i]);
  }
  return digest;
}

inline BatchId batch_id(const std::string& route, std::uint64_t number) {
  BatchId id;
  const std::string text = route + std::to_string(number);
  std::copy_n(text.begin(), std::min(text.size(), BatchId::kSize), id.bytes.begin());
  return id;
}

inline WallTime at(std::int64_t us) { return {std::chrono::microseconds{us}}; }

inline Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// "sequence:records:reason", or "first-last*batches:records:reason".
inline std::string drop_name(const DropRecord& drop) {
  std::string batches = std::to_string(drop.sequence.number);
  if (drop.merged) {
    batches += "-" + std::to_string(drop.merged->last.number) + "*" + std::to_string(drop.merged->batches);
  }
  return batches + ":" + std::to_string(drop.records) + ":" + std::string(text_of(drop.reason));
}

class SpoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options.path = folder / "spool.db";
    options.bytes_max = 1 << 20;
    options.free_bytes_min = 0;
  }

  /// Closes the spool if it is open, as the end of a process would, and opens it.
  void open() {
    spool.reset();
    auto opened = Spool::open(options, random);
    ASSERT_THAT(opened, IsOk());
    spool = std::move(*opened);
  }
  [[nodiscard]] std::unique_ptr<SpoolView> view() const {
    auto opened = SpoolView::open(options.path);
    EXPECT_THAT(opened, IsOk());
    return std::move(*opened);
  }

  /// The route's next batch; sealed at its sequence number in microseconds, for sink "lake".
  [[nodiscard]] SealedBatch batch(const std::string& route, const std::string& object) {
    const std::uint64_t number = ++sequences_[route];
    return {.route = {route},
            .sequence = {number},
            .id = batch_id(route, number),
            .digest = digest_of(object),
            .object = bytes_of(object),
            .records = 10,
            .sealed = at(static_cast<std::int64_t>(number)),
            .sinks = {{"lake"}},
            .drops_reported = {}};
  }
  /// Of no other journal, as a header with its data key is.
  [[nodiscard]] static Bytes header(const SealedBatch& batch) { return bytes_of("header of " + batch.id.hex()); }
  /// The journal that `batch` will end, and frames of it.
  [[nodiscard]] static JournalStart journal(const SealedBatch& batch) {
    return {.route = batch.route,
            .sequence = batch.sequence,
            .batch = batch.id,
            .shared_header = header(batch),
            .priority = batch.priority,
            .sinks = batch.sinks};
  }
  [[nodiscard]] static JournalFrame frame(const SealedBatch& batch, const std::string& bytes) {
    return {.route = batch.route,
            .batch = batch.id,
            .bytes = bytes_of(bytes),
            .digest = digest_of(bytes),
            .records = 1,
            .sealed = batch.sealed};
  }

  [[nodiscard]] Result<std::vector<DropRecord>> commit(SealedBatch batch) {
    return spool->commit({.journals = {}, .frames = {}, .batches = {std::move(batch)}, .drops = {}});
  }
  void must_commit(SealedBatch batch) { ASSERT_THAT(commit(std::move(batch)), IsOk()); }

  [[nodiscard]] std::vector<QueuedBatch> pending(const std::string& sink, std::size_t count_max = 1000,
                                                 const std::vector<std::int64_t>& except = {}) const {
    auto batches = view()->pending_for({sink}, count_max, except);
    EXPECT_THAT(batches, IsOk());
    return *batches;
  }
  /// "route/sequence" of each pending batch, in order.
  [[nodiscard]] std::vector<std::string> names(const std::string& sink, std::size_t count_max = 1000,
                                               const std::vector<std::int64_t>& except = {}) const {
    std::vector<std::string> names;
    for (const QueuedBatch& batch : pending(sink, count_max, except)) {
      names.push_back(batch.route.text + "/" + std::to_string(batch.sequence.number));
    }
    return names;
  }
  [[nodiscard]] std::vector<DropRecord> drops(const std::string& route) const {
    auto drops = spool->unreported_drops({route});
    EXPECT_THAT(drops, IsOk());
    return *drops;
  }
  /// drop_name() of each unreported drop, in order.
  [[nodiscard]] std::vector<std::string> drop_names(const std::string& route) const {
    std::vector<std::string> names;
    for (const DropRecord& drop : drops(route)) names.push_back(drop_name(drop));
    return names;
  }
  [[nodiscard]] SpoolStats stats() const {
    auto stats = view()->stats();
    EXPECT_THAT(stats, IsOk());
    return *stats;
  }

  test::TempDir folder;
  test::SeededRandom random{7};
  SpoolOptions options;
  std::unique_ptr<Spool> spool;

 private:
  std::map<std::string, std::uint64_t> sequences_;
};

}  // namespace edgeseal::storage
