#include "bellwether/bus/broker_watch.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "broker_answers.h"

namespace bellwether::bus {

prometheus::Gauge& BrokerAnswers(const std::string& client) {
  return telemetry::GaugeOf("kafka_broker_answers", "1: the broker answered when it was last asked",
                            {{"client", client}});
}

BrokerWatch::BrokerWatch(std::string client, Question question, const Times& times)
    : client_(std::move(client)), question_(std::move(question)), times_(times), last_answer_(core::SteadyTime::Now()) {
  BrokerAnswers(client_).Set(1);
}

void BrokerWatch::Ask() {
  const core::SteadyTime now = core::SteadyTime::Now();
  if (std::exchange(heard_, false)) {
    last_answer_ = now;
    Tell(true);
  }
  if (now < next_) return;
  const bool answered = question_(times_.timeout).ok();
  const core::SteadyTime after = core::SteadyTime::Now();
  next_ = after + times_.interval;
  if (answered) {
    last_answer_ = after;
    Tell(true);
  } else if (after - last_answer_ >= times_.patience) {
    Tell(false);
  }
}

void BrokerWatch::Tell(bool answers) {
  if (answers_.exchange(answers) == answers) return;
  BrokerAnswers(client_).Set(answers ? 1 : 0);
  if (answers) {
    spdlog::info("kafka {}: the broker answers again", client_);
  } else {
    spdlog::warn("kafka {}: {}: not ready until it does", client_, kBrokerDoesNotAnswer);
  }
}

}  // namespace bellwether::bus
