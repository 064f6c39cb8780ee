// The ports over librdkafka, against the embedded broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/bus/embedded_broker.h"
#include "bellwether/bus/group_source.h"
#include "bellwether/bus/sink.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/mutex.h"
#include "bellwether/telemetry/metrics.h"
#include "kafka_sink.h"

namespace bellwether::bus {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kSoon = absl::Seconds(10);
constexpr char kTopic[] = "t";
constexpr char kKey[] = "E06000061/T21a";
constexpr int kPartitionOfKey = 5;

// What several threads report and one waits for.
class Deliveries {
 public:
  OnDelivery Expect() {
    return [this](absl::StatusOr<DeliveredAt> at) {
      const core::MutexLock lock(mutex_);
      all_.push_back(std::move(at));
      changed_.NotifyAll();
    };
  }
  std::vector<absl::StatusOr<DeliveredAt>> Await(size_t count) {
    const core::MutexLock lock(mutex_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return all_.size() >= count; };
    EXPECT_TRUE(changed_.WaitUntil(mutex_, core::SteadyTime::Now() + kSoon, enough)) << all_.size() << " of " << count;
    return all_;
  }

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  std::vector<absl::StatusOr<DeliveredAt>> all_ ABSL_GUARDED_BY(mutex_);
};

std::unique_ptr<EmbeddedBroker> Broker(uint16_t port = 0) {
  TopicSpec topic;
  topic.name = kTopic;
  topic.partitions = 12;
  auto broker = EmbeddedBroker::Start({.port = port, .topics = {topic}});
  EXPECT_TRUE(broker.ok()) << broker.status();
  return *std::move(broker);
}

ClientOptions Client(const EmbeddedBroker& broker) {
  return {.bootstrap_servers = broker.bootstrap_servers(), .embedded_broker = true};
}

std::unique_ptr<RecordSink> Sink(const EmbeddedBroker& broker,
                                 const SinkOptions& options = IngestionSinkOptions(kTopic)) {
  auto sink = MakeKafkaSink(Client(broker), options);
  EXPECT_TRUE(sink.ok()) << sink.status();
  return *std::move(sink);
}

std::unique_ptr<RecordSource> Source(const EmbeddedBroker& broker) {
  auto source = MakeKafkaSource(Client(broker));
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

// Records in partition 0 with the values "0", "1", ...
void Write(const EmbeddedBroker& broker, int count, const std::string& filling = "") {
  Deliveries deliveries;
  auto sink = Sink(broker);
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, absl::StrCat(i, filling)}, deliveries.Expect()).ok());
  }
  for (const auto& at : deliveries.Await(static_cast<size_t>(count))) ASSERT_TRUE(at.ok()) << at.status();
}

uint16_t PortOf(const EmbeddedBroker& broker) {
  const std::string& address = broker.bootstrap_servers();
  return static_cast<uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
}

TEST(KafkaTest, ReadsBackWhatWasWritten) {
  const auto broker = Broker();
  Deliveries deliveries;
  auto sink = Sink(*broker);
  const Headers headers = {{"ce_id", "1"}, {"traceparent", "00-ab"}, {"empty", ""}};
  const std::string value = std::string("bytes\0\xff", 7);
  ASSERT_TRUE(sink->Produce({kTopic, kPartitionByKey, kKey, value, headers}, deliveries.Expect()).ok());
  EXPECT_EQ(deliveries.Await(1)[0].value(), (DeliveredAt{kPartitionOfKey, 0}));

  auto source = Source(*broker);
  ASSERT_TRUE(source->Assign({{kTopic, kPartitionOfKey, 0}}).ok());
  const auto record = source->Poll(kSoon);
  ASSERT_TRUE(record.ok() && record->has_value()) << record.status();
  EXPECT_EQ((*record)->topic, kTopic);
  EXPECT_EQ((*record)->partition, kPartitionOfKey);
  EXPECT_EQ((*record)->offset, 0);
  EXPECT_EQ((*record)->key, kKey);
  EXPECT_EQ((*record)->value, value);
  EXPECT_EQ((*record)->headers, headers);
  EXPECT_LT(absl::AbsDuration(absl::Now() - (*record)->timestamp), absl::Minutes(1));
}

TEST(KafkaTest, KeepsTheOrderAndReadsFromTheMiddle) {
  const auto broker = Broker();
  constexpr int kCount = 5000;
  Write(*broker, kCount);
  auto source = Source(*broker);
  constexpr int kStart = 17;
  ASSERT_TRUE(source->Assign({{kTopic, 0, kStart}}).ok());
  for (int i = kStart; i < kCount; ++i) {
    const auto record = source->Poll(kSoon);
    ASSERT_TRUE(record.ok() && record->has_value()) << record.status() << " at " << i;
    ASSERT_EQ((*record)->offset, i);
    ASSERT_EQ((*record)->value, absl::StrCat(i));
  }
  EXPECT_EQ(source->EndOffset(kTopic, 0, kSoon).value(), kCount);
  EXPECT_EQ(source->EndOffsets(kTopic, kSoon).value(), (std::vector<int64_t>{kCount, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(source->BeginningOffsets(kTopic, kSoon).value(), std::vector<int64_t>(12, 0));
  EXPECT_TRUE(absl::IsNotFound(source->EndOffsets("none", kSoon).status()));
  ASSERT_TRUE(source->Assign({{kTopic, 0, kCount}}).ok());
  EXPECT_EQ(source->Poll(absl::Milliseconds(50)).value(), std::nullopt);
}

// The value of a metric, by its name with labels; -1: there is none.
double MetricOf(const std::string& name) {
  const std::string page = "\n" + telemetry::MetricsText();
  const size_t at = page.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

TEST(KafkaTest, TellsHowFarItIsBehind) {
  const std::string lag = "bellwether_lag_records{partition=\"0\",topic=\"t\"}";
  const std::string seconds = "bellwether_lag_seconds{topic=\"t\"}";
  const std::string consumed = "bellwether_records_consumed_total{topic=\"t\"}";
  const std::string published = "bellwether_records_published_total{topic=\"t\"}";
  const double published_before = std::max(0.0, MetricOf(published));
  const auto broker = Broker();
  Write(*broker, 5);
  EXPECT_EQ(MetricOf(published), published_before + 5);
  EXPECT_GE(MetricOf("kafka_delivery_seconds_count{client=\"bellwether\"}"), 5) << telemetry::MetricsText();
  auto source = Source(*broker);
  ASSERT_TRUE(source->Assign({{kTopic, 0, 0}}).ok());
  const double before = MetricOf(consumed);
  EXPECT_GE(before, 0) << "counted from 0 on";
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(source->Poll(kSoon)->has_value());
  EXPECT_EQ(MetricOf(lag), 3);
  EXPECT_GT(MetricOf(seconds), 0);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(source->Poll(kSoon)->has_value());
  EXPECT_EQ(MetricOf(lag), 0);
  EXPECT_EQ(MetricOf(seconds), 0);
  EXPECT_EQ(MetricOf(consumed), before + 5);
  source.reset();
  EXPECT_EQ(MetricOf(lag), -1) << "nobody reads it any more";
}

TEST(KafkaTest, LookUpOfOffsetsKeepsItsTimeoutWithoutABroker) {
  const auto broker = Broker();
  Write(*broker, 1);
  auto source = Source(*broker);
  ASSERT_EQ(source->EndOffset(kTopic, 0, kSoon).value(), 1);
  broker->SetDown(true);
  const absl::Time asked = absl::Now();
  EXPECT_FALSE(source->EndOffset(kTopic, 0, absl::Milliseconds(200)).ok());
  EXPECT_LT(absl::Now() - asked, kSoon);
}

TEST(KafkaTest, CarriesTheLargestUpdate) {
  const auto broker = Broker();
  constexpr size_t kLargestUpdate = 8u << 20;
  Write(*broker, 1, std::string(kLargestUpdate - 1, 'x'));
  auto source = Source(*broker);
  ASSERT_TRUE(source->Assign({{kTopic, 0, 0}}).ok());
  const auto record = source->Poll(kSoon);
  ASSERT_TRUE(record.ok() && record->has_value()) << record.status();
  EXPECT_EQ((*record)->value->size(), kLargestUpdate);
  auto sink = Sink(*broker);
  EXPECT_TRUE(absl::IsInvalidArgument(sink->Produce({kTopic, 0, kKey, std::string(9u << 20, 'x')}, nullptr)));
}

TEST(KafkaTest, RefusesWhenTheQueueIsFullAndGivesUpInTime) {
  const auto broker = Broker();
  SinkOptions options = IngestionSinkOptions(kTopic, absl::Milliseconds(500));
  options.queue_limit = 2;
  auto sink = Sink(*broker, options);
  broker->SetDown(true);
  Deliveries deliveries;
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "1"}, deliveries.Expect()).ok());
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "2"}, deliveries.Expect()).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(sink->Produce({kTopic, 0, kKey, "3"}, deliveries.Expect())));
  EXPECT_EQ(sink->outstanding(), 2u);
  EXPECT_EQ(sink->Flush(absl::ZeroDuration()).undelivered, 2u);
  const FlushResult flushed = sink->Flush(kSoon);
  EXPECT_EQ(flushed.failed, 2u);
  EXPECT_EQ(flushed.undelivered, 0u);
  for (const auto& at : deliveries.Await(2)) EXPECT_TRUE(absl::IsDeadlineExceeded(at.status())) << at.status();
}

TEST(KafkaTest, NeverGivesUpARecordOfScoring) {
  const auto broker = Broker();
  auto sink = Sink(*broker, ScoringSinkOptions(kTopic));
  broker->SetDown(true);
  Deliveries deliveries;
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "1"}, deliveries.Expect()).ok());
  EXPECT_EQ(sink->Flush(absl::Milliseconds(300)).undelivered, 1u);
  broker->SetDown(false);
  EXPECT_TRUE(deliveries.Await(1)[0].ok());
}

TEST(KafkaTest, CallsBackWhatIsOutstandingWhenASinkIsDestroyed) {
  const auto broker = Broker();
  Deliveries deliveries;
  {
    auto sink = Sink(*broker, ScoringSinkOptions(kTopic));
    broker->SetDown(true);
    ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "1"}, deliveries.Expect()).ok());
  }
  EXPECT_TRUE(absl::IsCancelled(deliveries.Await(1)[0].status()));
}

TEST(KafkaTest, FailsEverythingAfterAFatalError) {
  const auto broker = Broker();
  KafkaSink sink;
  ASSERT_TRUE(sink.Start(Client(*broker), ScoringSinkOptions(kTopic)).ok());
  EXPECT_TRUE(sink.FatalError().ok());
  broker->SetDown(true);
  Deliveries deliveries;
  ASSERT_TRUE(sink.Produce({kTopic, 0, kKey, "1"}, deliveries.Expect()).ok());
  rd_kafka_test_fatal_error(sink.handle(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "for the test");
  EXPECT_TRUE(absl::IsAborted(deliveries.Await(1)[0].status()));
  EXPECT_TRUE(absl::IsAborted(sink.Produce({kTopic, 0, kKey, "2"}, deliveries.Expect())));
  EXPECT_THAT(std::string(sink.FatalError().message()), HasSubstr("for the test"));
}

TEST(KafkaTest, TellsNoOffsetOfABatchThatTheBrokerKnewAlready) {
  const auto broker = Broker();
  auto sink = Sink(*broker);
  Deliveries deliveries;
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "1"}, deliveries.Expect()).ok());
  EXPECT_EQ(deliveries.Await(1)[0].value(), (DeliveredAt{0, 0}));
  broker->RefuseNextBatch(RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "2"}, deliveries.Expect()).ok());
  EXPECT_TRUE(absl::IsUnavailable(deliveries.Await(2)[1].status())) << deliveries.Await(2)[1].status();
}

// Reports that are not the broker's have no offset, or a false one, and no time of the broker's.
TEST(KafkaTest, PresumesNoDeliveryOfARecordOfScoring) {
  const auto broker = Broker();
  auto sink = Sink(*broker, ScoringSinkOptions(kTopic));
  Deliveries deliveries;
  for (const char* value : {"1", "2", "3"}) {
    ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, value}, deliveries.Expect()).ok());
  }
  for (const auto& at : deliveries.Await(3)) EXPECT_TRUE(at.ok()) << at.status();
  broker->RefuseNextBatch(RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
  for (const char* value : {"4", "5", "6"}) {
    ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, value}, deliveries.Expect()).ok());
  }
  const auto all = deliveries.Await(6);
  for (size_t i = 3; i < all.size(); ++i) EXPECT_TRUE(absl::IsUnavailable(all[i].status())) << all[i].status();
}

// Of two batches under way the first is refused and the second stored. The embedded broker looks at no sequence
// numbers, like a leader that knows nothing of the producer.
TEST(KafkaTest, CallsNoRecordDeliveredBecauseALaterOneIs) {
  const auto broker = Broker();
  ClientOptions client = Client(*broker);
  client.properties = {{"batch.num.messages", "1"}};
  const auto sink = MakeKafkaSink(client, ScoringSinkOptions(kTopic)).value();
  Deliveries deliveries;
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "0"}, deliveries.Expect()).ok());
  EXPECT_EQ(deliveries.Await(1)[0].value(), (DeliveredAt{0, 0}));
  broker->RefuseNextBatch(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "1"}, deliveries.Expect()).ok());
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "2"}, deliveries.Expect()).ok());
  std::vector<int64_t> offsets;
  for (const auto& at : deliveries.Await(3)) {
    if (at.ok()) offsets.push_back(at->offset);
  }
  const auto source = Source(*broker);
  const std::vector<int64_t> ends = source->EndOffsets(kTopic, kSoon).value();
  EXPECT_EQ(offsets.size(), static_cast<size_t>(ends[0]));
}

// As after a topic was deleted and created anew: its offsets begin again, and are as good as those before.
TEST(KafkaTest, DeliversIntoALogThatBeganAgain) {
  auto broker = Broker();
  const uint16_t port = PortOf(*broker);
  auto sink = Sink(*broker, ScoringSinkOptions(kTopic));
  Deliveries deliveries;
  for (const char* value : {"1", "2", "3"}) {
    ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, value}, deliveries.Expect()).ok());
  }
  EXPECT_EQ(deliveries.Await(3)[2].value(), (DeliveredAt{0, 2}));
  broker.reset();
  broker = Broker(port);
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "4"}, deliveries.Expect()).ok());
  EXPECT_EQ(deliveries.Await(4)[3].value(), (DeliveredAt{0, 0}));
}

TEST(KafkaTest, ReportsThatTheBeginningIsLost) {
  const auto broker = Broker();
  // The broker keeps 5 MiB of a partition. The filling must not compress.
  std::string filling(1 << 20, ' ');
  uint32_t state = 1;
  for (char& c : filling) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (int i = 0; i < 8; ++i) Write(*broker, 1, filling);
  auto source = Source(*broker);
  EXPECT_GT(source->BeginningOffsets(kTopic, kSoon).value()[0], 0);
  ASSERT_TRUE(source->Assign({{kTopic, 0, 0}}).ok());
  const absl::Status status = source->Poll(kSoon).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("topic t partition 0: the log does not hold offset 0"));
}

TEST(KafkaTest, ReportsAnotherClusterBeforeItsRecords) {
  auto broker = Broker();
  const uint16_t port = PortOf(*broker);
  const ClientOptions client = Client(*broker);
  Write(*broker, 3);
  auto cluster = Cluster::Connect(client, kSoon);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_TRUE((*cluster)->CheckSameCluster(kSoon).ok());
  auto source = Source(*broker);
  ASSERT_TRUE(source->Assign({{kTopic, 0, 0}}).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(source->Poll(kSoon)->has_value());

  // An embedded broker's id is its address in memory, which another one takes first.
  broker.reset();
  const auto elsewhere = Broker();
  broker = Broker(port);
  Write(*broker, 6);  // Offset 3 is there again, and is another record.
  const absl::Time deadline = absl::Now() + kSoon;
  absl::Status status;
  while (status.ok() && absl::Now() < deadline) {
    const auto record = source->Poll(absl::Milliseconds(100));
    status = record.status();
    ASSERT_FALSE(record.ok() && record->has_value());
  }
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_GT(source->disconnects(), 0);
  EXPECT_TRUE(absl::IsAborted((*cluster)->CheckSameCluster(kSoon)));
}

TEST(ClusterTest, KnowsTheEmbeddedBroker) {
  const auto broker = Broker();
  auto cluster = Cluster::Connect(Client(*broker), kSoon);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_TRUE((*cluster)->embedded());
  EXPECT_EQ((*cluster)->brokers(), 1);
  EXPECT_FALSE((*cluster)->id().empty());
  EXPECT_EQ((*cluster)->PartitionCount(kTopic, kSoon).value(), 12);
  EXPECT_TRUE(absl::IsNotFound((*cluster)->PartitionCount("none", kSoon).status()));
  EXPECT_TRUE(absl::IsNotFound((*cluster)->PartitionCount("none", kSoon).status()));  // Asking did not create it.
  TopicSpec spec;
  spec.name = kTopic;
  EXPECT_TRUE(absl::IsUnimplemented((*cluster)->CheckTopic(spec, kSoon)));
  spec.name = "none";
  EXPECT_TRUE(absl::IsNotFound((*cluster)->CheckTopic(spec, kSoon)));
}

TEST(ClusterTest, SaysThatNobodyAnswers) {
  ClientOptions client{.bootstrap_servers = "127.0.0.1:1"};
  const auto cluster = Cluster::Connect(client, absl::Milliseconds(300));
  EXPECT_TRUE(absl::IsUnavailable(cluster.status())) << cluster.status();
  EXPECT_THAT(std::string(cluster.status().message()), HasSubstr("127.0.0.1:1"));
}

TEST(EmbeddedBrokerTest, SaysThatItsPortIsTaken) {
  const auto broker = Broker();
  EXPECT_TRUE(absl::IsAlreadyExists(EmbeddedBroker::Start({.port = PortOf(*broker)}).status()));
}

// Whether each connection that was accepted on the port sends without delay; and how many there are.
std::pair<bool, int> AcceptedWithoutDelay(uint16_t port) {
  bool all = true;
  int accepted = 0;
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t size = sizeof(own);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0 || ntohs(own.sin_port) != port) continue;
    size = sizeof(peer);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;  // It listens.
    int on = 0;
    size = sizeof(on);
    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &size);
    all = all && on != 0;
    ++accepted;
  }
  return {all, accepted};
}

// Otherwise deliveries that follow one another take 40 ms each.
TEST(EmbeddedBrokerTest, AnswersWithoutDelay) {
  const auto broker = Broker();
  auto sink = Sink(*broker, ScoringSinkOptions(kTopic));
  Deliveries deliveries;
  ASSERT_TRUE(sink->Produce({kTopic, 0, kKey, "v"}, deliveries.Expect()).ok());
  deliveries.Await(1);
  const auto [without_delay, accepted] = AcceptedWithoutDelay(PortOf(*broker));
  EXPECT_GT(accepted, 0);
  EXPECT_TRUE(without_delay);
}

class Member : public GroupListener {
 public:
  std::vector<PartitionOffset> OnAssigned(const std::vector<PartitionOffset>& committed) override {
    assigned = committed;
    std::vector<PartitionOffset> starts = committed;
    for (PartitionOffset& start : starts) start.offset = 0;
    return starts;
  }
  void OnRevoked() override {
    ++revoked;
    if (source != nullptr) commit_on_revoke = source->CommitNow({{kTopic, 1, 5}}, kSoon);
  }
  void OnLost() override { ++lost; }

  GroupSource* source = nullptr;
  std::vector<PartitionOffset> assigned;
  int revoked = 0;
  int lost = 0;
  absl::Status commit_on_revoke = absl::UnknownError("not called");
};

// One test for all that a group does, since each join takes 3 s on the embedded broker.
TEST(GroupTest, ResumesFromWhatWasCommitted) {
  const auto broker = Broker();
  Write(*broker, 3);
  const GroupOptions options{.group = "g", .topic = kTopic};
  {
    Member member;
    auto source = MakeKafkaGroupSource(Client(*broker), options, &member);
    ASSERT_TRUE(source.ok()) << source.status();
    member.source = source->get();
    const auto record = (*source)->Poll(absl::Seconds(20));
    ASSERT_TRUE(record.ok() && record->has_value()) << record.status();
    EXPECT_EQ((*record)->offset, 0);
    ASSERT_EQ(member.assigned.size(), 12u);
    EXPECT_EQ(member.assigned[0].offset, -1);

    absl::Status committed = absl::UnknownError("not called");
    (*source)->Commit({{kTopic, 0, 2}}, [&](absl::Status status) { committed = std::move(status); });
    for (int64_t offset = 1; offset < 3; ++offset) EXPECT_EQ((**(*source)->Poll(kSoon)).offset, offset);
    const absl::Time deadline = absl::Now() + kSoon;
    while (absl::IsUnknown(committed) && absl::Now() < deadline) {
      ASSERT_TRUE((*source)->Poll(absl::Milliseconds(20)).ok());
    }
    EXPECT_TRUE(committed.ok()) << committed;
    EXPECT_TRUE((*source)->Close(kSoon).ok());
    EXPECT_EQ(member.revoked, 1);
    EXPECT_EQ(member.lost, 0);
    EXPECT_TRUE(member.commit_on_revoke.ok()) << member.commit_on_revoke;
  }
  Member member;
  auto source = MakeKafkaGroupSource(Client(*broker), options, &member);
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_TRUE((*source)->Poll(absl::Seconds(20))->has_value());
  ASSERT_EQ(member.assigned.size(), 12u);
  EXPECT_EQ(member.assigned[0].offset, 2);
  EXPECT_EQ(member.assigned[1].offset, 5);
  EXPECT_EQ(member.assigned[2].offset, -1);
}

}  // namespace
}  // namespace bellwether::bus
