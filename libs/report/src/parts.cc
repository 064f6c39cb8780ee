#include "parts.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/period.h"

namespace bellwether::report {

using markup::Address;
using markup::Attribute;
using markup::El;
using markup::Href;
using markup::Markup;
using markup::Void;

Address HomeAddress() { return Address::Of({}); }
Address SheetAddress() { return Address::Of({"style.css"}); }
Address ScriptAddress() { return Address::Of({"live.js"}); }
Address TablesScriptAddress() { return Address::Of({"tables.js"}); }
Address AccessibilityAddress() { return Address::Of({"accessibility"}); }
Address ReportAddress(const std::string& council, const std::string& period) {
  return Address::Of({council, "reports", period});
}
Address FindingsAddress(const std::string& council, const std::string& period) {
  return Address::Of({council, "reports", period, "findings"});
}
Address ExceptionsAddress(const std::string& council, const std::string& period) {
  return Address::Of({council, "reports", period, "exceptions"});
}
Address CompareAddress(const std::string& council, const std::string& period, const std::string& with) {
  return with.empty() ? Address::Of({council, "reports", period, "compare"})
                      : Address::Of({council, "reports", period, "compare", with});
}
Address ChangesAddress(const std::string& council, const std::string& period) {
  return Address::Of({council, "reports", period, "changes"});
}
Address KeysAddress(const std::string& council, const std::string& period) {
  return Address::Of({council, "reports", period, "keys"});
}
Address IndicatorAddress(const std::string& council, const std::string& ref) {
  return Address::Of({council, "indicators", ref});
}
Address ChartAddress(const std::string& council, const std::string& ref, const std::string& period) {
  return IndicatorAddress(council, ref).WithSuffix(".svg").With("size", "small").With("period", period);
}

std::string NameOf(const Site& site) { return site.name.empty() ? site.council : site.name; }

std::string PositionText(const v1::Position& position) {
  return absl::StrCat("e", position.epoch(), "/", position.partition(), "/", position.offset());
}

Markup MadeFrom(const v1::Position& position) {
  return El("p", {}, "Made from the council's records up to ", El("span", {{"class", "code"}}, PositionText(position)),
            ".");
}

std::string Document(const Site& site, std::string_view title, Place place, const std::string& period,
                     const Markup& main, const Markup& made_from) {
  const bool of_council = !site.council.empty();
  Markup head = Void("meta", {{"charset", "utf-8"}});
  head += Void("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  head += Void("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  head += El("title", {}, title, of_council ? absl::StrCat(" – ", NameOf(site)) : "", " – Performance report");
  head += site.stand_alone ? markup::StyleElement(absl::StrCat(std::string(PageSheet()), std::string(ChartSheet()),
                                                               std::string(site.print ? PrintSheet() : "")))
                           : Void("link", {{"rel", "stylesheet"}, Href(SheetAddress())});
  if (place == Place::kReport && !site.stand_alone) head += markup::ScriptFrom(ScriptAddress());
  const bool tables = place == Place::kReport || place == Place::kExceptions || place == Place::kCompare ||
                      place == Place::kFindings || place == Place::kIndicator;
  if (tables && !site.stand_alone) head += markup::ScriptFrom(TablesScriptAddress());

  Markup banner = El("p", {{"class", "site"}},
                     site.stand_alone || !of_council ? Markup(of_council ? NameOf(site) : "Performance reports")
                                                     : El("a", {Href(Address::Of({site.council}))}, NameOf(site)));
  Markup navigation;
  if (!site.stand_alone) {
    Markup items;
    const auto item = [&](Place of, const Address& address, std::string_view words) {
      items += El("li", {}, El("a", {Href(address), Attribute::If(of == place, "aria-current", "page")}, words));
    };
    if (of_council && !period.empty()) {
      item(Place::kReport, ReportAddress(site.council, period), "Report");
      item(Place::kExceptions, ExceptionsAddress(site.council, period), "Exceptions");
      item(Place::kFindings, FindingsAddress(site.council, period), "Findings");
      item(Place::kKeys, KeysAddress(site.council, period), "Keys and terminology");
    }
    item(Place::kCouncils, HomeAddress(), "Councils");
    navigation = El("nav", {{"aria-label", "Pages"}}, El("ul", {}, items));
  }
  Markup foot = made_from;
  if (!site.stand_alone) foot += El("p", {}, El("a", {Href(AccessibilityAddress())}, "Accessibility statement"));
  const Markup body = El("a", {{"class", "skip"}, Href(Address::Here("main"))}, "Skip to the main content") +
                      El("header", {{"class", "banner"}}, El("div", {{"class", "width"}}, banner, navigation)) +
                      El("main", {{"id", "main"}, {"class", "width"}, {"tabindex", "-1"}}, main) +
                      El("footer", {{"class", "foot"}}, El("div", {{"class", "width"}}, foot));
  return markup::HtmlDocument(El("html", {{"lang", "en-GB"}}, El("head", {}, head), El("body", {}, body)));
}

namespace {

// Of one shape in one colour. Short, since a long report has it thousands of times.
std::string MarkId(std::string_view shape, std::string_view colour) {
  uint32_t hash = 2'166'136'261;  // FNV-1a.
  for (const char c : std::string(shape) + std::string(colour))
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619;
  return absl::StrCat("m-", absl::Hex(hash));
}

Markup DrawMark(std::string_view shape, std::string_view colour) {
  // Drawn, so that it looks the same in each font; outlined, so that it is seen on each ground. What is hollow has a
  // shape of the ground within.
  struct Shape {
    const char* outer;
    const char* inner;
  };
  static const std::map<std::string, Shape, std::less<>> shapes = {
      {"●", {"M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12z", nullptr}},
      {"○", {"M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13z", "M8 5a3 3 0 1 1 0 6a3 3 0 1 1 0-6z"}},
      {"▲", {"M8 1.8L15 14H1z", nullptr}},
      {"△", {"M8 1.2L15.4 14.4H.6z", "M8 7L10.7 11.8H5.3z"}},
      {"▼", {"M8 14.2L1 2H15z", nullptr}},
      {"■", {"M2.2 2.2H13.8V13.8H2.2z", nullptr}},
      {"□", {"M1.8 1.8H14.2V14.2H1.8z", "M5.2 5.2H10.8V10.8H5.2z"}},
      {"◆", {"M8 1L15 8L8 15L1 8z", nullptr}},
      {"◇", {"M8 .6L15.4 8L8 15.4L.6 8z", "M8 4.8L11.2 8L8 11.2L4.8 8z"}},
      {"✕", {"M4 1.5L8 5.5L12 1.5L14.5 4L10.5 8L14.5 12L12 14.5L8 10.5L4 14.5L1.5 12L5.5 8L1.5 4z", nullptr}},
      {"◐", {"M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13z", "M8 2.5a5.5 5.5 0 0 1 0 11z"}}};
  const auto found = shapes.find(shape);
  if (found == shapes.end())
    return El("text", {{"class", "glyph"}, {"x", 8}, {"y", 13}, {"text-anchor", "middle"}, {"font-size", 14}}, shape);
  Markup drawn = El("path", {{"class", "edge"}, {"d", found->second.outer}, {"fill", colour}});
  if (found->second.inner != nullptr) drawn += El("path", {{"class", "edge ground"}, {"d", found->second.inner}});
  return drawn;
}

}  // namespace

Markup StatusMarks(const google::protobuf::RepeatedPtrField<v1::Scheme>& schemes) {
  std::map<std::string, Markup> symbols;
  for (const v1::Scheme& scheme : schemes) {
    for (const v1::Status& s : scheme.statuses()) {
      if (s.shape().empty()) continue;
      const std::string id = MarkId(s.shape(), s.colour());
      symbols.emplace(id, El("symbol", {{"id", id}, {"viewBox", "0 0 16 16"}}, DrawMark(s.shape(), s.colour())));
    }
  }
  Markup all;
  for (const auto& [id, symbol] : symbols) all += symbol;
  return El("svg", {{"class", "mark marks"}, {"width", 0}, {"height", 0}, {"aria-hidden", "true"}}, all);
}

Markup StatusTag(const StatusText& status) {
  Markup mark;
  if (!status.shape.empty()) {
    mark = El("svg", {{"class", "mark"}, {"aria-hidden", "true"}},
              El("use", {Href(Address::Here(MarkId(status.shape, status.colour)))}));
  }
  return El("span", {{"class", "status"}}, mark, El("span", {}, status.full));
}

std::string PeriodName(const std::string& period) {
  const absl::StatusOr<core::Period> parsed = core::Period::ParseAnyYear(period);
  return parsed.ok() ? parsed->DisplayName() : period;
}

std::string ShortPeriodName(const std::string& period) {
  const absl::StatusOr<core::Period> parsed = core::Period::ParseAnyYear(period);
  if (!parsed.ok()) return period;
  const auto month = [](core::Month m) { return m.DisplayName().substr(0, 3); };
  switch (parsed->kind()) {
    case core::Period::Kind::kMonth:
      return absl::StrCat(month(parsed->first()), " ", parsed->first().year());
    case core::Period::Kind::kYearToDate:
      return absl::StrCat("year to ", month(parsed->last()), " ", parsed->last().year());
    default:
      return absl::StrCat(month(parsed->first()), " to ", month(parsed->last()), " ", parsed->last().year());
  }
}

std::string PolarityText(v1::Polarity polarity) {
  switch (polarity) {
    case v1::POLARITY_HIGHER:
      return "Higher is better";
    case v1::POLARITY_LOWER:
      return "Lower is better";
    case v1::POLARITY_CLOSE_TO:
      return "Close to the target is better";
    default:
      return "Neither higher nor lower is better";
  }
}

std::string JudgementText(v1::Judgement judgement) {
  switch (judgement) {
    case v1::JUDGEMENT_IMPROVED:
      return "Improved";
    case v1::JUDGEMENT_SAME:
      return "Stayed the same";
    case v1::JUDGEMENT_WORSE_WITHIN_TOLERANCE:
      return "Worse, within tolerance";
    case v1::JUDGEMENT_WORSE:
      return "Worse";
    case v1::JUDGEMENT_CHANGED:
      return "Changed, not judged";
    default:
      return "Nothing to compare";
  }
}

std::string DueText(const v1::DueReading& due) {
  if (due.declared_absent()) return absl::StrCat("no figure", due.reason().empty() ? "" : ": " + due.reason());
  return due.days_overdue() > 0
             ? absl::StrCat("overdue by ", due.days_overdue(), due.days_overdue() == 1 ? " day" : " days")
             : absl::StrCat("due on ", due.due_date());
}

std::string FindingText(v1::FindingKind kind) {
  switch (kind) {
    case v1::FINDING_KIND_ARROW:
      return "Published arrow";
    case v1::FINDING_KIND_STATUS:
      return "Published status";
    case v1::FINDING_KIND_PARTS_AND_TOTAL:
      return "Parts and total";
    case v1::FINDING_KIND_RUNNING_TOTAL:
      return "Running total";
    case v1::FINDING_KIND_SAME_POPULATION:
      return "Same population";
    case v1::FINDING_KIND_UNLIKELY:
      return "Unlikely figure";
    default:
      return EnumWord(kind);
  }
}

std::string TargetText(const v1::Score& score, const v1::IndicatorDefinition& definition) {
  const std::string& unit = definition.unit();
  if (score.has_target()) {
    const std::string annual =
        score.has_annual_target() ? absl::StrCat(" (", FigureText(score.annual_target(), unit), " a year)") : "";
    return FigureText(score.target(), unit) + annual;
  }
  if (score.has_target_range()) {
    const v1::Range& range = score.target_range();
    if (!range.has_high()) return absl::StrCat(FigureText(range.low(), unit), " or more");
    if (!range.has_low()) return absl::StrCat(FigureText(range.high(), unit), " or less");
    return absl::StrCat(FigureText(range.low(), unit), " to ", FigureText(range.high(), unit));
  }
  if (score.current().state() == v1::CELL_STATE_UNDER_REVIEW) return "Under review";
  return "None: tracking only";
}

std::vector<std::string> BesideFigure(const v1::Cell& cell) {
  std::vector<std::string> words;
  const auto number = [](const v1::Decimal& d) { return FigureText(d, "count"); };
  const v1::Measurement& m = cell.supplied();
  if (m.has_ratio()) {
    words.push_back(absl::StrCat(number(m.ratio().numerator()), " out of ", number(m.ratio().denominator())));
  } else if (m.has_weighted_mean()) {
    words.push_back(absl::StrCat("over ", number(m.weighted_mean().weight())));
  } else if (!cell.has_supplied() && cell.has_computed_denominator() && cell.has_computed_numerator()) {
    words.push_back(absl::StrCat(number(cell.computed_numerator()), " out of ", number(cell.computed_denominator())));
  }
  const v1::OtherMeasures& other = cell.other();
  if (other.has_volume()) words.push_back(absl::StrCat("volume ", number(other.volume())));
  if (other.has_attainment()) words.push_back(absl::StrCat(number(other.attainment()), "% of the target"));
  if (other.has_amount()) words.push_back(absl::StrCat("amount ", number(other.amount())));
  if (other.has_amount_in_period()) words.push_back(absl::StrCat(number(other.amount_in_period()), " in the period"));
  return words;
}

Markup BesideLines(const v1::Cell& cell) {
  Markup lines;
  for (const std::string& words : BesideFigure(cell)) lines += El("span", {{"class", "beside"}}, words);
  return lines;
}

Markup IndicatorLink(const Site& site, const std::string& ref, const Markup& words) {
  return El("a", {Href(site.stand_alone ? Address::Here(ref) : IndicatorAddress(site.council, ref))}, words);
}

Markup ListHead(const std::vector<std::string>& words) {
  Markup cells;
  for (const std::string& word : words) cells += El("th", {{"scope", "col"}, {"role", "columnheader"}}, word);
  return El("thead", {{"role", "rowgroup"}}, El("tr", {{"role", "row"}}, cells));
}

Markup ListCell(std::string_view label, const Markup& content, std::string_view sort) {
  return El("td", {{"role", "cell"}, {"data-label", label}, Attribute::If(!sort.empty(), "data-sort", sort)},
            El("span", {}, content));
}

Markup ListTable(const std::string& caption, const Markup& head, const Markup& rows) {
  return El("table", {{"class", "list"}, {"role", "table"}}, El("caption", {}, caption), head,
            El("tbody", {{"role", "rowgroup"}}, rows));
}

std::string DifferenceText(const std::string& decimal, const std::string& unit) {
  v1::Decimal value;
  value.set_value(decimal);
  const std::string sign =
      decimal.empty() || decimal[0] == '-' || decimal.find_first_not_of("0.") == std::string::npos ? "" : "+";
  return sign + FigureText(value, unit == "percent" ? "points" : unit);
}

bool Declined(v1::Judgement judgement) {
  return judgement == v1::JUDGEMENT_WORSE || judgement == v1::JUDGEMENT_WORSE_WITHIN_TOLERANCE;
}

bool DeclinedTwice(const ReportData& data, const v1::ReportRow& row) {
  const auto before = data.before.find(row.definition().ref());
  return Declined(row.score().judgement()) && before != data.before.end() && Declined(before->second.judgement());
}

bool IsOffTarget(const Schemes& schemes, const v1::Score& score, const v1::Cell& cell) {
  const auto scheme = schemes.find(cell.scheme_id().empty() ? score.scheme_id() : cell.scheme_id());
  if (cell.state() != v1::CELL_STATE_RATED || scheme == schemes.end()) return false;
  for (const v1::Status& s : scheme->second.statuses()) {
    if (s.id() != cell.status()) continue;
    return std::any_of(s.any_of().begin(), s.any_of().end(),
                       [](const v1::StatusCondition& c) { return c.otherwise(); });
  }
  return false;
}

std::vector<v1::GetReportRequest> RequestsBefore(const std::string& council, const v1::GetReportResponse& report) {
  // The newest report that shows a data period is that of its last month and the lag; of months there are few.
  std::map<core::Month, v1::GetReportRequest> requests;
  for (const v1::ReportRow& row : report.rows()) {
    const absl::StatusOr<core::Period> before = core::Period::ParseAnyYear(row.score().previous().period());
    if (!Declined(row.score().judgement()) || !before.ok()) continue;
    const int lag = static_cast<int>(row.definition().reporting_lag_periods()) * before->MonthCount();
    v1::GetReportRequest& request = requests[before->last() + lag];
    request.set_council(council);
    request.set_period((before->last() + lag).ToString());
    request.mutable_filter()->add_refs(row.definition().ref());
    request.set_page_size(1'000);
    *request.mutable_min_position() = report.position();
  }
  std::vector<v1::GetReportRequest> all;
  for (auto& [month, request] : requests) all.push_back(std::move(request));
  return all;
}

void AddPage(v1::GetReportResponse page, v1::GetReportResponse* report) {
  if (report->period().empty()) {
    *report = std::move(page);
    report->clear_next_page_token();
    return;
  }
  for (v1::ReportRow& row : *page.mutable_rows()) *report->add_rows() = std::move(row);
  for (v1::Scheme& scheme : *page.mutable_schemes()) {
    const bool known = std::any_of(report->schemes().begin(), report->schemes().end(),
                                   [&](const v1::Scheme& s) { return s.id() == scheme.id(); });
    if (!known) *report->add_schemes() = std::move(scheme);
  }
}

void KeepBefore(const v1::GetReportResponse& answer, ReportData* data) {
  std::map<std::string, std::string> wanted;
  for (const v1::ReportRow& row : data->report.rows())
    wanted.emplace(row.definition().ref(), row.score().previous().period());
  for (const v1::ReportRow& row : answer.rows()) {
    const auto found = wanted.find(row.definition().ref());
    if (found != wanted.end() && found->second == row.score().period())
      data->before.insert_or_assign(found->first, row.score());
  }
}

Markup FindingsTable(const Site& site, const std::vector<v1::Finding>& findings, const std::string& caption) {
  Markup rows;
  for (const v1::Finding& f : findings) {
    rows +=
        El("tr", {{"role", "row"}},
           El("th", {{"scope", "row"}, {"role", "rowheader"}}, IndicatorLink(site, f.ref(), f.ref())),
           ListCell("What", FindingText(f.kind())),
           ListCell("Where",
                    absl::StrCat(PeriodName(f.period()),
                                 f.cell() == v1::CELL_KIND_CURRENT ? "" : absl::StrCat(" (", EnumWord(f.cell()), ")"))),
           ListCell("Published", f.published()), ListCell("Computed", f.computed()),
           ListCell("Difference", f.difference().empty() ? "–" : f.difference()), ListCell("Why", f.explanation()));
  }
  return ListTable(caption, ListHead({"Indicator", "What", "Where", "Published", "Computed", "Difference", "Why"}),
                   rows);
}

std::string RuleText(const v1::DirectionRule& rule) {
  std::string text = JudgementText(rule.judgement());
  std::vector<std::string> moved;
  for (const int movement : rule.movements()) {
    switch (movement) {
      case v1::MOVEMENT_UP:
        moved.emplace_back("went up");
        break;
      case v1::MOVEMENT_DOWN:
        moved.emplace_back("went down");
        break;
      default:
        moved.emplace_back("did not move");
    }
  }
  if (!moved.empty()) absl::StrAppend(&text, "; the figure ", absl::StrJoin(moved, " or "));
  std::vector<std::string> allowed;
  for (const v1::Allowance& a : rule.any_of()) {
    if (a.on_target()) allowed.emplace_back("still on target or better");
    if (a.has_change_within_percent())
      allowed.push_back(absl::StrCat("changed by ", a.exclusive() ? "less than " : "no more than ",
                                     a.change_within_percent().value(), "% of the previous figure"));
  }
  if (!allowed.empty()) absl::StrAppend(&text, "; ", absl::StrJoin(allowed, ", or "));
  std::vector<std::string> polarities;
  for (const int polarity : rule.polarities()) polarities.push_back(PolarityText(static_cast<v1::Polarity>(polarity)));
  if (!polarities.empty()) absl::StrAppend(&text, " (", absl::StrJoin(polarities, "; "), ")");
  return text;
}

const std::vector<std::pair<const char*, const char*>>& Terminology() {
  static const std::vector<std::pair<const char*, const char*>> terms = {
      {"Actual", "The figure that was achieved in the reporting period"},
      {"Benchmark", "Somebody else’s figure to compare with; whose it is, and of when, is said beside it"},
      {"Break in the series", "From there on figures do not compare with those before"},
      {"Direction of travel", "How performance moved since the period before"},
      {"Key commitment", "The commitment of the council that the indicator belongs to"},
      {"n/a", "Not applicable"},
      {"Polarity", "Which way is good: higher, lower, close to the target, or neither"},
      {"Provisional", "A figure that may still change, and says so"},
      {"Reading", "A figure as its source gave it, for one period"},
      {"Target", "The value, or the range, to reach"},
      {"TBC", "To be confirmed"},
      {"TBD", "To be determined"},
      {"Tolerance", "How far a figure may miss its target and still be tolerated"},
      {"Tracking", "Watched, without a target"},
      {"Year to date", "The year up to and with the period: from April, or from where the indicator’s own year begins"},
      {"Worsened twice running", "Performance declined in the period and in the one before it too"}};
  return terms;
}

Markup Keys(const google::protobuf::RepeatedPtrField<v1::Scheme>& schemes) {
  Markup all;
  const auto head = [](std::string_view words) { return El("th", {{"scope", "col"}}, words); };
  for (const v1::Scheme& scheme : schemes) {
    all += El("h2", {}, NameAmong(schemes, scheme));
    Markup statuses;
    for (const v1::Status& s : scheme.statuses()) {
      statuses += El("tr", {}, El("th", {{"scope", "row"}}, StatusTag({s.shape(), s.label(), s.colour(), s.label()})),
                     El("td", {}, s.meaning()));
    }
    all += El("table", {{"class", "key"}}, El("caption", {}, "Status: how a figure stands against its target"),
              El("thead", {}, El("tr", {}, head("Status"), head("Meaning"))), El("tbody", {}, statuses));
    Markup directions;
    for (const v1::DirectionRule& r : scheme.directions()) {
      directions +=
          El("tr", {}, El("th", {{"scope", "row"}, {"class", "arrow"}}, r.arrow().empty() ? "none" : r.arrow()),
             El("td", {}, RuleText(r)));
    }
    all +=
        El("table", {{"class", "key"}}, El("caption", {}, "Direction of travel: how it moved since the period before"),
           El("thead", {}, El("tr", {}, head("Arrow"), head("Meaning"))), El("tbody", {}, directions));
  }
  all += El("h2", {}, "Terminology");
  Markup list;
  for (const auto& [term, meaning] : Terminology()) list += El("dt", {}, term) + El("dd", {}, meaning);
  return all + El("dl", {{"class", "terms"}}, list);
}

}  // namespace bellwether::report
