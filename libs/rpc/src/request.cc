// Requests off the wire, and answers onto it.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/rpc/call.h"
#include "bellwether/rpc/status.h"

namespace bellwether::rpc {
namespace {

using codec::Reason;
using google::protobuf::Message;

// Requests of so many bytes are read without a look at what they will take: it is little.
constexpr size_t kSmall = 64 << 10;
constexpr size_t kOfAnItem = 400;  // The same, of each item.

bool Parse(const grpc::ByteBuffer& bytes, Message* message) {
  grpc::ByteBuffer copy(bytes);  // Of references.
  return grpc::SerializationTraits<Message>::Deserialize(&copy, message).ok();
}

// In one piece.
grpc::Slice WholeOf(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  return bytes.DumpToSingleSlice(&slice).ok() ? slice : grpc::Slice();
}

std::string_view ViewOf(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

codec::Violations CheckMemory(const grpc::ByteBuffer& bytes, size_t small, const Message& message) {
  if (bytes.Length() <= small) return {};
  constexpr size_t kMost = core::limits::kRequestMemoryBytes;
  const grpc::Slice whole = WholeOf(bytes);
  if (codec::Footprint(*message.GetDescriptor(), ViewOf(whole), kMost) <= kMost) return {};
  return {{"", Reason::kRequestTooLarge,
           absl::StrCat("would take more than ", kMost >> 20U, " MiB of memory once it is read: send it in parts")}};
}

// How many items the list has, as far as it can be read.
int CountItems(const grpc::ByteBuffer& bytes, int list) {
  using google::protobuf::internal::WireFormatLite;
  grpc::ByteBuffer copy(bytes);
  grpc::ProtoBufferReader reader(&copy);
  google::protobuf::io::CodedInputStream in(&reader);
  const uint32_t item = WireFormatLite::MakeTag(list, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  int count = 0;
  while (const uint32_t tag = in.ReadTag()) {
    if (tag == item) ++count;
    if (!WireFormatLite::SkipField(&in, tag)) break;
  }
  return count;
}

}  // namespace

grpc::Status ReadRequest(const grpc::ByteBuffer& bytes, Message* request) {
  codec::Violations wrong = CheckMemory(bytes, kSmall, *request);
  if (wrong.empty() && !Parse(bytes, request)) wrong = codec::ReadLeniently(ViewOf(WholeOf(bytes)), request);
  return Refused(wrong);
}

codec::Violations ReadItems(const grpc::ByteBuffer& bytes, int list, int most, Message* request,
                            std::vector<codec::WrongItem>* wrong) {
  wrong->clear();
  const int count = CountItems(bytes, list);
  // Before they are read: an empty item takes two bytes, and a hundred times as much memory.
  if (count <= most) {
    const size_t small = std::max(kSmall, kOfAnItem * static_cast<size_t>(count));
    codec::Violations beside = CheckMemory(bytes, small, *request);
    if (beside.empty() && !Parse(bytes, request)) {
      beside = codec::ReadItemsLeniently(ViewOf(WholeOf(bytes)), list, request, wrong);
    }
    if (!beside.empty() || count >= 1) return beside;
  }
  const std::string& name = request->GetDescriptor()->FindFieldByNumber(list)->name();
  return {{name, Reason::kFrameInvalid, absl::StrCat("holds ", count, " ", name, ": send 1 to ", most)}};
}

std::optional<Slots::Taken> TakeMemory(const grpc::ByteBuffer& bytes, std::string_view share) {
  if (bytes.Length() <= kSmall) return Slots::Taken();  // The number of calls is a bound for these.
  constexpr int64_t kTimes = 3;                         // The bytes, the message, and what is made of it.
  return Slots::RequestMemory().Take(share, kTimes * static_cast<int64_t>(bytes.Length()));
}

grpc::Status TooManyCalls() {
  const Reason reason = Reason::kTooManyCalls;
  return ErrorOf(reason, std::string(codec::InfoOf(reason).sentence));
}

grpc::ByteBuffer BytesOf(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  // Fails for a message of 2 GiB alone.
  (void)grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own);
  return bytes;
}

}  // namespace bellwether::rpc
