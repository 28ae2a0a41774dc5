// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <set>
#include <string>

#include "crypto/base/guarded.h"
#include "transport/sinks/directory_sink_options.h"
#include "transport/sinks/object_name.h"
#include "transport/sinks/sink.h"

namespace edgeseal::transport {

/// What each delivery looks for first: whether the folder is there, and a medium mounted on it if there must be one.
/// Fails as DirectorySink::deliver does. Reads only. Any thread.
[[nodiscard]] Result<void> find_folder(const DirectorySinkOptions& options);

/// Writes each object as a file below a folder: a mounted share, or a medium that is carried away.
///
/// A file is written beside its place as `.<batch id>.part`, synced, renamed, and its folder synced, as is the parent
/// of each folder that was made: after success it outlives a power cut; before, nothing has its name. What a crash left
/// under the `.part` name is overwritten when the batch is tried again.
/// The folder itself must exist: made by us, a medium that is not mounted would fill the disk below its mount point.
/// With `require_mount` a file system must be mounted on it as well, for mount points that exist without their medium.
/// Below the folder no symbolic link is followed, and nothing that is there is replaced.
///
/// Threads: deliver() from several; they take turns.
class DirectorySink final : public Sink {
 public:
  /// Fails with Kind::invalid when the object name cannot be used. Touches no file yet.
  [[nodiscard]] static Result<std::unique_ptr<Sink>> create(const DirectorySinkOptions& options);

  /// A file of that name with the same bytes is a success; one with others, or a link, a folder, a pipe is
  /// Kind::batch_refused. Kind::transient: no room, folder absent or not mounted, device error. Kind::sink_refused: not
  /// permitted, read-only.
  [[nodiscard]] Result<void> deliver(const SealedObject& object) override;

 private:
  DirectorySink(const DirectorySinkOptions& options, ObjectName name);

  const std::filesystem::path root_;
  const bool require_mount_;
  const ObjectName name_;
  /// Folders whose entry in their parent this process has synced. Also the lock by which deliveries take turns.
  Guarded<std::set<std::string>> durable_folders_;
};

}  // namespace edgeseal::transport
