// bellwether changes
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"
#include "bellwether/yaml/message.h"
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

// A row in one of the reports that are compared, which outlives it. Null: it has none.
struct Rules {
  const v1::IndicatorDefinition* definition = nullptr;
  const v1::Scheme* scheme = nullptr;
};

struct Compared {
  std::string ref;
  std::string was;  // Its ref in the first report, where that is another.
  std::string description;
  std::string before;
  std::string after;
  Rules rules_before;
  Rules rules_after;
};

// The field as a catalogue writes it, in one line; "none" where it is not set.
std::string Written(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field) {
  constexpr int kCharacters = 100;
  const std::unique_ptr<google::protobuf::Message> only(message.New());
  only->CopyFrom(message);
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* other = message.GetDescriptor()->field(i);
    if (other != &field) only->GetReflection()->ClearField(only.get(), other);
  }
  std::string text = yaml::MessageToYamlLine(*only);
  const std::string head = absl::StrCat("{", field.name(), ": ");
  if (!absl::StartsWith(text, head)) return "none";
  return core::Shorten(text.substr(head.size(), text.size() - head.size() - 1), kCharacters);
}

// "directorate: Resources -> Transformation", of each field in which they differ; of what is too long its name alone.
void AddDifferences(const google::protobuf::Message& before, const google::protobuf::Message& after,
                    const std::set<std::string>& left_out, const std::string& of,
                    std::vector<std::string>* differences) {
  const google::protobuf::Descriptor* type = before.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type->field(i);
    google::protobuf::util::MessageDifferencer differencer;
    if (left_out.contains(field->name()) || differencer.CompareWithFields(before, after, {field}, {field})) continue;
    const std::string was = Written(before, *field);
    const std::string is = Written(after, *field);
    differences->push_back(absl::StrCat(of, field->name(), was == is ? "" : absl::StrCat(": ", was, " -> ", is)));
  }
}

// What of the wording and the key that hold in the two reports is another. Empty: nothing, or a row is in one alone.
std::vector<std::string> RulesThatChanged(const Compared& row) {
  std::vector<std::string> changed;
  const auto& [before, old_scheme] = row.rules_before;
  const auto& [after, scheme] = row.rules_after;
  if (before == nullptr || after == nullptr) return changed;
  // Its place in the report, and what hangs on no month.
  AddDifferences(*before, *after,
                 {"ref", "alternate_refs", "report_position", "effective_from", "active_from", "retired_from",
                  "predecessor", "breaks", "owner", "reporting_lag_periods"},
                 "", &changed);
  if (old_scheme != nullptr && scheme != nullptr) AddDifferences(*old_scheme, *scheme, {"id"}, "the key's ", &changed);
  return changed;
}

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
  std::vector<std::string> order;  // The keys of `rows`.
  std::vector<v1::GetReportResponse> reports(2);
  for (const bool is_second : {false, true}) {
    ReportOptions options;
    options.period = is_second ? to : from;
    v1::GetReportResponse& report = reports[is_second ? 1 : 0];
    if (const grpc::Status s = FetchReport(context, options, &report); !s.ok())
      return context.client->Report(s, *context.err);
    Schemes schemes;
    Keep(report.schemes(), &schemes);
    std::set<std::string> refs;
    for (const v1::ReportRow& row : report.rows()) refs.insert(row.definition().ref());
    for (const v1::ReportRow& row : report.rows()) {
      const std::string& ref = row.definition().ref();
      const std::string& before = row.definition().predecessor();
      // What it continues is the row of then, unless that has one in both.
      const bool goes_on = is_second && rows.contains(before) && !rows.contains(ref) && !refs.contains(before);
      const auto [found, is_new] = rows.try_emplace(goes_on ? before : ref);
      if (is_new) order.push_back(found->first);
      Compared& compared = found->second;
      compared.ref = ref;
      if (goes_on) compared.was = before;
      compared.description = row.definition().description();
      (is_second ? compared.after : compared.before) = ShownIn(schemes, row);
      const auto scheme = std::find_if(report.schemes().begin(), report.schemes().end(),
                                       [&](const v1::Scheme& s) { return s.id() == row.definition().scheme_id(); });
      (is_second ? compared.rules_after : compared.rules_before) = {
          &row.definition(), scheme == report.schemes().end() ? nullptr : &*scheme};
    }
  }
  if (format != "table") {
    std::string text =
        CsvLine({"ref", "description", reports[0].period(), reports[1].period(), "changed", "rules_changed"});
    for (const std::string& key : order) {
      const Compared& row = rows.at(key);
      const std::string rules = absl::StrJoin(RulesThatChanged(row), "; ");
      text += CsvLine({AsText(row.ref), AsText(row.description), AsText(row.before), AsText(row.after),
                       row.before == row.after && rules.empty() ? "" : "yes", AsText(rules)});
    }
    return WriteCsv(context, "", text);
  }
  Table table({{"Ref"}, {"Indicator", false, true}, {reports[0].period()}, {reports[1].period()}});
  const auto shown = [&](const std::string& text) {
    return context.terminal.ascii ? Spelled(core::Visible(text)) : core::Visible(text);
  };
  int changed = 0;
  std::string rules;
  for (const std::string& key : order) {
    const Compared& row = rows.at(key);
    const std::vector<std::string> other = RulesThatChanged(row);
    if (row.before == row.after && other.empty()) continue;
    ++changed;
    const std::string was = row.was.empty() ? "" : absl::StrCat(" (was ", row.was, ")");
    table.AddRow({shown(row.ref + was), shown(row.description),
                  row.before.empty() ? "not in the report" : shown(row.before),
                  row.after.empty() ? "not in the report" : shown(row.after)});
    if (other.empty()) continue;
    const std::string& since = row.rules_after.definition->effective_from();
    absl::StrAppend(&rules, "\n", shown(row.ref), ": other rules or words",
                    since.empty() ? "" : absl::StrCat(", from ", since, " on"), "\n");
    for (const std::string& what : other) {
      for (const std::string& line : Wrap(shown(what), context.terminal.width - 2))
        absl::StrAppend(&rules, "  ", line, "\n");
    }
  }
  *context.out << "From " << reports[0].period() << " to " << reports[1].period() << ": " << changed << " of "
               << order.size() << " rows changed\n";
  return WriteText(context, "", table.Render(context.terminal) + rules);
}

}  // namespace bellwether::cli
