// The report: a summary on top, then the rows under their directorates and services.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/text.h"
#include "bellwether/report/files.h"
#include "bellwether/report/pages.h"
#include "parts.h"
#include "print.h"

namespace bellwether::report {
namespace {

using markup::Address;
using markup::El;
using markup::Href;
using markup::Markup;
using markup::Src;
using markup::Void;

bool Same(const std::string& a, const std::string& b) { return absl::AsciiStrToLower(a) == absl::AsciiStrToLower(b); }

// A count of rows, and the selection that shows them.
struct Count {
  std::string label;
  StatusText status;
  int now = 0;
  int year = 0;
};

// More rows than these are not shown on one page that is served: nobody reads so many, and no browser likes them.
constexpr size_t kMostRows = 1'000;

class Page {
 public:
  Page(const Site& site, const ReportData& data, const Selection& selection)
      : site_(site), data_(data), selection_(selection), month_(MonthOf(data.report.period())) {
    Keep(data.report.schemes(), &schemes_);
    for (const v1::ReportRow& row : data.report.rows()) {
      by_ref_.emplace(row.definition().ref(), &row);
      if (Same(selection.directorate, row.definition().directorate()) || selection.directorate.empty()) {
        if (Same(selection.service, row.definition().service()) || selection.service.empty()) scope_.push_back(&row);
      }
    }
    for (const v1::ReportRow* row : scope_) {
      if (Shows(*row)) rows_.push_back(row);
    }
    for (const v1::Finding& f : data.findings) findings_[f.ref()].push_back(&f);
    apart_ = !site.stand_alone && rows_.size() > kMostRows;
  }

  std::string Whole() {
    const std::string period = PeriodName(data_.report.period());
    const std::string what = selection_.service.empty() ? selection_.directorate : selection_.service;
    const std::string title = absl::StrCat(what.empty() ? "" : what + ", ", period);
    Markup main = StatusMarks(data_.report.schemes()) + El("h1", {}, absl::StrCat("Performance report, ", period));
    if (!what.empty()) {
      main += El("p", {{"class", "lead"}}, what, " · ",
                 El("a", {Href(ReportAddress(site_.council, data_.report.period()))}, "the whole report"));
    }
    if (!site_.stand_alone) {
      main += El("p", {{"class", "others"}}, "Other reports: ",
                 El("a", {Href(ReportAddress(site_.council, (month_ - 1).ToString()))}, (month_ - 1).DisplayName()),
                 ", ", El("a", {Href(Address::Of({site_.council}))}, "the newest"), ". Compare with ",
                 El("a", {Href(CompareAddress(site_.council, data_.report.period(), (month_ - 1).ToString()))},
                    (month_ - 1).DisplayName()),
                 ".");
    }
    if (!data_.report.period_note().empty()) main += El("p", {{"class", "note"}}, data_.report.period_note(), ".");
    if (scope_.empty()) {
      main += El("p", {}, "No indicator belongs here. The whole report names its directorates and services.");
    } else if (selection_.status.empty() && selection_.year.empty() && selection_.direction.empty()) {
      main += El("div", {{"id", "glance"}}, Summary());
      main += Contents();
    } else {
      main += Selected();
    }
    if (site_.print) main += Keys(data_.report.schemes());
    main += Rows();
    if (site_.stand_alone) {
      if (!data_.findings.empty()) {
        main += El("h2", {{"id", "findings"}}, "What does not add up") +
                FindingsTable(site_, data_.findings, absl::StrCat("Findings in the report of ", period));
      }
      if (!site_.print) main += Keys(data_.report.schemes());
    } else {
      main += Files();
      main += El("p",
                 {{"id", "live"},
                  {"class", "live"},
                  {"role", "status"},
                  {"data-at", PositionText(data_.report.position())},
                  {"data-changes", ChangesAddress(site_.council, data_.report.period()).ToString()}},
                 "");
    }
    const std::string page =
        Document(site_, title, Place::kReport, data_.report.period(), main, MadeFrom(data_.report.position()));
    return site_.print ? Drawn(page) : page;
  }

 private:
  static core::Month MonthOf(const std::string& period) {
    const absl::StatusOr<core::Period> parsed = core::Period::ParseAnyYear(period);
    return parsed.ok() ? parsed->last() : core::Month();
  }

  StatusText StatusIn(const v1::ReportRow& row, const v1::Cell& cell) const {
    return StatusOf(schemes_, row.score().scheme_id(), cell);
  }
  // What rows are counted by, now and in the year so far.
  std::string LabelOf(const v1::ReportRow& row, const v1::Cell& cell) const {
    return cell.status().empty() ? "not shown" : StatusIn(row, cell).label;
  }

  bool Shows(const v1::ReportRow& row) const {
    const v1::Score& s = row.score();
    return (selection_.status.empty() || Same(selection_.status, LabelOf(row, s.current()))) &&
           (selection_.year.empty() || Same(selection_.year, LabelOf(row, s.year_to_date()))) &&
           (selection_.direction.empty() || Same(selection_.direction, EnumWord(s.judgement())));
  }

  // The page with this part of the report.
  Address Part() const {
    Address address = ReportAddress(site_.council, data_.report.period());
    if (!selection_.directorate.empty()) address = address.With("directorate", selection_.directorate);
    if (!selection_.service.empty()) address = address.With("service", selection_.service);
    return address;
  }
  // Text that leads to rows; in a file by itself only the text.
  Markup Link(const Address& address, const Markup& words) const {
    return site_.stand_alone ? words : El("a", {Href(address)}, words);
  }

  Address RowAddress(const std::string& ref) const {
    return apart_ ? IndicatorAddress(site_.council, ref) : Address::Here(ref);
  }

  std::vector<Count> Counts() const {
    std::vector<Count> counts;
    const auto of = [&counts](const std::string& label) -> Count& {
      for (Count& c : counts) {
        if (c.label == label) return c;
      }
      counts.push_back({label, {}, 0, 0});
      return counts.back();
    };
    for (const v1::Scheme& scheme : data_.report.schemes()) {
      for (const v1::Status& s : scheme.statuses()) {
        Count& c = of(s.label());
        if (c.status.shape.empty()) c.status = {s.shape(), s.label(), s.colour(), s.label()};
      }
    }
    for (const v1::ReportRow* row : scope_) {
      ++of(LabelOf(*row, row->score().current())).now;
      ++of(LabelOf(*row, row->score().year_to_date())).year;
    }
    counts.erase(std::remove_if(counts.begin(), counts.end(), [](const Count& c) { return c.now + c.year == 0; }),
                 counts.end());
    return counts;
  }

  // How the counts share the whole, drawn. Says nothing that the table does not.
  Markup Bar(const std::vector<Count>& counts, int Count::*number) const {
    Markup parts;
    double x = 0;
    for (const Count& c : counts) {
      const double width = 1000.0 * (c.*number) / static_cast<double>(scope_.size());
      if (c.*number == 0) continue;
      parts += El("rect", {{"x", absl::StrCat(x)},
                           {"y", 0},
                           {"width", absl::StrCat(width)},
                           {"height", 30},
                           {"fill", c.status.colour.empty() ? "#9e9e9e" : c.status.colour}});
      x += width;
    }
    return El("svg",
              {{"class", "bar"}, {"viewBox", "0 0 1000 30"}, {"preserveAspectRatio", "none"}, {"aria-hidden", "true"}},
              parts);
  }

  Markup Summary() {
    const std::vector<Count> counts = Counts();
    const std::string of = absl::StrCat(" of ", scope_.size());
    const auto number = [&](int n, const char* name, const std::string& value) {
      if (n == 0) return El("td", {}, "0");
      return El("td", {}, Link(Part().With(name, value).At("rows"), El("strong", {}, absl::StrCat(n)) + of));
    };
    Markup lines;
    for (const Count& c : counts) {
      StatusText status = c.status;
      if (status.full.empty()) status.full = c.label;
      lines += El("tr", {}, El("th", {{"scope", "row"}}, StatusTag(status)), number(c.now, "status", c.label),
                  number(c.year, "year", c.label));
    }
    const auto head = [](std::string_view words) { return El("th", {{"scope", "col"}}, words); };
    Markup statuses =
        El("table", {{"class", "counts"}}, El("caption", {}, "Against target"),
           El("thead", {}, El("tr", {}, head("Status"), head("Now"), head("Year to date"))), El("tbody", {}, lines));

    Markup directions;
    for (const v1::Judgement judgement :
         {v1::JUDGEMENT_IMPROVED, v1::JUDGEMENT_SAME, v1::JUDGEMENT_WORSE_WITHIN_TOLERANCE, v1::JUDGEMENT_WORSE,
          v1::JUDGEMENT_CHANGED, v1::JUDGEMENT_NOT_COMPARABLE}) {
      const auto n = static_cast<int>(std::count_if(scope_.begin(), scope_.end(), [&](const v1::ReportRow* row) {
        return row->score().judgement() == judgement;
      }));
      if (n == 0) continue;
      directions += El("tr", {}, El("th", {{"scope", "row"}}, JudgementText(judgement)),
                       number(n, "direction", EnumWord(judgement)));
    }
    const Markup travel =
        El("table", {{"class", "counts"}}, El("caption", {}, "Since the period before"),
           El("thead", {}, El("tr", {}, head("Direction of travel"), head("Indicators"))), El("tbody", {}, directions));
    Markup all = El("h2", {{"id", "summary"}}, "At a glance") + El("p", {{"class", "lead"}}, Sentence(counts)) +
                 Bar(counts, &Count::now) + El("div", {{"class", "glance"}}, statuses, travel);
    Markup lists = Listed("Off target", "off-target", [this](const v1::ReportRow& row) {
      return IsOffTarget(schemes_, row.score(), row.score().current());
    });
    lists += Listed("Worsened twice running", "worsened",
                    [this](const v1::ReportRow& row) { return DeclinedTwice(data_, row); });
    lists += Missing();
    lists += FindingsNote();
    return all + El("div", {{"class", "attention"}}, lists);
  }

  std::string Sentence(const std::vector<Count>& counts) const {
    std::vector<std::string> words;
    for (const Count& c : counts) {
      if (c.now > 0) words.push_back(absl::StrCat(c.now, " ", c.label));
    }
    return absl::StrCat(scope_.size(),
                        scope_.size() == 1 ? " indicator: " : " indicators: ", absl::StrJoin(words, ", "), ".");
  }

  template <typename Condition>
  Markup Listed(std::string_view heading, std::string_view id, const Condition& condition) const {
    Markup items;
    int n = 0;
    for (const v1::ReportRow* row : scope_) {
      if (!condition(*row)) continue;
      ++n;
      const v1::Score& s = row->score();
      const std::string& unit = row->definition().unit();
      const std::string target =
          s.has_target() || s.has_target_range() ? absl::StrCat(", target ", TargetText(s, row->definition())) : "";
      std::string before =
          s.previous().has_value() ? absl::StrCat(", from ", FigureText(s.previous().value(), unit)) : "";
      if (const auto b = data_.before.find(row->definition().ref()); id == "worsened" && b != data_.before.end()) {
        if (b->second.previous().has_value())
          absl::StrAppend(&before, " and ", FigureText(b->second.previous().value(), unit), " before");
      }
      items += El("li", {},
                  El("a", {Href(RowAddress(row->definition().ref()))}, row->definition().ref(), " ",
                     row->definition().description()),
                  ": ", El("strong", {}, s.current().has_value() ? FigureText(s.current().value(), unit) : ""), before,
                  target);
    }
    if (n == 0) return {};
    return El("section", {{"aria-labelledby", id}}, El("h3", {{"id", id}}, heading, " ", OfAll(n, id)),
              El("ul", {}, items));
  }

  // "6 of 67", which leads to them with all that a list has no room for.
  Markup OfAll(int n, std::string_view place) const {
    const std::string words = absl::StrCat(n, " of ", scope_.size());
    if (site_.stand_alone) return El("span", {{"class", "count"}}, words);
    Address address = ExceptionsAddress(site_.council, data_.report.period());
    if (!selection_.directorate.empty()) address = address.With("directorate", selection_.directorate);
    if (!selection_.service.empty()) address = address.With("service", selection_.service);
    return El("a", {{"class", "count"}, Href(address.At(place))}, words);
  }

  Markup Missing() const {
    Markup items;
    int n = 0;
    for (const v1::DueReading& due : data_.due) {
      const bool here = std::any_of(scope_.begin(), scope_.end(),
                                    [&](const v1::ReportRow* row) { return row->definition().ref() == due.ref(); });
      if (!here) continue;
      ++n;
      const std::string words = DueText(due);
      items += El("li", {}, El("a", {Href(RowAddress(due.ref()))}, due.ref(), " ", due.description()), ": ",
                  PeriodName(due.period()), ", ", words,
                  due.owner().name().empty() ? "" : absl::StrCat(" (", due.owner().name(), ")"));
    }
    if (n == 0) return {};
    return El("section", {{"aria-labelledby", "missing"}},
              El("h3", {{"id", "missing"}}, "Missing or overdue ", OfAll(n, "missing")), El("ul", {}, items));
  }

  Markup FindingsNote() const {
    size_t n = 0;
    for (const v1::ReportRow* row : scope_) {
      if (const auto f = findings_.find(row->definition().ref()); f != findings_.end()) n += f->second.size();
    }
    if (n == 0) return {};
    const Address address =
        site_.stand_alone ? Address::Here("findings") : FindingsAddress(site_.council, data_.report.period());
    return El("section", {{"aria-labelledby", "adds-up"}}, El("h3", {{"id", "adds-up"}}, "What does not add up"),
              El("p", {}, El("a", {Href(address)}, absl::StrCat(n, n == 1 ? " finding" : " findings")),
                 " in the published figures, each with its reason."));
  }

  // The directorates and services, each with the rows that it has.
  Markup Contents() const {
    if (!selection_.service.empty()) return {};
    Markup items;
    std::string directorate;
    Markup services;
    size_t rows = 0;
    const auto end = [&] {
      if (rows == 0) return;
      const Markup name =
          site_.stand_alone || !selection_.directorate.empty()
              ? Markup(Named(directorate))
              : El("a", {Href(ReportAddress(site_.council, data_.report.period()).With("directorate", directorate))},
                   Named(directorate));
      items += El("li", {}, directorate.empty() && !site_.stand_alone ? Markup(Named(directorate)) : name,
                  El("ul", {}, services));
      services = Markup();
      rows = 0;
    };
    for (size_t i = 0; i < scope_.size();) {
      const v1::IndicatorDefinition& d = scope_[i]->definition();
      if (d.directorate() != directorate) end();
      directorate = d.directorate();
      size_t n = 0;
      const size_t first = i;
      while (i < scope_.size() && scope_[i]->definition().directorate() == d.directorate() &&
             scope_[i]->definition().service() == d.service()) {
        ++i;
        ++n;
      }
      rows += n;
      services += El("li", {},
                     El("a",
                        {Href(apart_ ? ReportAddress(site_.council, data_.report.period())
                                           .With("directorate", d.directorate())
                                           .With("service", d.service())
                                     : Address::Here(GroupId(first)))},
                        d.service().empty() ? Named(d.directorate()) : d.service()),
                     El("span", {{"class", "count"}}, absl::StrCat(" ", n)));
    }
    end();
    return El("nav", {{"class", "contents"}, {"aria-labelledby", "contents"}},
              El("h2", {{"id", "contents"}}, "Directorates and services"), El("ul", {}, items));
  }

  static std::string Named(const std::string& directorate) { return directorate.empty() ? "The council" : directorate; }
  static std::string GroupId(size_t first) { return absl::StrCat("group-", first); }

  // Which rows were asked for.
  Markup Selected() const {
    std::vector<std::string> words;
    if (!selection_.status.empty()) words.push_back(absl::StrCat("status now: ", selection_.status));
    if (!selection_.year.empty()) words.push_back(absl::StrCat("status of the year to date: ", selection_.year));
    if (!selection_.direction.empty()) {
      v1::Judgement judgement = v1::JUDGEMENT_UNSPECIFIED;
      for (int i = v1::Judgement_MIN; i <= v1::Judgement_MAX; ++i) {
        if (v1::Judgement_IsValid(i) && Same(EnumWord(static_cast<v1::Judgement>(i)), selection_.direction))
          judgement = static_cast<v1::Judgement>(i);
      }
      words.push_back(absl::StrCat("direction of travel: ", judgement == v1::JUDGEMENT_UNSPECIFIED
                                                                ? selection_.direction
                                                                : JudgementText(judgement)));
    }
    return El("p", {{"class", "note"}, {"id", "rows"}},
              El("strong", {}, absl::StrCat(rows_.size(), " of ", scope_.size(), " indicators")), ", ",
              absl::StrJoin(words, "; "), ". ", El("a", {Href(Part())}, "Show all"));
  }

  Markup Rows() {
    if (rows_.empty()) return {};
    if (apart_) {
      return El("p", {{"class", "note"}, {"id", "rows"}},
                absl::StrCat(rows_.size(),
                             " rows are too many for one page: open a directorate or a service above. The files below "
                             "have them all."));
    }
    const bool pairs =
        std::any_of(rows_.begin(), rows_.end(), [&](const v1::ReportRow* row) { return ChartedWith(*row) != nullptr; });
    Markup all = El("details", {}, El("summary", {}, "How to read the charts"), WholeChartKey(pairs));
    std::string directorate = "\n";
    for (size_t i = 0; i < rows_.size();) {
      const size_t first = i;
      const v1::IndicatorDefinition& d = rows_[first]->definition();
      while (i < rows_.size() && rows_[i]->definition().directorate() == d.directorate() &&
             rows_[i]->definition().service() == d.service())
        ++i;
      if (d.directorate() != directorate) all += El("h2", {}, Named(d.directorate()));
      directorate = d.directorate();
      if (!d.service().empty()) all += El("h3", {{"id", GroupId(first)}}, d.service());
      all += El("div", d.service().empty() ? markup::Attributes{{"id", GroupId(first)}} : markup::Attributes{},
                Table(first, i));
    }
    return all;
  }

  // The rows of one service. Which columns there are, its rows say.
  Markup Table(size_t from, size_t to) {
    std::vector<int> quarters;
    for (int q = 0; q < 4; ++q) {
      if (Any(0, rows_.size(), [q](const v1::Score& s) {
            return q < s.quarters_size() && s.quarters(q).state() != v1::CELL_STATE_NOT_SHOWN;
          }))
        quarters.push_back(q);
    }
    const bool previous_target = Any(from, to, [](const v1::Score& s) { return s.has_previous_target(); });
    columns_ = {};
    Markup heads;
    const auto head = [&](const std::string& words, std::string_view name) {
      columns_.push_back(words);
      heads += El("th", {{"scope", "col"}, {"role", "columnheader"}, {"class", name}}, words);
    };
    head("Indicator", "name");
    head("Chart", "picture");
    head("Benchmark", "figure");
    for (const int q : quarters) head(QuarterHead(from, to, q), "figure");
    head("Year to date", "figure");
    head(PeriodHead(
             from, to, [](const v1::Score& s) -> const std::string& { return s.previous().period(); }, "Previous"),
         "figure");
    head(PeriodHead(
             from, to, [](const v1::Score& s) -> const std::string& { return s.current().period(); }, "Current"),
         "figure now");
    head("Direction of travel", "direction");
    if (previous_target) head("Previous target", "figure");
    head("Target", "figure");
    const v1::IndicatorDefinition& d = rows_[from]->definition();
    Markup bodies;
    for (size_t i = from; i < to; ++i) bodies += Row(*rows_[i], quarters, previous_target);
    const std::string name = d.service().empty() ? Named(d.directorate()) : d.service();
    return El("table", {{"class", "report"}, {"role", "table"}},
              El("caption", {}, absl::StrCat(name, ", ", PeriodName(data_.report.period()))),
              El("thead", {{"role", "rowgroup"}}, El("tr", {{"role", "row"}}, heads)), bodies);
  }

  template <typename Condition>
  bool Any(size_t from, size_t to, const Condition& condition) const {
    return std::any_of(rows_.begin() + static_cast<std::ptrdiff_t>(from),
                       rows_.begin() + static_cast<std::ptrdiff_t>(to),
                       [&](const v1::ReportRow* row) { return condition(row->score()); });
  }

  // The period of a column where its rows have but one; else the general word, and each cell says its own.
  template <typename PeriodIn>
  std::string PeriodHead(size_t from, size_t to, const PeriodIn& period, const char* general) const {
    const std::string& first = period(rows_[from]->score());
    const bool one = !Any(from, to, [&](const v1::Score& s) { return period(s) != first; });
    return one && !first.empty() ? ShortPeriodName(first) : general;
  }
  std::string QuarterHead(size_t from, size_t to, int q) const {
    static const std::string none;
    const std::string months = PeriodHead(
        from, to,
        [q](const v1::Score& s) -> const std::string& { return q < s.quarters_size() ? s.quarters(q).period() : none; },
        "");
    bool running = true;
    for (size_t i = from; i < to; ++i) running = running && rows_[i]->definition().quarter_running();
    if (months.empty()) return absl::StrCat("Quarter ", q + 1);
    return absl::StrCat("Quarter ", q + 1, " (", running && q > 0 ? "year so far, " : "", months, ")");
  }

  // A cell: figure, what stands beside it, status. `period`: said where the column's head says another.
  Markup Figure(const v1::ReportRow& row, const v1::Cell& cell, bool with_status) const {
    if (cell.state() == v1::CELL_STATE_NOT_SHOWN || cell.state() == v1::CELL_STATE_UNSPECIFIED)
      return El("span", {{"class", "none"}}, "n/a");
    Markup all;
    if (cell.has_value()) all += El("span", {{"class", "number"}}, FigureText(cell.value(), row.definition().unit()));
    const StatusText status = StatusIn(row, cell);
    if (with_status || !cell.has_value()) {
      all += StatusTag(status);
    } else if (!ObservationWord(cell.observation_status()).empty()) {
      all += El("span", {{"class", "beside"}}, ObservationWord(cell.observation_status()));
    }
    all += BesideLines(cell);
    if (!cell.reason().empty()) all += El("span", {{"class", "beside"}}, cell.reason());
    return all;
  }

  Markup Row(const v1::ReportRow& row, const std::vector<int>& quarters, bool with_previous_target) {
    const v1::IndicatorDefinition& d = row.definition();
    const v1::Score& s = row.score();
    size_t column = 1;
    Markup cells;
    const auto cell = [&](std::string_view name, const Markup& content, const std::string& own_period = "") {
      Markup inside = content;
      const std::string& label = columns_[column++];
      if (!own_period.empty() && (label == "Previous" || label == "Current"))
        inside += El("span", {{"class", "beside"}}, ShortPeriodName(own_period));
      cells += El("td", {{"role", "cell"}, {"class", name}, {"data-label", label}}, El("div", {}, inside));
    };
    cell("picture", Picture(row));
    cell("figure", BenchmarkOf(d));
    for (const int q : quarters) {
      cell("figure", q < s.quarters_size() ? Figure(row, s.quarters(q), true) : El("span", {{"class", "none"}}, "n/a"));
    }
    cell("figure", Figure(row, s.year_to_date(), true));
    cell("figure", Figure(row, s.previous(), false), s.previous().period());
    cell("figure now", Figure(row, s.current(), true), s.current().period());
    cell("direction", El("span", {{"class", "arrow"}, {"aria-hidden", "true"}}, s.arrow()) +
                          El("span", {}, JudgementText(s.judgement())));
    if (with_previous_target)
      cell("figure", s.has_previous_target()
                         ? El("span", {{"class", "number"}}, FigureText(s.previous_target(), d.unit()))
                         : El("span", {{"class", "none"}}, "n/a"));
    cell("figure",
         El("span", {{"class", s.has_target() || s.has_target_range() ? "number" : "beside"}}, TargetText(s, d)) +
             Tolerated(s, d));

    std::vector<std::string> small = {PolarityText(d.polarity())};
    if (!d.key_commitment().empty()) small.push_back(absl::StrCat("key commitment: ", d.key_commitment()));
    if (!d.alternate_refs().empty()) small.push_back(absl::StrCat("also ", absl::StrJoin(d.alternate_refs(), ", ")));
    const Markup name = El("th", {{"scope", "row"}, {"role", "rowheader"}, {"class", "name"}},
                           El("div", {}, Title(row), El("span", {{"class", "beside"}}, absl::StrJoin(small, "; "))));
    const Markup first = El("tr", {{"role", "row"}}, name, cells);
    const Markup second = El("tr", {{"role", "row"}, {"class", "words"}},
                             El("td", {{"role", "cell"}, {"colspan", static_cast<int>(columns_.size())}}, Words(row)));
    const v1::ReportRow* charted = ChartedWith(row);
    // When that one changes, this one's chart does (live.js).
    return El("tbody",
              {{"role", "rowgroup"},
               {"id", d.ref()},
               markup::Attribute::If(charted != nullptr, "data-charted-with", d.charted_with())},
              first, second);
  }

  Markup Title(const v1::ReportRow& row) const {
    const v1::IndicatorDefinition& d = row.definition();
    const Markup words = El("span", {{"class", "ref"}}, d.ref()) + " " + d.description();
    return site_.stand_alone ? El("span", {}, words) : El("a", {Href(IndicatorAddress(site_.council, d.ref()))}, words);
  }

  Markup Picture(const v1::ReportRow& row) const {
    const v1::IndicatorDefinition& d = row.definition();
    if (site_.stand_alone) {
      const auto chart = data_.charts.find(d.ref());
      return chart == data_.charts.end() ? Markup() : Draw(chart->second, ChartSize::kSmall, "chart-" + d.ref());
    }
    const v1::ReportRow* charted = ChartedWith(row);
    const int64_t newest =
        std::max(row.score().newest_offset(), charted == nullptr ? 0 : charted->score().newest_offset());
    // The row has every figure in words; the image's own page says what is seen.
    return El(
        "a", {Href(IndicatorAddress(site_.council, d.ref()).At("chart"))},
        Void("img", {{"class", "chart-image"},
                     Src(ChartAddress(site_.council, d.ref(), data_.report.period()).With("at", absl::StrCat(newest))),
                     {"width", 260},
                     {"height", 104},
                     {"loading", "lazy"},
                     {"alt", absl::StrCat("Chart of ", d.ref(), charted == nullptr ? "" : " and ",
                                          charted == nullptr ? "" : charted->definition().ref(), " over the year")}}));
  }

  // The row whose figures its chart shows as well. Null: none that the reader sees.
  const v1::ReportRow* ChartedWith(const v1::ReportRow& row) const {
    const auto found = by_ref_.find(row.definition().charted_with());
    return found == by_ref_.end() ? nullptr : found->second;
  }

  static Markup BenchmarkOf(const v1::IndicatorDefinition& d) {
    if (!d.benchmark().has_value()) return El("span", {{"class", "none"}}, "n/a");
    const std::string whose = absl::StrCat(
        d.benchmark().comparator(), d.benchmark().comparator().empty() || d.benchmark().period().empty() ? "" : ", ",
        d.benchmark().period());
    return El("span", {{"class", "number"}}, FigureText(d.benchmark().value(), d.unit())) +
           (whose.empty() ? Markup() : El("span", {{"class", "beside"}}, whose));
  }

  static Markup Tolerated(const v1::Score& s, const v1::IndicatorDefinition& d) {
    if (!s.has_tolerated()) return {};
    const v1::Range& t = s.tolerated();
    std::string words = "tolerated";
    // The side that is worse is what tolerance is about.
    const bool low = t.has_low() && d.polarity() != v1::POLARITY_LOWER;
    const bool high = t.has_high() && d.polarity() != v1::POLARITY_HIGHER;
    if (low) absl::StrAppend(&words, " from ", FigureText(t.low(), d.unit()));
    if (high) absl::StrAppend(&words, low ? " to " : " up to ", FigureText(t.high(), d.unit()));
    return low || high ? El("span", {{"class", "beside"}}, words) : Markup();
  }

  // The owner's words, the notes, and what does not add up.
  Markup Words(const v1::ReportRow& row) const {
    const v1::IndicatorDefinition& d = row.definition();
    Markup all;
    if (!row.comment().text().empty()) {
      all += El("div", {{"class", "comment"}}, El("strong", {{"class", "label"}}, "Comment"),
                markup::Paragraphs(row.comment().text()));
    }
    Markup notes;
    for (const std::string& note : d.notes()) {
      if (!absl::StrContains(row.comment().text(), note)) notes += El("li", {}, note);  // Once is enough.
    }
    if (!d.geography().empty()) notes += El("li", {}, "Area: ", d.geography());
    if (!d.coverage().empty()) notes += El("li", {}, "Coverage: ", d.coverage());
    if (!notes.empty())
      all += El("div", {{"class", "notes"}}, El("strong", {{"class", "label"}}, "Notes"), El("ul", {}, notes));
    if (const auto found = findings_.find(d.ref()); found != findings_.end()) {
      Markup items;
      for (const v1::Finding* f : found->second)
        items += El("li", {}, El("strong", {}, FindingText(f->kind())), ": ", f->explanation());
      all +=
          El("div", {{"class", "finding"}}, El("strong", {{"class", "label"}}, "Does not add up"), El("ul", {}, items));
    }
    return all;
  }

  Markup Files() const {
    Markup items;
    for (const FileFormat& format : FileFormats()) {
      if (!format.served) continue;
      const Address address = ReportAddress(site_.council, data_.report.period()).WithSuffix(format.suffix);
      items += El("li", {}, El("a", {Href(address)}, format.words));
    }
    return El("h2", {{"id", "files"}}, "This report as a file") + El("ul", {}, items);
  }

  const Site& site_;
  const ReportData& data_;
  const Selection& selection_;
  const core::Month month_;
  Schemes schemes_;
  std::map<std::string_view, const v1::ReportRow*> by_ref_;
  std::vector<const v1::ReportRow*> scope_;  // Of the directorate and service.
  std::vector<const v1::ReportRow*> rows_;   // Of them, those that are shown.
  std::map<std::string, std::vector<const v1::Finding*>> findings_;
  bool apart_ = false;                // The rows are on pages of their own.
  std::vector<std::string> columns_;  // Of the table under way.
};

}  // namespace

std::string ReportPage(const Site& site, const ReportData& data, const Selection& selection) {
  return Page(site, data, selection).Whole();
}

}  // namespace bellwether::report
