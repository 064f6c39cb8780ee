// The file access.yaml, and the JWKS file that it names, kept in step: looked at every second, and taken over only when
// both are right and two looks have found the same, for a file that is half written could grant more than the whole.
// Until then the last good ones are in force (metric: bellwether_access_file_usable).
#ifndef BELLWETHER_ACCESS_FILE_H_
#define BELLWETHER_ACCESS_FILE_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "bellwether/access/policy.h"
#include "bellwether/core/mutex.h"

namespace bellwether::access {

// Both files as they are now. Error: InvalidArgument, every mistake in a line, after the file's name.
absl::StatusOr<std::shared_ptr<const Policy>> ReadPolicy(const std::string& path);

// Thread-safe.
class File {
 public:
  // Error: that of ReadPolicy.
  static absl::StatusOr<std::unique_ptr<File>> Watch(const std::string& path);
  ~File();

  std::shared_ptr<const Policy> policy() const;
  // Called after each look, on the file's own thread, until the file is destroyed. Once; before it nothing is called.
  void SetAfterLook(std::function<void()> after_look);

 private:
  File(std::string path, std::string seen, std::shared_ptr<const Policy> policy);
  void Look();

  const std::string path_;
  std::string seen_;     // The text that was judged last.
  std::string last_;     // What the look before found.
  std::string trouble_;  // What is wrong with it.
  mutable core::Mutex mutex_;
  core::CondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const Policy> policy_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> after_look_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace bellwether::access

#endif  // BELLWETHER_ACCESS_FILE_H_
