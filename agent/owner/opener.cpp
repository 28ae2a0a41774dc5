// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/opener.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "crypto/base/guarded.h"

namespace edgeseal::agent {
namespace {

/// An object that was read to its end, or why not.
struct Opened {
  Result<void> result;
  Summary summary;
  bool sink_failed = false;
};

Opened open_into(const Input& input, const OpenOptions& options, crypto::DataKeySource& keys, ByteSink* sink) {
  Output output(options.format, sink);
  const auto reader = ObjectReader::create(options.read_as, keys, output, options.bytes_max);
  auto result = input.read([&reader](ByteView piece) { return reader->feed(piece); });
  if (result) result = reader->finish();
  // The input is named first, whoever else is: a KMS key that was refused, for instance.
  if (!result && !output.sink_failed() && result.error().where != input.name) {
    Error& error = result.error();
    if (!error.where.empty()) error.what.insert(0, error.where + ": ");
    error.where = input.name;
  }
  return {std::move(result), output.summary(), output.sink_failed()};
}

OutputGuard guard_of(const std::vector<Input>& inputs) {
  OutputGuard guard;
  for (const Input& input : inputs) {
    if (!input.file.empty()) guard.reads(input.file);
  }
  return guard;
}

/// Inputs whose output in the folder is an input or an earlier input's output, and what is to be said of each.
using Clashes = std::map<const Input*, Error>;
Clashes clashes(const std::vector<Input>& inputs, const OpenOptions& options) {
  Clashes found;
  OutputGuard guard = guard_of(inputs);
  std::map<std::filesystem::path, const Input*> names;
  for (const Input& input : inputs) {
    const auto [earlier, fresh] = names.emplace(output_name(input.relative, options.format), &input);
    if (!fresh) {
      found.emplace(&input,
                    Error{Kind::invalid,
                          "it and " + earlier->second->name + " would both be written to " + earlier->first.string(),
                          input.name,
                          "open them into different folders",
                          {}});
    } else if (auto fine = guard.admit(options.path / earlier->first); !fine) {
      found.emplace(&input, std::move(fine).error());
    }
  }
  return found;
}

class Opener {
 public:
  Opener(const std::vector<Input>& inputs, const OpenOptions& options, crypto::DataKeySource& keys,
         OpenObserver& observer)
      : inputs_(inputs), options_(options), keys_(keys), observer_(observer) {}

  Result<OpenTally> to_stream() {
    const int descriptor = open(options_.path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return fail(Kind::invalid, std::string("open: ") + std::strerror(errno), options_.path);
    auto tally = to_descriptor(descriptor, options_.path);
    close(descriptor);
    return tally;
  }

  Result<OpenTally> to_descriptor(int descriptor, const std::string& name) {
    OpenTally tally;
    DescriptorSink sink(descriptor, name);
    for (const Input& input : inputs_) {
      Opened opened = open_into(input, options_, keys_, &sink);
      auto flushed = sink.flush();
      if (opened.sink_failed) return failed(opened.result);
      if (!flushed) return failed(flushed);
      if (!tell(input, opened, tally)) break;
    }
    return tally;
  }

  Result<OpenTally> to_file() {
    auto file = FileSink::create(options_.path);
    if (!file) return failed(file);
    OpenTally tally;
    for (const Input& input : inputs_) {
      Opened opened = open_into(input, options_, keys_, file->get());
      if (opened.sink_failed) return failed(opened.result);
      // Of an object that is refused nothing stays.
      if (auto kept = opened.result ? (*file)->mark() : (*file)->rewind(); !kept) return failed(kept);
      if (tell(input, opened, tally)) continue;
      if (!options_.keep_going) return tally;
      break;
    }
    if (tally.opened == 0) return tally;  // nothing takes no place
    if (auto committed = (*file)->commit(); !committed) return failed(committed);
    return tally;
  }

  Result<OpenTally> each_by_itself() {
    if (options_.to == OpenOptions::To::folder) {
      // What is wrong with the folder itself is no fault of any input.
      if (auto made = make_folders(options_.path); !made) return failed(made);
      if (options_.keep_going) clashes_ = clashes(inputs_, options_);  // otherwise check_outputs has found none
    }
    std::vector<std::jthread> threads;
    const auto count = std::min<std::size_t>(std::max(1U, options_.jobs), inputs_.size());
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back([this] { work(); });
    work();
    threads.clear();
    return told_.with([](Told& told) -> Result<OpenTally> {
      if (told.failure) return tl::unexpected<Error>(std::move(*told.failure));
      return told.tally;
    });
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < inputs_.size() && !stop_; i = next_++) {
      Opened opened = open_one(inputs_[i]);
      told_.with([&](Told& told) {
        if (opened.sink_failed) {
          if (!told.failure) told.failure = std::move(opened.result).error();
          stop_ = true;
        } else if (!tell(inputs_[i], opened, told.tally)) {
          stop_ = true;
        }
      });
    }
  }

  Opened open_one(const Input& input) {
    if (options_.to == OpenOptions::To::nowhere) return open_into(input, options_, keys_, nullptr);
    if (const auto clash = clashes_.find(&input); clash != clashes_.end()) {
      return without_output(input, tl::unexpected(clash->second));
    }
    auto file = FileSink::create(options_.path / output_name(input.relative, options_.format));
    if (!file) return without_output(input, failed(file));
    Opened opened = open_into(input, options_, keys_, file->get());
    if (!opened.result) return opened;
    if (auto committed = (*file)->commit(); !committed) return without_output(input, std::move(committed));
    return opened;
  }

  /// A name that cannot be given to a file is this input's own fault; a disk that is full or fails ends the run.
  static Opened without_output(const Input& input, Result<void> result) {
    Error& error = result.error();
    if (error.kind != Kind::invalid) return {std::move(result), {}, true};
    if (error.where != input.name) {
      error.what = "its output " + error.where + ": " + error.what;
      error.where = input.name;
    }
    return {std::move(result), {}, false};
  }

  /// Whether to go on. One call at a time, for the observer's sake too.
  bool tell(const Input& input, const Opened& opened, OpenTally& tally) {
    if (opened.result) {
      ++tally.opened;
      observer_.on_opened(input, opened.summary);
      return true;
    }
    ++tally.refused;
    observer_.on_refused(input, opened.result.error());
    // Credentials that have expired, or a clock that is wrong, refuse all that is to come. What has been opened stays.
    tally.ended_early = tally.ended_early || opened.result.error().kind == Kind::unauthorised;
    return options_.keep_going && !tally.ended_early;
  }

  const std::vector<Input>& inputs_;
  const OpenOptions& options_;
  crypto::DataKeySource& keys_;
  OpenObserver& observer_;
  Clashes clashes_;  ///< of a folder
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  struct Told {
    OpenTally tally;
    std::optional<Error> failure;
  };
  Guarded<Told> told_;
};

}  // namespace

std::filesystem::path output_name(const std::filesystem::path& relative, Format format) {
  std::filesystem::path name = without_object_ending(relative);
  // A plaintext takes the name that was left when it was sealed; where none was, it must not replace the message.
  name += format == Format::message && name == relative ? ".opened" : file_ending(format);
  return name;
}

Result<void> check_outputs(const std::vector<Input>& inputs, const OpenOptions& options) {
  if (options.to == OpenOptions::To::file || options.to == OpenOptions::To::stream) {
    return guard_of(inputs).admit(options.path);
  }
  if (options.to != OpenOptions::To::folder || options.keep_going) return {};
  Clashes found = clashes(inputs, options);
  if (!found.empty()) return tl::unexpected<Error>(std::move(found.begin()->second));
  return {};
}

Result<OpenTally> open_objects(const std::vector<Input>& inputs, const OpenOptions& options,
                               crypto::DataKeySource& keys, OpenObserver& observer) {
  if (auto checked = check_outputs(inputs, options); !checked) return failed(checked);
  Opener opener(inputs, options, keys, observer);
  switch (options.to) {
    case OpenOptions::To::standard_output:
      return opener.to_descriptor(STDOUT_FILENO, kStandardOutput);
    case OpenOptions::To::stream:
      return opener.to_stream();
    case OpenOptions::To::file:
      return opener.to_file();
    case OpenOptions::To::folder:
    case OpenOptions::To::nowhere:
      break;
  }
  return opener.each_by_itself();
}

}  // namespace edgeseal::agent
