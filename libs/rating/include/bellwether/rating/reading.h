// What a feed sends about an indicator: readings, withdrawals, comments (bellwether/v1/record.proto).
#ifndef BELLWETHER_RATING_READING_H_
#define BELLWETHER_RATING_READING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/time/time.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/interned.h"
#include "bellwether/core/period.h"
#include "bellwether/core/rational.h"
#include "bellwether/core/seldom.h"
#include "bellwether/rating/definition.h"

namespace bellwether::rating {

// 0 over 0 says that nothing happened. Otherwise the denominator is above zero.
struct Ratio {
  core::Decimal numerator;
  core::Decimal denominator;
  std::optional<core::Decimal> value;  // As the source prints it.
  friend bool operator==(const Ratio&, const Ratio&) = default;
};
struct WeightedMean {
  core::Decimal mean;
  core::Decimal weight;  // Not negative. 0 says that nothing happened, whatever the mean.
  friend bool operator==(const WeightedMean&, const WeightedMean&) = default;
};
struct NotAvailable {
  std::string reason;
  friend bool operator==(const NotAvailable&, const NotAvailable&) = default;
};
using Measurement = std::variant<core::Decimal, Ratio, WeightedMean, NotAvailable>;

struct OtherMeasures {
  std::optional<core::Decimal> volume;
  std::optional<core::Decimal> amount;
  std::optional<core::Decimal> amount_in_period;
  std::optional<core::Decimal> attainment;
  friend bool operator==(const OtherMeasures&, const OtherMeasures&) = default;
};

// Who sent a record. Ids are each principal's own: the same id of another names another reading.
struct SubmittedBy {
  core::Interned principal;  // Empty: nobody asked who it is.
  bool for_all = false;      // It may correct and withdraw what others sent.

  // Whether it may correct or withdraw what `owner` sent.
  bool MayTouch(const SubmittedBy& owner) const {
    return for_all || principal.empty() || owner.principal.empty() || principal == owner.principal;
  }
  friend bool operator==(const SubmittedBy&, const SubmittedBy&) = default;
};

// What few readings say.
struct SaidSeldom {
  std::string corrects;  // Empty: nothing.
  std::string as_at;     // "2022-02-28", or empty.
  OtherMeasures other;
  std::string published_arrow;
  std::string published_status;
  friend bool operator==(const SaidSeldom&, const SaidSeldom&) = default;
};

// The value of one indicator in one period, as its source gave it. Equality is identity of decimals: 98.0 is not 98.
struct Reading {
  core::Period period;
  std::string reading_id;
  Measurement measurement;
  core::Seldom<SaidSeldom> seldom;
  std::string source;
  [[no_unique_address]] SubmittedBy by{};  // What comes next lies in what it leaves free: there are millions.
  char observation_status = 'A';           // SDMX.
  friend bool operator==(const Reading&, const Reading&) = default;
};

struct Withdrawal {
  core::Period period;
  std::string reading_id;
  std::string withdrawal_id;
  std::string reason;
  std::string source;
  SubmittedBy by{};
  friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

struct Comment {
  core::Period period;
  std::string comment_id;
  std::string text;  // Empty: the comment is taken back.
  std::string source;
  SubmittedBy by{};
  friend bool operator==(const Comment&, const Comment&) = default;
};

// Where and when a record was recorded. Rating only carries and compares it.
struct RecordedAt {
  int64_t offset = -1;
  absl::Time time = absl::InfinitePast();
  friend bool operator==(const RecordedAt&, const RecordedAt&) = default;
};

// Same content of two readings of one id: everything but the source and who sent it (`repeat` against `conflict`).
bool SameContent(const Reading& a, const Reading& b);
bool SameContent(const Withdrawal& a, const Withdrawal& b);
bool SameContent(const Comment& a, const Comment& b);
// A new id that says what is in force already: everything but id, source, sender and `corrects`, which is empty
// (`confirmation`).
bool Confirms(const Reading& reading, const Reading& in_force);

// Whether its source says of the figure that it may change: provisional, estimated or a forecast.
bool SaysProvisional(const Reading& reading);

// What a reading that says that there is no figure makes of its cell: by its observation status not applicable,
// suppressed, not collected, else missing.
CellState StateOfAbsence(const Reading& reading);

// One of a reading's figures; absent where it has none. kValue of a ratio is the supplied value, absent without one.
std::optional<core::Decimal> FigureOf(const Reading& reading, Figure figure);

// Why a measurement has no value, in words, where it says that nothing happened: 0 out of 0, or a mean over a weight of
// 0. Empty: it has one, or is not available.
std::string_view WhyNoValue(const Measurement& measurement);

// The exact value of a measurement: of a ratio numerator / denominator x multiplier. Absent where nothing happened, and
// for not available.
std::optional<core::Rational> ExactValue(const Measurement& measurement, const core::Decimal& ratio_multiplier);

// What a reader sees of a measurement: as supplied, else computed and rounded half away from zero.
std::optional<core::Decimal> DisplayedValue(const Measurement& measurement, const Definition& definition);

// The observation status of a figure with which, as its source says, a new series begins.
inline constexpr char kBreak = 'B';

// Why a reading that was taken no longer fits its definition, in words: a period that the indicator does not take, or a
// figure outside the values that were allowed in it. Empty: it fits (what Fits tells without the words). Such a reading
// stays in force and is not computable.
std::string MisfitOf(const Definition& definition, const Reading& reading);
inline bool Fits(const Definition& definition, const Reading& reading) {
  return InForceIn(definition, reading.period.last()).allowed_values ? MisfitOf(definition, reading).empty()
                                                                     : TakesReadingsOf(definition, reading.period);
}

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_READING_H_
