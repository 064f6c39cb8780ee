// A file in memory, without a name in any folder: for libraries and programs that know only files.
#ifndef BELLWETHER_CORE_MEMORY_FILE_H_
#define BELLWETHER_CORE_MEMORY_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::core {

// Closed on exec; gone with the object, but for who holds it open. Not thread-safe.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // -1: there was no memory or descriptor for it.
  int descriptor() const { return descriptor_; }
  // By which this process opens it; /proc must be there.
  std::string Path() const;
  // Fills one that is empty, and goes back to its beginning. ResourceExhausted: there is no room.
  absl::Status Fill(std::string_view content);
  // All of it. Errors: as of ReadFile (files.h).
  absl::StatusOr<std::string> Content() const;

 private:
  const int descriptor_;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_MEMORY_FILE_H_
