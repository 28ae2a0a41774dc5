// SPDX-License-Identifier: GPL-3.0-or-later
// Opens objects one after another, or several at once, and writes what they hold.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/owner/inputs.h"
#include "agent/owner/output.h"
#include "crypto/base/result.h"
#include "crypto/open/data_key_source.h"

namespace edgeseal::agent {

struct OpenOptions {
  enum class To {
    standard_output,  ///< as it verifies; what precedes a refused frame has been written
    stream,           ///< the same into a pipe or device, which cannot be replaced as a file can
    file,             ///< all objects in one, which appears when it is whole
    folder,           ///< a file an object, each appears when it is whole
    nowhere,          ///< only verify
  };
  Format format = Format::ndjson;
  ReadAs read_as = ReadAs::batch;
  To to = To::standard_output;
  std::filesystem::path path;                ///< of stream, file or folder
  std::optional<std::uint64_t> bytes_max{};  ///< what one object may expand to; nothing: as ContentBudget says
  unsigned jobs = 1;        ///< objects opened at once, where each has an output of its own (folder, nowhere)
  bool keep_going = false;  ///< go on after an object that is refused, unless it was for the credentials
};

/// Is told what happens, one call at a time, on any of the opener's threads.
class OpenObserver {
 public:
  virtual ~OpenObserver() = default;
  virtual void on_opened(const Input& input, const Summary& summary) = 0;
  /// The object was not opened, or not wholly. `error.where` names it.
  virtual void on_refused(const Input& input, const Error& error) = 0;
};

struct OpenTally {
  std::uint64_t opened = 0;
  std::uint64_t refused = 0;
  bool ended_early = false;  ///< by what no other input would have fared better with: the rest was not tried
};

/// Refuses outputs that are an input or each other, before anything is written: crypto/base/whole_file.h. With
/// `keep_going` and a folder it leaves that to open_objects, which then refuses the inputs whose outputs these are.
[[nodiscard]] Result<void> check_outputs(const std::vector<Input>& inputs, const OpenOptions& options);

/// Opens `inputs` in their order, once `check_outputs` lets that pass. Fails only then, or when something cannot be
/// written; objects that are refused are counted and told of. `keys` is used by `jobs` threads.
[[nodiscard]] Result<OpenTally> open_objects(const std::vector<Input>& inputs, const OpenOptions& options,
                                             crypto::DataKeySource& keys, OpenObserver& observer);

/// The name of an object's own output below the folder: "route=t/12-ab.esdk" gives "route=t/12-ab.ndjson".
[[nodiscard]] std::filesystem::path output_name(const std::filesystem::path& relative, Format format);

}  // namespace edgeseal::agent
