#include "services/query/watched_report.h"

#include <utility>
#include <vector>

#include "bellwether/codec/scheme.h"
#include "services/query/rows.h"
#include "services/query/selection.h"
#include "services/query/watch.h"

namespace bellwether::query {
namespace {

constexpr size_t kSnapshotBytes = 1 << 20;   // Of one part; below the 4 MiB that clients take.
constexpr int64_t kPartEffort = 20'000'000;  // Nor does a part take long: other watches wait meanwhile.

grpc::ByteBuffer BufferOf(const v1::WatchReportResponse& response) {
  const grpc::Slice slice(response.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

WatchedReport::WatchedReport(WatchHub* hub, std::string council, core::Month month, v1::ReportFilter filter)
    : hub_(hub),
      council_(std::move(council)),
      month_(month),
      filter_(std::move(filter)),
      today_(hub->answers().Today()) {}

absl::StatusOr<WatchedReport::Next> WatchedReport::NextMessage(std::set<std::string> changed, bool heartbeat,
                                                               const std::atomic<bool>& gone,
                                                               grpc::ByteBuffer* message) {
  Effort effort = Effort::Whole([&gone] { return gone.load(); }, kPartEffort);
  pending_.merge(changed);
  NoteANewDay();
  if (!snapshot_sent_) {
    if (absl::Status s = NextPart(&effort, message); !s.ok()) return s;
    return Next::kMessage;
  }
  while (!pending_.empty()) {
    if (effort.PageIsOver()) return Next::kLater;
    const std::string ref = pending_.extract(pending_.begin()).value();
    const absl::StatusOr<bool> told = Tell(ref, &effort, message);
    if (!told.ok()) return told.status();
    if (*told) return Next::kMessage;
  }
  if (!heartbeat) return Next::kNothing;
  v1::WatchReportResponse response;
  response.set_heartbeat(true);
  *message = BufferOf(response);
  return Next::kMessage;
}

void WatchedReport::NoteANewDay() {
  const core::Date today = hub_->answers().Today();
  if (today == today_) return;
  today_ = today;
  for (const auto& [ref, digest] : rows_) pending_.insert(ref);
}

absl::StatusOr<bool> WatchedReport::Tell(const std::string& ref, Effort* effort, grpc::ByteBuffer* message) {
  v1::WatchReportResponse rest;
  const IndicatorPtr indicator = Wanted(ref);
  if (indicator == nullptr) {
    if (rows_.erase(ref) == 0) return false;
    rest.set_removed_ref(ref);
    *message = BufferOf(rest);
    return true;
  }
  const absl::StatusOr<EncodedRow> row = hub_->RowOf(*indicator, month_, effort);
  if (!row.ok()) return row.status();
  uint64_t& sent = rows_[ref];
  if (sent == row->digest) return false;
  sent = row->digest;
  const std::shared_ptr<const rating::Scheme>& scheme = indicator->definition->scheme;
  if (std::shared_ptr<const rating::Scheme>& told = schemes_[scheme->id]; told != scheme) {
    told = scheme;
    *rest.mutable_scheme() = codec::ToProto(*scheme);
  }
  std::string head;
  AppendFieldHead(v1::WatchReportResponse::kRowFieldNumber, row->bytes.size(), &head);
  const grpc::Slice slices[] = {grpc::Slice(head), row->bytes, grpc::Slice(rest.SerializeAsString())};
  *message = grpc::ByteBuffer(slices, 3);
  return true;
}

// The next part of the report as it stands now.
absl::Status WatchedReport::NextPart(Effort* effort, grpc::ByteBuffer* message) {
  v1::ReportSnapshot rest;
  rest.set_period(month_.ToString());
  SchemeCollector schemes;
  std::string content;
  size_t scheme_bytes = 0;
  while (!to_show.empty() && content.size() + scheme_bytes < kSnapshotBytes) {
    if (!content.empty() && effort->PageIsOver()) break;
    const std::string ref = std::move(to_show.front());
    to_show.pop_front();
    const IndicatorPtr indicator = Wanted(ref);
    if (indicator == nullptr) continue;
    const absl::StatusOr<EncodedRow> row = hub_->RowOf(*indicator, month_, effort);
    if (!row.ok()) return row.status();
    AppendFieldHead(v1::ReportSnapshot::kRowsFieldNumber, row->bytes.size(), &content);
    content += BytesOf(row->bytes);
    scheme_bytes += schemes.BytesWith(*indicator);
    schemes.Add(*indicator);
    rows_[ref] = row->digest;
  }
  for (std::shared_ptr<const rating::Scheme>& scheme : schemes.Schemes()) {
    const std::string id = scheme->id;
    schemes_[id] = std::move(scheme);
  }
  schemes.MoveTo(rest.mutable_schemes());
  rest.set_complete(to_show.empty());
  snapshot_sent_ = to_show.empty();
  content += rest.SerializeAsString();
  std::string head;
  AppendFieldHead(v1::WatchReportResponse::kSnapshotFieldNumber, content.size(), &head);
  const grpc::Slice slices[] = {grpc::Slice(head), grpc::Slice(content)};
  *message = grpc::ByteBuffer(slices, 2);
  return absl::OkStatus();
}

IndicatorPtr WatchedReport::Wanted(const std::string& ref) const {
  IndicatorPtr indicator = hub_->view().Find({council_, ref});
  if (indicator == nullptr || !indicator->definition || !IsInReport(*indicator, month_)) return nullptr;
  if (!named.empty() && !named.contains(ref)) return nullptr;
  std::vector<IndicatorPtr> fits = {indicator};
  return Filter(filter_, &fits).ok() && !fits.empty() ? indicator : nullptr;
}

}  // namespace bellwether::query
