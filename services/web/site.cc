#include "services/web/site.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/text.h"
#include "bellwether/program/version.h"
#include "bellwether/report/chart.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/files.h"
#include "bellwether/report/text.h"
#include "bellwether/rpc/client_error.h"
#include "bellwether/telemetry/log.h"
#include "services/web/connect.h"
#include "services/web/openapi.h"
#include "services/web/target.h"

namespace bellwether::web {
namespace {

// Who asks for a report of so many rows by itself waits until a chart of each is drawn.
constexpr int kChartsAlone = 400;

std::string Digest(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

Response Redirect(const markup::Address& to) {
  Response response;
  response.status = 302;
  response.type = "text/plain; charset=utf-8";
  response.body = to.ToString() + "\n";
  response.headers = {{"Location", to.ToString()}};
  return response;
}

Response File(std::string type, std::string body) {
  Response response;
  response.type = std::move(type);
  response.body = std::move(body);
  return response;
}

Response Csv(const std::string& body, const std::string& name) {
  Response response = File("text/csv; charset=utf-8; header=present", std::string(report::kByteOrderMark) + body);
  response.headers.emplace_back("Content-Disposition", absl::StrCat("attachment; filename=\"", name, ".csv\""));
  return response;
}

bool HasFigures(const v1::GetReportResponse& report) {
  return std::any_of(report.rows().begin(), report.rows().end(),
                     [](const v1::ReportRow& row) { return row.score().current().has_value(); });
}

// The longest that the name ends with, off it: the suffix of SDMX-CSV ends like that of CSV. Empty: it has none.
std::string TakeSuffix(std::string* name, const std::vector<std::string_view>& suffixes) {
  std::string_view longest;
  for (const std::string_view suffix : suffixes) {
    if (name->size() > suffix.size() && name->ends_with(suffix) && suffix.size() > longest.size()) longest = suffix;
  }
  name->resize(name->size() - longest.size());
  return std::string(longest);
}

const std::vector<std::string_view>& FileSuffixes() {
  static const std::vector<std::string_view> suffixes = [] {
    std::vector<std::string_view> all;
    for (const report::FileFormat& format : report::FileFormats()) {
      if (format.served) all.push_back(format.suffix);
    }
    return all;
  }();
  return suffixes;
}

const report::FileFormat* FormatOfSuffix(const std::string& suffix) {
  for (const report::FileFormat& format : report::FileFormats()) {
    if (format.served && format.suffix == suffix) return &format;
  }
  return nullptr;
}

std::string DigestOf(const std::vector<NamedCouncil>& councils, const std::string& contact) {
  std::string all = contact;
  for (const NamedCouncil& named : councils) absl::StrAppend(&all, "\n", named.code, "=", named.name);
  return Digest(all).substr(0, 8);
}

}  // namespace

absl::StatusOr<NamedCouncil> ParseCouncil(std::string_view text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(core::ToAbsl(text), absl::MaxSplits('=', 1));
  if (absl::Status s = core::CheckCouncil(parts.first); !s.ok()) return s;
  if (core::CharacterCount(parts.second) < 0 || core::CharacterCount(parts.second) > 200)
    return absl::InvalidArgumentError("its name must be UTF-8, of at most 200 characters");
  return NamedCouncil{parts.first, parts.second};
}

std::string GoodFor(absl::Time now) {
  constexpr absl::Duration kClocksDiffer = absl::Minutes(10);
  std::string day = absl::FormatCivilTime(core::LondonDate(now));
  if (core::LondonDate(now - kClocksDiffer) != core::LondonDate(now + kClocksDiffer))
    absl::StrAppend(&day, "+", absl::ToUnixSeconds(now) / 60);
  return day;
}

struct Site::Asked : Target {
  std::string if_none_match;
  std::optional<Reader> reader;  // Absent: readers have no names here.
  ReaderCalls query;             // For it.
  std::string rights;            // A digest of who it is and what it may see; of pages of a council.

  std::string Value(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? "" : found->second;
  }
};

Site::Site(QueryClient* query, LiveReports* live, Readers readers, const core::Clock* clock,
           std::vector<NamedCouncil> councils, std::string contact)
    : query_(query),
      live_(live),
      readers_(std::move(readers)),
      clock_(clock),
      councils_(std::move(councils)),
      contact_(std::move(contact)),
      settings_(DigestOf(councils_, contact_)) {}

std::vector<std::pair<std::string, std::string>> Site::Headers() const {
  // What one reader sees, no cache keeps for another.
  const bool known = readers_.known();
  return {{"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action "
           "'self'; base-uri 'none'; frame-ancestors "
           "'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "same-origin"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Cache-Control", known ? "private, no-cache" : "no-cache"},
          {"Vary", known ? absl::StrCat("Accept-Encoding, ", readers_.header()) : "Accept-Encoding"}};
}

Response Site::Get(const Request& request) {
  std::optional<Reader> reader;
  if (readers_.known()) {
    absl::StatusOr<Reader> named = readers_.Of(request);
    if (!named.ok() && request.post)
      return ConnectError({grpc::StatusCode::INVALID_ARGUMENT, std::string(named.status().message())});
    if (!named.ok()) {
      return Problem("", {400, "Who you are cannot be taken",
                          absl::StrCat("What the sign-in says of you is wrong: ", named.status().message(), "."),
                          "Tell whoever runs the sign-in of these pages."});
    }
    reader = *std::move(named);
  }
  Asked asked{ParseTarget(request.path, request.query), request.if_none_match, reader, query_->For(reader), ""};
  // Without readers it would tell any stranger who this service is and what it may do.
  if (request.post && !readers_.known() && request.path == absl::StrCat(kConnectPath, "WhoAmI"))
    return ConnectError({grpc::StatusCode::PERMISSION_DENIED, "who reads is not asked here"});
  if (request.post) return AnswerConnect(asked.query, request);
  return Route(asked);
}

Response Site::Route(const Asked& asked) {
  const std::vector<std::string>& path = asked.segments;
  if (path.empty()) return Councils(asked);
  if (path.size() == 1) {
    if (path[0] == "style.css") {
      static const std::string sheet =
          absl::StrCat(std::string(report::PageSheet()), std::string(report::ChartSheet()));
      static const std::string tag = absl::StrCat("\"", Digest(sheet), "\"");
      Response response = File("text/css; charset=utf-8", sheet);
      response.headers = {{"ETag", tag}};
      if (absl::StrContains(asked.if_none_match, tag)) {
        response.status = 304;
        response.body.clear();
      }
      return response;
    }
    if (path[0] == "live.js") return File("text/javascript; charset=utf-8", std::string(report::LiveScript()));
    if (path[0] == "openapi.json") return File("application/json", std::string(OpenApi()));
    if (path[0] == "tables.js") return File("text/javascript; charset=utf-8", std::string(report::TablesScript()));
    if (path[0] == "accessibility") return File("text/html; charset=utf-8", report::AccessibilityPage(contact_));
    if (path[0] == "favicon.ico") {
      Response response;
      response.status = 204;
      response.headers = {{"Cache-Control", "max-age=86400"}};
      return response;
    }
  }
  if (!core::CheckCouncil(path[0]).ok()) {
    return Problem("", {404, "There is no such page", "No page has this address.",
                        "An address begins with a council’s nine-character code, such as /E06000061."});
  }
  return OfCouncil(asked);
}

Response Site::Councils(const Asked& asked) {
  if (const std::string code = asked.Value("council"); !code.empty()) {
    const std::string upper = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(code));
    if (core::CheckCouncil(upper).ok()) return Redirect(markup::Address::Of({upper}));
    return Problem("", {404, "That is no council’s code",
                        absl::StrCat("“", core::Shorten(code, 40), "” is not a letter and eight digits."),
                        "The Office for National Statistics gives each council a code such as E06000061."});
  }
  std::vector<report::CouncilEntry> entries;
  for (const NamedCouncil& council : councils_) {
    report::CouncilEntry entry{council.code, council.name, "", ""};
    v1::GetReportRequest request;
    request.set_council(council.code);
    request.set_page_size(1);
    v1::GetReportResponse answer;
    const grpc::Status status = asked.query.Call(&v1::QueryService::Stub::GetReport, request, &answer);
    if (status.ok()) {
      entry.period = answer.period();
    } else if (rpc::ReasonOf(status) == "UNKNOWN_COUNCIL") {
      entry.problem = "Nothing is recorded yet";
    } else {
      return Failed("", status);
    }
    entries.push_back(std::move(entry));
  }
  return File("text/html; charset=utf-8", report::CouncilsPage(entries, contact_));
}

Response Site::OfCouncil(Asked asked) {
  const std::vector<std::string>& path = asked.segments;
  const std::string& council = path[0];
  if (path.size() == 1) {
    v1::GetReportRequest request;
    request.set_council(council);
    request.set_page_size(1);
    v1::GetReportResponse answer;
    if (const grpc::Status s = asked.query.Call(&v1::QueryService::Stub::GetReport, request, &answer); !s.ok())
      return Failed(council, s);
    return Redirect(report::ReportAddress(council, answer.period()));
  }
  const bool compare = path.size() >= 4 && path[1] == "reports" && path[3] == "compare" && path.size() <= 5;
  const bool report = path[1] == "reports" && (path.size() <= 4 || compare);
  const bool indicator = path[1] == "indicators" && path.size() <= 3;
  if (report && path.size() == 2) return Redirect(markup::Address::Of({council}));
  if (path.size() > 2 && (report || indicator)) {
    std::string name = path[2];
    const std::string suffix = report ? path.size() >= 4 ? "/" + path[3] : TakeSuffix(&name, FileSuffixes())
                                      : TakeSuffix(&name, {".csv", ".svg"});
    if (report && suffix == "/changes") return Changes(asked, name);
    if (compare && path.size() == 4 && !asked.Value("with").empty())
      return Redirect(
          report::CompareAddress(council, name, std::string(absl::StripAsciiWhitespace(asked.Value("with")))));
    // Rights change without a figure's changing.
    v1::WhoAmIResponse who;
    if (const grpc::Status s = asked.query.Call(&v1::QueryService::Stub::WhoAmI, v1::WhoAmIRequest(), &who); !s.ok())
      return Failed(council, s);
    asked.rights = Digest(absl::StrCat(who.principal(), "\n", absl::StrJoin(who.rights(), "\n"))).substr(0, 16);
    // Who has the page as it stands is spared its making.
    if (!asked.if_none_match.empty()) {
      v1::ListIndicatorsRequest request;
      request.set_council(council);
      request.set_page_size(1);
      v1::ListIndicatorsResponse answer;
      if (asked.query.Call(&v1::QueryService::Stub::ListIndicators, request, &answer).ok() &&
          absl::StrContains(asked.if_none_match, TagOf(asked, answer.position()))) {
        Response response;
        response.status = 304;
        response.headers = {{"ETag", TagOf(asked, answer.position())}};
        return response;
      }
    }
    if (compare) return Compare(asked, name);
    if (report) return Report(asked, name, suffix);
    return Indicator(asked, name, suffix);
  }
  return Problem(council, {404, "There is no such page", "This council has no page at this address.",
                           "Reports stand at /E06000061/reports/2022-02, indicators at /E06000061/indicators/T11."});
}

grpc::Status Site::FetchReport(const Asked& asked, const std::string& period, v1::GetReportResponse* report,
                               const v1::Position* min_position) {
  v1::GetReportRequest request;
  request.set_council(asked.segments[0]);
  request.set_period(period);
  request.set_page_size(1'000);
  if (min_position != nullptr) *request.mutable_min_position() = *min_position;
  return asked.query.EveryPage(&v1::QueryService::Stub::GetReport, request,
                               [&](v1::GetReportResponse& page) { report::AddPage(std::move(page), report); });
}

grpc::Status Site::FetchIndicator(const Asked& asked, const std::string& ref, v1::GetIndicatorResponse* history,
                                  bool with_revisions) {
  v1::GetIndicatorRequest request;
  request.set_council(asked.segments[0]);
  request.set_ref(ref);
  request.set_include_comments(with_revisions);
  request.set_page_size(with_revisions ? 2'000 : 1);
  if (!with_revisions) return asked.query.Call(&v1::QueryService::Stub::GetIndicator, request, history);
  return asked.query.EveryPage(&v1::QueryService::Stub::GetIndicator, request, [&](v1::GetIndicatorResponse& page) {
    if (history->has_definition()) {
      history->mutable_revisions()->MergeFrom(page.revisions());
    } else {
      *history = std::move(page);
    }
  });
}

grpc::Status Site::FetchBefore(const Asked& asked, report::ReportData* data) {
  for (const v1::GetReportRequest& request : report::RequestsBefore(asked.segments[0], data->report)) {
    const grpc::Status s =
        asked.query.EveryPage(&v1::QueryService::Stub::GetReport, request,
                              [&](const v1::GetReportResponse& page) { report::KeepBefore(page, data); });
    if (!s.ok()) return s;
  }
  return grpc::Status::OK;
}

Response Site::NoSuchReport(const std::string& council, std::string_view period) const {
  return Problem(council, {404, "There is no such report",
                           absl::StrCat("“", core::Shorten(period, 40), "” names no report of this council."),
                           "A report is named by its month, such as 2022-02."});
}

Response Site::NoFigures(const std::string& council, const core::Period& period) const {
  return Problem(council, {404, absl::StrCat("Nothing is known of ", period.DisplayName()),
                           absl::StrCat("No figure of ", period.DisplayName(), " has been recorded yet."),
                           "The page is there as soon as the first figure is."});
}

Response Site::Compare(const Asked& asked, const std::string& period) {
  const std::string& council = asked.segments[0];
  report::Comparison comparison;
  comparison.differing = asked.Value("rows") == "differing";
  const std::string with = asked.segments.size() == 5 ? asked.segments[4] : "";
  const std::pair<const std::string&, v1::GetReportResponse*> reports[] = {{period, &comparison.now},
                                                                           {with, &comparison.then}};
  for (const auto& [name, report] : reports) {
    const absl::StatusOr<core::Period> parsed = core::Period::Parse(name);
    if (!parsed.ok()) return NoSuchReport(council, name);
    const v1::Position* seen = report == &comparison.then ? &comparison.now.position() : nullptr;
    if (const grpc::Status s = FetchReport(asked, name, report, seen); !s.ok()) return Failed(council, s);
    if (!HasFigures(*report)) return NoFigures(council, *parsed);
  }
  Response response = File("text/html; charset=utf-8", report::ComparePage(SiteOf(council), comparison));
  response.headers.emplace_back("ETag", TagOf(asked, comparison.now.position()));
  return response;
}

Response Site::Report(const Asked& asked, const std::string& period, const std::string& suffix) {
  const std::string& council = asked.segments[0];
  const absl::StatusOr<core::Period> parsed = core::Period::Parse(period);
  const report::FileFormat* const format = FormatOfSuffix(suffix);
  const bool known =
      suffix.empty() || format != nullptr || suffix == "/exceptions" || suffix == "/findings" || suffix == "/keys";
  if (!parsed.ok() || !known) return NoSuchReport(council, period);
  report::ReportData data;
  if (const grpc::Status s = FetchReport(asked, period, &data.report); !s.ok()) return Failed(council, s);
  const report::Site site = SiteOf(council);
  if (!HasFigures(data.report)) return NoFigures(council, *parsed);
  report::Selection selection{asked.Value("directorate"), asked.Value("service"), asked.Value("status"),
                              asked.Value("year"), asked.Value("direction")};
  Response response;
  if (suffix == "/keys") {
    response = File("text/html; charset=utf-8", report::KeysPage(site, data.report));
  } else if (format == nullptr || format->needs != report::FileFormat::Needs::kNothing) {
    v1::ListFindingsRequest findings;
    findings.set_council(council);
    findings.set_period(period);
    findings.set_page_size(1'000);
    *findings.mutable_min_position() = data.report.position();
    if (const grpc::Status s = asked.query.EveryPage(&v1::QueryService::Stub::ListFindings, findings,
                                                     [&](v1::ListFindingsResponse& page) {
                                                       for (v1::Finding& f : *page.mutable_findings())
                                                         data.findings.push_back(std::move(f));
                                                     });
        !s.ok()) {
      return Failed(council, s);
    }
    if (suffix == "/findings") {
      response = File("text/html; charset=utf-8", report::FindingsPage(site, data.report, data.findings));
    } else {
      v1::ListDueReadingsRequest due;
      due.set_council(council);
      due.set_period(period);
      due.set_page_size(1'000);
      *due.mutable_min_position() = data.report.position();
      if (const grpc::Status s = asked.query.EveryPage(&v1::QueryService::Stub::ListDueReadings, due,
                                                       [&](v1::ListDueReadingsResponse& page) {
                                                         for (v1::DueReading& reading : *page.mutable_readings())
                                                           data.due.push_back(std::move(reading));
                                                       });
          !s.ok()) {
        return Failed(council, s);
      }
      if (format == nullptr || format->needs == report::FileFormat::Needs::kCharts) {
        if (const grpc::Status s = FetchBefore(asked, &data); !s.ok()) return Failed(council, s);
      }
      if (suffix == "/exceptions") {
        response = File("text/html; charset=utf-8", report::ExceptionsPage(site, data, selection));
      } else if (format == nullptr) {
        response = File("text/html; charset=utf-8", report::ReportPage(site, data, selection));
      }
    }
  }
  if (format != nullptr) return ReportAsFile(asked, *format, std::move(data));
  response.headers.emplace_back("ETag", TagOf(asked, data.report.position()));
  return response;
}

Response Site::Changes(const Asked& asked, const std::string& period) {
  const std::string& council = asked.segments[0];
  if (!core::Period::Parse(period).ok()) {
    return Problem(council, {404, "There is no such report", "No report of this council is named so.",
                             "A report is named by its month, such as 2022-02."});
  }
  if (!live_->HasRoom({asked.reader, council, period})) {
    Response response =
        Problem(council, {503, "Too many reports are followed just now", "This one cannot be followed as well.",
                          "The page itself is as it stands whenever it is opened."});
    response.headers = {{"Retry-After", "60"}};
    return response;
  }
  Response response = File("text/event-stream", "retry: 3000\n\n");
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  response.live = [live = live_, report = LiveReport{asked.reader, council, period}](
                      std::function<void(const std::string&)> tell, std::function<void()> end) {
    return live->Listen(report, {std::move(tell), std::move(end)});
  };
  return response;
}

Response Site::ReportAsFile(const Asked& asked, const report::FileFormat& format, report::ReportData data) {
  const std::string& council = asked.segments[0];
  const absl::StatusOr<core::Period> period = core::Period::Parse(data.report.period());
  const bool charts = format.needs == report::FileFormat::Needs::kCharts && data.report.rows_size() <= kChartsAlone;
  for (int i = 0; i < data.report.rows_size() && charts && period.ok(); ++i) {
    const std::string& ref = data.report.rows(i).definition().ref();
    v1::GetIndicatorResponse history;
    if (const grpc::Status s = FetchIndicator(asked, ref, &history, /*with_revisions=*/false); !s.ok())
      return Failed(council, s);
    data.charts.emplace(ref, report::ChartOf(history, period->last(), 1));
  }
  absl::StatusOr<std::string> content = report::ReportFile(format, SiteOf(council), data, asked.segments[2]);
  if (!content.ok()) {
    telemetry::LogWarning("a report's file could not be made", {{"council", council},
                                                                {"period", data.report.period()},
                                                                {"file", std::string(format.name)},
                                                                {"error", std::string(content.status().message())}});
    return Problem(council,
                   {503, "The file cannot be made just now", "Something went wrong here, and was written down.",
                    "Open it again in a minute; the page and the CSV are there meanwhile."});
  }
  Response response =
      File(std::string(format.type), std::string(format.byte_order_mark ? report::kByteOrderMark : "") + *content);
  response.headers = {{"ETag", TagOf(asked, data.report.position())}};
  const auto header = [&](std::string name, std::string value) {
    response.headers.emplace_back(std::move(name), std::move(value));
  };
  if (format.name == "json" || format.name == "csvw") return response;  // Read where they stand.
  header("Content-Disposition",
         absl::StrCat("attachment; filename=\"", report::FileName(council, data.report, format), "\""));
  if (format.name == "csv") {
    header("Link", absl::StrCat("<", markup::PercentEncoded(asked.segments[2]),
                                "-metadata.json>; rel=\"describedby\"; type=\"application/csvm+json\""));
  }
  // It has its style sheet in it: that one, and no other.
  if (format.name == "html")
    header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  return response;
}

Response Site::Indicator(const Asked& asked, const std::string& ref, const std::string& suffix) {
  const std::string& council = asked.segments[0];
  if (!core::CheckRef(ref).ok()) {
    return Problem(council, {404, "There is no such indicator",
                             absl::StrCat("“", core::Shorten(ref, 40), "” is no reference of an indicator."),
                             "The report names every indicator with its reference."});
  }
  report::IndicatorData data;
  if (const grpc::Status s = FetchIndicator(asked, ref, &data.history, suffix.empty()); !s.ok())
    return Failed(council, s);
  // The period whose chart is asked for; else that of the newest figure.
  absl::StatusOr<core::Period> period = core::Period::Parse(asked.Value("period"));
  if (!period.ok() && !data.history.scores().empty())
    period = core::Period::ParseAnyYear(data.history.scores().rbegin()->period());
  const core::Month month = period.ok() ? period->last() : core::Month::Of(clock_->Today());
  Response response;
  if (suffix == ".csv") {
    response = Csv(report::IndicatorCsv(data.history),
                   absl::AsciiStrToLower(absl::StrCat(council, "-", data.history.definition().ref())));
  } else if (suffix == ".svg") {
    const bool small = asked.Value("size") == "small";
    static const std::string digest = Digest(report::ChartSheet());
    response = File("image/svg+xml", report::DrawFile(report::ChartOf(data.history, month, small ? 1 : 3),
                                                      small ? report::ChartSize::kSmall : report::ChartSize::kLarge));
    response.headers.emplace_back("Content-Security-Policy", absl::StrCat("default-src 'none'; style-src 'sha256-",
                                                                          digest, "'; frame-ancestors 'none'"));
  } else {
    data.chart = report::ChartOf(data.history, month, 3);
    if (!data.history.scores().empty()) {
      v1::ExplainScoreRequest request;
      request.set_council(council);
      request.set_ref(ref);
      request.set_period(data.history.scores().rbegin()->period());
      *request.mutable_min_position() = data.history.position();
      if (const grpc::Status s = asked.query.Call(&v1::QueryService::Stub::ExplainScore, request, &data.explanation);
          !s.ok())
        return Failed(council, s);
    }
    response = File("text/html; charset=utf-8", report::IndicatorPage(SiteOf(council), data));
  }
  response.headers.emplace_back("ETag", TagOf(asked, data.history.position()));
  return response;
}

report::Site Site::SiteOf(const std::string& council) const {
  report::Site site;
  site.council = council;
  site.contact = contact_;
  for (const NamedCouncil& named : councils_) {
    if (named.code == council) site.name = named.name;
  }
  return site;
}

std::string Site::TagOf(const Asked& asked, const v1::Position& position) const {
  // What is due depends on the day, how it looks on the program, and what every page says on how the service is set up.
  static const std::string program = absl::StrCat(
      std::string(program::Version()), "-", std::string(program::Commit()), "-",
      Digest(absl::StrCat(std::string(report::PageSheet()), std::string(report::ChartSheet()))).substr(0, 8));
  return absl::StrCat("W/\"e", position.epoch(), "/", position.partition(), "/", position.offset(), " ",
                      GoodFor(clock_->Now()), " ", program, "-", settings_, " ", asked.rights, "\"");
}

Response Site::Problem(const std::string& council, const report::Problem& problem) const {
  Response response = File("text/html; charset=utf-8",
                           report::ProblemPage(council.empty() ? report::Site() : SiteOf(council), problem));
  response.status = problem.status;
  return response;
}

Response Site::Failed(const std::string& council, const grpc::Status& status) const {
  const std::string reason = rpc::ReasonOf(status);
  if (reason == "UNKNOWN_COUNCIL") {
    return Problem("", {404, "Nothing is known of this council",
                        absl::StrCat("No indicator of the council ", council, " has been recorded here."),
                        "Look at its code; or the council’s performance team has yet to apply its catalogue."});
  }
  if (reason == "UNKNOWN_INDICATOR") {
    return Problem(council, {404, "There is no such indicator", "This council has no indicator of that reference.",
                             "The report names every indicator with its reference."});
  }
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::OUT_OF_RANGE:
      return Problem(council, {404, "There is no such page", rpc::DescribeError(status).front() + ".",
                               "The report names every indicator; a report is named by its month."});
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return Problem(council, {403, "This page is not for everybody",
                               "Whoever runs the report has not opened this part of it here.",
                               "Ask the council’s performance team for it."});
    default:
      break;
  }
  Response response =
      Problem(council, {503, "The figures cannot be had just now",
                        "The service that keeps them does not answer; it may be starting. Nothing is lost.",
                        "Open the page again in a minute: it comes back by itself."});
  response.headers = {{"Retry-After", "5"}, {"Cache-Control", "no-store"}};
  return response;
}

}  // namespace bellwether::web
