#include "services/admin/backup.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/bus/cursor.h"
#include "bellwether/codec/log.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/partition.h"
#include "bellwether/core/steady_time.h"
#include "services/admin/backup_file.h"

namespace bellwether::admin {
namespace {

constexpr int64_t kProgressEvery = 10'000;

v1::BackedUpRecord ToProto(bus::ConsumedRecord record) {
  v1::BackedUpRecord proto;
  proto.set_partition(record.partition);
  proto.set_offset(record.offset);
  *proto.mutable_recorded_at() = codec::ToProto(codec::RecordedAtOf(record.headers, record.timestamp));
  if (record.key) proto.set_key(*std::move(record.key));
  if (record.value) proto.set_value(*std::move(record.value));
  for (bus::Header& header : record.headers) {
    if (header.name == codec::kRecordedAtHeader) continue;
    v1::BackedUpHeader* h = proto.add_headers();
    h->set_name(std::move(header.name));
    h->set_value(std::move(header.value));
  }
  return proto;
}

absl::StatusOr<codec::KeyedRecord> ReadBackedUp(const v1::BackupHeader& header, const v1::BackedUpRecord& record) {
  const auto bytes = [](bool has, const std::string& text) {
    return has ? std::optional<std::string_view>(text) : std::nullopt;
  };
  return codec::ReadLogRecord(bytes(record.has_key(), record.key()), bytes(record.has_value(), record.value()),
                              record.partition(), header.partitions())
      .record;
}

// Whether it is a comment that is to be redacted; its text is replaced then.
bool Redact(const std::set<CommentName>& names, codec::KeyedRecord* record, std::set<CommentName>* found) {
  auto* comment = std::get_if<rating::Comment>(&record->value);
  if (comment == nullptr) return false;
  const CommentName name{record->key, comment->comment_id};
  if (!names.contains(name)) return false;
  found->insert(name);
  comment->text = kRedacted;
  return true;
}

absl::Status CheckFile(const std::string& path, const RestoreOptions& options) {
  std::set<CommentName> found;
  const auto header = ReadBackup(path, [&](const v1::BackupHeader& of, const v1::BackedUpRecord& record) {
    if (auto read = ReadBackedUp(of, record); read.ok()) Redact(options.redact, &*read, &found);
    return absl::OkStatus();
  });
  if (!header.ok()) return header.status();
  if (header->epoch() >= options.epoch) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is of epoch ", header->epoch(),
                                                      ": it can be restored as epoch ", header->epoch() + 1,
                                                      " or later (--epoch), so that no position means two records"));
  }
  std::string missing;
  for (const CommentName& name : options.redact) {
    if (!found.contains(name)) absl::StrAppend(&missing, missing.empty() ? "" : ", ", name.ToString());
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(path, " has no such comments to redact: ", missing));
}

absl::Status CheckEmpty(bus::RecordSource& source, const RestoreOptions& options) {
  const auto ends = source.EndOffsets(options.topic, options.timeout);
  if (!ends.ok()) return ends.status();
  if (static_cast<int>(ends->size()) != options.partitions) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.topic, " has ", ends->size(), " partitions, not ", options.partitions));
  }
  for (const int64_t end : *ends) {
    if (end > 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          options.topic, " is not empty: restore into a later epoch, or delete the topic if a restore was broken off"));
    }
  }
  return absl::OkStatus();
}

bus::OutgoingRecord ToRestore(const RestoreOptions& options, v1::BackedUpRecord record) {
  bus::OutgoingRecord out;
  out.topic = options.topic;
  out.key = record.key();
  out.partition = core::PartitionOf(out.key, options.partitions);
  out.value = std::move(*record.mutable_value());
  for (v1::BackedUpHeader& header : *record.mutable_headers()) {
    out.headers.push_back({std::move(*header.mutable_name()), std::move(*header.mutable_value())});
  }
  out.headers.push_back(
      {std::string(codec::kRecordedAtHeader),
       absl::FormatTime(absl::RFC3339_full, codec::FromProto(record.recorded_at()), absl::UTCTimeZone())});
  return out;
}

absl::Status Silent(absl::Duration timeout) {
  return absl::UnavailableError(absl::StrCat("the brokers took nothing for ", absl::FormatDuration(timeout),
                                             ": delete the topic, and begin again"));
}

// Hands a record over, waiting for room. What was not delivered is counted by FlushAll in the end.
absl::Status Produce(bus::RecordSink& sink, const bus::OutgoingRecord& record, absl::Duration timeout) {
  const core::SteadyTime by = core::SteadyTime::Now() + timeout;
  while (true) {
    const absl::Status produced = sink.Produce(record, [](const absl::StatusOr<bus::DeliveredAt>&) {});
    if (produced.code() != absl::StatusCode::kResourceExhausted) return produced;
    if (by.over()) return Silent(timeout);
    absl::SleepFor(absl::Milliseconds(10));
  }
}

// Waits as long as any of what is outstanding is delivered within `timeout`.
absl::Status FlushAll(bus::RecordSink& sink, absl::Duration timeout) {
  size_t failed = 0;
  for (size_t before = sink.outstanding(); before > 0;) {
    const bus::FlushResult flushed = sink.Flush(timeout);
    failed += flushed.failed;
    if (flushed.undelivered >= before) return Silent(timeout);
    before = flushed.undelivered;
  }
  if (failed > 0) return absl::DataLossError("records were not delivered: delete the topic, and begin again");
  return sink.FatalError();
}

// Whether all that was handed over is there.
absl::Status CheckWritten(const RestoreOptions& options, bus::RecordSource& source, int64_t records) {
  const auto ends = source.EndOffsets(options.topic, options.timeout);
  if (!ends.ok()) return ends.status();
  int64_t written = 0;
  for (const int64_t end : *ends) written += end;
  if (written == records) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(options.topic, " holds ", written, " records, and should hold ", records,
                                          ": somebody else writes to it. Delete it, and begin again"));
}

}  // namespace

absl::StatusOr<CommentName> CommentName::Parse(const std::string& text) {
  const size_t first = text.find('/');
  const size_t second = first == std::string::npos ? first : text.find('/', first + 1);
  if (second == std::string::npos || second + 1 == text.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not COUNCIL/REF/COMMENT_ID, such as E06000061/T21a/comment-17"));
  }
  absl::StatusOr<core::IndicatorKey> key = core::IndicatorKey::Parse(text.substr(0, second));
  if (!key.ok()) return key.status();
  return CommentName{*std::move(key), text.substr(second + 1)};
}

absl::StatusOr<int64_t> Backup(const bus::Cluster& cluster, bus::RecordSource& source, const std::string& topic,
                               uint32_t epoch, const std::string& path, absl::Duration timeout,
                               const Progress& progress) {
  v1::BackupHeader header;
  header.set_topic(topic);
  header.set_epoch(epoch);
  header.set_cluster_id(cluster.id());
  *header.mutable_began_at() = codec::ToProto(absl::Now());
  const auto ends = source.EndOffsets(topic, timeout);
  if (!ends.ok()) return ends.status();
  header.set_partitions(static_cast<int32_t>(ends->size()));
  absl::StatusOr<std::unique_ptr<BackupWriter>> writer = BackupWriter::Create(path, std::move(header));
  if (!writer.ok()) return writer.status();
  int64_t total = 0;
  for (const int64_t end : *ends) total += end;
  int64_t done = 0;
  for (size_t i = 0; i < ends->size(); ++i) {
    const bus::PartitionOffset begin = {topic, static_cast<int32_t>(i), 0};
    const auto go_on = [&](absl::Duration silence) {
      if (silence < timeout) return absl::OkStatus();
      return absl::UnavailableError(
          absl::StrCat("partition ", i, " of ", topic, ": nothing came for ", absl::FormatDuration(timeout)));
    };
    const auto copy = [&](bus::ConsumedRecord record) -> absl::StatusOr<bool> {
      if (absl::Status s = (*writer)->Add(ToProto(std::move(record))); !s.ok()) return s;
      if (++done % kProgressEvery == 0) progress(done, total);
      return true;
    };
    if (absl::Status s = bus::ReadPartition(source, begin, (*ends)[i], go_on, copy); !s.ok()) return s;
  }
  if (absl::Status s = (*writer)->Finish(); !s.ok()) return s;
  return done;
}

absl::StatusOr<Verified> Verify(const std::string& path, const Progress& progress) {
  Verified verified;
  absl::StatusOr<v1::BackupHeader> header =
      ReadBackup(path, [&](const v1::BackupHeader& of, const v1::BackedUpRecord& record) {
        if (!ReadBackedUp(of, record).ok()) ++verified.dead_letters;
        if (++verified.records % kProgressEvery == 0) progress(verified.records, 0);
        return absl::OkStatus();
      });
  if (!header.ok()) return header.status();
  verified.header = *std::move(header);
  return verified;
}

absl::StatusOr<Restored> Restore(const std::string& path, const RestoreOptions& options, bus::RecordSource& source,
                                 bus::RecordSink& sink, const Progress& progress) {
  if (absl::Status s = CheckFile(path, options); !s.ok()) return s;
  if (absl::Status s = CheckEmpty(source, options); !s.ok()) return s;
  Restored restored;
  std::set<CommentName> found;
  const auto header = ReadBackup(path, [&](const v1::BackupHeader& of, v1::BackedUpRecord record) -> absl::Status {
    absl::StatusOr<codec::KeyedRecord> read = ReadBackedUp(of, record);
    if (!read.ok()) {
      restored.left_out.Add(
          absl::StrCat("partition ", record.partition(), ", offset ", record.offset(), ": ", read.status().message()));
      return absl::OkStatus();
    }
    if (Redact(options.redact, &*read, &found)) {
      record.set_value(codec::EncodeRecord(*read));
      ++restored.redacted;
    }
    if (++restored.records % kProgressEvery == 0) progress(restored.records, 0);
    return Produce(sink, ToRestore(options, std::move(record)), options.timeout);
  });
  if (!header.ok()) return header.status();
  if (absl::Status s = FlushAll(sink, options.timeout); !s.ok()) return s;
  if (absl::Status s = CheckWritten(options, source, restored.records); !s.ok()) return s;
  return restored;
}

}  // namespace bellwether::admin
