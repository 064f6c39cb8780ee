#include "services/query/report_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/row_cache.h"
#include "services/query/rows.h"

namespace bellwether::query {
namespace {

// Whether a row is as it was: it shows the definition, the score and the comment of its month, and nothing else.
bool SaysTheSame(const CachedReport::Row& a, const CachedReport::Row& b) {
  if (a.state == b.state) return true;
  return a.definition == b.definition && a.score && a.score == b.score;
}

CachedReport::Row RowFrom(const Indicator& indicator, core::Month month) {
  CachedReport::Row row{indicator.id, indicator.definition, std::nullopt, 0, 0};
  const core::Period period = rating::DataPeriodOf(*indicator.definition, month);
  const std::optional<PublishedScore> score = indicator.scores.Find(period);
  if (score && !indicator.comments.contains(period)) row.score = score->offset;
  return row;
}

size_t SizeOf(const CachedReport& report) {
  return sizeof(report) + report.body.size() + report.rows.size() * sizeof(CachedReport::Row);
}

}  // namespace

std::string ReportCache::KeyOf(const std::string& council, core::Month month) {
  return absl::StrCat(council, " ", month.year() * 12 + month.month());
}

CachedReportPtr ReportCache::Newest(const std::string& key) const {
  const core::MutexLock lock(mutex_);
  const auto found = reports_.find(key);
  return found == reports_.end() ? nullptr : found->second;
}

CachedReportPtr ReportCache::Find(const std::string& council, core::Month month, core::Date today) const {
  CachedReportPtr report = Newest(KeyOf(council, month));
  const bool stands =
      report != nullptr && report->today == today && report->council_version == view_->VersionOf(council);
  return stands ? report : nullptr;
}

absl::StatusOr<CachedReportPtr> ReportCache::Make(const std::string& council, core::Month month, core::Date today,
                                                  uint64_t council_version, const std::vector<IndicatorPtr>& indicators,
                                                  Effort* effort) {
  const std::string key = KeyOf(council, month);
  const CachedReportPtr old = Newest(key);
  const bool same_day = old != nullptr && old->today == today;
  const std::string_view old_body = old == nullptr ? std::string_view() : BytesOf(old->body);
  auto report = std::make_shared<CachedReport>();
  report->council_version = council_version;
  report->today = today;
  report->rows.reserve(indicators.size());
  std::string body;
  body.reserve(old_body.size() + 1024);
  SchemeCollector schemes;
  for (size_t i = 0; i < indicators.size(); ++i) {
    const Indicator& indicator = *indicators[i];
    schemes.Add(indicator);
    const CachedReport::Row* kept = same_day && i < old->rows.size() ? &old->rows[i] : nullptr;
    CachedReport::Row row = RowFrom(indicator, month);
    row.begin = body.size();
    if (kept != nullptr && SaysTheSame(*kept, row)) {
      body.append(old_body.substr(kept->begin, kept->size));
    } else {
      const absl::StatusOr<v1::ReportRow> made = RowOf(indicator, month, today, effort);
      if (!made.ok()) return made.status();
      const std::string bytes = codec::SerializeDeterministically(*made);
      AppendFieldHead(v1::GetReportResponse::kRowsFieldNumber, bytes.size(), &body);
      body.append(bytes);
    }
    row.size = body.size() - row.begin;
    report->rows.push_back(std::move(row));
  }
  report->schemes = schemes.Schemes();
  if (old != nullptr && old->schemes == report->schemes && old->rows.size() == report->rows.size() &&
      !old->rows.empty()) {
    body.append(old_body.substr(old->rows.back().begin + old->rows.back().size));
  } else {
    v1::GetReportResponse rest;
    schemes.MoveTo(rest.mutable_schemes());
    rest.set_period(month.ToString());
    rest.set_total_rows(static_cast<int32_t>(indicators.size()));
    body.append(rest.SerializeAsString());
  }
  report->body = grpc::Slice(body);
  const core::MutexLock lock(mutex_);
  CachedReportPtr& place = reports_[key];
  bytes_ += SizeOf(*report) - (place == nullptr ? 0 : SizeOf(*place));
  place = report;
  if (bytes_ > most_bytes_) {
    reports_.clear();
    bytes_ = 0;
  }
  return CachedReportPtr(std::move(report));
}

}  // namespace bellwether::query
