#include "bellwether/core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/core/visible.h"

namespace bellwether::core {
namespace {

absl::Status FileError(absl::StatusCode code, const std::string& path) {
  return absl::Status(code, absl::StrCat(Visible(path), ": ", std::strerror(errno)));
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path) {
  std::string content;
  while (true) {
    constexpr size_t kPiece = 1 << 16;
    const size_t size = content.size();
    content.resize(size + kPiece);
    const ssize_t got = read(fd, content.data() + size, kPiece);
    content.resize(size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (got < 0 && errno != EINTR) return FileError(absl::StatusCode::kUnavailable, path);
    if (content.size() > kLargestFileBytes) {
      return absl::OutOfRangeError(
          absl::StrCat(Visible(path), ": has more than ", kLargestFileBytes >> 20, " MiB: split it"));
    }
  }
}

absl::Status WriteAll(int fd, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) return FileError(absl::StatusCode::kUnavailable, path);
    if (written > 0) content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

// Where the kernel keeps devices and descriptors: a name there is never a file of ours to replace.
bool IsOfTheKernel(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return false;
  char folder[PATH_MAX];
  if (realpath(slash == 0 ? "/" : path.substr(0, slash).c_str(), folder) == nullptr) return false;
  const std::string_view real(folder);
  return real == "/dev" || real.substr(0, 6) == "/proc/";
}

// An open descriptor of ours that `path` names (/dev/stdout, /dev/fd/3), or -1. To open it again would begin anew at
// the start of a file that others write to as well.
int DescriptorOf(const std::string& path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    int fd = -1;
    if (path.rfind(folder, 0) == 0 && absl::SimpleAtoi(path.substr(folder.size()), &fd) && fd >= 0) return fd;
  }
  return -1;
}

absl::Status WriteThrough(const std::string& path, std::string_view content) {
  const int own = DescriptorOf(path);
  const int fd = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 3) : open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return FileError(absl::StatusCode::kUnavailable, path);
  absl::Status status =
      isatty(fd) == 1 ? WriteAll(fd, path, Visible(content, LineBreaks::kKept)) : WriteAll(fd, path, content);
  if (close(fd) != 0 && status.ok()) status = FileError(absl::StatusCode::kUnavailable, path);
  return status;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return FileError(absl::StatusCode::kNotFound, path);
  absl::StatusOr<std::string> content = ReadAll(fd, path);
  close(fd);
  return content;
}

absl::StatusOr<std::string> ReadStandardInput() { return ReadAll(STDIN_FILENO, "standard input"); }

absl::Status WriteFile(const std::string& path, std::string_view content) {
  struct stat there {};
  const bool exists = stat(path.c_str(), &there) == 0;
  if (IsOfTheKernel(path) || (exists && !S_ISREG(there.st_mode))) return WriteThrough(path, content);
  UnfinishedFile::Options options;
  options.replace = true;
  if (exists) options.mode = there.st_mode & 07777;
  // Another of ours that writes there just now has it done in a moment.
  constexpr absl::Duration kPause = absl::Milliseconds(20);
  constexpr int kTries = 250;
  auto file = UnfinishedFile::Create(path, options);
  for (int i = 1; i < kTries && absl::IsAborted(file.status()); ++i) {
    absl::SleepFor(kPause);
    file = UnfinishedFile::Create(path, options);
  }
  if (!file.ok()) return absl::UnavailableError(file.status().message());
  if (absl::Status s = WriteAll((*file)->descriptor(), path, content); !s.ok()) return s;
  return (*file)->Finish();
}

}  // namespace bellwether::core
