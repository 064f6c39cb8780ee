#include "explain_direction.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "words.h"

namespace bellwether::rating {
namespace {

using core::ToAbsl;

std::string_view MovementWords(Movement movement) {
  return movement == Movement::kUp ? "up" : movement == Movement::kDown ? "down" : "the same";
}

// Explains one direction of travel.
class DirectionExplainer {
 public:
  explicit DirectionExplainer(const Evaluation& evaluation)
      : definition_(*evaluation.current.definition),
        evaluation_(evaluation),
        d_(evaluation.direction),
        score_(evaluation.head) {}

  DirectionExplanation Explain() const {
    DirectionExplanation x;
    x.sentence = Sentence();
    x.rule = Rule();
    AppendInputs(evaluation_.current.slot, &x.inputs);
    AppendInputs(evaluation_.previous.slot, &x.inputs);
    AppendTargetInputs(evaluation_.current, &x.inputs);
    if (IsAttainment()) AppendTargetInputs(evaluation_.previous, &x.inputs);
    AppendArithmetic(&x.arithmetic);
    return x;
  }

 private:
  bool IsAttainment() const { return definition_.direction_basis == DirectionBasis::kAttainment; }

  std::string QuantityText(const CellEvaluation& cell, const core::Rational& quantity) const {
    if (!IsAttainment()) return WithUnit(ComparedText(cell, definition_), definition_);
    return absl::StrCat(NumberText(quantity, definition_), "%");
  }

  std::string Sentence() const {
    if (score_.judgement == Judgement::kNotComparable && score_.movement == Movement::kNone) {
      return absl::StrCat("There is no direction of travel: ", d_.reason, ".");
    }
    std::string text = Moved();
    const char* follows = ", so the";
    if (score_.movement == Movement::kSame) {
      // Nothing more to say.
    } else if (definition_.polarity == Polarity::kNone) {
      absl::StrAppend(&text, ". Neither higher nor lower is better");
      follows = ": the";
    } else {
      absl::StrAppend(&text, ". ", Capitalised(std::string(PolarityWords(definition_.polarity))), ", so ", Performed());
      if (score_.performance != Performance::kDeclined) follows = ": the";
    }
    if (score_.arrow.empty()) return absl::StrCat(text, ". The key has no arrow for it.");
    return absl::StrCat(text, follows, " key's arrow is ", score_.arrow, " (", ToAbsl(JudgementWords(score_.judgement)),
                        ").");
  }

  // "75% is down from 80% in January 2022"
  std::string Moved() const {
    const std::string now = QuantityText(evaluation_.current, *d_.now);
    const std::string before = QuantityText(evaluation_.previous, *d_.before);
    const std::string what = IsAttainment() ? now + " of the target was attained, which" : now;
    std::string period = evaluation_.previous.cell.period.DisplayName();
    const std::string& ref = evaluation_.previous.definition->ref;  // Of the indicator that this one continues.
    if (ref != definition_.ref) absl::StrAppend(&period, ", then ", ref);
    if (score_.movement == Movement::kSame) return absl::StrCat(what, " is the same as in ", period);
    return absl::StrCat(what, " is ", ToAbsl(MovementWords(score_.movement)), " from ", before, " in ", period);
  }

  // "performance declined by 6.25% of the previous figure, more than 5%; but it is still on target"
  std::string Performed() const {
    if (score_.performance == Performance::kSame)
      return "performance is the same: it is as far from the target as before";
    if (score_.performance == Performance::kChanged) return "performance cannot be judged without a target";
    const bool declined = score_.performance == Performance::kDeclined;
    std::string text = absl::StrCat("performance ", declined ? "declined" : "improved");
    const Allowances asked = AllowancesAsked();
    const bool close_to = definition_.polarity == Polarity::kCloseTo;
    if (close_to)
      absl::StrAppend(&text, declined ? ", further from the target than before" : ", closer to the target than before");
    if (!close_to || asked.within != nullptr) {
      absl::StrAppend(&text, close_to ? ": the figure changed by " : " by ", ChangeText(asked.within));
    }
    bool tolerated = false;
    if (asked.within != nullptr) {
      tolerated = IsWithin(*asked.within);
      absl::StrAppend(&text, tolerated ? ", within " : ", more than ", asked.within->percent.ToString(), "%");
    }
    if (asked.on_target == nullptr) return text;
    const char* conjunction = asked.within == nullptr ? ", and" : tolerated == d_.on_target ? "; and" : "; but";
    if (tolerated && !d_.on_target) return text;  // One allowance is enough.
    return absl::StrCat(text, conjunction, d_.on_target ? " it is still on target" : OffTarget());
  }

  const char* OffTarget() const {
    return evaluation_.current.shortfall ? " it is off target" : " there is no target that it could still be on";
  }

  struct Allowances {
    const Allowance* on_target = nullptr;
    const Allowance* within = nullptr;
  };

  // What the key's lines for this change ask, up to the line that was given.
  Allowances AllowancesAsked() const {
    Allowances asked;
    const std::vector<DirectionRule>& rules = definition_.scheme->directions;
    const size_t end = d_.rule_index < 0 ? rules.size() : static_cast<size_t>(d_.rule_index) + 1;
    for (size_t i = 0; i < end; ++i) {
      if (!TakesChange(rules[i], definition_.polarity, score_.movement, score_.performance)) continue;
      for (const Allowance& allowance : rules[i].any_of) {
        (allowance.kind == Allowance::Kind::kOnTarget ? asked.on_target : asked.within) = &allowance;
      }
    }
    return asked;
  }

  bool IsWithin(const Allowance& allowance) const {
    if (!d_.change_percent) return d_.now == d_.before && !allowance.exclusive;
    const core::Rational limit = allowance.percent;
    return allowance.exclusive ? d_.change_percent->Abs() < limit : d_.change_percent->Abs() <= limit;
  }

  // "6.25% of the previous figure"; more places where two would hide on which side of the limit it is.
  std::string ChangeText(const Allowance* limit) const {
    if (!d_.change_percent) {
      return absl::StrCat(NumberText((*d_.now - *d_.before).Abs(), definition_),
                          " from a previous figure of zero, of which there is no share");
    }
    const core::Rational change = d_.change_percent->Abs();
    const auto rounded = change.Round(2);
    const bool hides =
        !rounded.ok() || (limit != nullptr && core::Rational(*rounded) == limit->percent) || rounded->IsZero();
    std::string number = hides ? change.ToText(6) : core::Rational(*rounded).ToText(2);
    return absl::StrCat(number, "% of the previous figure");
  }

  // "↓: down, declined, where higher is better; if on target or changed by at most 5%: worse within tolerance"
  std::string Rule() const {
    if (d_.rule_index < 0) return "";
    const DirectionRule& rule = definition_.scheme->directions[static_cast<size_t>(d_.rule_index)];
    std::string text = absl::StrCat(rule.arrow, ": ");
    if (!rule.movements.empty())
      absl::StrAppend(&text, score_.movement == Movement::kSame ? "the figure stayed " : "the figure went ",
                      ToAbsl(MovementWords(score_.movement)), ", ");
    absl::StrAppend(&text, "performance ", ToAbsl(PerformanceWords()));
    if (!rule.polarities.empty()) absl::StrAppend(&text, " where ", ToAbsl(PolarityWords(definition_.polarity)));
    for (size_t i = 0; i < rule.any_of.size(); ++i) {
      const Allowance& allowance = rule.any_of[i];
      absl::StrAppend(&text, i == 0 ? ", while " : " or ");
      if (allowance.kind == Allowance::Kind::kOnTarget) {
        absl::StrAppend(&text, "still on target");
      } else {
        absl::StrAppend(&text, "changed by ", allowance.exclusive ? "less than " : "at most ",
                        allowance.percent.ToString(), "% of the previous figure");
      }
    }
    return absl::StrCat(text, ": ", ToAbsl(JudgementWords(rule.judgement)));
  }

  std::string_view PerformanceWords() const {
    switch (score_.performance) {
      case Performance::kImproved:
        return "improved";
      case Performance::kDeclined:
        return "declined";
      case Performance::kChanged:
        return "changed";
      case Performance::kSame:
      case Performance::kNone:
        break;
    }
    return "stayed the same";
  }

  void AppendArithmetic(std::vector<std::string>* lines) const {
    if (!d_.now || !d_.before || !d_.reason.empty()) return;  // What does not compare has no difference.
    const std::string now = Line(evaluation_.current, *d_.now, lines);
    const std::string before = Line(evaluation_.previous, *d_.before, lines);
    const core::Rational change = *d_.now - *d_.before;
    lines->push_back(absl::StrCat(now, " - ", before, " = ", NumberText(change, definition_)));
    if (d_.change_percent && !change.IsZero()) {
      lines->push_back(absl::StrCat(NumberText(change, definition_), " / ", NumberText(d_.before->Abs(), definition_),
                                    " x 100 = ", NumberText(*d_.change_percent, definition_), "%"));
    }
  }

  // The quantity as a term; of an attainment with its own line.
  std::string Line(const CellEvaluation& cell, const core::Rational& quantity, std::vector<std::string>* lines) const {
    if (!IsAttainment()) return ComparedText(cell, definition_);
    const std::string attained = NumberText(quantity, definition_);
    lines->push_back(absl::StrCat(ComparedText(cell, definition_), " / ", NumberText(*cell.target->low, definition_),
                                  " x 100 = ", attained, "% of the target in ", cell.cell.period.DisplayName()));
    return attained;
  }

  const Definition& definition_;
  const Evaluation& evaluation_;
  const DirectionEvaluation& d_;
  const ScoreHead& score_;
};

}  // namespace

DirectionExplanation ExplainDirection(const Evaluation& evaluation) { return DirectionExplainer(evaluation).Explain(); }

}  // namespace bellwether::rating
