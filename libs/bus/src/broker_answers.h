// The metric that says whether the broker answers.
#ifndef BELLWETHER_BUS_SRC_BROKER_ANSWERS_H_
#define BELLWETHER_BUS_SRC_BROKER_ANSWERS_H_

#include <string>

#include "bellwether/telemetry/metrics.h"

namespace bellwether::bus {

prometheus::Gauge& BrokerAnswers(const std::string& client);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SRC_BROKER_ANSWERS_H_
