#include "bellwether/rating/explain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/text.h"
#include "explain_direction.h"
#include "roll_up.h"
#include "target.h"
#include "words.h"

namespace bellwether::rating {
namespace {

const Status* StatusOf(const Definition& definition, const CellEvaluation& e) {
  return e.status_index < 0 ? nullptr : &definition.scheme->statuses[static_cast<size_t>(e.status_index)];
}

std::string StatusLabel(const Definition& definition, const CellEvaluation& e) {
  const Status* status = StatusOf(definition, e);
  return status != nullptr ? status->label : e.cell.status;
}

// How sure a source is of a figure that may still change, by its observation status. Empty: it does not say so.
std::string_view CertaintyWord(char status) {
  switch (status) {
    case 'P':
      return "provisional";
    case 'E':
      return "estimated";
    case 'F':
      return "a forecast";
    case 'I':
      return "imputed";
    case 'U':
      return "of low reliability";
    case 'V':
      return "unvalidated";
    default:
      return "";
  }
}

std::string DecimalPercent(const core::Decimal& percent) {
  const std::string text = percent.ToString();
  return absl::StrCat(text[0] == '-' ? text.substr(1) : text, "%");
}

// The words of a bound that is neither the target nor the tolerance: "at least 10% better than the target".
std::string BoundWords(const ShortfallBound& bound, const Definition& definition) {
  const std::string amount = bound.kind == ShortfallBound::Kind::kRelativePercent
                                 ? DecimalPercent(bound.amount)
                                 : DifferenceWithUnit(core::Rational(bound.amount).Abs(), definition);
  if (bound.amount.IsNegative()) {
    return absl::StrCat(bound.exclusive ? "more than " : "at least ", amount, " better than the target");
  }
  return absl::StrCat("short of the target by ", bound.exclusive ? "less than " : "at most ", amount);
}

const ShortfallBound* BoundThatHolds(const Definition& definition, const CellEvaluation& e) {
  const Status* status = StatusOf(definition, e);
  if (status == nullptr || e.condition_index < 0) return nullptr;
  return std::get_if<ShortfallBound>(&status->any_of[static_cast<size_t>(e.condition_index)]);
}

// Explains one cell.
class CellExplainer {
 public:
  explicit CellExplainer(const CellEvaluation& e) : definition_(*e.definition), e_(e) {}

  CellExplanation Explain() {
    CellExplanation x;
    x.kind = e_.kind;
    x.period = e_.cell.period;
    x.status = e_.cell.status.empty() ? std::string(StateWord(e_.cell.state)) : e_.cell.status;
    x.sentence = Sentence();
    x.rule = Rule();
    AppendInputs(e_.slot, &x.inputs);
    for (const Part& part : e_.parts) AppendInputs(part.slot, &x.inputs);
    AppendTargetInputs(e_, &x.inputs);
    AppendFigureArithmetic(&x.arithmetic);
    AppendTargetArithmetic(&x.arithmetic);
    for (const Edge& edge : EdgesOf(e_)) x.edges.push_back(Distance(edge));
    return x;
  }

 private:
  std::string Figure() const {
    return WithUnit(e_.compared ? ComparedText(e_, definition_) : e_.cell.value->ToString(), definition_);
  }
  std::string Unit(const core::Rational& number) const {
    return WithUnit(NumberText(number, definition_), definition_);
  }
  std::string PeriodName() const { return e_.cell.period.DisplayName(); }

  bool IsSpan() const { return e_.kind == CellKind::kQuarter || e_.kind == CellKind::kYearToDate; }
  // "for February 2022"; of a span nothing, since its sentence begins with it.
  std::string ForPeriod(std::string_view preposition) const {
    return IsSpan() ? "" : absl::StrCat(" ", core::ToAbsl(preposition), " ", PeriodName());
  }

  std::string Sentence() const {
    std::string said = Said();
    if (const std::string unsure = Unsure(); !unsure.empty()) {
      said.pop_back();
      absl::StrAppend(&said, "; ", unsure, ".");
    }
    return IsSpan() ? absl::StrCat(Capitalised(PeriodName()), ": ", said, OverABreak()) : Capitalised(said);
  }

  // Of a figure that its source may still change, or of which a part is one.
  std::string Unsure() const {
    if (!e_.cell.value) return "";
    if (e_.cell.supplied) {
      const std::string_view how = CertaintyWord(e_.cell.observation_status);
      return how.empty() ? "" : absl::StrCat("its source calls it ", core::ToAbsl(how));
    }
    std::vector<std::string> parts;
    for (const Part& part : e_.parts) {
      const bool is_there = part.slot != nullptr && part.slot->reading != nullptr;
      const std::string_view how = is_there ? CertaintyWord(part.slot->reading->observation_status) : "";
      if (!how.empty()) parts.push_back(absl::StrCat(part.period.DisplayName(), " (", core::ToAbsl(how), ")"));
    }
    return parts.empty() ? "" : absl::StrCat("its source is not sure of ", absl::StrJoin(parts, ", "));
  }

  // What does not compare is added up all the same: it is said.
  std::string OverABreak() const {
    if (!e_.cell.value || e_.cell.supplied) return "";
    const std::optional<core::Month> month = BreakWithin(definition_, e_.parts);
    if (!month) return "";
    return absl::StrCat(" A new series began in ", month->DisplayName(),
                        ": this is made of figures from before it and from then on, which do not compare.");
  }

  std::string Said() const {
    const std::string& reason = e_.cell.reason;
    const std::string because = reason.empty() ? "" : absl::StrCat(": ", reason);
    switch (e_.cell.state) {
      case CellState::kRated:
        return Rated();
      case CellState::kMissing:
        if (!e_.cell.supplied) return absl::StrCat("there is no figure", ForPeriod("for"), ".");
        return absl::StrCat("the source says that the figure", ForPeriod("of"), " is not available", because, ".");
      case CellState::kNotDue:
        return absl::StrCat("there is no figure", ForPeriod("for"), " yet, and none is due yet.");
      case CellState::kWithdrawn:
        return absl::StrCat("the figure", ForPeriod("of"), " was withdrawn, and no other has taken its place.");
      case CellState::kNotApplicable:
        return absl::StrCat("the source says that no figure applies", because, ".");
      case CellState::kSuppressed:
        return absl::StrCat("the source suppresses the figure", ForPeriod("of"), because, ".");
      case CellState::kNotCollected:
        return absl::StrCat("the source says that the figure", ForPeriod("of"), " was not collected", because, ".");
      case CellState::kInProgress:
        return absl::StrCat("the figure is ", Figure(), " so far; ", PeriodName(),
                            " is not over, so it is provisional and not rated.");
      case CellState::kUnderReview:
        return absl::StrCat("the figure is ", Figure(), "; its target is under review, so it is not rated.");
      case CellState::kTracking:
        return absl::StrCat("the figure is ", Figure(), "; there is no target, so it is tracked and not rated.");
      case CellState::kNotRated:
        return absl::StrCat("the figure is ", Figure(), ", and is not rated", because, ".");
      case CellState::kNotComputable:
        return absl::StrCat("no figure can be computed", ForPeriod("for"), because, ".");
      case CellState::kNotShown:
        break;
    }
    return absl::StrCat(WhyNotInUse(), "no report shows it for ", PeriodName(), ".");
  }

  std::string WhyNotInUse() const {
    const std::optional<core::Month>& retired = definition_.retired_from;
    if (retired && e_.cell.period.first() >= *retired)
      return absl::StrCat(definition_.ref, " is retired from ", retired->DisplayName(), " on, so ");
    if (!definition_.active_from) return "";
    return absl::StrCat(definition_.ref, " begins in ", definition_.active_from->DisplayName(),
                        definition_.predecessor.empty() ? "" : absl::StrCat(", after ", definition_.predecessor),
                        ", so ");
  }

  // "75% is above the target of 65%, so the status is Green."
  std::string Rated() const {
    std::string text = absl::StrCat(Figure(), " is ", PlaceAgainstTarget());
    const bool short_of_it = e_.shortfall->Sign() > 0;
    if (short_of_it) absl::StrAppend(&text, " by ", DifferenceWithUnit(*e_.shortfall, definition_));
    if (definition_.polarity != Polarity::kHigher) {
      absl::StrAppend(&text, " and ", core::ToAbsl(PolarityWords(definition_.polarity)));
    }
    if (ReachedAndNotEnough()) absl::StrAppend(&text, ", which is not enough: the figure has to be better than that");
    const ShortfallBound* bound = BoundThatHolds(definition_, e_);
    bool own_bound = bound != nullptr && bound->kind != ShortfallBound::Kind::kTarget &&
                     bound->kind != ShortfallBound::Kind::kTolerance;
    // What is allowed to miss the target says nothing of a figure that does not miss it.
    if (own_bound && !short_of_it && !bound->amount.IsNegative()) own_bound = false;
    if (own_bound) {
      absl::StrAppend(&text, "; it is ", BoundWords(*bound, definition_));
    } else if (short_of_it) {
      absl::StrAppend(&text, ToleranceClause());
    }
    return absl::StrCat(text, ", so the status is ", StatusLabel(definition_, e_), ByWhichKey(), ".");
  }

  // Of a cell that another key rates than the report's row.
  std::string ByWhichKey() const {
    if (e_.cell.scheme_id.empty()) return "";
    return absl::StrCat(" by the key that held then, ", definition_.scheme->name, " (", definition_.scheme->id, ")");
  }

  // It stands exactly on the target, and a better status wants more than that.
  bool ReachedAndNotEnough() const {
    if (!e_.shortfall->IsZero()) return false;
    const std::vector<Status>& statuses = definition_.scheme->statuses;
    const size_t end = e_.status_index < 0 ? statuses.size() : static_cast<size_t>(e_.status_index);
    return std::any_of(statuses.begin(), statuses.begin() + static_cast<std::ptrdiff_t>(end), [](const Status& s) {
      return std::any_of(s.any_of.begin(), s.any_of.end(), [](const StatusCondition& condition) {
        const auto* bound = std::get_if<ShortfallBound>(&condition);
        return bound != nullptr && bound->kind == ShortfallBound::Kind::kTarget && bound->exclusive;
      });
    });
  }

  // "above the target of 65%", "within the target range of 95% to 97%".
  std::string PlaceAgainstTarget() const {
    const TargetInForce& target = *e_.target;
    const bool is_range = std::holds_alternative<Range>(target.target->kind);
    std::string name = "the target";
    if (!is_range) {
      absl::StrAppend(&name, " of ", Unit(*target.low));
    } else if (target.low && target.high) {
      absl::StrAppend(&name, " range of ", Unit(*target.low), " to ", Unit(*target.high));
    } else if (target.low) {
      absl::StrAppend(&name, " of at least ", Unit(*target.low));
    } else {
      absl::StrAppend(&name, " of at most ", Unit(*target.high));
    }
    if (std::holds_alternative<Profile>(target.target->kind)) {
      absl::StrAppend(&name, " for ", e_.cell.period.last().DisplayName());
    }
    if (std::holds_alternative<MonthlyShare>(target.target->kind)) absl::StrAppend(&name, " for a month");
    const int side = VarianceOf(target, *e_.compared).Sign();
    return absl::StrCat(side > 0 ? "above " : side < 0 ? "below " : is_range ? "within " : "exactly ", name);
  }

  // How the shortfall stands to what is tolerated; empty where nothing is.
  std::string ToleranceClause() const {
    const TargetInForce& target = *e_.target;
    const bool low_side = target.low && *e_.compared < *target.low;
    const std::optional<core::Rational>& edge = low_side ? target.tolerated_low : target.tolerated_high;
    if (!edge) return "";
    if (low_side ? *edge >= *target.low : *edge <= *target.high) return "; nothing short of the target is tolerated";
    const std::string limit = absl::StrCat("figures ", low_side ? "down to " : "up to ", Unit(*edge));
    if (*e_.compared == *edge) {
      return absl::StrCat("; that is exactly the edge of what is tolerated, and the edge itself is ",
                          target.tolerance_exclusive ? "not" : "still", " tolerated");
    }
    const bool inside = low_side ? *e_.compared > *edge : *e_.compared < *edge;
    return absl::StrCat("; ", inside ? "" : "only ", limit, " are tolerated");
  }

  // The scheme's own words for what was applied.
  std::string Rule() const {
    if (e_.cell.state == CellState::kNotShown) return "";
    const Status* status = StatusOf(definition_, e_);
    if (status != nullptr) return absl::StrCat(status->label, status->meaning.empty() ? "" : ": ", status->meaning);
    return absl::StrCat(e_.cell.status, ": the scheme has no status of its own for this");
  }

  // "(25 + 30) / (29 + 31) x 100 = 91.67 (91.6666...)"
  void AppendFigureArithmetic(std::vector<std::string>* lines) const {
    if (e_.slot != nullptr && e_.slot->reading) {
      const auto* ratio = std::get_if<Ratio>(&e_.slot->reading->measurement);
      if (ratio != nullptr && !ratio->denominator.IsZero()) {
        const core::Rational exact = *ExactValue(*ratio, definition_.ratio_multiplier);
        lines->push_back(absl::StrCat(ratio->numerator.ToString(), " / ", ratio->denominator.ToString(), Multiplier(),
                                      " = ", Result(exact, definition_.decimal_places)));
      }
    }
    if (!e_.cell.computed || e_.parts.empty()) return;
    lines->push_back(PartsArithmetic());
    if (e_.cell.supplied && e_.cell.value) {
      lines->push_back(absl::StrCat("supplied: ", e_.cell.value->ToString(),
                                    ", computed: ", e_.cell.computed->ToString(), "; the supplied figure stands"));
    }
  }

  std::string Multiplier() const {
    const core::Decimal& multiplier = definition_.ratio_multiplier;
    return core::SameValue(multiplier, core::Decimal::FromUnits(1, 0)) ? ""
                                                                       : absl::StrCat(" x ", multiplier.ToString());
  }

  // Rounded, and exactly where that is another number.
  std::string Result(const core::Rational& exact, int places) const {
    const auto rounded = exact.Round(places);
    const std::string full = NumberText(exact, definition_);
    if (!rounded.ok()) return full;
    return core::Rational(*rounded) == exact ? rounded->ToString() : absl::StrCat(rounded->ToString(), " (", full, ")");
  }

  std::string Joined(rating::Figure figure, std::string_view and_figure_separator = "") const {
    std::string text;
    for (const Part& part : e_.parts) {
      const Measurement& measurement = part.slot->reading->measurement;
      std::string term;
      if (figure == rating::Figure::kValue) {
        const auto exact = ExactValue(measurement, definition_.ratio_multiplier);
        if (!exact) continue;  // 0 out of 0 adds nothing.
        term = NumberText(*exact, definition_);
      } else {
        term = FigureOf(*part.slot->reading, figure)->ToString();
      }
      if (!and_figure_separator.empty()) {
        absl::StrAppend(&term, " x ", FigureOf(*part.slot->reading, rating::Figure::kWeight)->ToString());
      }
      absl::StrAppend(&text, text.empty() ? "" : " + ", term);
    }
    return text;
  }

  std::string PartsArithmetic() const {
    const RolledUp rolled = RollUp(definition_, e_.rule, e_.parts);
    std::string result = Result(*rolled.exact, e_.cell.computed->scale());
    if (const Part& first = e_.parts.front(); first.running && e_.parts.size() > 1) {
      absl::StrAppend(&result, "; the figure of ", first.period.DisplayName(),
                      " is the year so far, so it stands for the months before too");
    }
    switch (e_.rule) {
      case RollUpRule::kSum:
        return absl::StrCat(Joined(rating::Figure::kValue), " = ", result);
      case RollUpRule::kMean:
        return absl::StrCat("mean of ", Joined(rating::Figure::kValue), " = ", result);
      case RollUpRule::kRatio:
        return absl::StrCat("(", Joined(rating::Figure::kNumerator), ") / (", Joined(rating::Figure::kDenominator), ")",
                            Multiplier(), " = ", result);
      case RollUpRule::kWeightedMean:
        return absl::StrCat("(", Joined(rating::Figure::kValue, "x"), ") / (", Joined(rating::Figure::kWeight),
                            ") = ", result);
      case RollUpRule::kLatest:
      case RollUpRule::kCumulative:
      case RollUpRule::kSupplied:
      case RollUpRule::kNotShown:
        break;
    }
    return absl::StrCat(
        "the figure of ", e_.parts.back().period.DisplayName(),
        e_.rule == RollUpRule::kCumulative ? " is itself the running figure: " : " stands for the whole span: ",
        e_.cell.computed->ToString());
  }

  void AppendTargetArithmetic(std::vector<std::string>* lines) const {
    if (e_.cell.state != CellState::kRated) return;
    const TargetInForce& target = *e_.target;
    const core::Rational variance = VarianceOf(target, *e_.compared);
    if (!variance.IsZero()) {
      const core::Rational end = *e_.compared - variance;
      lines->push_back(absl::StrCat(ComparedText(e_, definition_), " - ", NumberText(end, definition_), " = ",
                                    NumberText(variance, definition_), " (figure less target)"));
    }
    const std::optional<Tolerance>& tolerance =
        target.target->tolerance ? target.target->tolerance : definition_.scheme->default_tolerance;
    if (!tolerance) return;
    AppendEdgeArithmetic(tolerance->shortfall ? tolerance->shortfall : tolerance->low, target.low, target.tolerated_low,
                         " - ", lines);
    AppendEdgeArithmetic(tolerance->shortfall ? tolerance->shortfall : tolerance->high, target.high,
                         target.tolerated_high, " + ", lines);
  }

  void AppendEdgeArithmetic(const std::optional<ToleranceLimit>& limit, const std::optional<core::Rational>& end,
                            const std::optional<core::Rational>& edge, std::string_view sign,
                            std::vector<std::string>* lines) const {
    if (!limit || !end || !edge || limit->kind == ToleranceLimit::Kind::kEdge) return;
    const std::string amount =
        limit->kind == ToleranceLimit::Kind::kRelativePercent
            ? absl::StrCat(limit->amount.ToString(), "% of ", NumberText(end->Abs(), definition_))
            : limit->amount.ToString();
    lines->push_back(absl::StrCat(NumberText(*end, definition_), core::ToAbsl(sign), amount, " = ",
                                  NumberText(*edge, definition_), " (edge of what is tolerated)"));
  }

  EdgeDistance Distance(const Edge& edge) const {
    EdgeDistance distance;
    distance.status = edge.status_beyond;
    distance.edge = edge.at.ToFraction();
    distance.distance = edge.distance.ToFraction();
    const auto rounded = edge.distance.Round(std::min(core::Decimal::kMaxScale, definition_.decimal_places + 2));
    if (rounded.ok()) distance.approximate_distance = *rounded;
    distance.edge_is_inside = edge.inside;
    return distance;
  }

  const Definition& definition_;
  const CellEvaluation& e_;
};

}  // namespace

Explanation Explain(const Evaluation& evaluation) {
  Explanation explanation;
  explanation.cells.push_back(CellExplainer(evaluation.current).Explain());
  if (evaluation.current.cell.state != CellState::kNotShown) {  // Else there is no row with any other.
    const auto append = [&](const CellEvaluation& e) {
      if (e.cell.state != CellState::kNotShown) explanation.cells.push_back(CellExplainer(e).Explain());
    };
    for (const CellEvaluation& quarter : evaluation.quarters) append(quarter);
    append(evaluation.year_to_date);
  }
  explanation.direction = ExplainDirection(evaluation);
  return explanation;
}

}  // namespace bellwether::rating
