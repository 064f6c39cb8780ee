#include "services/query/watched_report.h"

#include <functional>
#include <utility>
#include <vector>

#include "bellwether/codec/scheme.h"
#include "bellwether/codec/values.h"
#include "bellwether/rpc/call.h"
#include "services/query/rows.h"
#include "services/query/selection.h"
#include "services/query/watch.h"

namespace bellwether::query {
namespace {

constexpr size_t kSnapshotBytes = 1 << 20;   // Of one part; below the 4 MiB that clients take.
constexpr int64_t kPartEffort = 20'000'000;  // Nor does a part take long: other watches wait meanwhile.

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

WatchedReport::WatchedReport(WatchHub* hub, Sight sight, std::string council, core::Month month,
                             v1::ReportFilter filter)
    : hub_(hub),
      sight_(std::move(sight)),
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
  *message = rpc::BytesOf(response);
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
  const absl::StatusOr<Found> wanted = Wanted(ref, effort);
  if (!wanted.ok()) return wanted.status();
  const Found& found = *wanted;
  *rest.mutable_position() = codec::ToProto(found.standing.position);
  if (found.indicator == nullptr) {
    if (rows_.erase(ref) == 0) return false;
    rest.set_removed_ref(ref);
    *message = rpc::BytesOf(rest);
    return true;
  }
  const auto row = hub_->answers().RowOf(*found.indicator, month_, today_, effort);
  if (!row.ok()) return row.status();
  const uint64_t digest = std::hash<std::string>()(**row);
  if (std::exchange(rows_[ref], digest) == digest) return false;
  for (const auto& scheme : schemes_.Add(*found.indicator)) *rest.add_schemes() = codec::ToProto(*scheme);
  std::string content;
  AppendField(v1::WatchReportResponse::kRowFieldNumber, **row, &content);
  rest.AppendToString(&content);
  *message = BufferOf(content);
  return true;
}

// The next part of the report as it stands now.
absl::Status WatchedReport::NextPart(Effort* effort, grpc::ByteBuffer* message) {
  v1::ReportSnapshot rest;
  rest.set_period(month_.ToString());
  SchemeCollector schemes;
  std::string content;
  size_t scheme_bytes = 0;
  codec::Position position = sight_.StandingOf(council_).position;
  while (!to_show.empty() && content.size() + scheme_bytes < kSnapshotBytes) {
    if (!content.empty() && effort->PageIsOver()) break;
    const std::string ref = std::move(to_show.front());
    to_show.pop_front();
    const absl::StatusOr<Found> wanted = Wanted(ref, effort);
    if (!wanted.ok()) return wanted.status();
    const Found& found = *wanted;
    position = found.standing.position;
    if (found.indicator == nullptr) continue;
    const Indicator& indicator = *found.indicator;
    const auto row = hub_->answers().RowOf(indicator, month_, today_, effort);
    if (!row.ok()) return row.status();
    AppendField(v1::ReportSnapshot::kRowsFieldNumber, **row, &content);
    scheme_bytes += schemes.BytesWith(indicator);
    schemes.Add(indicator);
    schemes_.Add(indicator);
    rows_[ref] = std::hash<std::string>()(**row);
  }
  schemes.MoveTo(rest.mutable_schemes());
  rest.set_complete(to_show.empty());
  snapshot_sent_ = to_show.empty();
  rest.AppendToString(&content);
  std::string whole;
  AppendField(v1::WatchReportResponse::kSnapshotFieldNumber, content, &whole);
  v1::WatchReportResponse outer;
  *outer.mutable_position() = codec::ToProto(position);
  outer.AppendToString(&whole);
  *message = BufferOf(whole);
  return absl::OkStatus();
}

absl::StatusOr<Found> WatchedReport::Wanted(const std::string& ref, Effort* effort) const {
  absl::StatusOr<Found> seen = sight_.Find({council_, ref}, effort);
  if (!seen.ok()) return seen;
  Found& found = *seen;
  const IndicatorPtr& indicator = found.indicator;
  if (indicator == nullptr) {  // It may be out of sight by now; the council is not.
    found.standing = sight_.StandingOf(council_);
    return seen;
  }
  const bool named_so = named.empty() || named.contains(ref);
  std::vector<IndicatorPtr> fits = {indicator};
  if (!named_so || !indicator->definition || !IsInReport(*indicator, month_) || !Filter(filter_, month_, &fits).ok() ||
      fits.empty()) {
    found.indicator = nullptr;
  }
  return seen;
}

}  // namespace bellwether::query
