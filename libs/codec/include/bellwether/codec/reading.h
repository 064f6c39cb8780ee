// Readings, withdrawals and comments: proto <-> domain, and the check of a reading against its indicator's definition.
#ifndef BELLWETHER_CODEC_READING_H_
#define BELLWETHER_CODEC_READING_H_

#include <string_view>

#include "bellwether/codec/violation.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/reading.h"
#include "bellwether/v1/record.pb.h"

namespace bellwether::codec {

// A value of an indicator, with the key that its message carries.
template <typename T>
struct Keyed {
  core::IndicatorKey key;
  T value;
};

v1::Measurement ToProto(const rating::Measurement& measurement);
v1::Reading ToProto(const core::IndicatorKey& key, const rating::Reading& reading);
v1::Withdrawal ToProto(const core::IndicatorKey& key, const rating::Withdrawal& withdrawal);
v1::Comment ToProto(const core::IndicatorKey& key, const rating::Comment& comment);

// Each checks everything that the message alone can tell.
Parsed<rating::Measurement> FromProto(const v1::Measurement& measurement);
Parsed<rating::OtherMeasures> FromProto(const v1::OtherMeasures& other);
Parsed<Keyed<rating::Reading>> FromProto(const v1::Reading& reading);
Parsed<Keyed<rating::Withdrawal>> FromProto(const v1::Withdrawal& withdrawal);
Parsed<Keyed<rating::Comment>> FromProto(const v1::Comment& comment);

// Whether an SDMX code of observation status says that there is no figure.
bool SaysNotAvailable(std::string_view observation_status);

// What of a reading or comment needs today's date (Europe/London) and nothing else: a period that has yet to begin, or
// began longer ago than an indicator keeps.
Violations CheckToday(const core::Period& period, core::Date today);
// The same of a reading, with the day on which its source was read, which cannot be a later one.
Violations CheckToday(const rating::Reading& reading, core::Date today);

// What of a reading depends on its indicator's definition: a period that the indicator does not take, or from which on
// it is retired; a ratio's value that contradicts its parts and the multiplier; a value outside the range that is
// allowed.
Violations CheckAgainst(const rating::Definition& definition, const rating::Reading& reading);
// The same for the period of a withdrawal or comment: one that the indicator does not take.
Violations CheckPeriodAgainst(const rating::Definition& definition, const core::Period& period);
// The same of a comment. One may be taken back from any period that the indicator takes.
Violations CheckAgainst(const rating::Definition& definition, const rating::Comment& comment);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_READING_H_
