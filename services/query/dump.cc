#include "services/query/dump.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/score.h"
#include "bellwether/core/text.h"

namespace bellwether::query {
namespace {

std::string OneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

std::string Recorded(const rating::RecordedAt& recorded) {
  return absl::StrCat("offset ", recorded.offset, " at ", absl::FormatTime(recorded.time, absl::UTCTimeZone()), " ");
}

void AppendIndicator(const Indicator& indicator, std::string* out) {
  const core::IndicatorKey& key = indicator.key;
  absl::StrAppend(out, "indicator ", key.ToString(), " partition ", indicator.id.partition, "\n");
  Effort effort = Effort::Whole();
  const auto kept = LedgerOf(indicator, &effort);
  if (!kept.ok()) {
    absl::StrAppend(out, "  ", kept.status().message(), "\n");
    return;
  }
  const rating::Ledger& ledger = **kept;
  if (ledger.definition()) {
    absl::StrAppend(out, "  definition ", Recorded(ledger.definition_recorded()),
                    OneLine(codec::ToProto(*ledger.definition(), codec::WithScheme::kYes)), "\n");
  }
  for (const auto& [period, slot] : ledger.slots()) {
    absl::StrAppend(out, "  slot ", period.ToString(), " ", Recorded(slot.recorded),
                    slot.reading ? OneLine(codec::ToProto(key, *slot.reading)) : "withdrawn", "\n");
  }
  for (const auto& [period, comment] : ledger.comments()) {
    absl::StrAppend(out, "  comment ", period.ToString(), " ", Recorded(comment.recorded),
                    OneLine(codec::ToProto(key, comment.comment)), "\n");
  }
  for (size_t i = 0; i < indicator.scores.size(); ++i) {
    const PublishedScore score = indicator.scores.At(i);
    v1::Score proto;
    (void)proto.ParseFromArray(score.bytes.data(), static_cast<int>(score.bytes.size()));
    absl::StrAppend(out, "  score ", score.period.ToString(), " ", OneLine(proto), "\n");
  }
  for (size_t i = 0; i < indicator.occurrences.size(); ++i) {
    const Occurrence o = indicator.occurrences.At(i);
    v1::IndicatorRecord record;  // The ledger read it.
    (void)record.ParseFromArray(o.record.data(), static_cast<int>(o.record.size()));
    absl::StrAppend(out, "  record ", Recorded({o.offset, o.recorded_at}), core::ToAbsl(rating::OutcomeWord(o.outcome)),
                    " \"", core::ToAbsl(o.detail), "\" ", OneLine(record), "\n");
  }
}

}  // namespace

std::string DumpText(uint32_t epoch, const std::vector<PartitionLine>& partitions,
                     const std::vector<IndicatorPtr>& indicators) {
  std::string out = absl::StrCat("view of epoch ", epoch, "\n");
  for (size_t i = 0; i < partitions.size(); ++i) {
    absl::StrAppend(&out, "partition ", i, " next ", partitions[i].next, " dead letters ", partitions[i].dead_letters,
                    "\n");
  }
  for (const IndicatorPtr& indicator : indicators) AppendIndicator(*indicator, &out);
  return out;
}

}  // namespace bellwether::query
