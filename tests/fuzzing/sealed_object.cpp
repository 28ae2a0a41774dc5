// SPDX-License-Identifier: GPL-3.0-or-later
// Messages and journal objects as an owner fetches them: however the bytes arrive, the same is opened or refused; what
// has verified is what was claimed; and nothing is released that was not sealed.
#include <set>
#include <string>
#include <tuple>

#include "agent/owner/claimed_link.h"
#include "agent/owner/object_reader.h"
#include "crypto/open/esdk_reader.h"
#include "tests/fuzzing/target.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/owner/objects.h"
#include "tests/unit/crypto/open/handmade.h"

namespace edgeseal::fuzzing {
namespace {

using agent::Kept;
using agent::ReadAs;

constexpr std::size_t kCuts = 4;

struct Opened {
  Kept kept;
  std::string error;  ///< empty: it was opened
};

Opened open(ByteView object, ReadAs read_as, ByteView cuts) {
  Opened opened;
  agent::GivenKey keys;
  const auto reader = agent::ObjectReader::create(read_as, keys, opened.kept);
  Result<void> result;
  in_pieces(object, cuts, [&](ByteView piece) {
    result = reader->feed(piece);
    return result.has_value();
  });
  if (result) result = reader->finish();
  if (!result) opened.error = result.error().message();
  ENSURE(result || !opened.error.empty());
  return opened;
}

void check_same(const Opened& one, const Opened& other) {
  ENSURE(one.error == other.error && one.kept.links == other.kept.links && one.kept.headers == other.kept.headers);
  ENSURE(one.kept.records == other.kept.records && one.kept.indexes == other.kept.indexes);
  ENSURE(one.kept.raw == other.kept.raw && one.kept.cbor == other.kept.cbor);
}

void check_claim(ByteView object, ByteView cuts, const Kept& kept) {
  agent::ClaimedLink claimed;
  in_pieces(object, cuts, [&](ByteView piece) { return claimed.feed(piece); });
  if (!kept.links.empty()) ENSURE(claimed.link() == kept.links.front());
}

/// The plaintexts of a message's frames, as far as they verify; of a journal object none.
std::set<std::string> frames_of(ByteView message) {
  std::set<std::string> frames;
  agent::GivenKey keys;
  crypto::EsdkReader reader(keys);
  std::ignore = reader.feed(message, [&](ByteView plaintext) -> Result<void> {
    frames.emplace(as_text(plaintext));
    return {};
  });
  return frames;
}

/// No tag can be made here, so what verifies stands in a seed.
void check_frames(ByteView message) {
  static const std::set<std::string> sealed = [] {
    std::set<std::string> all;
    for (const Bytes& seed : seeds()) all.merge(frames_of(ByteView(seed).subspan(kCuts)));
    return all;
  }();
  for (const std::string& frame : frames_of(message)) ENSURE(sealed.contains(frame));
}

}  // namespace

std::vector<Bytes> seeds() {
  using agent::link;
  using agent::record;
  crypto::Handmade unframed{.data_key = Bytes(32, 7), .framed = false, .frame_bytes = 0, .frames = {{"all of it"}}};
  std::vector<Bytes> objects{
      agent::batch(link(12, false, false), {record("one"), record("two")}),
      agent::batch(link(12, false, true), {record("one"), record("two")}),
      agent::journal(link(12, true, false), {"one", "two", "three"}, {0, 1, 2}),
      agent::sealed({}, as_bytes("of any program"), 4),
      unframed.message(),
  };
  for (const char* name : {"edks-40", "suite-0178", "suite-0578"}) {
    const std::string message = test::read_file(test::source_dir() + "/tests/vectors/esdk/good/" + name + ".esdk");
    objects.emplace_back(message.begin(), message.end());
  }
  std::vector<Bytes> all;
  for (const Bytes& object : objects) {
    all.push_back({0, 15, 63, 2});
    append(all.back(), object);
  }
  return all;
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  Input input(data, size);
  const edgeseal::ByteView cuts = input.bytes(kCuts);
  const edgeseal::ByteView object = input.rest();
  for (const ReadAs read_as : {ReadAs::batch, ReadAs::message}) {
    const Opened whole = open(object, read_as, {});
    check_same(whole, open(object, read_as, cuts));
    check_claim(object, cuts, whole.kept);
  }
  check_frames(object);
  return 0;
}
