// What the pages are put together from.
#ifndef BELLWETHER_REPORT_SRC_PARTS_H_
#define BELLWETHER_REPORT_SRC_PARTS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bellwether/markup/markup.h"
#include "bellwether/report/pages.h"
#include "bellwether/report/text.h"
#include "bellwether/v1/query_service.pb.h"

namespace bellwether::report {

// Which page of a report's navigation is open.
enum class Place { kNone, kCouncils, kReport, kExceptions, kFindings, kKeys, kIndicator, kCompare };

// The whole document around `main`. `period`: the report that its navigation leads to; empty: none. `made_from`: what
// the foot says of where the page comes from.
std::string Document(const Site& site, std::string_view title, Place place, const std::string& period,
                     const markup::Markup& main, const markup::Markup& made_from);

// The shapes of the schemes' statuses in their colours, drawn once for the whole page, which refers to them: a long
// report has thousands. Stands before all else of the page's main part.
markup::Markup StatusMarks(const google::protobuf::RepeatedPtrField<v1::Scheme>& schemes);
// Shape and word. The page has StatusMarks of the scheme.
markup::Markup StatusTag(const StatusText& status);

// "February 2022", "quarter 1 of 2021-22"; the text itself where it is no period.
std::string PeriodName(const std::string& period);
// "Feb 2022", "Q1 2021-22".
std::string ShortPeriodName(const std::string& period);
// "Higher is better".
std::string PolarityText(v1::Polarity polarity);
// "Declined, within what is tolerated".
std::string JudgementText(v1::Judgement judgement);
// "overdue by 3 days", "due on 2022-03-15", "no figure: not collected yet".
std::string DueText(const v1::DueReading& due);
// "Unlikely figure".
std::string FindingText(v1::FindingKind kind);
// The target in force for the current cell: "90%", "95% to 97%", "No target: tracking only".
std::string TargetText(const v1::Score& score, const v1::IndicatorDefinition& definition);
// "19 out of 20" and whatever else stands beside the figure.
std::vector<std::string> BesideFigure(const v1::Cell& cell);
// The same in small lines.
markup::Markup BesideLines(const v1::Cell& cell);
// How far a figure is from another, signed: "+2.39 points", "-0.5 days".
std::string DifferenceText(const std::string& decimal, const std::string& unit);
// Whether performance declined.
bool Declined(v1::Judgement judgement);
// The same, and in the data period before too.
bool DeclinedTwice(const ReportData& data, const v1::ReportRow& row);
// Whether the figure is off target, beyond what is tolerated: its status is the one for figures that hold no other.
bool IsOffTarget(const Schemes& schemes, const v1::Score& score, const v1::Cell& cell);
std::string NameOf(const Site& site);
// Position as the services write it: "e1/7/104".
std::string PositionText(const v1::Position& position);
// The foot's sentence about where a page comes from.
markup::Markup MadeFrom(const v1::Position& position);
// What a line of a direction key says, in words.
std::string RuleText(const v1::DirectionRule& rule);
// The words of the report, and what they mean.
const std::vector<std::pair<const char*, const char*>>& Terminology();
// The keys of the schemes, in their order, and the terminology, each under a heading of level 2.
markup::Markup Keys(const google::protobuf::RepeatedPtrField<v1::Scheme>& schemes);
// A plain table, which a narrow screen shows as a list: its heads, a cell of it under its head, and the whole. `sort`:
// what a cell is sorted by, where its words would not do, as of a period.
markup::Markup ListHead(const std::vector<std::string>& words);
markup::Markup ListCell(std::string_view label, const markup::Markup& content, std::string_view sort = "");
markup::Markup ListTable(const std::string& caption, const markup::Markup& head, const markup::Markup& rows);
// The table of findings; `named`: description by ref.
markup::Markup FindingsTable(const Site& site, const std::vector<v1::Finding>& findings, const std::string& caption);
// A link where the page has somewhere to lead, else its words.
markup::Markup IndicatorLink(const Site& site, const std::string& ref, const markup::Markup& words);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_SRC_PARTS_H_
