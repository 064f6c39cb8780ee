// Which page stands at which address, and what it is made from.
#ifndef BELLWETHER_SERVICES_WEB_SITE_H_
#define BELLWETHER_SERVICES_WEB_SITE_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "bellwether/core/clock.h"
#include "bellwether/report/files.h"
#include "bellwether/report/pages.h"
#include "services/web/http_server.h"
#include "services/web/live.h"
#include "services/web/query_client.h"
#include "services/web/reader.h"

namespace bellwether::web {

// A council that the first page names.
struct NamedCouncil {
  std::string code;
  std::string name;
};
// Reads "E06000061=North Northamptonshire Council", or the code alone. Error: InvalidArgument.
absl::StatusOr<NamedCouncil> ParseCouncil(std::string_view text);

// How long a page is good at most, as its ETag says: for the day in London, on which what is due hangs; and around
// midnight, when query's clock may say another day than this one, for the minute.
std::string GoodFor(absl::Time now);

// Thread-safe.
class Site {
 public:
  // The client, the live reports and the clock must outlive it.
  Site(QueryClient* query, LiveReports* live, Readers readers, const core::Clock* clock,
       std::vector<NamedCouncil> councils, std::string contact);

  // The answer to a GET, or to a call (services/web/connect.h). Pages of a council have an ETag of the position, the
  // day, the program and what their reader may see; who has the page of them is told so without its being made again.
  Response Get(const Request& request);

  // What every answer has: see HttpServer::Options.
  std::vector<std::pair<std::string, std::string>> Headers() const;

 private:
  struct Asked;  // A request, taken apart.

  Response Route(const Asked& asked);
  Response Councils(const Asked& asked);
  Response OfCouncil(Asked asked);
  Response Report(const Asked& asked, const std::string& period, const std::string& suffix);
  Response Compare(const Asked& asked, const std::string& period);
  Response Indicator(const Asked& asked, const std::string& ref, const std::string& suffix);
  // `min_position`: what the view must have seen; null: as it stands.
  grpc::Status FetchReport(const Asked& asked, const std::string& period, v1::GetReportResponse* report,
                           const v1::Position* min_position = nullptr);
  grpc::Status FetchIndicator(const Asked& asked, const std::string& ref, v1::GetIndicatorResponse* history,
                              bool with_revisions);
  // What worsened twice running, into `data`, whose report is there.
  grpc::Status FetchBefore(const Asked& asked, report::ReportData* data);
  // The changes of a report, as they happen.
  Response Changes(const Asked& asked, const std::string& period);
  // `data`: what the format needs of it, but for the charts.
  Response ReportAsFile(const Asked& asked, const report::FileFormat& format, report::ReportData data);

  report::Site SiteOf(const std::string& council) const;
  std::string TagOf(const Asked& asked, const v1::Position& position) const;
  Response Problem(const std::string& council, const report::Problem& problem) const;
  Response NoSuchReport(const std::string& council, std::string_view period) const;
  Response NoFigures(const std::string& council, const core::Period& period) const;
  // What a failed call says to who reads.
  Response Failed(const std::string& council, const grpc::Status& status) const;

  QueryClient* const query_;
  LiveReports* const live_;
  const Readers readers_;
  const core::Clock* const clock_;
  const std::vector<NamedCouncil> councils_;
  const std::string contact_;
  const std::string settings_;  // A digest of these two.
};

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_SITE_H_
