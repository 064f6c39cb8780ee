#include "bellwether/core/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "bellwether/core/files.h"

namespace bellwether::core {

MemoryFile::MemoryFile() : descriptor_(memfd_create("bellwether", MFD_CLOEXEC)) {}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string MemoryFile::Path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

absl::Status MemoryFile::Fill(std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = write(descriptor_, content.data(), content.size());
    if (n <= 0) return absl::ResourceExhaustedError("there is no memory for a file");
    content.remove_prefix(static_cast<size_t>(n));
  }
  lseek(descriptor_, 0, SEEK_SET);
  return absl::OkStatus();
}

absl::StatusOr<std::string> MemoryFile::Content() const { return ReadFile(Path()); }

}  // namespace bellwether::core
