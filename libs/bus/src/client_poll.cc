// How a consumer's records are read.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "bellwether/core/steady_time.h"
#include "client.h"

namespace bellwether::bus {
namespace {

// A poll may take this much longer while the brokers are away.
constexpr absl::Duration kShortestLookUp = absl::Milliseconds(200);

using WantedHeaders = std::optional<std::vector<std::string>>;

Headers HeadersOf(const rd_kafka_message_t& message, const WantedHeaders& wanted) {
  Headers read;
  rd_kafka_headers_t* headers = nullptr;  // Belong to the message.
  if (wanted && wanted->empty()) return read;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return read;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  if (!wanted) read.reserve(rd_kafka_header_cnt(headers));
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    if (wanted && std::find(wanted->begin(), wanted->end(), name) == wanted->end()) continue;
    read.push_back({name, std::string(static_cast<const char*>(value), size)});
  }
  return read;
}

ConsumedRecord RecordOf(const rd_kafka_message_t& message, const WantedHeaders& wanted) {
  ConsumedRecord record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  if (message.key != nullptr) record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) record.value.emplace(static_cast<const char*>(message.payload), message.len);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t milliseconds = rd_kafka_message_timestamp(&message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.timestamp = absl::FromUnixMillis(milliseconds);
  record.headers = HeadersOf(message, wanted);
  return record;
}

}  // namespace

bool Client::KnowsCluster(absl::Duration timeout) {
  const int64_t disconnects = disconnects_.load();
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(handle(), 0, nullptr, &metadata, Milliseconds(timeout)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  rd_kafka_metadata_destroy(metadata);
  verified_disconnects_ = disconnects;
  return true;
}

absl::Status Client::OpenQueue() {
  const rd_kafka_resp_err_t error = rd_kafka_poll_set_consumer(handle());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) bell_ = std::make_unique<Bell>(rd_kafka_queue_get_consumer(handle()));
  return StatusOf(error, "kafka source");
}

Headers Client::HeadersOfLast() const { return last_ == nullptr ? Headers() : HeadersOf(*last_, std::nullopt); }

absl::StatusOr<std::optional<ConsumedRecord>> Client::PollRecord(absl::Duration timeout) {
  std::optional<core::SteadyTime> deadline;  // What is there at once needs no clock.
  const auto left = [&] {
    if (!deadline) deadline = core::SteadyTime::Now() + timeout;
    return deadline->left();
  };
  while (true) {
    bell_->Silence();
    last_.reset();
    RdKafkaPtr<rd_kafka_message_t> message = std::move(pending_);
    if (message == nullptr) message.reset(rd_kafka_consumer_poll(handle(), 0));
    // What comes after a lost connection may come from another cluster, at an offset that fits by chance.
    const bool known = disconnects_ == verified_disconnects_ || KnowsCluster(std::max(left(), kShortestLookUp));
    if (other_cluster()) return OtherClusterError();
    const bool came = message != nullptr;
    if (!known) {
      pending_ = std::move(message);
    } else if (came) {
      auto record = Take(std::move(message));
      if (record.ok() && record->has_value()) progress_->Consumed(**record);
      if (!record.ok() || record->has_value()) return record;
    }
    if (left() <= absl::ZeroDuration()) break;
    if (!came) bell_->Wait(*deadline);
  }
  progress_->FoundNothing();
  return std::nullopt;
}

absl::StatusOr<std::optional<ConsumedRecord>> Client::Take(RdKafkaPtr<rd_kafka_message_t> message) {
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      last_ = std::move(message);
      return RecordOf(*last_, headers_);
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return absl::DataLossError(
          absl::StrCat("topic ", message->rkt == nullptr ? "" : rd_kafka_topic_name(message->rkt), " partition ",
                       message->partition, ": the log does not hold offset ", message->offset,
                       ", which is the next to be read: ", rd_kafka_message_errstr(message.get())));
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return absl::FailedPreconditionError(absl::StrCat("kafka client: ", rd_kafka_message_errstr(message.get())));
    default:
      break;
  }
  absl::Status status = StatusOf(message->err, rd_kafka_message_errstr(message.get()));
  if (absl::IsNotFound(status) || absl::IsPermissionDenied(status)) return status;
  Log(LogLevel::kWarning, absl::StrCat("kafka ", name_, ": ", std::string(status.message())));
  return std::nullopt;
}

}  // namespace bellwether::bus
