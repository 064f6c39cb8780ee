#include "services/admin/backup_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <zlib.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/files.h"
#include "bellwether/core/visible.h"
#include "services/admin/gzip_file.h"

namespace bellwether::admin {
namespace {

namespace io = google::protobuf::io;

// What follows a varint of 5 bytes at most. A record has about a mebibyte.
constexpr int kLargestPartBytes = 16 << 20;

// The checksum so far, taken on over the part's bytes.
uint32_t CheckSum(uint32_t before, const std::string& bytes) {
  return static_cast<uint32_t>(
      crc32(before, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// An error of a file, which nobody shall take for a broker that is away.
absl::Status OfFile(const absl::Status& s) {
  return absl::IsUnavailable(s) ? absl::FailedPreconditionError(s.message()) : s;
}

class Writer final : public BackupWriter {
 public:
  explicit Writer(std::string path, std::unique_ptr<core::UnfinishedFile> file)
      : path_(std::move(path)),
        file_(std::move(file)),
        raw_(std::make_unique<io::FileOutputStream>(file_->descriptor())) {
    io::GzipOutputStream::Options options;
    options.compression_level = 3;  // Readings shrink to a fifth; more takes longer than reading them from Kafka.
    gzip_ = std::make_unique<io::GzipOutputStream>(raw_.get(), options);
  }

  absl::Status Write(const v1::BackupPart& part) {
    const std::string bytes = part.SerializeAsString();
    sum_ = CheckSum(sum_, bytes);
    io::CodedOutputStream coded(gzip_.get());
    coded.WriteVarint32(static_cast<uint32_t>(bytes.size()));
    coded.WriteString(bytes);
    return coded.HadError() ? NotWritten() : absl::OkStatus();
  }

  absl::Status Add(v1::BackedUpRecord record) override {
    ++records_;
    v1::BackupPart part;
    *part.mutable_record() = std::move(record);
    return Write(part);
  }

  absl::Status Finish() override {
    v1::BackupPart end;
    end.mutable_end()->set_records(records_);
    end.mutable_end()->set_crc32(sum_);
    if (absl::Status s = Write(end); !s.ok()) return s;
    if (!gzip_->Close() || !raw_->Flush()) return NotWritten();
    return OfFile(file_->Finish());
  }

 private:
  absl::Status NotWritten() const {
    return absl::FailedPreconditionError(
        absl::StrCat(core::Visible(path_), ": cannot be written: ", std::strerror(raw_->GetErrno())));
  }

  const std::string path_;
  int64_t records_ = 0;
  uint32_t sum_ = 0;
  std::unique_ptr<core::UnfinishedFile> file_;
  std::unique_ptr<io::FileOutputStream> raw_;
  std::unique_ptr<io::GzipOutputStream> gzip_;
};

absl::Status CheckHeader(const v1::BackupHeader& header) {
  if (header.format_version() > kBackupFormatVersion) {
    return absl::UnimplementedError(absl::StrCat("format ", header.format_version(),
                                                 " of a later version; this one reads ", kBackupFormatVersion,
                                                 " and earlier"));
  }
  if (header.format_version() == 0 || header.epoch() == 0 || header.partitions() < 1) {
    return absl::DataLossError("the header is incomplete");
  }
  return absl::OkStatus();
}

// Whether the record follows the one before: by partition, and without a gap in the offsets.
absl::Status CheckOrder(const v1::BackupHeader& header, const v1::BackedUpRecord& record, int32_t* partition,
                        int64_t* next) {
  if (record.partition() > *partition) {
    *partition = record.partition();
    *next = 0;
  }
  if (record.partition() != *partition || record.partition() >= header.partitions() || record.offset() != *next) {
    return absl::DataLossError(absl::StrCat("the record of partition ", record.partition(), ", offset ",
                                            record.offset(), " is not the one that is due"));
  }
  ++*next;
  return absl::OkStatus();
}

bool HasMore(io::ZeroCopyInputStream* stream) {
  const void* data = nullptr;
  int size = 0;
  while (stream->Next(&data, &size)) {
    if (size > 0) return true;
  }
  return false;
}

// The bytes of the next part.
absl::StatusOr<std::string> NextPart(io::ZeroCopyInputStream* stream) {
  io::CodedInputStream coded(stream);
  uint32_t size = 0;
  std::string bytes;
  if (!coded.ReadVarint32(&size) || size > kLargestPartBytes || !coded.ReadString(&bytes, static_cast<int>(size))) {
    return absl::DataLossError("it is damaged, was cut off, or is no backup");
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackupWriter>> BackupWriter::Create(const std::string& path, v1::BackupHeader header) {
  constexpr mode_t kPersonalData = 0600;
  auto file = core::UnfinishedFile::Create(path, {kPersonalData, /*replace=*/false});
  if (!file.ok()) return OfFile(file.status());
  auto writer = std::make_unique<Writer>(path, *std::move(file));
  header.set_format_version(kBackupFormatVersion);
  v1::BackupPart part;
  *part.mutable_header() = std::move(header);
  if (absl::Status s = writer->Write(part); !s.ok()) return s;
  return writer;
}

absl::StatusOr<v1::BackupHeader> ReadBackupParts(io::ZeroCopyInputStream* parts, const TakeRecord& take) {
  v1::BackupHeader header;
  int64_t records = 0;
  int32_t partition = 0;
  int64_t next = 0;
  uint32_t sum = 0;
  while (true) {
    v1::BackupPart part;
    const absl::StatusOr<std::string> content = NextPart(parts);
    if (!content.ok()) return content.status();
    if (!part.ParseFromString(*content)) return absl::DataLossError("it is damaged, or is no backup");
    if (!part.has_end()) sum = CheckSum(sum, *content);
    const bool begun = header.format_version() != 0;
    if (begun == part.has_header()) return absl::DataLossError("its parts are not in their order");
    absl::Status status;
    switch (part.kind_case()) {
      case v1::BackupPart::kHeader:
        header = part.header();
        status = CheckHeader(header);
        break;
      case v1::BackupPart::kRecord:
        ++records;
        status = CheckOrder(header, part.record(), &partition, &next);
        if (status.ok()) status = take(header, std::move(*part.mutable_record()));
        break;
      case v1::BackupPart::kEnd:
        if (part.end().crc32() != sum) return absl::DataLossError("it is damaged: its checksum does not fit");
        if (part.end().records() != records) {
          return absl::DataLossError(
              absl::StrCat("it holds ", records, " records, and says that it has ", part.end().records()));
        }
        if (HasMore(parts)) return absl::DataLossError("something follows its end, which no backup wrote");
        return header;
      case v1::BackupPart::KIND_NOT_SET:
        status = absl::DataLossError("it holds a part that is unknown");
    }
    if (!status.ok()) return status;
  }
}

absl::StatusOr<v1::BackupHeader> ReadBackup(const std::string& path, const TakeRecord& take) {
  const auto named = [&](const absl::Status& s) {
    return absl::Status(s.code(), absl::StrCat(core::Visible(path), ": ", s.message()));
  };
  const absl::StatusOr<std::unique_ptr<GzipFile>> file = GzipFile::Open(path);
  if (!file.ok()) return named(file.status());
  io::CopyingInputStreamAdaptor parts(file->get());
  absl::StatusOr<v1::BackupHeader> header = ReadBackupParts(&parts, take);
  // What its parts lack says less than why they ended; `take` may have had enough, though.
  const bool damaged = absl::IsDataLoss(header.status());
  if (absl::Status s = (*file)->End(); !s.ok() && (header.ok() || (damaged && absl::IsFailedPrecondition(s))))
    return named(s);
  return header.ok() ? header : named(header.status());
}

}  // namespace bellwether::admin
