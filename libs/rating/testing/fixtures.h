// Schemes, definitions and readings for tests. Every builder takes text that is known to be right, and stops otherwise.
#ifndef BELLWETHER_RATING_TESTING_FIXTURES_H_
#define BELLWETHER_RATING_TESTING_FIXTURES_H_

#include <memory>
#include <string>
#include <string_view>

#include "bellwether/rating/definition.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/rating/ledger.h"
#include "bellwether/rating/reading.h"
#include "bellwether/rating/scheme.h"

namespace bellwether::rating::testing {

core::Decimal D(std::string_view text);
core::Month M(std::string_view text);
core::Period P(std::string_view text);

ToleranceLimit Percent(std::string_view amount);
ToleranceLimit Absolute(std::string_view amount);
ToleranceLimit EdgeAt(std::string_view at);
ShortfallBound OnTarget();
ShortfallBound WithinTolerance();

// The council's keys of the February 2022 report, as written (docs/rating.md).
Scheme CouncilScheme();
// The Children's Trust's (1.3): its arrows show performance.
Scheme TrustScheme();
// An invented one with four statuses: star (better by 10% or more), circle (on target), triangle (tolerated), square.
// It compares exact values.
Scheme StarScheme();

// A monthly indicator without targets, in per cent with two decimals, under the council's scheme, whose quarter and
// year to date are the latest month's.
Definition IndicatorOf(Polarity polarity, Scheme scheme = CouncilScheme());

Target ValueTarget(std::string_view value);
Target RangeTarget(std::string_view low, std::string_view high);

// "n/d" is a ratio, "mean*weight" a weighted mean, "?" not available, anything else a value.
Measurement Figures(std::string_view text);

Slot SlotOf(std::string_view period, Measurement measurement, int64_t offset = 1);
// Puts a reading in force.
void Put(Slots& slots, std::string_view period, std::string_view figures, int64_t offset = 1);
// The reading in force, to be changed: a copy takes its place.
Reading& Change(Slots& slots, std::string_view period);
// Takes what was in force away.
void Withdraw(Slots& slots, std::string_view period, int64_t offset = 2);

// Evaluates as of a definition recorded at offset 0.
Evaluation EvaluateAt(const Definition& definition, const Slots& slots, std::string_view period);
Score ScoreAt(const Definition& definition, const Slots& slots, std::string_view period);

}  // namespace bellwether::rating::testing

#endif  // BELLWETHER_RATING_TESTING_FIXTURES_H_
