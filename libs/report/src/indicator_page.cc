// One indicator: its chart, its history, why it has its status, who recorded what.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/report/pages.h"
#include "parts.h"

namespace bellwether::report {
namespace {

using markup::Address;
using markup::El;
using markup::Href;
using markup::Markup;

// A figure as it was sent.
std::string FigureOf(const v1::Measurement& m, const std::string& unit) {
  switch (m.kind_case()) {
    case v1::Measurement::kValue:
      return FigureText(m.value(), unit);
    case v1::Measurement::kRatio:
      return absl::StrCat(m.ratio().has_value() ? FigureText(m.ratio().value(), unit) + ", " : "",
                          FigureText(m.ratio().numerator(), "count"), " out of ",
                          FigureText(m.ratio().denominator(), "count"));
    case v1::Measurement::kWeightedMean:
      return absl::StrCat(FigureText(m.weighted_mean().mean(), unit), " over ",
                          FigureText(m.weighted_mean().weight(), "count"));
    case v1::Measurement::kNotAvailable:
      return absl::StrCat("not available", m.not_available().reason().empty() ? "" : ": ", m.not_available().reason());
    default:
      return "";
  }
}

std::string OutcomeText(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_REPEAT:
      return "the same again";
    case v1::OUTCOME_CONFLICT:
      return "contradicts what has the same id: changes nothing";
    case v1::OUTCOME_SUPERSEDED:
      return "corrected or withdrawn before: changes nothing";
    case v1::OUTCOME_WITHDRAWAL:
      return "withdrawn";
    case v1::OUTCOME_CONFIRMATION:
      return "confirms what was in force";
    case v1::OUTCOME_FIRST:
      return "first figure of its period";
    case v1::OUTCOME_REVISION:
      return "replaces an earlier figure";
    case v1::OUTCOME_HELD:
      return "waits for its definition";
    case v1::OUTCOME_COMMENTED:
      return "comment";
    default:
      return EnumWord(outcome);
  }
}

class Page {
 public:
  Page(const Site& site, const IndicatorData& data)
      : site_(site),
        data_(data),
        d_(data.history.definition()),
        schemes_{{data.history.scheme().id(), data.history.scheme()}} {
    Keep(data.history.earlier_schemes(), &schemes_);
  }

  std::string Whole() {
    google::protobuf::RepeatedPtrField<v1::Scheme> schemes = data_.history.earlier_schemes();
    *schemes.Add() = data_.history.scheme();
    Markup main = StatusMarks(schemes);
    main += El("h1", {}, El("span", {{"class", "ref"}}, d_.ref()), " ", d_.description());
    main += Belongs();
    main += Now();
    main += ChartPart();
    main += Explanation();
    main += History();
    main += Comments();
    main += About();
    main += Revisions();
    main += Files();
    return Document(site_, absl::StrCat(d_.ref(), " ", d_.description()), Place::kIndicator, Period(), main,
                    MadeFrom(data_.history.position()));
  }

 private:
  // The month of the newest score, whose report is shown beside.
  std::string Period() const {
    if (data_.history.scores().empty()) return "";
    const absl::StatusOr<core::Period> period = core::Period::ParseAnyYear(data_.history.scores().rbegin()->period());
    return period.ok()
               ? (period->last() + static_cast<int>(d_.reporting_lag_periods()) * period->MonthCount()).ToString()
               : "";
  }

  Markup Belongs() const {
    std::vector<std::string> words;
    for (const std::string& part : {d_.directorate(), d_.service()}) {
      if (!part.empty()) words.push_back(part);
    }
    return words.empty() ? Markup() : El("p", {{"class", "lead"}}, absl::StrJoin(words, " · "));
  }

  Markup Now() const {
    if (data_.history.scores().empty()) {
      return El("p", {{"class", "note"}}, "There is no figure yet. It is shown here as soon as one is recorded.");
    }
    const v1::Score& s = *data_.history.scores().rbegin();
    const auto fact = [](std::string_view name, const Markup& value) {
      return El("div", {}, El("dt", {}, name), El("dd", {}, value));
    };
    const auto shown = [&](const v1::Cell& cell) {
      Markup all;
      if (cell.has_value()) all += El("span", {{"class", "number"}}, FigureText(cell.value(), d_.unit()));
      all += StatusTag(StatusOf(schemes_, s.scheme_id(), cell));
      return all + BesideLines(cell);
    };
    Markup facts = fact(PeriodName(s.current().period()), shown(s.current()));
    if (s.year_to_date().state() != v1::CELL_STATE_NOT_SHOWN) facts += fact("Year to date", shown(s.year_to_date()));
    facts += fact("Target", El("span", {{"class", "number"}}, TargetText(s, d_)));
    facts += fact("Direction of travel", El("span", {{"class", "arrow"}, {"aria-hidden", "true"}}, s.arrow()) +
                                             El("span", {}, JudgementText(s.judgement())));
    if (d_.benchmark().has_value()) {
      const std::string whose = absl::StrCat(
          d_.benchmark().comparator(),
          d_.benchmark().comparator().empty() || d_.benchmark().period().empty() ? "" : ", ", d_.benchmark().period());
      facts += fact("Benchmark", El("span", {{"class", "number"}}, FigureText(d_.benchmark().value(), d_.unit())) +
                                     El("span", {{"class", "beside"}}, whose));
    }
    return El("dl", {{"class", "facts"}}, facts);
  }

  Markup ChartPart() const {
    if (data_.chart.points.empty()) return {};
    return El("figure", {{"id", "chart"}}, El("figcaption", {}, ChartTitle(data_.chart)),
              El("div", {{"class", "wide"}, {"tabindex", "0"}, {"role", "group"}, {"aria-label", "Chart"}},
                 Draw(data_.chart, ChartSize::kLarge, "large")),
              ChartKey(data_.chart), WhereFiguresAre());
  }

  Markup WhereFiguresAre() const {
    const std::optional<Measure>& other = data_.chart.other;
    if (!other) return El("p", {{"class", "beside"}}, "Its figures are in the table “History” below.");
    return El("p", {{"class", "beside"}},
              absl::StrCat("Figures of ", d_.ref(), " are in the table “History” below, those of "),
              IndicatorLink(site_, other->ref, other->ref), " that the chart shows in the last one there.");
  }

  // What the chart shows of the other indicator, the newest first.
  Markup Charted() const {
    if (!data_.chart.other) return {};
    const Measure& other = *data_.chart.other;
    Markup rows;
    for (auto p = other.points.rbegin(); p != other.points.rend(); ++p) {
      const std::string period = p->period.ToString();
      rows +=
          El("tr", {{"role", "row"}},
             El("th", {{"scope", "row"}, {"role", "rowheader"}, {"data-sort", period}}, Capital(PeriodName(period))),
             ListCell("Figure", El("span", {{"class", "number"}}, p->text)),
             ListCell("Beside it", p->provisional ? "provisional" : "–"));
    }
    return ListTable(absl::StrCat("Figures of ", other.ref, " on the chart, the newest first"),
                     ListHead({"Period", "Figure", "Beside it"}), rows);
  }

  Markup Explanation() const {
    const v1::Explanation& e = data_.explanation.explanation();
    if (e.cells().empty()) return {};
    Markup all = El("h2", {{"id", "why"}}, "Why it has its status");
    for (const v1::CellExplanation& c : e.cells()) {
      const std::string name = c.kind() == v1::CELL_KIND_CURRENT        ? PeriodName(c.period())
                               : c.kind() == v1::CELL_KIND_YEAR_TO_DATE ? "Year to date"
                                                                        : PeriodName(c.period());
      Markup words = El("p", {}, c.sentence());
      for (const v1::Warning& w : c.warnings()) words += El("p", {{"class", "note"}}, "Warning: ", w.message());
      Markup detail;
      if (!c.rule().empty()) detail += El("p", {}, "Rule: ", c.rule());
      detail += Inputs(c.inputs(), c.arithmetic());
      for (const v1::EdgeDistance& edge : c.edges()) {
        std::string away = EdgeText(edge.distance());
        if (absl::StrContains(away, '/')) away = absl::StrCat("about ", edge.approximate_distance().value());
        detail += El("p", {},
                     absl::StrCat("The status ", edge.status(), " begins ", edge.edge_is_inside() ? "beyond " : "at ",
                                  EdgeText(edge.edge()), ", ", away, " away."));
      }
      all += El("h3", {}, Capital(name)) + words;
      if (!detail.empty())
        all += El("details", {}, El("summary", {}, "How it was worked out: ", El("span", {}, name)), detail);
    }
    const v1::DirectionExplanation& direction = e.direction();
    all += El("h3", {}, "Direction of travel") + El("p", {}, direction.sentence());
    Markup detail;
    if (!direction.rule().empty()) detail += El("p", {}, "Rule: ", direction.rule());
    detail += Inputs(direction.inputs(), direction.arithmetic());
    if (!detail.empty())
      all += El("details", {}, El("summary", {}, "How it was worked out: direction of travel"), detail);
    return El("section", {{"aria-labelledby", "why"}}, all);
  }

  static std::string Capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
  }

  template <typename Repeated, typename Lines>
  static Markup Inputs(const Repeated& inputs, const Lines& arithmetic) {
    Markup items;
    for (const v1::ExplanationInput& i : inputs) {
      const std::string from =
          i.reading_id().empty()
              ? ""
              : absl::StrCat(" (reading ", i.reading_id(), i.source().empty() ? "" : " from " + i.source(),
                             i.has_recorded_at() ? ", recorded " + TimeText(true, i.recorded_at()) : "", ")");
      items += El("li", {}, Capital(i.name()), i.period().empty() ? "" : absl::StrCat(" of ", PeriodName(i.period())),
                  ": ", i.value(), from);
    }
    for (const std::string& line : arithmetic) items += El("li", {{"class", "code"}}, line);
    return items.empty() ? items : El("ul", {}, items);
  }

  // The periods of one definition, the newest first. `as`: the ref under which they stand, where it is another.
  Markup Periods(const v1::IndicatorDefinition& d, const google::protobuf::RepeatedPtrField<v1::Score>& scores,
                 const std::string& as) const {
    Markup rows;
    for (auto s = scores.rbegin(); s != scores.rend(); ++s) {
      const auto figure = [&](const v1::Cell& cell) {
        if (cell.state() == v1::CELL_STATE_NOT_SHOWN) return Markup("n/a");
        Markup all;
        if (cell.has_value()) all += El("span", {{"class", "number"}}, FigureText(cell.value(), d.unit())) + " ";
        return all + StatusTag(StatusOf(schemes_, s->scheme_id(), cell));
      };
      const std::vector<std::string> beside = BesideFigure(s->current());
      rows += El("tr", {{"role", "row"}},
                 El("th", {{"scope", "row"}, {"role", "rowheader"}, {"data-sort", s->period()}},
                    Capital(PeriodName(s->period())), as.empty() ? "" : ", as " + as),
                 ListCell("Figure", figure(s->current())),
                 ListCell("Beside it", beside.empty() ? "–" : absl::StrJoin(beside, "; ")),
                 ListCell("Direction of travel",
                          absl::StrCat(s->arrow(), s->arrow().empty() ? "" : " ", JudgementText(s->judgement()))),
                 ListCell("Year to date", figure(s->year_to_date())), ListCell("Target", TargetText(*s, d)));
    }
    return rows;
  }

  Markup History() const {
    // The newest first: who opens the page asks for it.
    Markup rows = Periods(d_, data_.history.scores(), "");
    Markup continues;
    for (const v1::PredecessorHistory& before : data_.history.predecessors()) {
      const std::string& ref = before.definition().ref();
      continues += El("p", {}, absl::StrCat(d_.ref(), " continues "), IndicatorLink(site_, ref, ref),
                      before.compares() ? "." : ", whose figures do not compare with those after it.");
      rows += Periods(before.definition(), before.scores(), ref);
    }
    // As the newest score of each year has them.
    Markup quarters;
    std::set<std::string> told;
    for (auto s = data_.history.scores().rbegin(); s != data_.history.scores().rend(); ++s) {
      for (auto cell = s->quarters().rbegin(); cell != s->quarters().rend(); ++cell) {
        if (cell->state() == v1::CELL_STATE_NOT_SHOWN || !told.insert(cell->period()).second) continue;
        Markup figure;
        if (cell->has_value()) figure += El("span", {{"class", "number"}}, FigureText(cell->value(), d_.unit())) + " ";
        quarters +=
            El("tr", {{"role", "row"}},
               El("th", {{"scope", "row"}, {"role", "rowheader"}, {"data-sort", cell->period()}},
                  Capital(PeriodName(cell->period()))),
               ListCell("Figure", figure + StatusTag(StatusOf(schemes_, s->scheme_id(), *cell))),
               ListCell("Beside it", BesideFigure(*cell).empty() ? "–" : absl::StrJoin(BesideFigure(*cell), "; ")));
      }
    }
    Markup all = El("h2", {{"id", "history"}}, "History") + continues;
    all += rows.empty()
               ? El("p", {}, "No figure yet.")
               : ListTable(absl::StrCat("Every period of ", d_.ref(), ", the newest first"),
                           ListHead({"Period", "Figure", "Beside it", "Direction of travel", "Year to date", "Target"}),
                           rows);
    if (!quarters.empty())
      all += ListTable("Quarters, the newest first", ListHead({"Quarter", "Figure", "Beside it"}), quarters);
    all += Charted();
    return El("section", {{"aria-labelledby", "history"}}, all);
  }

  Markup Comments() const {
    if (data_.history.comments().empty()) return {};
    Markup all = El("h2", {{"id", "comments"}}, "Comments");
    for (auto c = data_.history.comments().rbegin(); c != data_.history.comments().rend(); ++c) {
      if (c->text().empty()) continue;
      all += El("h3", {}, Capital(PeriodName(c->period()))) +
             El("div", {{"class", "comment"}}, markup::Paragraphs(c->text())) +
             (c->source().empty() ? Markup() : El("p", {{"class", "beside"}}, "From ", c->source()));
    }
    return El("section", {{"aria-labelledby", "comments"}}, all);
  }

  Markup About() const {
    Markup rows;
    const auto row = [&rows](std::string_view name, const std::string& value) {
      if (!value.empty()) rows += El("div", {}, El("dt", {}, name), El("dd", {}, value));
    };
    row("Also known as", absl::StrJoin(d_.alternate_refs(), ", "));
    row("Unit", d_.unit());
    row("Polarity", PolarityText(d_.polarity()));
    row("Measured", Capital(EnumWord(d_.frequency())));
    row("Quarter is", RollUp(d_.quarter_rule()));
    row("Year to date is", RollUp(d_.year_to_date_rule()));
    row("Rated by", data_.history.scheme().name());
    row("Key commitment", d_.key_commitment());
    row("Area", d_.geography());
    row("Coverage", d_.coverage());
    row("Continues", d_.predecessor());
    row("Owner of the readings",
        absl::StrCat(d_.owner().name(), d_.owner().address().empty() ? "" : ", ", d_.owner().address()));
    for (const std::string& text : d_.breaks()) row("Break in the series", absl::StrCat("from ", PeriodName(text)));
    for (const std::string& note : d_.notes()) row("Note", note);
    return El("section", {{"aria-labelledby", "about"}}, El("h2", {{"id", "about"}}, "About this indicator"),
              El("dl", {{"class", "about"}}, rows));
  }

  static std::string RollUp(v1::RollUpRule rule) {
    switch (rule) {
      case v1::ROLL_UP_RULE_SUM:
        return "the sum of its parts";
      case v1::ROLL_UP_RULE_RATIO:
        return "all numerators over all denominators";
      case v1::ROLL_UP_RULE_WEIGHTED_MEAN:
        return "the mean of its parts, weighted";
      case v1::ROLL_UP_RULE_MEAN:
        return "the plain mean of its parts";
      case v1::ROLL_UP_RULE_LATEST:
        return "the figure of its last month";
      case v1::ROLL_UP_RULE_CUMULATIVE:
        return "the running figure of its last month";
      case v1::ROLL_UP_RULE_SUPPLIED:
        return "as the publisher gives it";
      default:
        return "not shown";
    }
  }

  Markup Revisions() const {
    Markup rows;
    for (auto o = data_.history.revisions().rbegin(); o != data_.history.revisions().rend(); ++o) {
      const v1::IndicatorRecord& r = o->record();
      std::string period;
      std::string what;
      std::string who;
      std::string id;
      if (r.has_reading()) {
        period = r.reading().period();
        what = FigureOf(r.reading().measurement(), d_.unit());
        if (const std::string word = ObservationWord(r.reading().observation_status()); !word.empty())
          absl::StrAppend(&what, " (", word, ")");
        who = r.reading().source();
        id = r.reading().reading_id();
      } else if (r.has_withdrawal()) {
        period = r.withdrawal().period();
        what = absl::StrCat("withdraws ", r.withdrawal().reading_id(), r.withdrawal().reason().empty() ? "" : ": ",
                            r.withdrawal().reason());
        who = r.withdrawal().source();
        id = r.withdrawal().withdrawal_id();
      } else if (r.has_comment()) {
        period = r.comment().period();
        what = r.comment().text().empty() ? "takes the comment back" : absl::StrCat("comment: ", r.comment().text());
        who = r.comment().source();
        id = r.comment().comment_id();
      } else {
        continue;
      }
      rows +=
          El("tr", {{"role", "row"}},
             El("th", {{"scope", "row"}, {"role", "rowheader"}}, TimeText(o->has_recorded_at(), o->recorded_at())),
             ListCell("Period", Capital(PeriodName(period)), period), ListCell("What was recorded", what),
             ListCell("Who sent it", SentBy(who, r.submitted_by())),
             ListCell("What became of it", absl::StrCat(OutcomeText(o->outcome()), o->in_force() ? "; in force" : "",
                                                        o->detail().empty() ? "" : ": ", o->detail())));
    }
    if (rows.empty()) return {};
    return El(
        "section", {{"aria-labelledby", "revisions"}}, El("h2", {{"id", "revisions"}}, "Every record"),
        ListTable("Readings, withdrawals and comments as they were recorded, the newest first",
                  ListHead({"Recorded", "Period", "What was recorded", "Who sent it", "What became of it"}), rows));
  }

  // The feed that it names, and the principal that the services know it by.
  static std::string SentBy(const std::string& source, const std::string& principal) {
    if (principal.empty()) return source.empty() ? "not said" : source;
    return source.empty() ? principal : absl::StrCat(source, ", sent by ", principal);
  }

  Markup Files() const {
    const Address address = IndicatorAddress(site_.council, d_.ref());
    return El("h2", {{"id", "files"}}, "This indicator as a file") +
           El("ul", {}, El("li", {}, El("a", {Href(address.WithSuffix(".csv"))}, "CSV, for a spreadsheet")),
              El("li", {}, El("a", {Href(address.WithSuffix(".svg"))}, "The chart as an image (SVG)")));
  }

  const Site& site_;
  const IndicatorData& data_;
  const v1::IndicatorDefinition& d_;
  Schemes schemes_;
};

}  // namespace

std::string IndicatorPage(const Site& site, const IndicatorData& data) { return Page(site, data).Whole(); }

}  // namespace bellwether::report
