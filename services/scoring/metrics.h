// What scoring counts.
#ifndef BELLWETHER_SERVICES_SCORING_METRICS_H_
#define BELLWETHER_SERVICES_SCORING_METRICS_H_

#include "bellwether/rating/ledger.h"
#include "bellwether/telemetry/metrics.h"
#include "services/scoring/fold.h"

namespace bellwether::scoring {

// So that everything is counted from 0 on: a first dead letter must show as a rise.
void MakeMetrics();

// All but RatingSeconds are safe from any thread.
prometheus::Counter& OutcomeCounter(rating::Outcome outcome);
prometheus::Counter& DeadLetterCounter(codec::DeadLetterReason reason);
prometheus::Counter& RebalanceCounter();
telemetry::Tally RatingSeconds();
prometheus::Gauge& PartitionsAssigned();

}  // namespace bellwether::scoring

#endif  // BELLWETHER_SERVICES_SCORING_METRICS_H_
