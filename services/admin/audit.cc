#include "services/admin/audit.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/access/key.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::admin {

std::string AuditChains::Follow(const v1::AuditRecord& record, std::string_view bytes, bool may_begin_anywhere) {
  const std::string sha256 = absl::HexStringToBytes(access::Sha256Of(bytes));
  const auto [found, is_new] = ends_.try_emplace(record.chain());
  const End before = std::exchange(found->second, {record.sequence(), sha256});
  if (is_new) {
    if (record.sequence() == 0 || may_begin_anywhere) return "";
    return absl::StrCat("chain ", record.chain(), " begins with record ", record.sequence());
  }
  if (record.sequence() != before.sequence + 1) {
    return absl::StrCat("chain ", record.chain(), ": record ", record.sequence(), " follows record ", before.sequence);
  }
  if (record.previous_sha256() != before.sha256) {
    return absl::StrCat("chain ", record.chain(), ": record ", record.sequence(),
                        " does not follow from the one before it");
  }
  return "";
}

absl::StatusOr<Audited> ReadAudit(const AuditQuestion& question, bus::RecordSource& source,
                                  const std::function<void(const v1::AuditRecord&)>& show) {
  const auto begins = source.BeginningOffsets(question.topic, question.timeout);
  if (!begins.ok()) return begins.status();
  const auto ends = source.EndOffsets(question.topic, question.timeout);
  if (!ends.ok()) return ends.status();
  std::vector<bus::PartitionOffset> starts;
  int64_t left = 0;
  for (size_t p = 0; p < ends->size(); ++p) {
    starts.push_back({question.topic, static_cast<int32_t>(p), (*begins)[p]});
    left += (*ends)[p] - (*begins)[p];
  }
  if (absl::Status s = source.Assign(starts); !s.ok()) return s;
  Audited audited;
  AuditChains chains;
  core::SteadyTime heard = core::SteadyTime::Now();
  while (left > 0) {
    const auto record = source.Poll(absl::Milliseconds(200));
    if (!record.ok()) return record.status();
    if (!record->has_value()) {
      if (core::SteadyTime::Now() - heard > question.timeout)
        return absl::DeadlineExceededError(absl::StrCat(question.topic, ": the brokers give no more records"));
      continue;
    }
    heard = core::SteadyTime::Now();
    const auto partition = static_cast<size_t>((*record)->partition);
    if ((*record)->offset >= (*ends)[partition]) continue;
    --left;
    ++audited.records;
    const std::string place = absl::StrCat("partition ", partition, ", offset ", (*record)->offset);
    v1::AuditRecord read;
    const std::string bytes = (*record)->value.value_or("");
    if (!read.ParseFromString(bytes) || read.chain().empty()) {
      audited.broken.push_back(absl::StrCat(place, ": is no audit record"));
      continue;
    }
    const std::string wrong = chains.Follow(read, bytes, (*begins)[partition] > 0);
    if (!wrong.empty()) audited.broken.push_back(absl::StrCat(place, ": ", wrong));
    const bool asked = (question.principal.empty() || read.principal() == question.principal) &&
                       codec::FromProto(read.decided_at()) >= question.from;
    if (asked) show(read);
  }
  return audited;
}

std::string LineOf(const v1::AuditRecord& record) {
  const auto listed = [](const google::protobuf::RepeatedPtrField<std::string>& texts) {
    return absl::StrJoin(texts, ",");
  };
  std::string line = absl::StrCat(
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", codec::FromProto(record.decided_at()), absl::UTCTimeZone()), " ",
      record.allowed() ? "allowed" : "refused", " ", record.principal().empty() ? "(nobody)" : record.principal(), " ",
      record.method().substr(record.method().rfind('/') + 1));
  if (!record.council().empty()) absl::StrAppend(&line, " ", record.council());
  if (!record.refs().empty()) absl::StrAppend(&line, "/", listed(record.refs()));
  if (record.items() > 1) absl::StrAppend(&line, " (", record.items(), " items)");
  if (!record.sources().empty()) absl::StrAppend(&line, " as ", listed(record.sources()));
  absl::StrAppend(&line, " from ", record.address(), " request ", record.request_id());
  if (!record.trace_id().empty()) absl::StrAppend(&line, " trace ", record.trace_id());
  absl::StrAppend(&line, " by ", record.decided_by());
  if (record.unwritten() > 0) absl::StrAppend(&line, "; ", record.unwritten(), " refusals before were not written");
  return line;
}

}  // namespace bellwether::admin
