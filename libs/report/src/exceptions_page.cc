// What somebody has to look after: what a director reads of a report.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bellwether/report/pages.h"
#include "parts.h"

namespace bellwether::report {
namespace {

using markup::El;
using markup::Href;
using markup::Markup;

class Page {
 public:
  Page(const Site& site, const ReportData& data, const Selection& selection)
      : site_(site), data_(data), selection_(selection) {
    Keep(data.report.schemes(), &schemes_);
    const auto fits = [](const std::string& wanted, const std::string& has) {
      return wanted.empty() || absl::AsciiStrToLower(wanted) == absl::AsciiStrToLower(has);
    };
    for (const v1::ReportRow& row : data.report.rows()) {
      if (fits(selection.directorate, row.definition().directorate()) &&
          fits(selection.service, row.definition().service()))
        scope_.push_back(&row);
    }
  }

  std::string Whole() const {
    const std::string period = PeriodName(data_.report.period());
    const std::string part = selection_.service.empty() ? selection_.directorate : selection_.service;
    Markup main = StatusMarks(data_.report.schemes()) + El("h1", {}, "Exceptions, ", period);
    main += El("p", {{"class", "lead"}}, part.empty() ? "What" : part + ": what",
               " is off target, worsened twice running, or has no figure. Everything else is in ",
               El("a", {Href(ReportAddress(site_.council, data_.report.period()))}, "the whole report"), ".");
    if (!part.empty()) {
      main += El("p", {},
                 El("a", {Href(ExceptionsAddress(site_.council, data_.report.period()))},
                    "The exceptions of the whole report"));
    }
    if (scope_.empty()) main += El("p", {{"class", "note"}}, "No indicator belongs here.");
    main += Rows("off-target", "Off target", "Nothing is off target.", [this](const v1::ReportRow& row) {
      return IsOffTarget(schemes_, row.score(), row.score().current());
    });
    main +=
        Rows("off-target-year", "Off target in the year to date, though not now", "", [this](const v1::ReportRow& row) {
          return IsOffTarget(schemes_, row.score(), row.score().year_to_date()) &&
                 !IsOffTarget(schemes_, row.score(), row.score().current());
        });
    main += Worsened();
    main += Missing();
    return Document(site_, absl::StrCat("Exceptions, ", period), Place::kExceptions, data_.report.period(), main,
                    MadeFrom(data_.report.position()));
  }

 private:
  Markup Section(std::string_view id, std::string_view heading, size_t n, const Markup& content) const {
    return El(
        "section", {{"aria-labelledby", id}},
        El("h2", {{"id", id}}, heading, " ", El("span", {{"class", "count"}}, absl::StrCat(n, " of ", scope_.size()))),
        content);
  }

  Markup Name(const std::string& ref, const std::string& description) const {
    return El("th", {{"scope", "row"}, {"role", "rowheader"}},
              IndicatorLink(site_, ref, absl::StrCat(ref, " ", description)));
  }
  static std::string Belongs(const v1::IndicatorDefinition& d) {
    return absl::StrCat(d.directorate(), d.directorate().empty() || d.service().empty() ? "" : ", ", d.service());
  }
  Markup Figure(const v1::ReportRow& row, const v1::Cell& cell) const {
    if (cell.state() == v1::CELL_STATE_NOT_SHOWN || cell.state() == v1::CELL_STATE_UNSPECIFIED) return "n/a";
    Markup all;
    if (cell.has_value())
      all += El("span", {{"class", "number"}}, FigureText(cell.value(), row.definition().unit())) + " ";
    return all + StatusTag(StatusOf(schemes_, row.score().scheme_id(), cell));
  }
  static std::string Plainly(const v1::Cell& cell, const std::string& unit) {
    return cell.has_value() ? FigureText(cell.value(), unit) : "–";
  }

  template <typename Condition>
  Markup Rows(std::string_view id, std::string_view heading, std::string_view none, const Condition& condition) const {
    Markup rows;
    size_t n = 0;
    for (const v1::ReportRow* row : scope_) {
      if (!condition(*row)) continue;
      ++n;
      const v1::IndicatorDefinition& d = row->definition();
      const v1::Score& s = row->score();
      rows += El("tr", {{"role", "row"}}, Name(d.ref(), d.description()), ListCell("Where", Belongs(d)),
                 ListCell("Now", Figure(*row, s.current())), ListCell("Year to date", Figure(*row, s.year_to_date())),
                 ListCell("Before", Plainly(s.previous(), d.unit())), ListCell("Target", TargetText(s, d)),
                 ListCell("Away from it", s.has_variance() ? DifferenceText(s.variance().value(), d.unit()) : "–"),
                 ListCell("Direction of travel", Direction(s)), Words(*row));
    }
    if (n == 0) return none.empty() ? Markup() : Section(id, heading, n, El("p", {}, none));
    return Section(id, heading, n,
                   ListTable(absl::StrCat(std::string(heading), ", ", PeriodName(data_.report.period())),
                             ListHead({"Indicator", "Where", "Now", "Year to date", "Before", "Target", "Away from it",
                                       "Direction of travel", "Comment"}),
                             rows));
  }

  static std::string Direction(const v1::Score& s) {
    return absl::StrCat(s.arrow(), s.arrow().empty() ? "" : " ", JudgementText(s.judgement()));
  }
  static Markup Words(const v1::ReportRow& row) {
    return El("td", {{"role", "cell"}, {"class", "comment"}, {"data-label", "Comment"}},
              El("div", {}, row.comment().text().empty() ? Markup("–") : markup::Paragraphs(row.comment().text())));
  }

  Markup Worsened() const {
    Markup rows;
    size_t n = 0;
    for (const v1::ReportRow* row : scope_) {
      if (!DeclinedTwice(data_, *row)) continue;
      ++n;
      const v1::IndicatorDefinition& d = row->definition();
      const v1::Score& s = row->score();
      const v1::Score& before = data_.before.at(d.ref());
      const auto figure = [&](const v1::Cell& cell) {
        return El("span", {}, Plainly(cell, d.unit())) + " " +
               El("span", {{"class", "beside"}}, ShortPeriodName(cell.period()));
      };
      rows += El("tr", {{"role", "row"}}, Name(d.ref(), d.description()), ListCell("Where", Belongs(d)),
                 ListCell("Two periods before", figure(before.previous())), ListCell("Before", figure(s.previous())),
                 ListCell("Now", Figure(*row, s.current())), ListCell("Target", TargetText(s, d)),
                 ListCell("Direction of travel", Direction(s)), Words(*row));
    }
    if (n == 0) {
      return Section("worsened", "Worsened twice running", n,
                     El("p", {}, "Nothing is known to have worsened in this period and in the one before."));
    }
    return Section("worsened", "Worsened twice running", n,
                   ListTable(absl::StrCat("Worsened twice running, ", PeriodName(data_.report.period())),
                             ListHead({"Indicator", "Where", "Two periods before", "Before", "Now", "Target",
                                       "Direction of travel", "Comment"}),
                             rows));
  }

  Markup Missing() const {
    Markup rows;
    size_t n = 0;
    for (const v1::DueReading& due : data_.due) {
      const auto row = std::find_if(scope_.begin(), scope_.end(),
                                    [&](const v1::ReportRow* r) { return r->definition().ref() == due.ref(); });
      if (row == scope_.end()) continue;
      ++n;
      rows += El("tr", {{"role", "row"}}, Name(due.ref(), due.description()),
                 ListCell("Where", Belongs((*row)->definition())),
                 ListCell("Period", PeriodName(due.period()), due.period()), ListCell("Due", due.due_date()),
                 ListCell("How it stands", DueText(due)),
                 ListCell("Owner", due.owner().name().empty()
                                       ? "nobody is named"
                                       : absl::StrCat(due.owner().name(), due.owner().address().empty() ? "" : ", ",
                                                      due.owner().address())));
    }
    if (n == 0) return Section("missing", "Missing or overdue", n, El("p", {}, "Every figure is there."));
    return Section("missing", "Missing or overdue", n,
                   ListTable(absl::StrCat("Missing or overdue, ", PeriodName(data_.report.period())),
                             ListHead({"Indicator", "Where", "Period", "Due", "How it stands", "Owner"}), rows));
  }

  const Site& site_;
  const ReportData& data_;
  const Selection& selection_;
  Schemes schemes_;
  std::vector<const v1::ReportRow*> scope_;
};

}  // namespace

std::string ExceptionsPage(const Site& site, const ReportData& data, const Selection& selection) {
  return Page(site, data, selection).Whole();
}

}  // namespace bellwether::report
