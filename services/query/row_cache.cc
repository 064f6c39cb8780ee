#include "services/query/row_cache.h"

#include <google/protobuf/io/coded_stream.h>

#include <functional>

#include "absl/hash/hash.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/mutex.h"
#include "services/query/rows.h"

namespace bellwether::query {

std::string_view BytesOf(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

void AppendFieldHead(int number, size_t size, std::string* out) {
  using google::protobuf::io::CodedOutputStream;
  constexpr uint32_t kLengthDelimited = 2;
  std::array<uint8_t, 15> head{};
  uint8_t* end =
      CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(number) << 3 | kLengthDelimited, head.data());
  end = CodedOutputStream::WriteVarint64ToArray(size, end);
  out->append(reinterpret_cast<const char*>(head.data()), static_cast<size_t>(end - head.data()));
}

size_t RowCache::Hash::operator()(const Key& key) const {
  return absl::HashOf(key.state, key.month.year() * 12 + key.month.month());
}

absl::StatusOr<EncodedRow> RowCache::Of(const Indicator& indicator, core::Month month, core::Date today,
                                        Effort* effort) {
  const Key key{indicator.id, month};
  Share& share = shares_[Hash()(key) % kShares];
  {
    const core::MutexLock lock(share.mutex);
    const auto found = share.rows.find(key);
    if (found != share.rows.end() && found->second.today == today) return found->second.row;
  }
  const absl::StatusOr<v1::ReportRow> made = RowOf(indicator, month, today, effort);
  if (!made.ok()) return made.status();
  EncodedRow row{grpc::Slice(codec::SerializeDeterministically(*made)), 0};
  row.digest = std::hash<std::string_view>()(BytesOf(row.bytes));
  const size_t bytes = row.bytes.size() + sizeof(Key) + sizeof(Entry) + 64;  // And a node's and slice's own.
  const core::MutexLock lock(share.mutex);
  if (share.bytes + bytes > most_bytes_ / kShares) {
    share.rows.clear();
    share.bytes = 0;
  }
  const auto [entry, is_new] = share.rows.insert_or_assign(key, Entry{today, row});
  if (is_new) share.bytes += bytes;
  return row;
}

}  // namespace bellwether::query
