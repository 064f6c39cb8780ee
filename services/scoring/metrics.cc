#include "services/scoring/metrics.h"

#include <array>
#include <string>

namespace bellwether::scoring {
namespace {

using OutcomeCounters = std::array<prometheus::Counter*, static_cast<size_t>(rating::Outcome::kDeadLetter) + 1>;

OutcomeCounters MakeOutcomeCounters() {
  OutcomeCounters counters{};
  for (size_t i = 0; i < counters.size(); ++i) {
    counters[i] =
        &telemetry::CounterOf("bellwether_outcomes_total", "Records scored, by outcome",
                              {{"outcome", std::string(rating::OutcomeWord(static_cast<rating::Outcome>(i)))}});
  }
  return counters;
}

}  // namespace

prometheus::Counter& OutcomeCounter(rating::Outcome outcome) {
  static const OutcomeCounters counters = MakeOutcomeCounters();  // A look-up by name for each record costs too much.
  return *counters[static_cast<size_t>(outcome)];
}

prometheus::Counter& DeadLetterCounter(codec::DeadLetterReason reason) {
  return telemetry::CounterOf("bellwether_dead_letters_total", "Records that could not be read",
                              {{"reason", std::string(codec::ReasonWord(reason))}});
}

prometheus::Counter& RebalanceCounter() {
  return telemetry::CounterOf("bellwether_rebalances_total", "Assignments that the scoring group gave");
}

telemetry::Tally RatingSeconds() {
  return {"bellwether_rating_seconds",
          "Time to fold one record and rate what it changed",
          {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1}};
}

prometheus::Gauge& PartitionsAssigned() {
  static prometheus::Gauge& gauge =
      telemetry::GaugeOf("bellwether_partitions_assigned", "Partitions that this instance has of the scoring group");
  return gauge;
}

void MakeMetrics() {
  OutcomeCounter(rating::Outcome::kDeadLetter);  // With all others.
  for (const codec::DeadLetterReason reason : codec::kDeadLetterReasons) DeadLetterCounter(reason);
  RebalanceCounter();
  RatingSeconds();
  PartitionsAssigned();
}

}  // namespace bellwether::scoring
