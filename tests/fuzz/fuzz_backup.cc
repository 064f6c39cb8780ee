// A backup file, which may have lain anywhere for years.
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdint>
#include <cstdlib>

#include "services/admin/backup_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::io::ArrayInputStream bytes(data, static_cast<int>(size));
  int64_t next = 0;
  int32_t partition = 0;
  const auto header =
      bellwether::admin::ReadBackupParts(&bytes, [&](const bellwether::v1::BackupHeader&, const auto& record) {
        if (record.partition() != partition) next = 0;
        partition = record.partition();
        if (record.offset() != next++) std::abort();  // Only whole partitions are handed out.
        return absl::OkStatus();
      });
  if (header.ok() && bytes.ByteCount() != static_cast<int64_t>(size)) std::abort();  // Something follows its end.
  return 0;
}
