#include "services/scoring/app.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/bus/group_source.h"
#include "bellwether/bus/sink.h"
#include "bellwether/bus/source.h"
#include "bellwether/codec/log.h"
#include "bellwether/core/steady_time.h"
#include "services/scoring/metrics.h"
#include "services/scoring/session.h"

namespace bellwether::scoring {
namespace {

constexpr absl::Duration kBrokerTimeout = absl::Seconds(5);

// A session, with what it asks the brokers through.
class KafkaSession : public bus::BrokerSession {
 public:
  KafkaSession(std::unique_ptr<bus::Cluster> cluster, std::unique_ptr<bus::RecordSource> look_up,
               const SessionOptions& options, SessionPorts ports)
      : cluster_(std::move(cluster)), look_up_(std::move(look_up)), session_(options, std::move(ports)) {}

  absl::Status Run() override { return session_.Run(); }
  void RequestStop(core::SteadyTime by) override { session_.RequestStop(by); }
  std::string NotReadyReason() const override { return session_.NotReadyReason(); }
  bool caught_up() const override { return session_.caught_up(); }

 private:
  const std::unique_ptr<bus::Cluster> cluster_;
  const std::unique_ptr<bus::RecordSource> look_up_;
  Session session_;
};

// How many partitions the log has, and so the scores topic.
absl::StatusOr<int> PartitionCount(const bus::Cluster& cluster, const bus::TopicNames& topics) {
  const absl::StatusOr<int> indicators = cluster.PartitionCount(topics.indicators, kBrokerTimeout);
  if (!indicators.ok()) return indicators;
  const absl::StatusOr<int> scores = cluster.PartitionCount(topics.scores, kBrokerTimeout);
  if (!scores.ok() || *indicators == *scores) return scores;
  return absl::FailedPreconditionError(
      absl::StrCat(topics.scores, " has ", *scores, " partitions, but ", topics.indicators, " has ", *indicators,
                   ": an update goes to the partition number of its record; create it anew"));
}

}  // namespace

App::App(Options options, std::function<void()> on_fatal) : options_(std::move(options)) {
  MakeMetrics();
  bus::SupervisedWork work;
  work.connect = [this] { return Connect(); };
  work.on_fatal = std::move(on_fatal);
  supervisor_.Start(std::move(work));
}

App::~App() { (void)Stop(absl::Seconds(1)); }

absl::Status App::Stop(absl::Duration limit) {
  supervisor_.RequestStop(core::SteadyTime::Now() + limit);
  return supervisor_.Join();
}

absl::StatusOr<std::unique_ptr<bus::BrokerSession>> App::Connect() const {
  const bus::TopicNames& topics = options_.topics;
  absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster = bus::ConnectAndCheck(
      options_.kafka, topics, {bus::TopicRole::kIndicators, bus::TopicRole::kScores, bus::TopicRole::kDeadLetters},
      [this] { return supervisor_.patience(); });
  if (!cluster.ok()) return cluster.status();
  const absl::StatusOr<int> partitions = PartitionCount(**cluster, topics);
  if (!partitions.ok()) return partitions.status();
  bus::ClientOptions kafka = options_.kafka;
  kafka.embedded_broker = (*cluster)->embedded();
  bus::SinkOptions sink_options = bus::ScoringSinkOptions(topics.scores);
  sink_options.topics.push_back(topics.dead_letters);
  if (supervisor_.patience() <= absl::ZeroDuration()) return absl::CancelledError("stopped");
  absl::StatusOr<std::unique_ptr<bus::RecordSink>> sink = bus::MakeKafkaSink(kafka, sink_options);
  if (!sink.ok()) return sink.status();
  absl::StatusOr<std::unique_ptr<bus::RecordSource>> look_up = bus::MakeKafkaSource(kafka);
  if (!look_up.ok()) return look_up.status();
  SessionPorts ports;
  ports.sink = *std::move(sink);
  ports.end_offsets = [source = look_up->get(), topic = topics.indicators](absl::Duration timeout) {
    return source->EndOffsets(topic, timeout);
  };
  ports.same_cluster = [raw = cluster->get()] { return raw->CheckSameCluster(kBrokerTimeout); };
  bus::ClientOptions reader = kafka;
  reader.headers = {"traceparent", std::string(codec::kRecordedAtHeader)};  // A dead letter asks for the others.
  ports.make_group_source = [this, reader, id = (*cluster)->id()](bus::GroupListener* listener) {
    return bus::MakeKafkaGroupSource(
        reader, {options_.topics.scoring_group, options_.topics.indicators, options_.instance_id, id}, listener);
  };
  SessionOptions session;
  session.client_id = options_.kafka.client_id;
  session.epoch = options_.epoch;
  session.partitions = *partitions;
  session.indicators_topic = topics.indicators;
  session.scores_topic = topics.scores;
  session.dead_letter_topic = topics.dead_letters;
  return std::make_unique<KafkaSession>(*std::move(cluster), *std::move(look_up), session, std::move(ports));
}

}  // namespace bellwether::scoring
