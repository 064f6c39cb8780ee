// Where records are written.
#ifndef BELLWETHER_BUS_SINK_H_
#define BELLWETHER_BUS_SINK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/record.h"

namespace bellwether::bus {

// Where a record came to lie. It carries no time: the embedded broker's would be false, so recorded-at is read from the
// consumed record.
struct DeliveredAt {
  int32_t partition = 0;
  int64_t offset = 0;

  friend bool operator==(const DeliveredAt&, const DeliveredAt&) = default;
};

// The truth about one record: its place, once every in-sync replica has it, or why it is not known to be stored.
// - DeadlineExceeded: not acknowledged in time. It may be stored; writing it again is safe for records with an id.
// - Unavailable: the broker refused it for now, or did not say where it is: it may be stored, or lost.
// - InvalidArgument: too large for the topic.
// - NotFound: no such topic or partition.
// - PermissionDenied: no right to write to the topic.
// - Aborted: the producer had a fatal error, see RecordSink::FatalError.
// - Cancelled: the sink was destroyed first.
using OnDelivery = std::function<void(absl::StatusOr<DeliveredAt>)>;

struct FlushResult {
  size_t failed = 0;       // Deliveries that failed while flushing.
  size_t undelivered = 0;  // Outstanding still at the deadline.
};

// Writes records in order, each partition's in the order of the calls. Safe from any thread.
class RecordSink {
 public:
  // Destroying a sink gives up what is outstanding: each callback is called, with Cancelled, before the destructor
  // returns (within two seconds; a client that is stuck for longer keeps them for ever). Flush first. Not from a
  // callback.
  virtual ~RecordSink() = default;

  // Hands a record over, without waiting. If the answer is OK, `on_delivery` is called exactly once, from the sink's
  // own thread, one at a time, in the order of each partition: it must be quick and must not throw; it may call
  // Produce. If the answer is an error, `on_delivery` is never called:
  // - ResourceExhausted: the queue is full. Try again when deliveries have come in.
  // - InvalidArgument: larger than any topic takes.
  // - Aborted: after a fatal error. Make a new sink.
  // - NotFound: no such topic or partition, where that is known already.
  virtual absl::Status Produce(const OutgoingRecord& record, OnDelivery on_delivery) = 0;

  // Sends what lingers and waits until nothing is outstanding, at most for `timeout`. Not from a callback.
  virtual FlushResult Flush(absl::Duration timeout) = 0;

  // OK, or Aborted with what went wrong for good. After it every outstanding delivery fails and nothing more is taken.
  // The owner then destroys the sink and makes another one; scoring also drops its folds and starts as on assignment.
  virtual absl::Status FatalError() const = 0;

  // Records taken and not yet called back.
  virtual size_t outstanding() const = 0;
};

struct SinkOptions {
  // How long the bus tries to deliver a record before it gives it up. InfiniteDuration: never.
  absl::Duration delivery_timeout = absl::Seconds(30);
  // How long a record may wait for others to share its batch.
  absl::Duration linger = absl::Milliseconds(1);
  // Records that may be outstanding before Produce says ResourceExhausted. 1 to 10,000,000.
  int queue_limit = 500'000;
  // Topics that will be written to. Their partitions are looked up while the sink is made: else the first record of
  // each would wait about a second.
  std::vector<std::string> topics{};
  // Bounds that look-up. A broker that does not answer is no error here: records then wait for it.
  absl::Duration connect_timeout = absl::Seconds(5);
};

// For acknowledging callers: a record that is not stored in `delivery_timeout` fails.
SinkOptions IngestionSinkOptions(std::string topic, absl::Duration delivery_timeout = absl::Seconds(30));
// For the fold: no record is ever given up, because a later one could then be stored in spite of it.
SinkOptions ScoringSinkOptions(std::string topic);

// A sink over Kafka: idempotent, acks=all, zstd; the partition as core::PartitionOf says. The topics must have
// message.timestamp.type=LogAppendTime (deploy/topics.yaml): a delivery report without the broker's time was not said
// by the broker, and fails as Unavailable. InvalidArgument for settings that the client refuses.
absl::StatusOr<std::unique_ptr<RecordSink>> MakeKafkaSink(const ClientOptions& client, const SinkOptions& options);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SINK_H_
