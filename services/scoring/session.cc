#include "services/scoring/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "bellwether/telemetry/metrics.h"
#include "bellwether/telemetry/trace.h"

namespace bellwether::scoring {
namespace {

constexpr absl::Duration kPollTimeout = absl::Milliseconds(50);
constexpr size_t kOutcomes = static_cast<size_t>(rating::Outcome::kDeadLetter) + 1;

prometheus::Counter& OutcomeCounter(rating::Outcome outcome) {
  static auto* const counters = new std::array<prometheus::Counter*, kOutcomes>();
  prometheus::Counter*& counter = (*counters)[static_cast<size_t>(outcome)];  // Of the one thread that scores.
  if (counter == nullptr) {
    counter = &telemetry::CounterOf("bellwether_outcomes_total", "Records scored, by outcome",
                                    {{"outcome", std::string(rating::OutcomeWord(outcome))}});
  }
  return *counter;
}

prometheus::Counter& DeadLetterCounter(DeadLetterReason reason) {
  return telemetry::CounterOf("bellwether_dead_letters_total", "Records that could not be read",
                              {{"reason", std::string(ReasonWord(reason))}});
}

prometheus::Counter& RebalanceCounter() {
  return telemetry::CounterOf("bellwether_rebalances_total", "Assignments that the scoring group gave");
}

prometheus::Histogram& RatingSeconds() {
  static prometheus::Histogram& histogram =
      telemetry::HistogramOf("bellwether_rating_seconds", "Time to fold one record and rate what it changed",
                             {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1});
  return histogram;
}

prometheus::Gauge& PartitionsAssigned() {
  static prometheus::Gauge& gauge =
      telemetry::GaugeOf("bellwether_partitions_assigned", "Partitions that this instance has of the scoring group");
  return gauge;
}

bus::Headers ToHeaders(std::vector<codec::HeaderPair> pairs) {
  bus::Headers headers;
  headers.reserve(pairs.size());
  for (codec::HeaderPair& pair : pairs) headers.push_back({std::move(pair.first), std::move(pair.second)});
  return headers;
}

// The original bytes, untouched; where they stood and why they cannot be read in headers (platform conventions,
// `.dlt`).
bus::OutgoingRecord DeadLetter(const std::string& topic, const bus::ConsumedRecord& record, const Folded& folded) {
  bus::OutgoingRecord letter;
  letter.topic = topic;
  letter.partition = record.partition;
  letter.key = record.key.value_or("");
  letter.value = record.value.value_or("");
  letter.headers = record.headers;
  letter.headers.push_back({"dlt_original_topic", record.topic});
  letter.headers.push_back({"dlt_original_partition", absl::StrCat(record.partition)});
  letter.headers.push_back({"dlt_original_offset", absl::StrCat(record.offset)});
  letter.headers.push_back({"dlt_reason", std::string(ReasonWord(folded.dead_letter))});
  letter.headers.push_back({"dlt_message", folded.update.detail});
  letter.headers.push_back({"dlt_service", "bellwether-scoring"});
  letter.headers.push_back(
      {"dlt_time", absl::FormatTime(absl::RFC3339_full, folded.update.recorded_at, absl::UTCTimeZone())});
  return letter;
}

}  // namespace

void MakeMetrics() {
  for (size_t i = 0; i < kOutcomes; ++i) OutcomeCounter(static_cast<rating::Outcome>(i));
  for (const DeadLetterReason reason :
       {DeadLetterReason::kNullKey, DeadLetterReason::kNullValue, DeadLetterReason::kUnreadable,
        DeadLetterReason::kKeyMismatch, DeadLetterReason::kWrongPartition}) {
    DeadLetterCounter(reason);
  }
  RebalanceCounter();
  RatingSeconds();
  PartitionsAssigned();
}

Session::Session(SessionOptions options, SessionPorts ports)
    : options_(std::move(options)), ports_(std::move(ports)), watch_(options_.client_id, ports_.ask_broker) {}

Session::~Session() {
  source_.reset();      // Leaves the group: may still call the listener, which uses the sink.
  ports_.sink.reset();  // Calls every outstanding delivery back.
}

void Session::RequestStop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stop_ = true;
  changed_.notify_all();
}

std::string Session::NotReadyReason() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!watch_.answers()) return bus::kBrokerDoesNotAnswer;
  if (!assigned_) return "waiting for the scoring group to share out the partitions";
  if (behind_ > 0) return absl::StrCat(behind_, " partitions are still being folded");
  return "";
}

absl::Status Session::Run() {
  absl::StatusOr<std::unique_ptr<bus::GroupSource>> source = ports_.make_group_source(this);
  if (!source.ok()) return source.status();
  source_ = *std::move(source);
  absl::Status end;
  while (end.ok()) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stop_) break;
      end = delivery_error_;
    }
    if (!end.ok()) break;
    absl::StatusOr<std::optional<bus::ConsumedRecord>> record = source_->Poll(kPollTimeout);
    if (!record.ok()) {
      end = record.status();
    } else if (record->has_value()) {
      watch_.Heard();
      end = Handle(**record);
    } else {
      watch_.Ask();
    }
    CommitIfDue();
  }
  if (end.ok()) {
    const bus::FlushResult flushed = ports_.sink->Flush(options_.revoke_timeout);
    if (flushed.failed + flushed.undelivered > 0) {
      spdlog::warn("{} updates are not delivered at the end; whoever goes on publishes them again",
                   flushed.failed + flushed.undelivered);
    }
  }
  // Closing calls OnRevoked, which commits what is delivered.
  if (const absl::Status closed = source_->Close(); !closed.ok())
    spdlog::warn("leaving the group: {}", std::string(closed.message()));
  source_.reset();
  return end;
}

std::vector<bus::PartitionOffset> Session::OnAssigned(const std::vector<bus::PartitionOffset>& committed) {
  RebalanceCounter().Increment();
  PartitionsAssigned().Set(static_cast<double>(committed.size()));
  if (const absl::Status same = ports_.same_cluster(); same.code() == absl::StatusCode::kAborted) {
    const std::lock_guard<std::mutex> lock(mutex_);
    delivery_error_ = same;  // Ends the session; what is read until then belongs to nobody.
    std::vector<bus::PartitionOffset> nothing = committed;
    for (bus::PartitionOffset& partition : nothing) partition.offset = 0;
    return nothing;
  }
  std::vector<bus::PartitionOffset> starts;
  int behind = 0;
  for (const bus::PartitionOffset& c : committed) {
    Owned& owned = owned_[c.partition];
    owned.silent_until = std::max<int64_t>(c.offset, 0);
    owned.committed = owned.silent_until;
    const auto kept = kept_.find(c.partition);
    if (kept != kept_.end() && kept->second->next_offset() == owned.silent_until) {
      owned.fold = std::move(kept->second);
    } else {
      owned.fold = std::make_unique<PartitionFold>(options_.epoch, c.partition, options_.partitions);
    }
    const absl::StatusOr<int64_t> end = ports_.end_offset(c.partition);
    owned.caught_up_at = end.ok() ? *end : owned.silent_until;
    if (owned.fold->next_offset() < owned.caught_up_at) ++behind;
    starts.push_back({c.topic, c.partition, owned.fold->next_offset()});
    spdlog::info("partition {}: folds from offset {}, publishes from {}", c.partition, owned.fold->next_offset(),
                 owned.silent_until);
  }
  kept_.clear();
  const std::lock_guard<std::mutex> lock(mutex_);
  undelivered_.clear();
  assigned_ = true;
  behind_ = behind;
  return starts;
}

void Session::OnRevoked() {
  (void)ports_.sink->Flush(options_.revoke_timeout);
  if (const std::vector<bus::PartitionOffset> next = Committable(); !next.empty()) {
    if (const absl::Status s = source_->CommitNow(next); !s.ok()) {
      spdlog::warn("commit on the way out: {}; the work is done again elsewhere", std::string(s.message()));
    }
  }
  KeepFolds();
}

void Session::OnLost() {
  spdlog::warn("the group gave the partitions to others");
  KeepFolds();
}

void Session::KeepFolds() {
  for (auto& [partition, owned] : owned_) kept_[partition] = std::move(owned.fold);
  owned_.clear();
  PartitionsAssigned().Set(0);
  const std::lock_guard<std::mutex> lock(mutex_);
  assigned_ = false;
  behind_ = 0;
}

absl::Status Session::Handle(const bus::ConsumedRecord& record) {
  const auto it = owned_.find(record.partition);
  if (it == owned_.end()) return absl::OkStatus();  // Read before a revoke, handed out after it.
  Owned& owned = it->second;
  const bool silent = record.offset < owned.silent_until;
  if (record.offset + 1 == owned.caught_up_at) {
    const std::lock_guard<std::mutex> lock(mutex_);
    --behind_;
  }
  if (silent) return owned.fold->Keep(record);
  const absl::Time begin = absl::Now();
  const absl::StatusOr<Folded> folded = owned.fold->Fold(record);
  if (!folded.ok()) return folded.status();
  OutcomeCounter(folded->update.outcome).Increment();
  RatingSeconds().Observe(absl::ToDoubleSeconds(absl::Now() - begin));
  return Publish(record, *folded);
}

absl::Status Session::Publish(const bus::ConsumedRecord& record, const Folded& folded) {
  telemetry::Span span("score", telemetry::Span::Kind::kConsumer,
                       bus::FindHeader(record.headers, "traceparent").value_or(""));
  span.Set("messaging.system", "kafka");
  span.Set("messaging.kafka.message.offset", absl::StrCat(record.offset));
  if (folded.dead_letter != DeadLetterReason::kNone) {
    DeadLetterCounter(folded.dead_letter).Increment();
    spdlog::warn("dead letter at partition {} offset {}: {}", record.partition, record.offset,
                 ReasonWord(folded.dead_letter));
    const absl::Status s =
        Produce(DeadLetter(options_.dead_letter_topic, record, folded), record.partition, record.offset);
    if (!s.ok()) return s;
  }
  const std::string key = record.key.value_or("");
  bus::OutgoingRecord update;
  update.topic = options_.scores_topic;
  update.partition = record.partition;
  update.key = key;
  update.value = codec::EncodeUpdate(folded.update);
  update.headers = ToHeaders(codec::HeadersOf(codec::EnvelopeOf(folded.update, key, span.traceparent())));
  if (update.value.size() > options_.max_update_bytes) {
    MarkUndelivered(record.partition, record.offset);  // Nothing may be committed past it.
    return absl::InternalError(absl::StrCat("the update for partition ", record.partition, " offset ", record.offset,
                                            " has ", update.value.size(), " bytes, more than the ",
                                            options_.max_update_bytes, " that a topic takes"));
  }
  return Produce(update, record.partition, record.offset);
}

void Session::MarkUndelivered(int32_t partition, int64_t offset) {
  const std::lock_guard<std::mutex> lock(mutex_);
  undelivered_[partition].insert(offset);
}

absl::Status Session::Produce(const bus::OutgoingRecord& record, int32_t partition, int64_t offset) {
  MarkUndelivered(partition, offset);
  const auto delivered = [this, partition, offset](const absl::StatusOr<bus::DeliveredAt>& at) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (at.ok()) {
      std::multiset<int64_t>& offsets = undelivered_[partition];
      if (const auto it = offsets.find(offset); it != offsets.end()) offsets.erase(it);
    } else if (delivery_error_.ok() && !stop_) {
      delivery_error_ = absl::AbortedError(absl::StrCat("an update was not delivered: ", at.status().message()));
    }
    changed_.notify_all();
  };
  while (true) {
    const absl::Status produced = ports_.sink->Produce(record, delivered);
    if (produced.code() != absl::StatusCode::kResourceExhausted) return produced;
    std::unique_lock<std::mutex> lock(mutex_);  // The queue is full: no more is read until deliveries come in.
    changed_.wait_for(lock, std::chrono::milliseconds(100));
    if (stop_) return absl::OkStatus();  // Not delivered, so not committed: it is published again.
    if (!delivery_error_.ok()) return delivery_error_;
  }
}

std::vector<bus::PartitionOffset> Session::Committable() {
  std::vector<bus::PartitionOffset> next;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [partition, owned] : owned_) {
    const auto it = undelivered_.find(partition);
    const bool waiting = it != undelivered_.end() && !it->second.empty();
    const int64_t until = waiting ? *it->second.begin() : owned.fold->next_offset();
    if (until <= owned.committed) continue;
    owned.committed = until;
    next.push_back({options_.indicators_topic, partition, until});
  }
  return next;
}

void Session::CommitIfDue() {
  const absl::Time now = absl::Now();
  if (now - last_commit_ < options_.commit_interval) return;
  last_commit_ = now;
  if (const std::vector<bus::PartitionOffset> next = Committable(); !next.empty()) {
    source_->Commit(next, [](const absl::Status& s) {
      if (!s.ok()) spdlog::warn("commit: {}; a restart publishes some updates again", std::string(s.message()));
    });
  }
}

}  // namespace bellwether::scoring
