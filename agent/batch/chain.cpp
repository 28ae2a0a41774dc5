// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/chain.h"

#include <charconv>

#include "agent/batch/batch_layout.h"

namespace edgeseal::agent {
namespace {

using Pairs = std::map<std::string, std::string>;

Result<std::string> text_at(const Pairs& pairs, std::string_view key) {
  const auto found = pairs.find(std::string(key));
  if (found == pairs.end()) {
    return fail(Kind::invalid, "the encryption context has no \"" + std::string(key) + "\": not a batch of edgeseal");
  }
  return found->second;
}

tl::unexpected<Error> malformed(std::string_view key, const std::string& value) {
  return fail(Kind::invalid,
              "the encryption context's \"" + std::string(key) + "\" is malformed: \"" + value.substr(0, 80) + "\"");
}

template <typename Id>
Result<Id> id_at(const Pairs& pairs, std::string_view key) {
  auto text = text_at(pairs, key);
  if (!text) return failed(text);
  const auto bytes = from_hex(*text);
  const auto id = bytes ? Id::from(*bytes) : std::nullopt;
  if (!id) return malformed(key, *text);
  return *id;
}

/// True for `yes`, false for `no`; anything else is malformed.
Result<bool> choice_at(const Pairs& pairs, std::string_view key, std::string_view yes, std::string_view no) {
  auto text = text_at(pairs, key);
  if (!text) return failed(text);
  if (*text != yes && *text != no) return malformed(key, *text);
  return *text == yes;
}

Result<Sequence> sequence_at(const Pairs& pairs) {
  auto text = text_at(pairs, layout::kContextSequence);
  if (!text) return failed(text);
  Sequence sequence;
  const char* const text_end = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), text_end, sequence.number);
  if (error != std::errc{} || end != text_end || sequence.number == 0) {
    return malformed(layout::kContextSequence, *text);
  }
  return sequence;
}

}  // namespace

Pairs context_pairs(const ChainLink& link) {
  return {
      {std::string(layout::kContextGateway), link.gateway},
      {std::string(layout::kContextRoute), link.route.text},
      {std::string(layout::kContextSpool), link.spool.hex()},
      {std::string(layout::kContextSequence), std::to_string(link.sequence.number)},
      {std::string(layout::kContextPrevious), link.previous.hex()},
      {std::string(layout::kContextBatch), link.batch.hex()},
      {std::string(layout::kContextKind), std::string(link.journal ? layout::kKindJournal : layout::kKindBatch)},
      {std::string(layout::kContextEncoding),
       std::string(link.zstd ? layout::kEncodingZstd : layout::kEncodingIdentity)},
  };
}

Result<ChainLink> parse_context(const Pairs& pairs) {
  auto gateway = text_at(pairs, layout::kContextGateway);
  if (!gateway) return failed(gateway);
  auto route = text_at(pairs, layout::kContextRoute);
  if (!route) return failed(route);
  auto spool = id_at<SpoolId>(pairs, layout::kContextSpool);
  if (!spool) return failed(spool);
  auto sequence = sequence_at(pairs);
  if (!sequence) return failed(sequence);
  auto previous = id_at<Digest>(pairs, layout::kContextPrevious);
  if (!previous) return failed(previous);
  auto batch = id_at<BatchId>(pairs, layout::kContextBatch);
  if (!batch) return failed(batch);
  auto journal = choice_at(pairs, layout::kContextKind, layout::kKindJournal, layout::kKindBatch);
  if (!journal) return failed(journal);
  auto zstd = choice_at(pairs, layout::kContextEncoding, layout::kEncodingZstd, layout::kEncodingIdentity);
  if (!zstd) return failed(zstd);
  return ChainLink{
      std::move(*gateway), RouteName{std::move(*route)}, *spool, *sequence, *previous, *batch, *journal, *zstd};
}

}  // namespace edgeseal::agent
