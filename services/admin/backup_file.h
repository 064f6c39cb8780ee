// The backup file (bellwether/v1/backup.proto): written whole or not at all, read with every check.
#ifndef BELLWETHER_SERVICES_ADMIN_BACKUP_FILE_H_
#define BELLWETHER_SERVICES_ADMIN_BACKUP_FILE_H_

#include <google/protobuf/io/zero_copy_stream.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bellwether/v1/backup.pb.h"

namespace bellwether::admin {

inline constexpr uint32_t kBackupFormatVersion = 1;

// Writes an UnfinishedFile (core/files.h), for its owner alone: it gets its name once it is complete. Not thread-safe.
class BackupWriter {
 public:
  // AlreadyExists: a backup never replaces a file. Aborted: another one is being written to it. FailedPrecondition: it
  // cannot be written.
  static absl::StatusOr<std::unique_ptr<BackupWriter>> Create(const std::string& path, v1::BackupHeader header);
  // Without Finish nothing stays.
  virtual ~BackupWriter() = default;

  virtual absl::Status Add(v1::BackedUpRecord record) = 0;
  // Ends the file, brings it to the disk, and gives it its name. Errors as of Create.
  virtual absl::Status Finish() = 0;
};

// Hands each record to `take`, in the file's order, until that fails; then its header. DataLoss: the file is damaged,
// was cut off, goes on behind its end, or is none. FailedPrecondition: it cannot be read. Unimplemented: a
// later version wrote it.
using TakeRecord = std::function<absl::Status(const v1::BackupHeader& header, v1::BackedUpRecord record)>;
absl::StatusOr<v1::BackupHeader> ReadBackup(const std::string& path, const TakeRecord& take);
// The same from the bytes within the compression.
absl::StatusOr<v1::BackupHeader> ReadBackupParts(google::protobuf::io::ZeroCopyInputStream* parts,
                                                 const TakeRecord& take);

}  // namespace bellwether::admin

#endif  // BELLWETHER_SERVICES_ADMIN_BACKUP_FILE_H_
