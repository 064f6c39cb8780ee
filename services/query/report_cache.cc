#include "services/query/report_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/row_cache.h"
#include "services/query/rows.h"

namespace bellwether::query {
namespace {

size_t SizeOf(const CachedReport& report) {
  return sizeof(report) + report.body.size() + report.rows.size() * sizeof(CachedReport::Row);
}

}  // namespace

std::string ReportCache::KeyOf(const std::string& council, core::Month month) {
  return absl::StrCat(council, " ", month.year() * 12 + month.month());
}

CachedReportPtr ReportCache::Newest(const std::string& key) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = reports_.find(key);
  return found == reports_.end() ? nullptr : found->second;
}

CachedReportPtr ReportCache::Find(const std::string& council, core::Month month, core::Date today) const {
  CachedReportPtr report = Newest(KeyOf(council, month));
  const bool stands =
      report != nullptr && report->today == today && report->council_version == view_->VersionOf(council);
  return stands ? report : nullptr;
}

CachedReportPtr ReportCache::Make(const std::string& council, core::Month month, core::Date today,
                                  uint64_t council_version, const std::vector<IndicatorPtr>& indicators,
                                  const std::string& rest) {
  const std::string key = KeyOf(council, month);
  const CachedReportPtr old = Newest(key);
  const bool same_day = old != nullptr && old->today == today;
  const std::string_view old_body = old == nullptr ? std::string_view() : BytesOf(old->body);
  auto report = std::make_shared<CachedReport>();
  report->council_version = council_version;
  report->today = today;
  std::string body;
  body.reserve(old_body.size() + 1024);
  for (size_t i = 0; i < indicators.size(); ++i) {
    const Indicator& indicator = *indicators[i];
    const CachedReport::Row* kept = same_day && i < old->rows.size() ? &old->rows[i] : nullptr;
    const size_t begin = body.size();
    if (kept != nullptr && kept->state == indicator.id) {
      body.append(old_body.substr(kept->begin, kept->size));
    } else {
      const std::string row = codec::SerializeDeterministically(RowOf(indicator, month, today));
      AppendFieldHead(v1::GetReportResponse::kRowsFieldNumber, row.size(), &body);
      body.append(row);
    }
    report->rows.push_back({indicator.id, begin, body.size() - begin});
  }
  body.append(rest);
  report->body = grpc::Slice(body);
  const absl::MutexLock lock(&mutex_);
  CachedReportPtr& place = reports_[key];
  bytes_ += SizeOf(*report) - (place == nullptr ? 0 : SizeOf(*place));
  place = report;
  if (bytes_ > most_bytes_) {
    reports_.clear();
    bytes_ = 0;
  }
  return report;
}

}  // namespace bellwether::query
