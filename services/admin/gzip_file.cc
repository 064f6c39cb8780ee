#include "services/admin/gzip_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace bellwether::admin {

absl::StatusOr<std::unique_ptr<GzipFile>> GzipFile::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return absl::FailedPreconditionError(absl::StrCat("cannot be read: ", std::strerror(errno)));
  std::unique_ptr<GzipFile> opened(new GzipFile(file));
  struct stat there {};
  if (fstat(file, &there) != 0 || !S_ISREG(there.st_mode)) return absl::FailedPreconditionError("is no regular file");
  constexpr int kGzipOnly = 16;
  if (inflateInit2(&opened->inflater_, MAX_WBITS + kGzipOnly) != Z_OK) return absl::ResourceExhaustedError("no memory");
  return opened;
}

GzipFile::GzipFile(int file) : file_(file) {}

GzipFile::~GzipFile() {
  inflateEnd(&inflater_);
  close(file_);
}

bool GzipFile::Fill() {
  ssize_t got = 0;
  do got = read(file_, bytes_, sizeof(bytes_));
  while (got < 0 && errno == EINTR);
  if (got < 0) error_ = errno;
  inflater_.next_in = bytes_;
  inflater_.avail_in = got > 0 ? static_cast<uInt>(got) : 0;
  return got > 0;
}

int GzipFile::Read(void* buffer, int size) {
  if (ended_ || cut_ || error_ != 0) return 0;
  inflater_.next_out = static_cast<Bytef*>(buffer);
  inflater_.avail_out = static_cast<uInt>(size);
  const uInt all = inflater_.avail_out;
  while (inflater_.avail_out == all) {
    if (inflater_.avail_in == 0 && !Fill()) {
      cut_ = error_ == 0;
      return 0;
    }
    const int result = inflate(&inflater_, Z_NO_FLUSH);
    ended_ = result == Z_STREAM_END;
    if (ended_) break;
    if (result != Z_OK && result != Z_BUF_ERROR) return -1;
  }
  return static_cast<int>(all - inflater_.avail_out);
}

absl::Status GzipFile::End() {
  if (error_ != 0) return absl::FailedPreconditionError(absl::StrCat("cannot be read: ", std::strerror(error_)));
  if (cut_) return absl::DataLossError("it was cut off, or is no backup");
  if (!ended_) return absl::DataLossError("it is damaged, or is no backup");
  uint64_t more = inflater_.avail_in;
  while (Fill()) more += inflater_.avail_in;
  if (error_ != 0) return absl::FailedPreconditionError(absl::StrCat("cannot be read: ", std::strerror(error_)));
  if (more == 0) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(more, " bytes follow its end, which no backup wrote: take another copy of it"));
}

}  // namespace bellwether::admin
