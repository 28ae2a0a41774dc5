// SPDX-License-Identifier: GPL-3.0-or-later
// How much of bare zstd and bare wolfCrypt is left once they are a sealed batch. Every row works on the same 1 MiB of
// telemetry, in the same run; the ratio table goes to standard error, so that --benchmark_format=json stays JSON.
// Times are processor time: the machine may be busy with other things.
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <zstd.h>

#include "agent/batch/compression.h"
#include "agent/batch/content_writer.h"
#include "crypto/envelope/esdk_writer.h"
#include "crypto/keys/key_set.h"
#include "tests/bench/telemetry.h"
#include "tests/support/places.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/settings.h>

namespace edgeseal {
namespace {

constexpr std::size_t kBatchBytes = 1024 * 1024;

std::vector<agent::Record> telemetry() {
  std::mt19937 engine(7);
  const auto number = [&engine](unsigned below) { return std::to_string(engine() % below); };
  std::vector<agent::Record> records;
  for (std::size_t bytes = 0; bytes < kBatchBytes;) {
    agent::Record record;
    record.received = WallTime{Duration{1'795'511'703'123'456} + std::chrono::milliseconds(records.size())};
    record.topic = "plant/" + number(8) + "/telemetry/crusher-" + number(4);
    const std::string payload = test::telemetry_reading(engine);
    record.payload = to_plain(as_bytes(payload));
    record.qos = 1;
    record.packet_id = static_cast<std::uint16_t>(1 + records.size() % 65535);
    record.connection = 1;
    bytes += payload.size() + record.topic.size() + 16;
    records.push_back(std::move(record));
  }
  return records;
}

agent::BatchHeader header() {
  agent::BatchHeader header;
  header.gateway = "truck-017";
  header.route = {"telemetry"};
  header.sequence = {12};
  return header;
}

void write_content(const std::vector<agent::Record>& records, PlainBytes& out) {
  agent::write_header(header(), out);
  for (const agent::Record& record : records) agent::write_record(record, out);
}

struct Data {
  const std::vector<agent::Record> records = telemetry();
  PlainBytes content;
  test::SeededRandom random{1};
  const crypto::EncryptionMaterials materials = crypto::EncryptionMaterials::of(
      SecretBytes::copy_of(Bytes(32, 7)), {{"edgeseal", "mine-2026", Bytes(512, 9)}},
      crypto::EncryptionContext::create({{"gateway", "truck-017"}, {"route", "telemetry"}}).value());
  Data() { write_content(records, content); }
};
Data& data() {
  static Data all;
  return all;
}

void count(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(data().content.size()));
}

void check(bool ok) {
  if (!ok) std::abort();
}

/// What there is to gain on: both libraries alone, everything they need made beforehand.
void bare(benchmark::State& state) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  Aes aes;
  check(wc_AesInit(&aes, nullptr, INVALID_DEVID) == 0);
  const Bytes key(32, 7);
  check(wc_AesGcmSetKey(&aes, key.data(), 32) == 0);
  const ByteView content = data().content;
  Bytes compressed(ZSTD_compressBound(content.size()));
  Bytes sealed(compressed.size());
  Bytes iv(12);
  Bytes tag(16);
  for (auto _ : state) {
    const std::size_t size = ZSTD_compressCCtx(context, compressed.data(), compressed.size(), content.data(),
                                               content.size(), static_cast<int>(state.range(0)));
    check(ZSTD_isError(size) == 0);
    check(wc_AesGcmEncrypt(&aes, sealed.data(), compressed.data(), static_cast<word32>(size), iv.data(), 12, tag.data(),
                           16, nullptr, 0) == 0);
    benchmark::DoNotOptimize(sealed.data());
  }
  wc_AesFree(&aes);
  ZSTD_freeCCtx(context);
  count(state);
}

void bare_zstd(benchmark::State& state) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  const ByteView content = data().content;
  Bytes compressed(ZSTD_compressBound(content.size()));
  for (auto _ : state) {
    check(ZSTD_isError(ZSTD_compressCCtx(context, compressed.data(), compressed.size(), content.data(), content.size(),
                                         static_cast<int>(state.range(0)))) == 0);
    benchmark::DoNotOptimize(compressed.data());
  }
  ZSTD_freeCCtx(context);
  count(state);
}

void content(benchmark::State& state) {
  for (auto _ : state) {
    PlainBytes out;
    write_content(data().records, out);
    benchmark::DoNotOptimize(out.data());
  }
  count(state);
}

void compress(benchmark::State& state) {
  for (auto _ : state) {
    auto out = agent::compress(data().content, static_cast<int>(state.range(0)));
    check(out.has_value());
    benchmark::DoNotOptimize(out->data());
  }
  count(state);
}

void seal_compressed(benchmark::State& state) {
  const auto compressed = agent::compress(data().content, static_cast<int>(state.range(0))).value();
  for (auto _ : state) {
    Bytes out;
    check(crypto::EsdkWriter(data().materials, data().random).seal(compressed, out).has_value());
    benchmark::DoNotOptimize(out.data());
  }
  count(state);
}

/// Content that stands ready, compressed and sealed: what `bare` does, done our way.
void compress_and_seal(benchmark::State& state) {
  for (auto _ : state) {
    const auto compressed = agent::compress(data().content, static_cast<int>(state.range(0)));
    check(compressed.has_value());
    Bytes out;
    check(crypto::EsdkWriter(data().materials, data().random).seal(*compressed, out).has_value());
    benchmark::DoNotOptimize(out.data());
  }
  count(state);
}

/// From records to the message, as the gateway closes a batch; all but the wrapping of its data key.
void batch(benchmark::State& state) {
  for (auto _ : state) {
    PlainBytes plain;
    write_content(data().records, plain);
    const auto compressed = agent::compress(plain, static_cast<int>(state.range(0)));
    check(compressed.has_value());
    Bytes out;
    check(crypto::EsdkWriter(data().materials, data().random).seal(*compressed, out).has_value());
    benchmark::DoNotOptimize(out.data());
  }
  count(state);
}

/// The RSA operation that a batch costs once a key.
void wrap_data_key(benchmark::State& state) {
  const std::string der =
      test::read_file(test::source_dir() + "/tests/vectors/keys/rsa-" + std::to_string(state.range(0)) + ".public.der");
  crypto::KeyOptions options;
  options.id = "mine";
  options.wrap = crypto::WrapForm::raw_rsa;
  const crypto::KeySet keys{crypto::SealingKey::create(options, as_bytes(der)).value()};
  auto drbg = crypto::Drbg::create().value();
  for (auto _ : state) check(crypto::EncryptionMaterials::create(keys, {}, drbg).has_value());
}

/// Hands every run on to the chosen reporter and keeps the fastest repetition of each.
class RatioReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit RatioReporter(benchmark::BenchmarkReporter& display) : display_(display) {}
  bool ReportContext(const Context& context) override { return display_.ReportContext(context); }
  void ReportRuns(const std::vector<Run>& runs) override {
    display_.ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      const double us = run.cpu_accumulated_time / static_cast<double>(run.iterations) * 1e6;
      const auto [at, added] = fastest_us_.emplace(run.run_name.function_name + "/" + run.run_name.args, us);
      if (!added) at->second = std::min(at->second, us);
    }
  }
  void Finalize() override { display_.Finalize(); }

  void print_ratios() const {
    std::fprintf(stderr, "\n%-24s %12s %16s\n", "1 MiB of telemetry", "us, fastest", "bare / this one");
    for (const auto& [name, us] : fastest_us_) {
      const auto bare = fastest_us_.find("bare/" + name.substr(name.find('/') + 1));
      if (bare == fastest_us_.end()) {
        std::fprintf(stderr, "%-24s %12.0f\n", name.c_str(), us);
      } else {
        std::fprintf(stderr, "%-24s %12.0f %16.3f\n", name.c_str(), us, bare->second / us);
      }
    }
  }

 private:
  benchmark::BenchmarkReporter& display_;
  std::map<std::string, double> fastest_us_;
};

}  // namespace
}  // namespace edgeseal

int main(int argc, char** argv) {
  using namespace edgeseal;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const std::pair<const char*, void (*)(benchmark::State&)> rows[] = {{"bare", bare},
                                                                      {"compress_and_seal", compress_and_seal},
                                                                      {"batch", batch},
                                                                      {"content", content},
                                                                      {"bare_zstd", bare_zstd},
                                                                      {"compress", compress},
                                                                      {"seal_compressed", seal_compressed}};
  for (const auto& [name, run] : rows) {
    auto* row = benchmark::RegisterBenchmark(name, run);
    for (const int level : {1, 3}) row->Arg(level);
    row->Repetitions(5)->MinTime(0.1)->Unit(benchmark::kMicrosecond);
  }
  auto* wrap = benchmark::RegisterBenchmark("wrap_data_key", wrap_data_key);
  for (const int bits : {2048, 4096}) wrap->Arg(bits);
  wrap->MinTime(0.1)->Unit(benchmark::kMicrosecond);

  RatioReporter reporter(*benchmark::CreateDefaultDisplayReporter());
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.print_ratios();
  return 0;
}
