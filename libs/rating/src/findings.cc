#include "bellwether/rating/findings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/warnings.h"
#include "explain_direction.h"
#include "roll_up.h"
#include "words.h"

namespace bellwether::rating {
namespace {

using core::Rational;

Rational HalfOfLastPlace(const core::Decimal& figure) { return Rational::Of(1, 2 * core::PowerOfTen(figure.scale())); }

// Exact, where some places suffice; else cut off after four places more than the published figure has.
std::string TextOf(const Rational& number, const core::Decimal& published) {
  return number.ToText(std::min(core::Decimal::kMaxScale, published.scale() + 4));
}

// "82/88"
std::string RatioText(const Rational& numerator, const Rational& denominator) {
  return absl::StrCat(numerator.ToText(core::Decimal::kMaxScale), "/", denominator.ToText(core::Decimal::kMaxScale));
}

// What the parts of a span give, as far as a supplied total can be held against it.
struct PartsTotal {
  std::optional<Rational> numerator;  // Of ratios.
  std::optional<Rational> denominator;
  std::optional<Rational> weight;  // Of weighted means.
  std::optional<Rational> value;   // Unrounded.
  Rational slack;                  // How far the value may be off, since the parts are rounded themselves.
};

PartsTotal TotalOf(const Definition& definition, const CellEvaluation& cell) {
  PartsTotal total;
  const RolledUp rolled = RollUp(definition, cell.rule, cell.parts);
  total.value = rolled.exact;
  if (!rolled.exact) return total;
  if (!NeedsAllParts(cell.rule)) {
    const Measurement& last = cell.parts.back().slot->reading->measurement;
    if (const auto* ratio = std::get_if<Ratio>(&last)) {
      total.numerator = ratio->numerator;
      total.denominator = ratio->denominator;
    } else if (const auto* mean = std::get_if<WeightedMean>(&last)) {
      total.weight = mean->weight;
    }
  } else if (cell.rule == RollUpRule::kRatio) {
    Rational numerator;
    Rational denominator;
    for (const Part& part : cell.parts) {
      const auto& ratio = std::get<Ratio>(part.slot->reading->measurement);
      numerator += ratio.numerator;
      denominator += ratio.denominator;
    }
    total.numerator = std::move(numerator);
    total.denominator = std::move(denominator);
  } else if (cell.rule == RollUpRule::kWeightedMean) {
    Rational weight;
    for (const Part& part : cell.parts) {
      const auto& mean = std::get<WeightedMean>(part.slot->reading->measurement);
      weight += mean.weight;
      total.slack += HalfOfLastPlace(mean.mean) * mean.weight;
    }
    total.slack = total.slack / weight;  // Not zero: there is a value.
    total.weight = std::move(weight);
  }
  return total;
}

// "19 out of 20 in quarter 1 of 2021-22, 28 out of 31 in quarter 2 of 2021-22": what each part gives.
std::string PartsInWords(const Parts& parts) {
  std::string text;
  for (const Part& part : parts) {
    const Measurement& measurement = part.slot->reading->measurement;
    absl::StrAppend(&text, text.empty() ? "" : ", ");
    if (const auto* ratio = std::get_if<Ratio>(&measurement)) {
      absl::StrAppend(&text, core::WithThousands(ratio->numerator.ToString()), " out of ",
                      core::WithThousands(ratio->denominator.ToString()));
    } else if (const auto* mean = std::get_if<WeightedMean>(&measurement)) {
      absl::StrAppend(&text, core::WithThousands(mean->mean.ToString()), " over ",
                      core::WithThousands(mean->weight.ToString()));
    } else if (const auto* value = std::get_if<core::Decimal>(&measurement)) {
      absl::StrAppend(&text, core::WithThousands(value->ToString()));
    }
    absl::StrAppend(&text, part.running ? " up to " : " in ", part.period.DisplayName());
  }
  return text;
}

// The same but for case, spaces, hyphens and underscores.
bool SameWords(std::string_view a, std::string_view b) {
  const auto fold = [](std::string_view text) {
    std::string folded = absl::AsciiStrToLower(core::ToAbsl(text));
    std::erase_if(folded, [](char c) { return c == ' ' || c == '-' || c == '_'; });
    return folded;
  };
  return fold(a) == fold(b);
}

// "2 too high", "5 too low", "right".
std::string OffBy(const Rational& difference, const core::Decimal& published) {
  if (difference.IsZero()) return "right";
  return absl::StrCat(core::WithThousands(TextOf(difference.Abs(), published)),
                      difference.Sign() > 0 ? " too high" : " too low");
}

// Looks for what does not add up in one report row.
class Examiner {
 public:
  Examiner(const Subject& subject, const core::Period& period, const FindSubject& find)
      : definition_(InForceIn(*subject.definition, period.last())),
        slots_(*subject.slots),
        find_(find),
        evaluation_(Evaluate(*subject.definition, subject.definition_recorded, slots_, period)) {}

  std::vector<Finding> Examine() {
    Arrow();
    ForEachCell([this](const CellEvaluation& cell) { PublishedStatus(cell); });
    ForEachCell([this](const CellEvaluation& cell) { PartsAndTotal(cell); });
    ForEachCell([this](const CellEvaluation& cell) { Unlikely(cell); });
    for (const Check& check : definition_.checks) {
      std::visit([this](const auto& c) { Examine(c); }, check);
    }
    return std::move(findings_);
  }

 private:
  // One for each kind of check: a new kind does not compile without its own.
  void Examine(const RunningAmount& /*check*/) {
    ForEachCell([this](const CellEvaluation& cell) { RunningTotal(cell); });
  }
  void Examine(const SharedPopulation& shared) {
    const Subject other = find_(shared.other_ref);
    if (other.definition == nullptr) return;
    ForEachCell([&](const CellEvaluation& cell) { SamePopulation(cell, shared, other); });
  }

  // Of a quarterly indicator the data period's quarter is its current cell, and looked at as such.
  template <typename F>
  void ForEachCell(F&& f) {
    f(evaluation_.current);
    for (const CellEvaluation& quarter : evaluation_.quarters) {
      if (quarter.cell.state != CellState::kNotShown && quarter.cell.period != evaluation_.head.period) f(quarter);
    }
    if (evaluation_.year_to_date.cell.state != CellState::kNotShown) f(evaluation_.year_to_date);
  }

  void Add(FindingKind kind, const CellEvaluation& cell, std::string published, std::string computed,
           std::string difference, std::string explanation) {
    findings_.push_back({kind, definition_.ref, cell.cell.period, cell.kind, std::move(published), std::move(computed),
                         std::move(difference), std::move(explanation), std::nullopt});
  }

  void Arrow() {
    const ScoreHead& score = evaluation_.head;
    const std::string& published = evaluation_.current.cell.published_arrow;
    if (published.empty() || score.arrow.empty() || SameWords(FoldArrow(published), FoldArrow(score.arrow))) return;
    for (const DirectionRule& rule : definition_.scheme->directions) {
      if (rule.arrow != score.arrow) continue;
      for (const std::string& synonym : rule.synonyms) {
        if (SameWords(FoldArrow(published), FoldArrow(synonym))) return;
      }
    }
    Add(FindingKind::kArrow, evaluation_.current, published, score.arrow, "",
        absl::StrCat("The publisher's arrow is ", published, ", but by the key it is ", score.arrow, ". ",
                     ExplainDirection(evaluation_).sentence));
  }

  // The publisher may give the scheme's id of a status, its label, or a synonym of it.
  void PublishedStatus(const CellEvaluation& cell) {
    const std::string& published = cell.cell.published_status;
    if (published.empty() || cell.cell.status.empty() || SameWords(published, cell.cell.status)) return;
    const Status* given = nullptr;
    const Status* meant = nullptr;
    for (const Status& status : cell.definition->scheme->statuses) {
      const bool is_meant = SameWords(published, status.id) || SameWords(published, status.label) ||
                            std::any_of(status.synonyms.begin(), status.synonyms.end(),
                                        [&](const std::string& synonym) { return SameWords(published, synonym); });
      if (status.id == cell.cell.status) given = &status;
      // Several statuses may share a word.
      if (is_meant && (meant == nullptr || given == &status)) meant = &status;
    }
    if (meant != nullptr && meant == given) return;
    const std::string& computed = given != nullptr ? given->label : cell.cell.status;
    Add(FindingKind::kStatus, cell, published, computed, "",
        absl::StrCat("The publisher's status for ", cell.kind == CellKind::kYearToDate ? "the " : "",
                     cell.cell.period.DisplayName(), " is ", published, ", but by the scheme it is ", computed, ".",
                     meant != nullptr ? ""
                                      : " The scheme has no status of that name: say it among a status' synonyms"
                                        " if it means one.",
                     " `bellwether explain ", definition_.ref, "` says why."));
  }

  // What was told when the reading came, and would be told again.
  void Unlikely(const CellEvaluation& cell) {
    if (cell.slot == nullptr || !cell.slot->reading) return;
    const Reading& reading = *cell.slot->reading;
    const auto figure = DisplayedValue(reading.measurement, definition_);
    for (Warning& warning : WarningsOf(*cell.definition, reading, slots_, DayOf(cell.slot->recorded))) {
      Add(FindingKind::kUnlikely, cell, figure ? figure->ToString() : "", "", "",
          absl::StrCat(Capitalised(std::move(warning.message)), "."));
      findings_.back().warning = warning.kind;
    }
  }

  void PartsAndTotal(const CellEvaluation& cell) {
    if (cell.slot == nullptr || !cell.slot->reading) return;
    const Measurement& supplied = cell.slot->reading->measurement;
    if (cell.parts.empty()) return OwnParts(cell, supplied);
    const PartsTotal total = TotalOf(*cell.definition, cell);
    if (!total.value) return;
    if (const auto* ratio = std::get_if<Ratio>(&supplied); ratio != nullptr && total.numerator) {
      RatioAndParts(cell, *ratio, total);
    } else if (const auto* mean = std::get_if<WeightedMean>(&supplied);
               mean != nullptr && total.weight && *total.weight != mean->weight) {
      WeightAndParts(cell, mean->weight, *total.weight);
    } else if (const auto value = DisplayedValue(supplied, definition_)) {
      ValueAndParts(cell, *value, total);
    }
  }

  // A ratio's value against its own numerator and denominator: they can part when the definition changes.
  void OwnParts(const CellEvaluation& cell, const Measurement& supplied) {
    const auto* ratio = std::get_if<Ratio>(&supplied);
    if (ratio == nullptr || !ratio->value) return;
    const auto exact = ExactValue(supplied, definition_.ratio_multiplier);
    if (!exact) return;
    const auto rounded = exact->Round(ratio->value->scale());
    if (rounded.ok() && core::SameValue(*rounded, *ratio->value)) return;
    const Rational difference = Rational(*ratio->value) - *exact;
    Add(FindingKind::kPartsAndTotal, cell, ratio->value->ToString(), TextOf(*exact, *ratio->value),
        TextOf(difference, *ratio->value),
        absl::StrCat("The figure supplied for ", cell.cell.period.DisplayName(), " is ",
                     WithUnit(ratio->value->ToString(), definition_), ", but its own numerator and denominator, ",
                     core::WithThousands(ratio->numerator.ToString()), " out of ",
                     core::WithThousands(ratio->denominator.ToString()), ", give ",
                     WithUnit(TextOf(*exact, *ratio->value), definition_), "."));
  }

  void RatioAndParts(const CellEvaluation& cell, const Ratio& ratio, const PartsTotal& total) {
    const Rational numerator = Rational(ratio.numerator) - *total.numerator;
    const Rational denominator = Rational(ratio.denominator) - *total.denominator;
    if (numerator.IsZero() && denominator.IsZero()) return;
    Add(FindingKind::kPartsAndTotal, cell, RatioText(ratio.numerator, ratio.denominator),
        RatioText(*total.numerator, *total.denominator), RatioText(numerator, denominator),
        absl::StrCat(Supplied(cell), core::WithThousands(ratio.numerator.ToString()), " out of ",
                     core::WithThousands(ratio.denominator.ToString()), ", but its parts give ",
                     core::WithThousands(total.numerator->ToText(core::Decimal::kMaxScale)), " out of ",
                     core::WithThousands(total.denominator->ToText(core::Decimal::kMaxScale)), " (",
                     PartsInWords(cell.parts), "). The numerator is ", OffBy(numerator, ratio.numerator),
                     " and the denominator is ", OffBy(denominator, ratio.denominator), "."));
  }

  void WeightAndParts(const CellEvaluation& cell, const core::Decimal& supplied, const Rational& weight) {
    const Rational difference = Rational(supplied) - weight;
    Add(FindingKind::kPartsAndTotal, cell, absl::StrCat("weight ", supplied.ToString()),
        absl::StrCat("weight ", TextOf(weight, supplied)), TextOf(difference, supplied),
        absl::StrCat(Supplied(cell), "a mean over ", core::WithThousands(supplied.ToString()),
                     ", but its parts are over ", core::WithThousands(TextOf(weight, supplied)), " (",
                     PartsInWords(cell.parts), "). It is ", OffBy(difference, supplied), "."));
  }

  void ValueAndParts(const CellEvaluation& cell, const core::Decimal& supplied, const PartsTotal& total) {
    const Rational difference = Rational(supplied) - *total.value;
    if (cell.rule == RollUpRule::kWeightedMean) {
      if (difference.Abs() <= total.slack + HalfOfLastPlace(supplied)) return;
    } else {
      const auto rounded = total.value->Round(supplied.scale());
      if (rounded.ok() && core::SameValue(*rounded, supplied)) return;
    }
    const std::string computed = TextOf(*total.value, supplied);
    Add(FindingKind::kPartsAndTotal, cell, supplied.ToString(), computed, TextOf(difference, supplied),
        absl::StrCat(Supplied(cell), WithUnit(supplied.ToString(), definition_), ", but its parts give ",
                     WithUnit(computed, definition_), " (", PartsInWords(cell.parts), "). It is ",
                     OffBy(difference, supplied), "."));
  }

  std::string Supplied(const CellEvaluation& cell) const {
    return absl::StrCat("The figure supplied for ", cell.kind == CellKind::kYearToDate ? "the " : "",
                        cell.cell.period.DisplayName(), " is ");
  }

  // A running amount, and what it is of, in words.
  struct Running {
    Rational amount;
    std::string words;
  };

  // The running amount at the end of the month before a span; of a span that begins a year, nothing yet.
  std::optional<Running> RunningBefore(core::Month first, core::Month last) const {
    const core::Month start = YearStart(definition_, last);
    if (first == start) return Running{};
    if (first < start) return std::nullopt;  // It begins in the year before, and cannot be divided.
    const core::Month end = first - 1;
    const core::Period month = core::Period::OfMonth(end);
    const core::Period quarter = core::Period::QuarterOf(end, definition_.reporting_year);
    for (const core::Period& period : {month, quarter}) {
      const auto slot = slots_.find(period);
      if (period.last() != end || slot == slots_.end() || !slot->second.reading) continue;
      const auto& amount = slot->second.reading->seldom->other.amount;
      if (amount)
        return Running{*amount,
                       absl::StrCat(core::WithThousands(amount->ToString()), " by the end of ", period.DisplayName())};
    }
    return std::nullopt;
  }

  void RunningTotal(const CellEvaluation& cell) {
    if (cell.kind == CellKind::kYearToDate) return;  // Its amount in the period is the running amount itself.
    if (cell.slot == nullptr || !cell.slot->reading) return;
    const OtherMeasures& other = cell.slot->reading->seldom->other;
    if (!other.amount || !other.amount_in_period) return;
    const core::Period& period = cell.cell.period;
    const auto before = RunningBefore(period.first(), period.last());
    if (!before) return;
    const core::Decimal& published = *other.amount_in_period;
    const Rational computed = Rational(*other.amount) - before->amount;
    const auto rounded = computed.Round(published.scale());
    if (rounded.ok() && core::SameValue(*rounded, published)) return;
    const Rational difference = Rational(published) - computed;
    const std::string running = core::WithThousands(other.amount->ToString());
    const std::string computed_text = computed.ToText(core::Decimal::kMaxScale);
    Add(FindingKind::kRunningTotal, cell, published.ToString(), computed_text,
        difference.ToText(core::Decimal::kMaxScale),
        absl::StrCat(
            "The amount given for ", period.DisplayName(), " alone is ", core::WithThousands(published.ToString()),
            ". The running amount is ", running, " by the end of ", period.DisplayName(),
            before->words.empty()
                ? ", and the year begins there, so it should be the same"
                : absl::StrCat(" and was ", before->words, ", so it should be ", core::WithThousands(computed_text)),
            Times(published, computed), "."));
  }

  // ", a hundredth of what is given": a decimal point that was lost.
  static std::string Times(const core::Decimal& published, const Rational& computed) {
    if (computed.IsZero()) return "";
    const Rational times = Rational(published) / computed;
    for (const int exponent : {1, 2, 3}) {
      const Rational power(core::PowerOfTen(exponent));
      if (times == power) return absl::StrCat(": it is given ", power.ToFraction(), " times too large");
      if (times * power == Rational(1)) return absl::StrCat(": it is given ", power.ToFraction(), " times too small");
    }
    return "";
  }

  void SamePopulation(const CellEvaluation& cell, const SharedPopulation& check, const Subject& other) {
    const core::Period& period = cell.cell.period;
    const core::Month first =
        cell.kind == CellKind::kYearToDate ? YearStart(definition_, period.last()) : period.first();
    if (check.from && first < *check.from) return;
    const auto there = other.slots->find(period);
    if (cell.slot == nullptr || !cell.slot->reading) return;
    if (there == other.slots->end() || !there->second.reading) return;
    const auto own = FigureOf(*cell.slot->reading, check.figure);
    const auto others = FigureOf(*there->second.reading, check.other_figure);
    if (!own || !others || core::SameValue(*own, *others)) return;
    const Rational difference = Rational(*own) - *others;
    Add(FindingKind::kSamePopulation, cell, own->ToString(), others->ToString(),
        difference.ToText(core::Decimal::kMaxScale),
        absl::StrCat("The ", core::ToAbsl(FigureWord(check.figure)), " of ", definition_.ref, " in ",
                     period.DisplayName(), " is ", core::WithThousands(own->ToString()), ", but the ",
                     core::ToAbsl(FigureWord(check.other_figure)), " of ", other.definition->ref, " is ",
                     core::WithThousands(others->ToString()), ". Both count the same population",
                     check.from ? absl::StrCat(" from ", check.from->DisplayName(), " on") : "",
                     ", so they should be equal; the first is ", core::WithThousands(difference.Abs().ToText(9)),
                     difference.Sign() > 0 ? " more." : " less."));
  }

  static std::string_view FigureWord(Figure figure) {
    switch (figure) {
      case Figure::kValue:
        return "value";
      case Figure::kNumerator:
        return "numerator";
      case Figure::kDenominator:
        return "denominator";
      case Figure::kWeight:
        return "weight";
      case Figure::kVolume:
        return "volume";
      case Figure::kAmount:
        return "amount";
    }
    return "";
  }

  const Definition& definition_;
  const Slots& slots_;
  const FindSubject& find_;
  const Evaluation evaluation_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> FindingsOf(const Subject& subject, const core::Period& period, const FindSubject& find) {
  return Examiner(subject, period, find).Examine();
}

std::string FoldArrow(std::string_view arrow) {
  // What is written, and what it stands for: UTF-8.
  static constexpr std::pair<std::string_view, std::string_view> kFolds[] = {
      {"⇧", "↑"},     {"⬆", "↑"},     {"⇑", "↑"},     {"⇨", "→"},     {"➔", "→"}, {"⇒", "→"}, {"➡", "→"},
      {"⇩", "↓"},     {"⬇", "↓"},     {"⇓", "↓"},     {"⇦", "←"},     {"⬅", "←"}, {"⇐", "←"}, {"\uFE0E", ""},
      {"\uFE0F", ""}, {"\u00A0", ""}, {"\u2009", ""}, {"\u202F", ""}, {" ", ""},  {"\t", ""},
  };
  std::string folded;
  while (!arrow.empty()) {
    bool found = false;
    for (const auto& [written, stands_for] : kFolds) {
      if (arrow.substr(0, written.size()) != written) continue;
      folded.append(stands_for);
      arrow.remove_prefix(written.size());
      found = true;
      break;
    }
    if (found) continue;
    folded.push_back(arrow.front());
    arrow.remove_prefix(1);
  }
  return folded;
}

}  // namespace bellwether::rating
