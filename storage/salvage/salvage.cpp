// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/salvage/salvage.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "storage/bounds.h"
#include "storage/file_header.h"
#include "storage/salvage/found_rows.h"
#include "storage/salvage/salvage_files.h"
#include "storage/salvage/salvage_writer.h"
#include "storage/spool_files.h"
#include "storage/spool_schema.h"

namespace edgeseal::storage {
namespace {

// What a row takes beside its bytes: the rest of its last page, and its share of the indexes.
constexpr std::uint64_t kRowBytes = 2 * kPageSize;

// The new file's log: 4 MiB before it is emptied, and a transaction of 8 MiB.
constexpr std::uint64_t kLogBytesMax = std::uint64_t{12} << 20;

/// Whether the file may be touched. What is no SQLite file is taken for ours: it has our name, and only moves aside.
Result<void> check_owner(const RawPages& pages, const FoundRows& found, const std::filesystem::path& path) {
  Page first{};
  if (!pages.read(1, Overlay::sound, first)) return {};
  const FileHeader header = read_file_header(first);
  if (!header.sqlite) return {};
  if (!header.application && !found.ours) return not_a_spool(path.string());
  if (header.application && is_newer(header.version)) return too_new(path.string(), header.version);
  return {};
}

/// Room for all that will be kept, before anything is written.
Result<void> check_room(const FoundRows& found, const SpoolFiles& files, const std::filesystem::path& path) {
  std::uint64_t bytes = (found.batches.size() + found.frames.size()) * kRowBytes;
  for (const auto& [key, batch] : found.batches) bytes += batch.head.bytes;
  for (const auto& [key, frame] : found.frames) bytes += frame.bytes;
  const std::uint64_t wanted = disk_bytes(bytes) + std::min(bytes, kLogBytesMax);
  if (wanted <= files.disk_free()) return {};
  return fail(Kind::full, "no room to salvage the damaged spool: that takes " + std::to_string(wanted) + " bytes",
              path.string(),
              "free that much on its file system, or move the damaged file and its -wal to a larger one");
}

void count(std::string& text, std::uint64_t number, std::string_view what) {
  if (!text.empty()) text += ", ";
  text += std::to_string(number);
  text += what;
}

}  // namespace

std::string SalvageReport::text() const {
  std::string text;
  count(text, batches_kept, " batches kept");
  count(text, batches_damaged, " damaged");
  count(text, frames_kept, " journal frames kept");
  count(text, frames_damaged, " damaged");
  count(text, routes.size(), " routes");
  if (pages_damaged > 0) {
    count(text, pages_damaged, pages_damaged == 1 ? " damaged page" : " damaged pages");
    text += " that may have held more";
  }
  return "salvaged the damaged spool: " + text +
         (id_kept ? "" : "; its id was lost, so it has a new one and each route's chain begins anew") +
         "; the damaged file is " + damaged.string();
}

Result<SalvageReport> salvage(const SpoolOptions& options, Random& random, WallTime now, HashFunction sha256,
                              const std::vector<RouteName>& routes) {
  constexpr std::string_view kStep = "salvage the spool";
  const std::filesystem::path path = std::filesystem::absolute(options.path);
  auto files = SpoolFiles::claim(path);
  if (!files) return failed(files, kStep);

  SalvageReport report;
  {
    const RawPages pages(path, beside(path, "-wal"));
    auto found = find_rows(pages, sha256);
    if (!found) return failed(found, kStep);
    if (auto ours = check_owner(pages, *found, path); !ours) return failed(ours, kStep);
    if (auto room = check_room(*found, *files, path); !room) return failed(room, kStep);
    SalvageWriter writer(pages, *found, now, sha256, routes);
    auto written = writer.write(beside(path, ".salvage"), random);
    if (!written) {
      discard_salvage(path);
      return failed(written, kStep);
    }
    report = std::move(*written);
  }
  if (auto completed = complete_salvage(path); !completed) return failed(completed, kStep);
  if (auto finished = finish_salvage(path); !finished) return failed(finished, kStep);
  report.damaged = beside(path, ".damaged");
  return report;
}

}  // namespace edgeseal::storage
