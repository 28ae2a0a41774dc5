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

/// Whether the folder is there, and whether a medium is mounted on it if there must be one. Each delivery looks first.
/// Fails as DirectorySink::deliver does. Changes nothing. Threads: any.
[[nodiscard]] Result<void> find_folder(const DirectorySinkOptions& options);

/// Writes each object as a file below a folder: a mounted share, or a medium that is carried away.
///
/// A file is written beside its place as `.<batch id>.part`, synced and renamed. Then its folder is synced, and the
/// parent of each folder that was made. After success the file outlives a power cut; before, nothing has its name. When
/// a crash has left a `.part` file, the next try of the same batch overwrites it.
/// The folder itself must exist. If the sink made it while a medium is not mounted, it would fill the disk below the
/// mount point. A mount point may exist without its medium; `require_mount` also demands that something is mounted.
/// Below the folder no symbolic link is followed, and nothing that is there is replaced.
///
/// Threads: several may call deliver(). They take turns.
class DirectorySink final : public Sink {
 public:
  /// Fails with Kind::invalid when the object name cannot be used. Touches no file yet.
  [[nodiscard]] static Result<std::unique_ptr<Sink>> create(const DirectorySinkOptions& options);

  /// A file that has the name and the same bytes already is a success. Fails with
  ///   batch_refused  if a file with other bytes, a link, a folder or a pipe has that name;
  ///   transient      if there is no room, the folder is absent or not mounted, or the device fails;
  ///   sink_refused   if it is not permitted, or the file system is read-only.
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
