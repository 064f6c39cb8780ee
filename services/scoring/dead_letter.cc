#include "services/scoring/dead_letter.h"

#include "bellwether/codec/log.h"

namespace bellwether::scoring {

bus::OutgoingRecord DeadLetter(const std::string& topic, const bus::ConsumedRecord& record, const Folded& folded) {
  bus::OutgoingRecord letter;
  letter.topic = topic;
  letter.partition = record.partition;
  letter.key = record.key.value_or("");
  letter.value = record.value.value_or("");
  letter.headers = record.headers;
  codec::AddNote({record.topic, record.partition, record.offset, std::string(codec::ReasonWord(*folded.dead_letter)),
                  folded.update.detail, folded.update.recorded_at},
                 &letter.headers);
  return letter;
}

}  // namespace bellwether::scoring
