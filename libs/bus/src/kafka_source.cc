#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/acls.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/steady_time.h"
#include "client.h"
#include "settings.h"

namespace bellwether::bus {
namespace {

constexpr absl::Duration kLookUpTimeout = absl::Seconds(5);

class KafkaSource final : public RecordSource, public Client {
 public:
  ~KafkaSource() override { DestroyHandle(); }

  absl::Status Start(const ClientOptions& client) {
    Settings settings = ConsumerSettings(client);
    // The client insists on a name; nothing joins a group or commits under it.
    settings.emplace_back("group.id", kReadersGroup);
    absl::Status started =
        Client::Start(RD_KAFKA_CONSUMER, client, settings, RdKafkaPtr<rd_kafka_conf_t>(rd_kafka_conf_new()));
    if (!started.ok()) return started;
    return OpenQueue();
  }

  absl::Status Assign(const std::vector<PartitionOffset>& starts) override {
    for (const PartitionOffset& start : starts) {
      if (start.offset >= 0) continue;
      return absl::InvalidArgumentError(absl::StrCat("assignment of ", start.topic, " partition ", start.partition,
                                                     ": offset ", start.offset, " must not be negative"));
    }
    LookUp(starts);
    TellProgress(starts);
    return StatusOf(rd_kafka_assign(handle(), ListOf(starts).get()), "assignment");
  }

  absl::StatusOr<std::optional<ConsumedRecord>> Poll(absl::Duration timeout) override { return PollRecord(timeout); }

  absl::StatusOr<std::vector<int64_t>> EndOffsets(std::string_view topic, absl::Duration timeout) const override {
    return OffsetsOf(topic, RD_KAFKA_OFFSET_END, timeout);
  }

  absl::StatusOr<int64_t> EndOffset(std::string_view topic, int32_t partition, absl::Duration timeout) const override {
    absl::StatusOr<std::vector<int64_t>> ends = QueryOffsets(topic, {partition}, RD_KAFKA_OFFSET_END, timeout);
    if (!ends.ok()) return ends.status();
    return ends->front();
  }

  absl::StatusOr<std::vector<int64_t>> BeginningOffsets(std::string_view topic, absl::Duration timeout) const override {
    return OffsetsOf(topic, RD_KAFKA_OFFSET_BEGINNING, timeout);
  }

  int64_t disconnects() const override { return Client::disconnects(); }

 private:
  // What the client does not know of a topic costs the first fetch a second. Brokers that are away are no error here.
  void LookUp(const std::vector<PartitionOffset>& starts) const {
    const core::SteadyTime deadline = core::SteadyTime::Now() + kLookUpTimeout;
    std::set<std::string> topics;
    for (const PartitionOffset& start : starts) topics.insert(start.topic);
    for (const std::string& topic : topics) Metadata(topic, deadline.left()).status().IgnoreError();
  }

  absl::StatusOr<std::vector<int64_t>> OffsetsOf(std::string_view topic, int64_t which, absl::Duration timeout) const {
    const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
    absl::StatusOr<int> count = PartitionCount(topic, timeout);
    if (!count.ok()) return count.status();
    std::vector<int32_t> partitions;
    for (int32_t partition = 0; partition < *count; ++partition) partitions.push_back(partition);
    return QueryOffsets(topic, partitions, which, deadline.left());
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordSource>> MakeKafkaSource(const ClientOptions& client) {
  auto source = std::make_unique<KafkaSource>();
  if (absl::Status started = source->Start(client); !started.ok()) return started;
  return source;
}

}  // namespace bellwether::bus
