// One StreamReadings call: readings in, acknowledgements out, in order, with a bound on what is under way.
#ifndef BELLWETHER_SERVICES_INGESTION_READING_STREAM_H_
#define BELLWETHER_SERVICES_INGESTION_READING_STREAM_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bellwether/codec/wire.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rpc/door.h"
#include "bellwether/rpc/slots.h"
#include "bellwether/v1/ingestion_service.pb.h"
#include "services/ingestion/checks.h"
#include "services/ingestion/parts.h"

namespace bellwether::ingestion {

// A frame is read once the one before is checked and handed over, and while no more than a window of readings is
// unacknowledged: a client that sends too fast, or does not read, is held up by flow control. A reading that cannot be
// read is refused like any other; a frame that cannot ends the stream, once everything before it is acknowledged.
// Thread-safe.
class ReadingStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                            public std::enable_shared_from_this<ReadingStream> {
 public:
  ReadingStream(grpc::CallbackServerContext* context, const Parts& parts);

  // Keeps the stream until gRPC is done with it, and reads the first frame. First thing after its making.
  void Begin();
  // Reads no more; answers what was read, and ends with SERVER_DRAINING.
  void Drain();
  // The same, with another end.
  void EndWith(const grpc::Status& status);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  struct Pending {
    std::string reading_id;
    std::optional<v1::ItemResult> result;  // Absent: on its way.
    std::vector<rating::Warning> warnings;
  };
  struct Outgoing {
    uint64_t sequence;
    codec::KeyedRecord record;
  };

  // Reads the frame that came. Error: what the stream ends with.
  grpc::Status ReadFrame();
  // Checks the frame that was read; with `newest_definitions` what the log's end says, or that it cannot be known.
  void CheckFrame(std::optional<absl::Status> newest_definitions);
  void Recorded(uint64_t sequence, const absl::StatusOr<codec::Position>& position);
  // Does whatever is due: a write, a read, the end.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteAcknowledgements() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WatchWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveUpOnReader(uint64_t write);
  void FinishOnce(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  grpc::CallbackServerContext* const context_;
  const Parts parts_;
  const std::string traceparent_;
  const rpc::Door::Entry entry_;
  const std::optional<rpc::Slots::Taken> call_slot_;
  const std::optional<rpc::Slots::Taken> stream_slot_;

  // Of the read, or then of the check, that is under way: there is one at a time.
  grpc::ByteBuffer incoming_;
  v1::StreamReadingsRequest frame_;
  rpc::Slots::Taken memory_;              // Of the frame.
  std::vector<codec::WrongItem> unread_;  // What of the frame could not be read.
  bool large_ = false;                    // The frame is larger than frames are.
  uint64_t frames_ = 0;                   // Counts them.

  core::Mutex mutex_;
  v1::StreamReadingsResponse acknowledgements_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer outgoing_ ABSL_GUARDED_BY(mutex_);    // The write under way.
  std::deque<Pending> pending_ ABSL_GUARDED_BY(mutex_);  // Not yet written, in order.
  uint64_t first_pending_ ABSL_GUARDED_BY(mutex_) = 0;   // Sequence of the first of them.
  size_t writing_count_ ABSL_GUARDED_BY(mutex_) = 0;     // Acknowledgements in the write under way.
  uint64_t writes_ ABSL_GUARDED_BY(mutex_) = 0;          // Counts them.
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;         // A read is under way.
  bool checking_ ABSL_GUARDED_BY(mutex_) = false;        // A frame is being checked.
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;  // The client sends no more.
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> refused_ ABSL_GUARDED_BY(mutex_);  // The end of a stream with a malformed frame.
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<ReadingStream> self_;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_READING_STREAM_H_
