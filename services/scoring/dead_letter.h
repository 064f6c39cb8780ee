// What goes into the dead-letter topic.
#ifndef BELLWETHER_SERVICES_SCORING_DEAD_LETTER_H_
#define BELLWETHER_SERVICES_SCORING_DEAD_LETTER_H_

#include <string>

#include "bellwether/bus/record.h"
#include "services/scoring/fold.h"

namespace bellwether::scoring {

// The original bytes, untouched; where they stood and why they cannot be read in headers (codec/log.h).
// Pure.
bus::OutgoingRecord DeadLetter(const std::string& topic, const bus::ConsumedRecord& record, const Folded& folded);

}  // namespace bellwether::scoring

#endif  // BELLWETHER_SERVICES_SCORING_DEAD_LETTER_H_
