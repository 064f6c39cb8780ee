#include "client.h"

#include <spdlog/spdlog.h>
#include <syslog.h>

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "settings.h"

namespace bellwether::bus {
namespace {

// How long the end of a handle is waited for. It takes some milliseconds, unless a broker is silent.
constexpr absl::Duration kEndLimit = absl::Seconds(1);

LogLevel LevelOf(int syslog_level) {
  if (syslog_level <= LOG_ERR) return LogLevel::kError;
  if (syslog_level == LOG_WARNING) return LogLevel::kWarning;
  return syslog_level == LOG_DEBUG ? LogLevel::kDebug : LogLevel::kInfo;
}

// A setting that is meant for other clients, and what the embedded broker cannot do and need not.
bool IsNoise(std::string_view facility, std::string_view text) {
  return facility == "CONFWARN" ||
         text.find("allow.auto.create.topics=false not supported by broker") != std::string_view::npos;
}

absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return absl::StatusCode::kOk;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      return absl::StatusCode::kDeadlineExceeded;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return absl::StatusCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return absl::StatusCode::kNotFound;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return absl::StatusCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return absl::StatusCode::kDataLoss;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case RD_KAFKA_RESP_ERR__FATAL:
      return absl::StatusCode::kAborted;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return absl::StatusCode::kCancelled;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return absl::StatusCode::kAlreadyExists;
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return absl::StatusCode::kUnimplemented;
    default:  // INVALID_REPLICATION_FACTOR too: so many brokers are not there, or not yet.
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

void LogToSpdlog(LogLevel level, std::string_view message) {
  spdlog::level::level_enum to = spdlog::level::info;
  if (level == LogLevel::kDebug) to = spdlog::level::debug;
  if (level == LogLevel::kWarning) to = spdlog::level::warn;
  if (level == LogLevel::kError) to = spdlog::level::err;
  spdlog::log(to, "{}", message);
}

int Milliseconds(absl::Duration duration) {
  const absl::Duration whole = absl::Ceil(duration, absl::Milliseconds(1));
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(whole), 0, std::numeric_limits<int>::max()));
}

absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view context) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::Status(CodeOf(error), absl::StrCat(std::string(context), context.empty() ? "" : ": ",
                                                  rd_kafka_err2str(error), " (", rd_kafka_err2name(error), ")"));
}

RdKafkaPtr<rd_kafka_topic_partition_list_t> ListOf(const std::vector<PartitionOffset>& partitions) {
  RdKafkaPtr<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const PartitionOffset& p : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.partition)->offset = p.offset;
  }
  return list;
}

std::vector<PartitionOffset> VectorOf(const rd_kafka_topic_partition_list_t& list) {
  std::vector<PartitionOffset> partitions;
  for (int i = 0; i < list.cnt; ++i) {
    partitions.push_back({list.elems[i].topic, list.elems[i].partition, list.elems[i].offset});
  }
  return partitions;
}

absl::Status Client::Start(rd_kafka_type_t type, const ClientOptions& options, const Settings& settings,
                           RdKafkaPtr<rd_kafka_conf_t> conf) {
  log_ = options.log ? options.log : LogToSpdlog;
  name_ = options.client_id;
  headers_ = options.headers;
  broken_ = &telemetry::CounterOf("kafka_disconnects_total", "Connections to brokers that broke", {{"client", name_}});
  if (absl::Status checked = CheckClientOptions(options); !checked.ok()) return checked;
  for (const Settings& part : {CommonSettings(options), settings}) {
    for (const auto& [key, value] : part) {
      if (absl::Status set = SetProperty(conf.get(), {key, value}); !set.ok()) return set;
    }
  }
  if (absl::Status applied = ApplyProperties(conf.get(), options); !applied.ok()) return applied;
  rd_kafka_conf_set_opaque(conf.get(), link_.get());
  rd_kafka_conf_set_log_cb(conf.get(), &Client::OnLog);
  rd_kafka_conf_set_error_cb(conf.get(), &Client::OnError);

  std::array<char, 512> text{};
  handle_.reset(rd_kafka_new(type, conf.get(), text.data(), text.size()));
  if (handle_ == nullptr) return absl::InvalidArgumentError(absl::StrCat("kafka client: ", text.data()));
  (void)conf.release();  // The handle owns it.
  if (type == RD_KAFKA_CONSUMER) progress_ = std::make_unique<Progress>(handle_.get());
  return absl::OkStatus();
}

void Client::DestroyHandle() {
  progress_.reset();
  bell_.reset();
  pending_.reset();  // A handle does not end before its last message.
  last_.reset();
  if (handle_ == nullptr || EndHandle(handle_.release(), link_, kEndLimit)) return;
  Log(LogLevel::kWarning, absl::StrCat("kafka ", name_,
                                       ": the client does not end, since a broker is silent: it is left "
                                       "behind, and nothing waits for it"));
}

void Client::Log(LogLevel level, std::string_view message) const { log_(level, message); }

std::string Client::last_trouble() const {
  const core::MutexLock lock(mutex_);
  return last_trouble_;
}

void Client::OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  static_cast<ClientLink*>(rd_kafka_opaque(handle))->IfThere([&](Client& client) {
    // At a lower level it is the id that is heard of first.
    if (std::string_view(facility) == "CLUSTERID" && level <= LOG_WARNING) client.other_cluster_ = true;
    const int told_level = IsNoise(facility, text) ? LOG_DEBUG : level;
    if (std::string_view(facility) == "FAIL" || told_level <= LOG_WARNING) {
      const core::MutexLock lock(client.mutex_);
      client.last_trouble_ = text;
    }
    client.Log(LevelOf(told_level), absl::StrCat("kafka ", client.name_, ": ", text));
  });
}

void Client::OnError(rd_kafka_t* /*handle*/, int error, const char* reason, void* opaque) {
  Client& client = Of(opaque);
  if (error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    client.disconnects_.fetch_add(1);
    client.broken_->Increment();
  }
  {
    const core::MutexLock lock(client.mutex_);
    client.last_trouble_ = reason;
  }
  // Single connections' errors were logged before they came here.
  const bool all_down = error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  client.Log(all_down ? LogLevel::kWarning : LogLevel::kDebug, absl::StrCat("kafka ", client.name_, ": ", reason));
}

absl::Status Client::OtherClusterError() const {
  return absl::AbortedError(
      "the brokers now belong to another Kafka cluster than before: what was read so far says nothing about it");
}

absl::StatusOr<RdKafkaPtr<const rd_kafka_metadata_t>> Client::Metadata(std::string_view topic,
                                                                       absl::Duration timeout) const {
  RdKafkaPtr<rd_kafka_topic_t> only;
  if (!topic.empty()) only.reset(rd_kafka_topic_new(handle(), std::string(topic).c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(handle(), topic.empty() ? 1 : 0, only.get(), &metadata, Milliseconds(timeout));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return RdKafkaPtr<const rd_kafka_metadata_t>(metadata);
  const std::string trouble = last_trouble();
  return StatusOf(
      error, absl::StrCat("Kafka does not answer", trouble.empty() ? "" : " (", trouble, trouble.empty() ? "" : ")"));
}

absl::StatusOr<int> Client::PartitionCount(std::string_view topic, absl::Duration timeout) const {
  auto metadata = Metadata("", timeout);
  if (!metadata.ok()) return metadata.status();
  for (int i = 0; i < (*metadata)->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& found = (*metadata)->topics[i];
    if (topic != found.topic) continue;
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(found.err, absl::StrCat("topic ", found.topic));
    return found.partition_cnt;
  }
  return absl::NotFoundError(absl::StrCat("topic ", std::string(topic),
                                          ": there is none that this user may see: create it (bellwether-admin "
                                          "topics), or grant it (bellwether-admin acls)"));
}

// By the look-up of offsets by time, whose times -1 and -2 are the end and the beginning: unlike
// rd_kafka_query_watermark_offsets it keeps its timeout when the broker goes away (librdkafka 2.0.2).
absl::StatusOr<std::vector<int64_t>> Client::QueryOffsets(std::string_view topic,
                                                          const std::vector<int32_t>& partitions, int64_t which,
                                                          absl::Duration timeout) const {
  std::vector<PartitionOffset> asked;
  for (const int32_t partition : partitions) asked.push_back({std::string(topic), partition, which});
  const RdKafkaPtr<rd_kafka_topic_partition_list_t> list = ListOf(asked);
  const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(handle(), list.get(), Milliseconds(timeout));
  const std::string what = absl::StrCat("offsets of ", std::string(topic));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(error, what);
  std::vector<int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& answer = list->elems[i];
    const std::string where = absl::StrCat(what, " partition ", answer.partition);
    if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(answer.err, where);
    // Unanswered: the list is as it was.
    if (answer.offset < 0) return absl::DeadlineExceededError(absl::StrCat(where, ": Kafka did not answer in time"));
    offsets.push_back(answer.offset);
  }
  return offsets;
}

}  // namespace bellwether::bus
