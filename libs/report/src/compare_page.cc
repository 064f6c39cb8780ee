// Two reports of a council, row by row.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/rational.h"
#include "bellwether/report/pages.h"
#include "parts.h"

namespace bellwether::report {
namespace {

using markup::Action;
using markup::El;
using markup::Href;
using markup::Markup;
using markup::Void;

class Page {
 public:
  Page(const Site& site, const Comparison& comparison) : site_(site), c_(comparison) {
    Keep(c_.then.schemes(), &then_schemes_);
    Keep(c_.now.schemes(), &now_schemes_);
    std::map<std::string, size_t> by_ref;
    for (const v1::ReportRow& row : c_.now.rows()) {
      by_ref.emplace(row.definition().ref(), pairs_.size());
      pairs_.push_back({nullptr, &row});
    }
    for (const v1::ReportRow& row : c_.then.rows()) {
      const auto found = by_ref.find(row.definition().ref());
      if (found == by_ref.end()) {
        pairs_.push_back({&row, nullptr});
      } else {
        pairs_[found->second].then = &row;
      }
    }
  }

  std::string Whole() const {
    const std::string now = PeriodName(c_.now.period());
    const std::string then = PeriodName(c_.then.period());
    const std::string title = absl::StrCat(now, " compared with ", then);
    google::protobuf::RepeatedPtrField<v1::Scheme> schemes = c_.now.schemes();
    schemes.MergeFrom(c_.then.schemes());
    Markup main = StatusMarks(schemes) + El("h1", {}, title);

    Markup rows;
    Markup moved;
    size_t shown = 0;
    size_t differ = 0;
    for (const Pair& pair : pairs_) {
      const std::vector<std::string> what = Differs(pair);
      if (!what.empty()) ++differ;
      moved += Moved(pair);
      if (c_.differing && what.empty()) continue;
      ++shown;
      rows += Row(pair, what);
    }
    main += El("p", {{"class", "lead"}}, absl::StrCat(differ, " of ", pairs_.size()),
               pairs_.size() == 1 ? " row differs. " : " rows differ. ", Toggle());
    main += Choose();
    if (!moved.empty()) main += El("h2", {{"id", "moved"}}, "Another status") + El("ul", {}, moved);
    main += El("h2", {{"id", "rows"}}, "Row by row");
    main +=
        shown == 0
            ? El("p", {}, "No row differs.")
            : ListTable(title,
                        ListHead({"Indicator", "Where", then, absl::StrCat("Status, ", then), now,
                                  absl::StrCat("Status, ", now), "Difference", "Direction of travel", "What differs"}),
                        rows);
    return Document(site_, title, Place::kCompare, c_.now.period(), main, MadeFrom(c_.now.position()));
  }

 private:
  // One of the two may be absent.
  struct Pair {
    const v1::ReportRow* then;
    const v1::ReportRow* now;
    const v1::IndicatorDefinition& definition() const { return (now != nullptr ? now : then)->definition(); }
  };

  StatusText StatusThen(const Pair& pair) const {
    return StatusOf(then_schemes_, pair.then->score().scheme_id(), pair.then->score().current());
  }
  StatusText StatusNow(const Pair& pair) const {
    return StatusOf(now_schemes_, pair.now->score().scheme_id(), pair.now->score().current());
  }

  // What differs, in words. None: nothing.
  std::vector<std::string> Differs(const Pair& pair) const {
    if (pair.then == nullptr) return {"new in the report"};
    if (pair.now == nullptr) return {"no longer in the report"};
    const v1::Score& then = pair.then->score();
    const v1::Score& now = pair.now->score();
    std::vector<std::string> what;
    if (then.current().value().value() != now.current().value().value()) what.emplace_back("figure");
    if (StatusThen(pair).full != StatusNow(pair).full) what.emplace_back("status");
    if (then.arrow() != now.arrow() || then.judgement() != now.judgement()) what.emplace_back("direction of travel");
    if (TargetText(then, pair.then->definition()) != TargetText(now, pair.now->definition()))
      what.push_back(absl::StrCat("target, ", TargetText(then, pair.then->definition()), " before, now ",
                                  TargetText(now, pair.now->definition())));
    return what;
  }

  Markup Moved(const Pair& pair) const {
    if (pair.then == nullptr || pair.now == nullptr) return {};
    const StatusText then = StatusThen(pair);
    const StatusText now = StatusNow(pair);
    if (then.label == now.label) return {};
    const v1::IndicatorDefinition& d = pair.definition();
    return El("li", {}, IndicatorLink(site_, d.ref(), absl::StrCat(d.ref(), " ", d.description())), ": ",
              StatusTag(then), " before, now ", StatusTag(now));
  }

  // The difference of the figures, where they compare.
  static std::string Difference(const Pair& pair) {
    if (pair.then == nullptr || pair.now == nullptr) return "–";
    const v1::Cell& then = pair.then->score().current();
    const v1::Cell& now = pair.now->score().current();
    const v1::IndicatorDefinition& d = pair.now->definition();
    const absl::StatusOr<core::Period> from = core::Period::ParseAnyYear(then.period());
    const absl::StatusOr<core::Period> to = core::Period::ParseAnyYear(now.period());
    const absl::StatusOr<core::Decimal> a = core::Decimal::Parse(then.value().value());
    const absl::StatusOr<core::Decimal> b = core::Decimal::Parse(now.value().value());
    if (!from.ok() || !to.ok() || !a.ok() || !b.ok()) return "–";
    if (*from == *to) return "the same period";
    for (const std::string& text : d.breaks()) {
      const absl::StatusOr<core::Month> month = core::Month::Parse(text);
      const core::Month first = std::min(from->last(), to->last());
      const core::Month last = std::max(from->last(), to->last());
      if (month.ok() && first < *month && *month <= last) return "not comparable: a break in the series";
    }
    const absl::StatusOr<core::Decimal> difference =
        (core::Rational(*b) - core::Rational(*a)).Round(std::max(a->scale(), b->scale()));
    return difference.ok() ? DifferenceText(difference->ToString(), d.unit()) : "–";
  }

  Markup Row(const Pair& pair, const std::vector<std::string>& what) const {
    const v1::IndicatorDefinition& d = pair.definition();
    const auto figure = [](const v1::ReportRow* row, const std::string& report) -> Markup {
      if (row == nullptr) return "not in the report";
      const v1::Cell& cell = row->score().current();
      Markup all = cell.has_value()
                       ? El("span", {{"class", "number"}}, FigureText(cell.value(), row->definition().unit()))
                       : Markup("–");
      if (cell.period() != report && !cell.period().empty())
        all += " " + El("span", {{"class", "beside"}}, ShortPeriodName(cell.period()));
      return all;
    };
    const auto direction = [](const v1::ReportRow* row) -> std::string {
      if (row == nullptr) return "–";
      return absl::StrCat(row->score().arrow(), row->score().arrow().empty() ? "" : " ",
                          JudgementText(row->score().judgement()));
    };
    std::string travel = direction(pair.now);
    if (pair.then != nullptr && pair.now != nullptr && direction(pair.then) != travel)
      travel = absl::StrCat(direction(pair.then), "; now ", travel);
    const std::string then = PeriodName(c_.then.period());
    const std::string now = PeriodName(c_.now.period());
    return El(
        "tr", {{"role", "row"}},
        El("th", {{"scope", "row"}, {"role", "rowheader"}},
           IndicatorLink(site_, d.ref(), absl::StrCat(d.ref(), " ", d.description()))),
        ListCell("Where", absl::StrCat(d.directorate(), d.directorate().empty() || d.service().empty() ? "" : ", ",
                                       d.service())),
        ListCell(then, figure(pair.then, c_.then.period())),
        ListCell(absl::StrCat("Status, ", then), pair.then == nullptr ? Markup("–") : StatusTag(StatusThen(pair))),
        ListCell(now, figure(pair.now, c_.now.period())),
        ListCell(absl::StrCat("Status, ", now), pair.now == nullptr ? Markup("–") : StatusTag(StatusNow(pair))),
        ListCell("Difference", Difference(pair)), ListCell("Direction of travel", travel),
        ListCell("What differs", what.empty() ? "nothing" : absl::StrJoin(what, "; ")));
  }

  Markup Toggle() const {
    const markup::Address all = CompareAddress(site_.council, c_.now.period(), c_.then.period());
    return c_.differing ? El("a", {Href(all)}, "Show all rows")
                        : El("a", {Href(all.With("rows", "differing"))}, "Show only those");
  }

  Markup Choose() const {
    return El("form", {{"method", "get"}, Action(CompareAddress(site_.council, c_.now.period()))},
              El("label", {{"for", "with"}}, "Compare with another month, such as ", c_.then.period()),
              Void("input", {{"id", "with"},
                             {"name", "with"},
                             {"type", "text"},
                             {"required", ""},
                             {"maxlength", 10},
                             {"pattern", "[0-9]{4}-[0-9]{2}"},
                             {"autocomplete", "off"}}),
              El("button", {{"type", "submit"}}, "Compare"));
  }

  const Site& site_;
  const Comparison& c_;
  Schemes then_schemes_;
  Schemes now_schemes_;
  std::vector<Pair> pairs_;
};

}  // namespace

std::string ComparePage(const Site& site, const Comparison& comparison) { return Page(site, comparison).Whole(); }

}  // namespace bellwether::report
