// The pages that people read, made from the answers of QueryService: served by bellwether-web, and in part written to
// one file by `bellwether report --format html`. Pure: the same answers give the same page.
//
// A page is whole without a script, asks no other host for anything, and has no style or script inside (but for the
// style sheet of one that stands alone). What others wrote stands on it as text (markup/markup.h).
#ifndef BELLWETHER_REPORT_PAGES_H_
#define BELLWETHER_REPORT_PAGES_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bellwether/core/period.h"
#include "bellwether/markup/markup.h"
#include "bellwether/report/chart.h"
#include "bellwether/v1/query_service.pb.h"

namespace bellwether::report {

// Whose pages they are, and what is beside them.
struct Site {
  std::string council;  // ONS code.
  std::string name;     // For people. Empty: the code.
  std::string contact;  // Who is told of what is wrong with a page: an address or a telephone number. Empty: not said.
  bool stand_alone = false;  // The page is a file by itself: it links to nothing else, and has its style sheet in it.
  bool print = false;        // Of one that stands alone: it is for paper, with the keys in front.
};

// Which rows of a report are shown: each that is not empty must fit, in whatever case.
struct Selection {
  std::string directorate;
  std::string service;
  std::string status;     // The label of the current cell's status, such as "Amber".
  std::string year;       // That of the year to date.
  std::string direction;  // The judgement's word, such as "worse-within-tolerance".

  bool empty() const {
    return directorate.empty() && service.empty() && status.empty() && year.empty() && direction.empty();
  }
};

// All that a report page shows.
struct ReportData {
  v1::GetReportResponse report;         // Whole: the pages of the answer are put together.
  std::vector<v1::DueReading> due;      // Outstanding for the report.
  std::vector<v1::Finding> findings;    // Of the whole report.
  std::map<std::string, Chart> charts;  // By ref, of a page that stands alone; a served one links to images.
  // By ref, of rows whose performance declined: the score of the data period before theirs. See RequestsBefore.
  std::map<std::string, v1::Score> before;
};
// Adds a page to what came of a report before it; the first says the period, and the position it was made from.
void AddPage(v1::GetReportResponse page, v1::GetReportResponse* report);
// What has to be asked beside a whole report, so that it is known what worsened twice running: a few requests. Each
// page of their answers is for KeepBefore.
std::vector<v1::GetReportRequest> RequestsBefore(const std::string& council, const v1::GetReportResponse& report);
void KeepBefore(const v1::GetReportResponse& answer, ReportData* data);

std::string ReportPage(const Site& site, const ReportData& data, const Selection& selection);
// What somebody has to look after: off target, worsened twice running, missing or overdue. Of the selection, its
// directorate and service.
std::string ExceptionsPage(const Site& site, const ReportData& data, const Selection& selection);

// Two reports of a council, row by row.
struct Comparison {
  v1::GetReportResponse now;   // Whole, as above.
  v1::GetReportResponse then;  // The same.
  bool differing = false;      // Only the rows that differ.
};
std::string ComparePage(const Site& site, const Comparison& comparison);

// What in the figures does not add up.
std::string FindingsPage(const Site& site, const v1::GetReportResponse& report,
                         const std::vector<v1::Finding>& findings);
// The schemes' keys, and the words of the report.
std::string KeysPage(const Site& site, const v1::GetReportResponse& report);

struct IndicatorData {
  v1::GetIndicatorResponse history;      // Whole, with the comments among the revisions.
  v1::ExplainScoreResponse explanation;  // Without a score: there is no figure yet.
  Chart chart;
};
std::string IndicatorPage(const Site& site, const IndicatorData& data);

// One council of the first page.
struct CouncilEntry {
  std::string code;
  std::string name;
  std::string period;   // The newest report: "2022-02". Empty: there is none, or it could not be asked.
  std::string problem;  // Why there is none. Empty: there is one.
};
std::string CouncilsPage(const std::vector<CouncilEntry>& councils, const std::string& contact);
std::string AccessibilityPage(const std::string& contact);

// What a page says instead of what was asked: a heading, what is the matter, what to do.
struct Problem {
  int status = 404;
  std::string heading;
  std::string matter;
  std::string remedy;
};
// `site` without a council: of no council.
std::string ProblemPage(const Site& site, const Problem& problem);

// The addresses, which stay.
markup::Address HomeAddress();
markup::Address SheetAddress();
markup::Address ScriptAddress();
markup::Address TablesScriptAddress();
markup::Address AccessibilityAddress();
markup::Address ReportAddress(const std::string& council, const std::string& period);
markup::Address FindingsAddress(const std::string& council, const std::string& period);
markup::Address ExceptionsAddress(const std::string& council, const std::string& period);
// Without `with`: where the form of the comparison asks, which leads on.
markup::Address CompareAddress(const std::string& council, const std::string& period, const std::string& with = "");
markup::Address KeysAddress(const std::string& council, const std::string& period);
markup::Address IndicatorAddress(const std::string& council, const std::string& ref);
// The image beside a row of the report of that period.
markup::Address ChartAddress(const std::string& council, const std::string& ref, const std::string& period);

// Where the changes of a report are told, as server-sent events.
markup::Address ChangesAddress(const std::string& council, const std::string& period);

// The style sheet of all pages.
std::string_view PageSheet();
// What those that are for paper have beside it.
std::string_view PrintSheet();
// The script by which an open report stays as it stands. No page needs it.
std::string_view LiveScript();
// The script by which tables are filtered and sorted. No page needs it.
std::string_view TablesScript();

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_PAGES_H_
