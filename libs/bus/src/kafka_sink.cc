#include "kafka_sink.h"

#include <pthread.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/partition.h"

namespace bellwether::bus {
namespace {

constexpr int kPollMs = 1000;
constexpr int kLargestQueueLimit = 10'000'000;
constexpr absl::Duration kLongestLinger = absl::Seconds(1);
// The client gives back what it is to give up at once. Only one that is stuck, as in a look-up of names, takes long.
constexpr absl::Duration kPurgeLimit = absl::Seconds(2);

absl::Status CheckOptions(const SinkOptions& options) {
  if (options.queue_limit < 1 || options.queue_limit > kLargestQueueLimit) {
    return absl::InvalidArgumentError(
        absl::StrCat("queue_limit: ", options.queue_limit, " is not from 1 to ", kLargestQueueLimit));
  }
  if (options.linger < absl::ZeroDuration() || options.linger > kLongestLinger) {
    return absl::InvalidArgumentError("linger: must be from 0 to 1 s");
  }
  if (options.delivery_timeout < absl::Milliseconds(1)) {
    return absl::InvalidArgumentError("delivery_timeout: must be 1 ms or more, or infinite");
  }
  return absl::OkStatus();
}

Settings ProducerSettings(const SinkOptions& options) {
  const bool never = options.delivery_timeout == absl::InfiniteDuration();
  return {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"compression.codec", "zstd"},
      {"linger.ms", absl::StrCat(Milliseconds(options.linger))},
      {"message.timeout.ms", absl::StrCat(never ? 0 : Milliseconds(options.delivery_timeout))},
      {"queue.buffering.max.messages", absl::StrCat(options.queue_limit)},
      {"queue.buffering.max.kbytes", "65536"},  // The longest updates that a topic takes: eight of them.
  };
}

int32_t PartitionByKey(const rd_kafka_topic_t* /*topic*/, const void* key, size_t size, int32_t count,
                       void* /*topic_opaque*/, void* /*message_opaque*/) {
  return core::PartitionOf({static_cast<const char*>(key), size}, count);
}

// Takes over `headers` only if the record is taken.
rd_kafka_error_t* Enqueue(rd_kafka_t* handle, const OutgoingRecord& record, rd_kafka_headers_t* headers, void* opaque) {
  std::array<rd_kafka_vu_t, 7> arguments{};
  arguments[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  arguments[0].u.cstr = record.topic.c_str();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = record.partition == kPartitionByKey ? RD_KAFKA_PARTITION_UA : record.partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[3].vtype = RD_KAFKA_VTYPE_KEY;  // librdkafka declares what it only reads as void*.
  arguments[3].u.mem.ptr = const_cast<char*>(record.key.data());
  arguments[3].u.mem.size = record.key.size();
  arguments[4].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[4].u.mem.ptr = const_cast<char*>(record.value.data());
  arguments[4].u.mem.size = record.value.size();
  arguments[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[5].u.ptr = opaque;
  arguments[6].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[6].u.headers = headers;
  return rd_kafka_produceva(handle, arguments.data(), arguments.size() - (headers == nullptr ? 1 : 0));
}

RdKafkaPtr<rd_kafka_headers_t> HeadersOf(const OutgoingRecord& record) {
  RdKafkaPtr<rd_kafka_headers_t> headers;
  if (record.headers.empty()) return headers;
  headers.reset(rd_kafka_headers_new(record.headers.size()));
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

}  // namespace

KafkaSink::~KafkaSink() {
  if (poller_.joinable()) {
    rd_kafka_purge(handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    const FlushResult purged = Flush(kPurgeLimit);
    if (purged.undelivered > 0) {
      Log(LogLevel::kError, absl::StrCat("kafka: ", purged.undelivered, " records could not be called back"));
    }
    stop_ = true;
    rd_kafka_queue_yield(RdKafkaPtr<rd_kafka_queue_t>(rd_kafka_queue_get_main(handle())).get());  // It may wait long.
    poller_.join();
  }
  queue_.reset();
  topics_.clear();
  DestroyHandle();
}

absl::Status KafkaSink::Start(const ClientOptions& client, const SinkOptions& options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  RdKafkaPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &KafkaSink::OnDeliveryReport);
  rd_kafka_topic_conf_t* of_topics = rd_kafka_topic_conf_new();
  rd_kafka_topic_conf_set_partitioner_cb(of_topics, &PartitionByKey);
  rd_kafka_conf_set_default_topic_conf(conf.get(), of_topics);  // Takes it over.
  absl::Status started = Client::Start(RD_KAFKA_PRODUCER, client, ProducerSettings(options), std::move(conf));
  if (!started.ok()) return started;
  failures_ = &telemetry::CounterOf("kafka_delivery_failures_total", "Records that were not delivered",
                                    {{"client", client.client_id}});
  seconds_.emplace("kafka_delivery_seconds", "Time from handing a record over to its delivery",
                   telemetry::SecondsBounds(), telemetry::Labels{{"client", client.client_id}});
  {
    const core::MutexLock lock(mutex_);
    for (const std::string& topic : options.topics) PublishedOf(topic);  // From 0 on.
  }
  queue_.emplace(telemetry::Scraped::Kind::kGauge, "kafka_producer_queue_messages",
                 "Records handed over and not yet delivered", [this, name = client.client_id] {
                   return telemetry::Scraped::Values{{{{"client", name}}, static_cast<double>(outstanding())}};
                 });
  poller_ = std::thread([this] { PollDeliveries(); });
  pthread_setname_np(poller_.native_handle(), "bus-sink");
  LookUpTopics(options);
  return absl::OkStatus();
}

void KafkaSink::LookUpTopics(const SinkOptions& options) {
  const core::SteadyTime deadline = core::SteadyTime::Now() + options.connect_timeout;
  for (const std::string& topic : options.topics) {
    topics_.emplace_back(rd_kafka_topic_new(handle(), topic.c_str(), nullptr));
    auto metadata = Metadata(topic, deadline.left());
    if (!metadata.ok()) Log(LogLevel::kWarning, absl::StrCat("topic ", topic, ": ", metadata.status().ToString()));
  }
}

void KafkaSink::PollDeliveries() {
  while (!stop_) {
    rd_kafka_poll(handle(), kPollMs);
    seconds_->Flush();
  }
}

std::unique_ptr<OnDelivery> KafkaSink::Kept(OnDelivery on_delivery) {
  if (spare_.empty()) return std::make_unique<OnDelivery>(std::move(on_delivery));
  std::unique_ptr<OnDelivery> kept = std::move(spare_.back());
  spare_.pop_back();
  *kept = std::move(on_delivery);
  return kept;
}

absl::Status KafkaSink::Produce(const OutgoingRecord& record, OnDelivery on_delivery) {
  RdKafkaPtr<rd_kafka_headers_t> headers = HeadersOf(record);
  std::unique_ptr<OnDelivery> callback;
  {
    const core::MutexLock lock(mutex_);
    ++outstanding_;
    callback = Kept(std::move(on_delivery));
  }
  const RdKafkaPtr<rd_kafka_error_t> error(Enqueue(handle(), record, headers.get(), callback.get()));
  if (error == nullptr) {  // Both belong to librdkafka now; the callback comes back with the delivery report.
    (void)headers.release();
    (void)callback.release();
    return absl::OkStatus();
  }
  {
    const core::MutexLock lock(mutex_);
    --outstanding_;
  }
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  if (absl::Status fatal = FatalError(); !fatal.ok()) return fatal;
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    return absl::ResourceExhaustedError("the queue of records to be delivered is full; try again in a moment");
  }
  return StatusOf(code, absl::StrCat("record for ", record.topic));
}

void KafkaSink::OnDeliveryReport(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
  auto* sink = static_cast<KafkaSink*>(&Of(opaque));
  std::unique_ptr<OnDelivery> callback(static_cast<OnDelivery*>(message->_private));
  absl::StatusOr<DeliveredAt> result = sink->ResultOf(*message);
  const bool failed = !result.ok();
  if (*callback) (*callback)(std::move(result));
  *callback = nullptr;  // What it holds goes now.
  if (failed) {
    sink->failures_->Increment();
  } else {
    sink->seconds_->Observe(static_cast<double>(rd_kafka_message_latency(message)) * 1e-6);
  }
  const core::MutexLock lock(sink->mutex_);
  if (!failed) sink->PublishedOf(rd_kafka_topic_name(message->rkt)).Increment();
  --sink->outstanding_;
  sink->failed_ += failed;
  if (sink->outstanding_ == 0) {
    sink->spare_.clear();  // A burst's are not kept for ever.
    sink->idle_.NotifyAll();
  } else {
    sink->spare_.push_back(std::move(callback));
  }
}

prometheus::Counter& KafkaSink::PublishedOf(std::string_view topic) {
  auto found = published_.find(topic);
  if (found == published_.end()) {
    const std::string name(topic);
    found = published_
                .emplace(name, &telemetry::CounterOf("bellwether_records_published_total",
                                                     "Records delivered to the brokers", {{"topic", name}}))
                .first;
  }
  return *found->second;
}

bool KafkaSink::IsTold(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  (void)rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME && message.offset >= 0;
}

absl::StatusOr<DeliveredAt> KafkaSink::ResultOf(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (IsTold(message)) return DeliveredAt{message.partition, message.offset};
    return absl::UnavailableError(
        "the broker did not say where the record is: it may be in the log, or may be lost: send it again");
  }
  if (absl::Status fatal = FatalError(); !fatal.ok()) return fatal;
  return StatusOf(message.err, absl::StrCat("delivery to ", rd_kafka_topic_name(message.rkt)));
}

FlushResult KafkaSink::Flush(absl::Duration timeout) {
  // What lingers does so for a second at most, so waiting is enough; rd_kafka_flush would call back on this thread.
  const core::MutexLock lock(mutex_);
  const size_t failed_before = failed_;
  idle_.WaitUntil(mutex_, core::SteadyTime::Now() + timeout,
                  [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return outstanding_ == 0; });
  return {.failed = failed_ - failed_before, .undelivered = outstanding_};
}

absl::Status KafkaSink::FatalError() const {
  std::array<char, 512> text{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(handle(), text.data(), text.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("the Kafka producer failed for good: ", rd_kafka_err2name(error), ": ", text.data()));
}

size_t KafkaSink::outstanding() const {
  const core::MutexLock lock(mutex_);
  return outstanding_;
}

SinkOptions IngestionSinkOptions(std::string topic, absl::Duration delivery_timeout) {
  SinkOptions options;
  options.delivery_timeout = delivery_timeout;
  options.topics = {std::move(topic)};
  return options;
}

SinkOptions ScoringSinkOptions(std::string topic) {
  SinkOptions options;
  options.delivery_timeout = absl::InfiniteDuration();
  options.linger = absl::Milliseconds(5);
  // A quarter of a second of the fastest catching up, in which each partition's batches are full.
  options.queue_limit = 30'000;
  options.topics = {std::move(topic)};
  return options;
}

absl::StatusOr<std::unique_ptr<RecordSink>> MakeKafkaSink(const ClientOptions& client, const SinkOptions& options) {
  auto sink = std::make_unique<KafkaSink>();
  if (absl::Status started = sink->Start(client, options); !started.ok()) return started;
  return sink;
}

}  // namespace bellwether::bus
