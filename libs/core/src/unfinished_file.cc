#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "bellwether/core/files.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"

namespace bellwether::core {
namespace {

absl::Status FileError(const std::string& path, std::string_view what) {
  return absl::UnavailableError(absl::StrCat(Visible(path), ": ", ToAbsl(what), ": ", std::strerror(errno)));
}

absl::Status Busy(const std::string& path) {
  return absl::AbortedError(absl::StrCat(Visible(path), ": another process is writing it just now"));
}

absl::Status Exists(const std::string& path) {
  return absl::AlreadyExistsError(absl::StrCat(Visible(path), ": exists already, and is not replaced"));
}

// Whether `path` still is the file that is open.
bool IsStill(const std::string& path, int fd) {
  struct stat open_one {};
  struct stat named {};
  return fstat(fd, &open_one) == 0 && lstat(path.c_str(), &named) == 0 && open_one.st_dev == named.st_dev &&
         open_one.st_ino == named.st_ino;
}

// Takes away what lies under the name, unless it is a file that somebody is writing: that one is locked.
absl::Status TakeAway(const std::string& path, const std::string& unfinished) {
  const int fd = open(unfinished.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return absl::OkStatus();
  const bool link = fd < 0 && errno == ELOOP;  // Nothing of ours; what it points to is left alone.
  if (fd < 0 && !link) return FileError(unfinished, "is in the way and cannot be read: delete it");
  absl::Status status;
  if (!link && flock(fd, LOCK_EX | LOCK_NB) != 0) {
    status = errno == EWOULDBLOCK
                 ? Busy(path)
                 : FileError(unfinished, "is left by a program that was killed, or in use: delete it if none runs");
  } else if ((link || IsStill(unfinished, fd)) && unlink(unfinished.c_str()) != 0 && errno != ENOENT) {
    status = FileError(unfinished, "is in the way and cannot be deleted");
  }
  if (fd >= 0) close(fd);
  return status;
}

// Gives the file its name, where nothing has it.
bool NameIfFree(const std::string& unfinished, const std::string& path) {
  if (renameat2(AT_FDCWD, unfinished.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL) return false;
  // A file system that knows no such renaming, such as NFS.
  return link(unfinished.c_str(), path.c_str()) == 0 && unlink(unfinished.c_str()) == 0;
}

// The name too shall outlive a power cut. Not every file system can be asked.
void SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

}  // namespace

UnfinishedFile::UnfinishedFile(std::string path, std::string unfinished, int descriptor, bool replace)
    : path_(std::move(path)), unfinished_(std::move(unfinished)), descriptor_(descriptor), replace_(replace) {}

UnfinishedFile::~UnfinishedFile() {
  if (!finished_ && IsStill(unfinished_, descriptor_)) unlink(unfinished_.c_str());
  close(descriptor_);
}

absl::StatusOr<std::unique_ptr<UnfinishedFile>> UnfinishedFile::Create(const std::string& path, Options options) {
  struct stat there {};
  if (!options.replace && lstat(path.c_str(), &there) == 0) return Exists(path);
  const std::string unfinished = path + ".unfinished";
  const auto create = [&] {
    return open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                options.mode ? S_IRUSR | S_IWUSR : S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);
  };
  int fd = create();
  // As often as somebody else may put something there in between; who goes on for longer is at work himself.
  for (int tries = 0; fd < 0 && errno == EEXIST && tries < 10; ++tries) {
    if (absl::Status s = TakeAway(path, unfinished); !s.ok()) return s;
    fd = create();
  }
  if (fd < 0) return errno == EEXIST ? Busy(path) : FileError(unfinished, "cannot be written");
  std::unique_ptr<UnfinishedFile> file(new UnfinishedFile(path, unfinished, fd, options.replace));
  // Whoever came between may have taken it for the rest of a killed program.
  if ((flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) || !IsStill(unfinished, fd)) return Busy(path);
  if (options.mode && fchmod(fd, *options.mode) != 0) return FileError(unfinished, "cannot be given its rights");
  return file;
}

absl::Status UnfinishedFile::Finish() {
  if (fsync(descriptor_) != 0) return FileError(path_, "cannot be written");
  if (!IsStill(unfinished_, descriptor_)) {
    return absl::UnavailableError(absl::StrCat(Visible(unfinished_), ": was taken away while it was written"));
  }
  const bool named = replace_ ? std::rename(unfinished_.c_str(), path_.c_str()) == 0 : NameIfFree(unfinished_, path_);
  if (!named) return !replace_ && errno == EEXIST ? Exists(path_) : FileError(path_, "cannot be named so");
  finished_ = true;
  SyncFolderOf(path_);
  return absl::OkStatus();
}

}  // namespace bellwether::core
