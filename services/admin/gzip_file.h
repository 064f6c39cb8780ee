// A compressed file, read to its very end.
#ifndef BELLWETHER_SERVICES_ADMIN_GZIP_FILE_H_
#define BELLWETHER_SERVICES_ADMIN_GZIP_FILE_H_

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <zlib.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::admin {

// What is inside of a gzip file of one member, as the input of protobuf's readers (CopyingInputStreamAdaptor); their
// own takes a file that was cut off for one that ended, and more members for one. Not thread-safe.
class GzipFile : public google::protobuf::io::CopyingInputStream {
 public:
  // FailedPrecondition: it cannot be opened, or is no regular file, which alone can be read twice.
  static absl::StatusOr<std::unique_ptr<GzipFile>> Open(const std::string& path);
  ~GzipFile() override;
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  int Read(void* buffer, int size) override;
  // Why reading ended. OK where all of it was read, its checksum fits, and nothing follows; DataLoss where not.
  // FailedPrecondition: the disk gave an error.
  absl::Status End();

 private:
  explicit GzipFile(int file);
  // False: there are no more bytes, or an error.
  bool Fill();

  const int file_;
  z_stream inflater_{};
  bool ended_ = false;  // The member.
  bool cut_ = false;    // The file ended before it.
  int error_ = 0;       // Of reading.
  unsigned char bytes_[1 << 16];
};

}  // namespace bellwether::admin

#endif  // BELLWETHER_SERVICES_ADMIN_GZIP_FILE_H_
