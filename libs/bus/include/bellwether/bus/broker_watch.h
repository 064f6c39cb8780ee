// Whether the brokers answer, for readiness: a service without them lives, and is not ready.
#ifndef BELLWETHER_BUS_BROKER_WATCH_H_
#define BELLWETHER_BUS_BROKER_WATCH_H_

#include <atomic>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::bus {

// Asks now and then. One thread calls Ask and Heard; the metric kafka_broker_answers{client} tells the same.
class BrokerWatch {
 public:
  struct Times {
    absl::Duration interval = absl::Seconds(1);  // From one question to the next.
    absl::Duration timeout = absl::Seconds(1);   // Of a question.
    absl::Duration patience =
        absl::Seconds(3);  // Silence up to this long is nothing: a broker restarts, a leader moves.
  };
  // OK: the broker answered within the timeout.
  using Question = std::function<absl::Status(absl::Duration timeout)>;

  BrokerWatch(std::string client, Question question) : BrokerWatch(std::move(client), std::move(question), Times()) {}
  BrokerWatch(std::string client, Question question, const Times& times);

  // Something came from the broker. Cheap: for every record.
  void Heard() { heard_ = true; }
  // Call it whenever nothing comes. Asks if it is time to.
  void Ask();
  // From any thread. True until shown otherwise.
  bool answers() const { return answers_; }

 private:
  void Tell(bool answers);

  const std::string client_;
  const Question question_;
  const Times times_;
  bool heard_ = false;
  core::SteadyTime next_;
  core::SteadyTime last_answer_;
  std::atomic<bool> answers_{true};
};

// Why a service is not ready whose broker does not answer.
inline constexpr char kBrokerDoesNotAnswer[] = "the broker does not answer";

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_BROKER_WATCH_H_
