// bellwether changes
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"
#include "services/cli/commands.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {

using report::AsText;
using report::CsvLine;
using report::Keep;
using report::Schemes;
using report::StatusOf;
using report::TimeText;
namespace {

// What a row or a period shows, in one line.
std::string InOneLine(const std::string& figure, const std::string& status, const std::string& arrow,
                      const std::string& target) {
  std::vector<std::string> parts;
  for (const std::string& part : {figure, status, arrow}) {
    if (!part.empty()) parts.push_back(part);
  }
  if (!target.empty()) parts.push_back("target " + target);
  return absl::StrJoin(parts, " ");
}

std::string Shown(bool there, const v1::ShownPeriod& shown) {
  if (!there) return "";
  return InOneLine(shown.value().value(), shown.status(), shown.arrow(), shown.target());
}

std::string CommentChange(const v1::Change& change) {
  if (change.before().comment() == change.after().comment()) return "";
  return change.after().comment().empty() ? "the comment was taken back" : "comment: " + change.after().comment();
}

struct Compared {
  std::string ref;
  std::string was;  // Its ref in the first report, where that is another.
  std::string description;
  std::string before;
  std::string after;
};

std::string ShownIn(const Schemes& schemes, const v1::ReportRow& row) {
  const v1::Score& s = row.score();
  std::string target = s.has_target() ? s.target().value() : "";
  if (s.has_target_range())
    target = absl::StrCat(s.target_range().low().value(), " to ", s.target_range().high().value());
  return InOneLine(s.current().value().value(), StatusOf(schemes, s.scheme_id(), s.current()).full, s.arrow(), target);
}

}  // namespace

ExitCode ShowChanges(Context& context, const std::string& since, const std::string& format) {
  v1::ListChangesRequest request;
  request.set_council(context.council);
  absl::CivilDay day;
  if (!absl::ParseCivilTime(since, &day)) {
    *context.err << "bellwether: --since: " << core::Quoted(since, 40) << " is not a day: write it like 2022-03-01\n";
    return kUsage;
  }
  request.mutable_since()->set_seconds(absl::ToUnixSeconds(absl::FromCivil(day, absl::UTCTimeZone())));
  v1::ListChangesResponse all;
  const grpc::Status status =
      context.client->EveryPage(&v1::QueryService::Stub::ListChanges, request, [&](v1::ListChangesResponse& page) {
        for (v1::Change& change : *page.mutable_changes()) *all.add_changes() = std::move(change);
      });
  if (!status.ok()) return context.client->Report(status, *context.err);
  if (format == "csv") {
    std::string text = CsvLine({"ref", "period", "value_before", "value_after", "status_before", "status_after",
                                "arrow_before", "arrow_after", "target_before", "target_after", "comment_before",
                                "comment_after", "changed_fields", "cause", "recorded_at"});
    for (const v1::Change& c : all.changes()) {
      text += CsvLine({AsText(c.ref()), c.period(), c.before().value().value(), c.after().value().value(),
                       AsText(c.before().status()), AsText(c.after().status()), AsText(c.before().arrow()),
                       AsText(c.after().arrow()), c.before().target(), c.after().target(), AsText(c.before().comment()),
                       AsText(c.after().comment()), absl::StrJoin(c.changed_fields(), " "), AsText(c.cause()),
                       TimeText(c.has_recorded_at(), c.recorded_at())});
    }
    return WriteCsv(context, "", text);
  }
  MakeVisible(&all, context.terminal.ascii);
  *context.out << "Since " << since << ": " << all.changes_size() << " changes\n";
  if (all.changes().empty()) return kDone;
  Table table({{"Ref"}, {"Period"}, {"Before"}, {"Now"}, {"Why", false, true}, {"Recorded"}});
  for (const v1::Change& c : all.changes()) {
    const std::string recorded = TimeText(c.has_recorded_at(), c.recorded_at());
    if (c.period().empty()) {
      const std::string what = c.changed_fields().empty() ? "is new" : absl::StrJoin(c.changed_fields(), ", ");
      table.AddRow({c.ref(), "definition", "", "", absl::StrCat(what, ": ", c.cause()), recorded});
      continue;
    }
    const std::string comment = CommentChange(c);
    table.AddRow({c.ref(), c.period(), Shown(c.has_before(), c.before()), Shown(c.has_after(), c.after()),
                  absl::StrCat(c.cause(), comment.empty() ? "" : "; ", comment), recorded});
  }
  return WriteText(context, "", table.Render(context.terminal));
}

ExitCode CompareReports(Context& context, const std::string& from, const std::string& to, const std::string& format) {
  std::map<std::string, Compared> rows;
  std::vector<std::string> order;
  std::vector<std::string> months;
  for (const std::string& period : {from, to}) {
    ReportOptions options;
    options.period = period;
    v1::GetReportResponse report;
    if (const grpc::Status s = FetchReport(context, options, &report); !s.ok())
      return context.client->Report(s, *context.err);
    Schemes schemes;
    Keep(report.schemes(), &schemes);
    months.push_back(report.period());
    std::set<std::string> refs;
    for (const v1::ReportRow& row : report.rows()) refs.insert(row.definition().ref());
    for (const v1::ReportRow& row : report.rows()) {
      const std::string& ref = row.definition().ref();
      const std::string& before = row.definition().predecessor();
      // What it continues is the row of then, unless that has one in both.
      const bool goes_on = months.size() == 2 && rows.contains(before) && !rows.contains(ref) && !refs.contains(before);
      const auto [found, is_new] =
          rows.try_emplace(goes_on ? before : ref, Compared{ref, "", row.definition().description(), "", ""});
      if (is_new) order.push_back(ref);
      if (goes_on) {
        found->second.ref = ref;
        found->second.was = before;
      }
      (months.size() == 1 ? found->second.before : found->second.after) = ShownIn(schemes, row);
    }
  }
  if (format != "table") {
    std::string text = CsvLine({"ref", "description", months[0], months[1], "changed"});
    for (const std::string& ref : order) {
      const Compared& row = rows.at(ref);
      text += CsvLine({AsText(row.ref), AsText(row.description), AsText(row.before), AsText(row.after),
                       row.before == row.after ? "" : "yes"});
    }
    return WriteCsv(context, "", text);
  }
  Table table({{"Ref"}, {"Indicator", false, true}, {months[0]}, {months[1]}});
  const auto shown = [&](const std::string& text) {
    return context.terminal.ascii ? Spelled(core::Visible(text)) : core::Visible(text);
  };
  int changed = 0;
  for (const std::string& ref : order) {
    const Compared& row = rows.at(ref);
    if (row.before == row.after) continue;
    ++changed;
    const std::string was = row.was.empty() ? "" : absl::StrCat(" (was ", row.was, ")");
    table.AddRow({shown(row.ref + was), shown(row.description),
                  row.before.empty() ? "not in the report" : shown(row.before),
                  row.after.empty() ? "not in the report" : shown(row.after)});
  }
  *context.out << "From " << months[0] << " to " << months[1] << ": " << changed << " of " << order.size()
               << " rows changed\n";
  return WriteText(context, "", table.Render(context.terminal));
}

}  // namespace bellwether::cli
