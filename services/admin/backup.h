// Backup of the indicators topic, the record of truth, and its restore into the topic of a later epoch.
#ifndef BELLWETHER_SERVICES_ADMIN_BACKUP_H_
#define BELLWETHER_SERVICES_ADMIN_BACKUP_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/bus/sink.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/ids.h"
#include "bellwether/v1/backup.pb.h"

namespace bellwether::admin {

// How far it is, for who watches. `total` is not known for a file: then 0.
using Progress = std::function<void(int64_t done, int64_t total)>;

// Writes what the topic holds at this moment into a file; the system may run on meanwhile. Returns how many records.
// DataLoss: the log has lost its beginning, or has a hole.
absl::StatusOr<int64_t> Backup(const bus::Cluster& cluster, bus::RecordSource& source, const std::string& topic,
                               uint32_t epoch, const std::string& path, absl::Duration timeout,
                               const Progress& progress);

// What a file holds.
struct Verified {
  v1::BackupHeader header;
  int64_t records = 0;
  int64_t dead_letters = 0;  // Of them: scoring could not read these, and a restore leaves them out.
};
// Reads a backup to its end, as a restore does before it writes anything: every check of the file, and no broker.
// Errors as of ReadBackup (backup_file.h).
absl::StatusOr<Verified> Verify(const std::string& path, const Progress& progress);

// A comment whose text is not to be restored.
struct CommentName {
  core::IndicatorKey key;
  std::string comment_id;
  std::string ToString() const { return key.ToString() + "/" + comment_id; }
  // Reads "E06000061/T21a/comment-17". InvalidArgument otherwise.
  static absl::StatusOr<CommentName> Parse(const std::string& text);
  friend auto operator<=>(const CommentName&, const CommentName&) = default;
};
// What stands in place of such a text.
inline constexpr char kRedacted[] = "[redacted]";

struct RestoreOptions {
  std::string topic;  // Must be there, and empty.
  uint32_t epoch = 0;
  int partitions = 0;  // Of that topic.
  std::set<CommentName> redact;
  absl::Duration timeout = absl::Seconds(30);  // Of one question to the brokers.
};

struct Restored {
  int64_t records = 0;
  int64_t redacted = 0;  // Records of comments whose text was replaced.
  // Dead letters of the old log: scoring could not read them, and they stay behind. "partition 3, offset 17: why".
  core::ErrorList left_out;
};

// Reads the file once to its end before it writes anything: nothing is written if the file is damaged, its epoch is not
// earlier, a comment to be redacted is not in it, or the topic holds anything. Every record keeps its bytes, its
// headers, its order among those of its key, and the time at which it was recorded. An error after that leaves a part
// of the log in the topic: delete it and begin again.
absl::StatusOr<Restored> Restore(const std::string& path, const RestoreOptions& options, bus::RecordSource& source,
                                 bus::RecordSink& sink, const Progress& progress);

}  // namespace bellwether::admin

#endif  // BELLWETHER_SERVICES_ADMIN_BACKUP_H_
