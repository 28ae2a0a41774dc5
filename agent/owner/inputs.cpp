// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/inputs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <tuple>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/owner/claimed_link.h"

namespace edgeseal::agent {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::string_view kMessageEnding = ".esdk";
constexpr std::string_view kJournalEnding = ".esdks";

tl::unexpected<Error> cannot(const std::string& step, const std::string& name) {
  return fail(Kind::invalid, step + ": " + std::strerror(errno), name);
}

Result<void> read_descriptor(int descriptor, const std::string& name, const TakeBytes& take) {
  Bytes buffer(kReadBytes);
  for (;;) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", name);
    if (got == 0) return {};
    if (auto taken = take(ByteView(buffer).first(static_cast<std::size_t>(got))); !taken) return taken;
  }
}

/// A file that someone named: whatever it is, as any program would read it, a pipe too.
Result<void> read_named(const std::filesystem::path& path, const TakeBytes& take) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return cannot("open", path);
  auto done = read_descriptor(descriptor, path, take);
  close(descriptor);
  return done;
}

/// A file that was found in a folder. Something else may have taken its place since: a pipe could hang, and a device
/// never end.
Result<void> read_found(const std::filesystem::path& path, const TakeBytes& take) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return cannot("open", path);
  struct stat status {};
  const bool known = fstat(descriptor, &status) == 0;
  auto done = !known                    ? Result<void>(cannot("look at", path))
              : S_ISREG(status.st_mode) ? read_descriptor(descriptor, path, take)
                                        : fail(Kind::invalid, "it is no regular file", path);
  close(descriptor);
  return done;
}

/// What an object's first bytes claim it to be, to sort by.
std::optional<ChainLink> claimed_link_of(const std::filesystem::path& path) {
  ClaimedLink claimed;
  // The only error is the one that ends the reading early.
  (void)read_found(path, [&claimed](ByteView piece) -> Result<void> {
    if (claimed.feed(piece)) return {};
    return fail(Kind::invalid, "enough has been read");
  });
  return claimed.link();
}

struct Found {
  std::filesystem::path path;
  std::optional<ChainLink> link;
};

bool comes_before(const Found& a, const Found& b) {
  if (a.link.has_value() != b.link.has_value()) return a.link.has_value();
  if (!a.link) return a.path < b.path;
  const auto key = [](const Found& f) {
    return std::tie(f.link->gateway, f.link->route, f.link->spool, f.link->sequence, f.path);
  };
  return key(a) < key(b);
}

}  // namespace

bool is_object_name(std::string_view name) { return name.ends_with(kMessageEnding) || name.ends_with(kJournalEnding); }

std::filesystem::path without_object_ending(const std::filesystem::path& name) {
  std::string stem = name.filename().string();
  for (const std::string_view ending : {kMessageEnding, kJournalEnding}) {
    if (stem.size() > ending.size() && stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
  }
  return name.parent_path() / stem;
}

Input file_input(const std::filesystem::path& path, std::filesystem::path relative) {
  return {path.string(), std::move(relative), [path](const TakeBytes& take) { return read_named(path, take); }, path};
}

Input found_input(const std::filesystem::path& path, std::filesystem::path relative) {
  return {path.string(), std::move(relative), [path](const TakeBytes& take) { return read_found(path, take); }, path};
}

Input absent_input(const std::string& name, Error why) {
  return {name, "absent/" + std::filesystem::path(name).relative_path().string(),
          [why = std::move(why)](const TakeBytes&) -> Result<void> { return tl::unexpected(why); }};
}

Input standard_input() {
  return {"standard input",
          "stdin",
          [](const TakeBytes& take) { return read_descriptor(STDIN_FILENO, "standard input", take); },
          {}};
}

Result<std::vector<Input>> folder_inputs(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<Found> found;
  std::vector<Input> unlisted;
  std::vector<fs::path> folders{folder};
  while (!folders.empty()) {
    const fs::path at = std::move(folders.back());
    folders.pop_back();
    std::error_code problem;
    std::error_code ignored;
    for (fs::directory_iterator entry(at, problem), end; !problem && entry != end; entry.increment(problem)) {
      // Links to folders are not followed: they may lead in a circle.
      if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
        folders.push_back(entry->path());
      } else if (is_object_name(entry->path().filename().string()) && entry->is_regular_file(ignored)) {
        found.push_back({entry->path(), claimed_link_of(entry->path())});
      }
    }
    if (!problem) continue;
    Error error{Kind::invalid, "list the folder: " + problem.message(), at, {}, {}};
    if (at == folder) return tl::unexpected<Error>(std::move(error));
    unlisted.push_back(absent_input(at, std::move(error)));
  }
  std::sort(found.begin(), found.end(), comes_before);
  std::vector<Input> inputs;
  inputs.reserve(found.size());
  for (const Found& one : found) inputs.push_back(found_input(one.path, one.path.lexically_relative(folder)));
  std::move(unlisted.begin(), unlisted.end(), std::back_inserter(inputs));
  return inputs;
}

}  // namespace edgeseal::agent
