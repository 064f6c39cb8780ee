// Pages of lists that may change between two calls: a page goes on after the last item of the one before, wherever that
// stands by then.
#ifndef BELLWETHER_SERVICES_QUERY_PAGING_H_
#define BELLWETHER_SERVICES_QUERY_PAGING_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bellwether/codec/values.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/period.h"
#include "services/query/effort.h"
#include "services/query/indicator.h"

namespace bellwether::query {

using core::limits::kPageBytes;

// Of lists in report order.
inline constexpr int32_t kDefaultRows = 200;
inline constexpr int32_t kMaximumRows = 1'000;

// One call's page. Items are offered in order, each with its cursor, a text that sorts as the items do.
class Page {
 public:
  // Reads the token and checks that it belongs to the request: a digest of all its fields but `page_token`, `page_size`
  // and `min_position`. Error: PAGE_TOKEN_INVALID, or INVALID_ARGUMENT for a negative size.
  grpc::Status Open(const google::protobuf::Message& request, std::string_view token, int32_t page_size,
                    int32_t default_size, int32_t maximum_size);

  // What the page before was made from, by its token: this one must not be older. Absent: there is none, or the token
  // is no token, which Open tells.
  static std::optional<codec::Position> PositionIn(std::string_view token);

  bool is_first() const { return cursor_.empty(); }
  // The period that the first page resolved; empty on the first page.
  const std::string& period() const { return period_; }
  // To be kept for the next page.
  void SetPeriod(std::string period) { period_ = std::move(period); }
  void SetPosition(const codec::Position& position) { position_ = position; }

  // Whether the item belongs to this page: it comes after the page before.
  bool Wants(std::string_view cursor) const { return cursor_.empty() || cursor > std::string_view(cursor_); }
  // Whether there is room. False: the page is full, and there is a next one.
  bool HasRoom(size_t item_bytes);
  void Took(std::string cursor) { last_ = std::move(cursor); }
  // Bytes of the answer that are no item's.
  void Charge(size_t bytes) { bytes_ += bytes; }
  // At most so many items are taken.
  int32_t size() const { return size_; }
  // The page ends here, full or not; the next one begins after the cursor.
  void EndAfter(std::string cursor) {
    last_ = std::move(cursor);
    more_ = true;
  }
  // Whether it ends here, since it has something and making it took long enough.
  bool EndsEarly(const Effort& effort) {
    if (taken_ == 0 || !effort.PageIsOver()) return false;
    more_ = true;
    return true;
  }
  // Says in the answer what it was made from, and where the next page begins, if there is one.
  template <typename Response>
  void Finish(Response* response) const {
    *response->mutable_position() = codec::ToProto(position_);
    response->set_next_page_token(NextToken());
  }

 private:
  std::string NextToken() const;

  uint64_t digest_ = 0;
  codec::Position position_;
  std::string period_;
  std::string cursor_;
  std::string last_;
  int32_t size_ = 0;
  int32_t taken_ = 0;
  size_t bytes_ = 0;
  bool more_ = false;
};

// Cursor of an indicator in the order of the month's report, or as it is defined now, and of a period within it. Of a
// list with several items of each indicator: what a cursor of such an item begins with, and one that stands behind all.
std::string CursorOf(const Indicator& indicator, std::optional<core::Month> report_month = std::nullopt);
std::string CursorBehind(const Indicator& indicator, std::optional<core::Month> report_month = std::nullopt);
std::string CursorOf(const core::Period& period);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_PAGING_H_
