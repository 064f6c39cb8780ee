// Files that people and operators name: read with a limit, written whole or not at all.
#ifndef BELLWETHER_CORE_FILES_H_
#define BELLWETHER_CORE_FILES_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::core {

// Of a file that is read whole. The largest that anybody needs, readings of a council's hundred years, has a tenth.
inline constexpr size_t kLargestFileBytes = 64 << 20;

// The whole file, or what a pipe gives. NotFound: it cannot be opened. Unavailable: it cannot be read. OutOfRange: it
// is larger than kLargestFileBytes. Every error names the file.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// The same of standard input.
absl::StatusOr<std::string> ReadStandardInput();

// Writes the whole file. A regular file, or a name that is free, gets its content at once, through an UnfinishedFile; a
// symbolic link to a regular file is replaced, not followed. Anything else (a device, a pipe, /dev/stdout and what else
// stands in /dev and /proc) is written through and stays what it is; a terminal gets what is Visible (core/visible.h).
// Unavailable: it cannot be written.
absl::Status WriteFile(const std::string& path, std::string_view content);

// A file under way: it stands beside its name, as NAME.unfinished, until it is whole. What lies there already, such as
// the rest of a program that was killed, or somebody's link, is taken away and never written to; of two that write to
// one name at once, the second is told so. Not thread-safe.
class UnfinishedFile {
 public:
  struct Options {
    std::optional<mode_t> mode;  // Absent: as the umask has it.
    bool replace = false;        // Finish may replace a file of that name.
  };
  // AlreadyExists: there is something of that name, and `replace` is not set. Aborted: somebody else is writing to it.
  // Unavailable: it cannot be written.
  static absl::StatusOr<std::unique_ptr<UnfinishedFile>> Create(const std::string& path, Options options);
  // Without Finish nothing stays.
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  // To write to. Stays ours to close.
  int descriptor() const { return descriptor_; }
  // Brings it to the disk and gives it its name. Errors as of Create.
  absl::Status Finish();

 private:
  UnfinishedFile(std::string path, std::string unfinished, int descriptor, bool replace);

  const std::string path_;
  const std::string unfinished_;
  const int descriptor_;
  const bool replace_;
  bool finished_ = false;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_FILES_H_
