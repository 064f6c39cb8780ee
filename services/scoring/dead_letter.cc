#include "services/scoring/dead_letter.h"

#include "absl/strings/str_cat.h"

namespace bellwether::scoring {

bus::OutgoingRecord DeadLetter(const std::string& topic, const bus::ConsumedRecord& record, const Folded& folded) {
  bus::OutgoingRecord letter;
  letter.topic = topic;
  letter.partition = record.partition;
  letter.key = record.key.value_or("");
  letter.value = record.value.value_or("");
  letter.headers = record.headers;
  letter.headers.push_back({"dlt_original_topic", record.topic});
  letter.headers.push_back({"dlt_original_partition", absl::StrCat(record.partition)});
  letter.headers.push_back({"dlt_original_offset", absl::StrCat(record.offset)});
  letter.headers.push_back({"dlt_reason", std::string(ReasonWord(folded.dead_letter))});
  letter.headers.push_back({"dlt_message", folded.update.detail});
  letter.headers.push_back({"dlt_service", "bellwether-scoring"});
  letter.headers.push_back(
      {"dlt_time", absl::FormatTime(absl::RFC3339_full, folded.update.recorded_at, absl::UTCTimeZone())});
  return letter;
}

}  // namespace bellwether::scoring
