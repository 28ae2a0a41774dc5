// SPDX-License-Identifier: GPL-3.0-or-later
// The content of a batch whose sealer was not us: anyone with the public key may have sealed it. However it arrives,
// and compressed or not, the same records come out of it; each can be written as CBOR and JSON, and the CBOR read
// again.
#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "agent/owner/content_items.h"
#include "agent/owner/content_reader.h"
#include "agent/owner/record_json.h"
#include "tests/fuzzing/target.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::fuzzing {
namespace {

using agent::ChainLink;
using agent::Kept;

constexpr std::size_t kCuts = 3;
constexpr std::size_t kZstdUnit = 64;  // each piece costs its reader a buffer of 128 KiB

enum class As : std::uint8_t { plain, compressed, deflated_by_them };

struct ReadContent {
  Kept kept;
  std::string error;  ///< empty: it was whole
};

ReadContent read_content(ByteView content, const ChainLink& link, ByteView cuts) {
  ReadContent read;
  const auto frame = link.journal ? std::optional<std::uint32_t>(0) : std::nullopt;
  agent::ContentBudget budget;
  agent::ContentReader reader(link, 0, frame, read.kept, budget);
  Result<void> result;
  const auto feed = [&](ByteView piece) {
    result = reader.feed(piece);
    return result.has_value();
  };
  in_pieces(content, cuts, feed, link.zstd ? kZstdUnit : 1);
  if (result) result = reader.finish();
  if (!result) read.error = result.error().what;
  return read;
}

void check_same(const ReadContent& one, const ReadContent& other) {
  ENSURE(one.error == other.error && one.kept.headers == other.kept.headers);
  ENSURE(one.kept.records == other.kept.records && one.kept.cbor == other.kept.cbor);
}

/// Another reader of CBOR finds the same in `item`.
void check_cbor(ByteView item, const agent::Record& record) {
  const auto cbor = nlohmann::json::from_cbor(item.begin(), item.end(), true, false);
  ENSURE(cbor.is_array() && cbor[0] == record.received.since_epoch.count() && cbor[1] == record.topic);
  ENSURE(std::ranges::equal(cbor[2].get_binary(), record.payload));
  ENSURE(cbor[3] == (record.qos | (record.retain ? 4 : 0) | (record.dup ? 8 : 0)));
  ENSURE(cbor[4] == record.packet_id && cbor[5] == record.connection);
}

void check_json(ByteView line, const agent::Record& record) {
  const std::string_view text = as_text(line);
  ENSURE(text.find('\n') == text.size() - 1);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  ENSURE(json.is_object());
  if (json.contains("payload")) ENSURE(json["payload"] == std::string(as_text(record.payload)));
}

void check_records(const Kept& kept) {
  agent::CborSequence items;
  items.feed(as_bytes(kept.cbor));
  if (!kept.headers.empty()) ENSURE(*items.next());
  for (std::size_t i = 0; i < kept.records.size(); ++i) {
    const agent::Record& record = kept.records[i];
    check_cbor(**items.next(), record);
    PlainBytes item;
    agent::write_record(record, item);
    ENSURE(agent::parse_record(item) == record);
    PlainBytes line;
    agent::write_record_json(kept.headers.front(), kept.indexes[i], record, line);
    check_json(line, record);
  }
  ENSURE(items.at_end());
}

}  // namespace

std::vector<Bytes> seeds() {
  using agent::record;
  agent::Record rich = record("{\"load_t\":231.4}");
  rich.properties = {.user = {{"unit", "t"}, {"unit", "\xff"}},
                     .content_type = "application/json",
                     .response_topic = "plant/7/answers",
                     .correlation_data = Bytes{1, 2, 3},
                     .payload_format = std::uint8_t{1},
                     .message_expiry_seconds = 3600};
  rich.qos = 2;
  rich.retain = rich.dup = true;
  agent::Record first = record("");
  agent::Record last = record("");
  first.received = {Duration::min()};
  last.received = {Duration::max()};
  agent::BatchHeader header = agent::header_of(agent::link());
  header.drops = {{{7}, 3, "spool_full", {}}, {{8}, 30, "spool_full", {}}};
  header.drops[1].merged = {.last = {20}, .batches = 4};
  const PlainBytes plain = agent::content_of(header, {rich, record("\x80\n\"\\"), first, last});
  const PlainBytes frame = agent::content_of(agent::header_of(agent::link(12, true), 4), {rich});
  const PlainBytes compressed = agent::compress(plain, 1).value();
  std::vector<Bytes> all;
  const auto add = [&](bool journal, As as, ByteView content) {
    all.push_back({static_cast<std::uint8_t>(static_cast<unsigned>(as) << 1 | (journal ? 1U : 0U)), 0, 30, 7});
    append(all.back(), content);
  };
  add(false, As::plain, plain);
  add(false, As::compressed, plain);
  add(true, As::plain, frame);
  add(false, As::deflated_by_them, compressed);
  return all;
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  Input input(data, size);
  const std::uint8_t flags = input.u8();
  const auto as = static_cast<As>((flags >> 1) % 3);
  const edgeseal::ByteView cuts = input.bytes(kCuts);
  const edgeseal::ByteView content = input.rest();
  const ChainLink link = edgeseal::agent::link(12, (flags & 1) != 0, as == As::deflated_by_them);
  const ReadContent whole = read_content(content, link, {});
  const ReadContent cut = read_content(content, link, cuts);
  // How much of a damaged zstd frame comes out before it is refused, and why, depends on how it is cut.
  if (as != As::deflated_by_them || (whole.error.empty() && cut.error.empty())) check_same(whole, cut);
  check_records(whole.kept);
  if (as != As::compressed) return 0;
  const ChainLink zstd = edgeseal::agent::link(12, (flags & 1) != 0, true);
  check_same(whole, read_content(edgeseal::agent::compress(content, 1).value(), zstd, cuts));
  return 0;
}
