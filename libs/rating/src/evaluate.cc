#include "bellwether/rating/evaluate.h"

#include "direction.h"
#include "roll_up.h"
#include "target.h"

namespace bellwether::rating {
namespace {

constexpr char kNothingHappened[] = "0 out of 0: nothing happened, so there is no rate";
constexpr char kTooLarge[] = "the figure has more digits than can be shown";

// Builds the cells of one score.
class Evaluator {
 public:
  Evaluator(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots)
      : definition_(definition), finder_(slots, definition_recorded) {}

  const RecordedAt& newest() const { return finder_.newest(); }

  // The cell of a period of the indicator's own frequency.
  CellEvaluation Own(CellKind kind, const core::Period& period) {
    CellEvaluation e = NewCell(kind, period);
    const Slot* slot = e.slot = finder_.Find(period);
    if (slot == nullptr) {
      e.cell.state = CellState::kMissing;
    } else if (!slot->reading) {
      e.cell.state = CellState::kWithdrawn;
    } else {
      TakeReading(*slot->reading, &e);
      if (e.exact && std::holds_alternative<Ratio>(slot->reading->measurement)) {
        const auto rounded = e.exact->Round(definition_.decimal_places);
        if (rounded.ok()) e.cell.computed = *rounded;
      }
    }
    Rate(/*of_sum=*/false, &e);
    return e;
  }

  CellEvaluation Quarter(const core::Period& quarter, const core::Period& data_period) {
    const bool too_long =
        definition_.frequency == Frequency::kHalfYearly || definition_.frequency == Frequency::kYearly;
    if (definition_.quarter_rule == RollUpRule::kNotShown || too_long || quarter.last() > data_period.last()) {
      return NotShown(CellKind::kQuarter, quarter);
    }
    if (definition_.frequency == Frequency::kQuarterly) {
      CellEvaluation e = Own(CellKind::kQuarter, quarter);
      e.rule = definition_.quarter_rule;
      return e;
    }
    CellEvaluation e = NewCell(CellKind::kQuarter, quarter);
    e.rule = definition_.quarter_rule;
    if (e.rule != RollUpRule::kSupplied) e.parts = PartsOfQuarter(definition_, finder_, quarter);
    Span(&e);
    return e;
  }

  CellEvaluation YearToDate(const core::Period& data_period) {
    const core::Period period = core::Period::YearToDate(data_period.last());
    if (definition_.year_to_date_rule == RollUpRule::kNotShown) return NotShown(CellKind::kYearToDate, period);
    CellEvaluation e = NewCell(CellKind::kYearToDate, period);
    e.rule = definition_.year_to_date_rule;
    if (e.rule != RollUpRule::kSupplied) e.parts = PartsOfYearToDate(definition_, finder_, data_period);
    Span(&e);
    return e;
  }

 private:
  static CellEvaluation NewCell(CellKind kind, const core::Period& period) {
    CellEvaluation e;
    e.kind = kind;
    e.cell.period = period;
    e.cell.state = CellState::kRated;  // Until something speaks against it.
    return e;
  }

  CellEvaluation NotShown(CellKind kind, const core::Period& period) const {
    CellEvaluation e = NewCell(kind, period);
    e.cell.state = CellState::kNotShown;
    e.rule = kind == CellKind::kQuarter ? definition_.quarter_rule : definition_.year_to_date_rule;
    return e;
  }

  // A cell with parts: what the publisher supplied stands before what the parts give.
  void Span(CellEvaluation* e) {
    RolledUp rolled;
    rolled.state = CellState::kMissing;
    if (e->rule != RollUpRule::kSupplied) rolled = RollUp(definition_, e->rule, e->parts);
    e->cell.computed = rolled.displayed;
    e->cell.computed_numerator = rolled.numerator;
    e->cell.computed_denominator = rolled.denominator;

    const Slot* supplied = e->slot = finder_.Find(e->cell.period);
    if (supplied != nullptr && supplied->reading) {
      TakeReading(*supplied->reading, e);
    } else if (rolled.state == CellState::kRated) {
      e->cell.value = rolled.displayed;
      SetFigure(std::move(*rolled.exact), e);
    } else if (supplied != nullptr) {
      e->cell.state = CellState::kWithdrawn;
    } else {
      e->cell.state = rolled.state;
      e->cell.reason = std::move(rolled.reason);
    }
    Rate(e->rule == RollUpRule::kSum, e);
  }

  // Takes over what the reading says, and its figure where it has one that fits.
  void TakeReading(const Reading& reading, CellEvaluation* e) {
    Cell& cell = e->cell;
    cell.supplied = reading.measurement;
    cell.other = reading.other;
    cell.observation_status = reading.observation_status;
    cell.published_arrow = reading.published_arrow;
    cell.published_status = reading.published_status;
    if (const auto* not_available = std::get_if<NotAvailable>(&reading.measurement)) {
      cell.state = reading.observation_status == 'M' ? CellState::kNotApplicable : CellState::kMissing;
      cell.reason = not_available->reason;
      return;
    }
    cell.value = DisplayedValue(reading.measurement, definition_);
    std::optional<core::Rational> exact = ExactValue(reading.measurement, definition_.ratio_multiplier);
    cell.reason = !exact ? kNothingHappened : !cell.value ? kTooLarge : MisfitOf(definition_, reading);
    if (!cell.reason.empty()) {
      cell.state = CellState::kNotComputable;
      return;
    }
    SetFigure(std::move(*exact), e);
  }

  void SetFigure(core::Rational exact, CellEvaluation* e) {
    e->compared = definition_.scheme->precision == Precision::kDisplayed ? core::Rational(*e->cell.value) : exact;
    e->exact = std::move(exact);
  }

  // Gives the cell its state and status: absence first, then under review, tracking, rated.
  void Rate(bool of_sum, CellEvaluation* e) {
    const bool has_figure = e->cell.state == CellState::kRated;
    if (has_figure || e->kind == CellKind::kCurrent) {
      // A quarterly indicator's quarters are its readings, and rated as such.
      const bool is_reading = e->kind == CellKind::kQuarter && definition_.frequency == Frequency::kQuarterly;
      TargetChoice choice = ChooseTarget(definition_, is_reading ? CellKind::kCurrent : e->kind, of_sum && !is_reading,
                                         e->cell.period.last());
      if (has_figure) {
        e->cell.state = choice.state;
        e->cell.reason = std::move(choice.reason);
      }
      if (choice.in_force.target != nullptr) e->target = std::move(choice.in_force);
    }
    if (e->cell.state == CellState::kRated) {
      RateFigure(e);
    } else {
      SetPlace(PlaceOfState(*definition_.scheme, e->cell.state), e);
    }
    if (e->status_index < 0) e->cell.status = std::string(StateWord(e->cell.state));
  }

  void RateFigure(CellEvaluation* e) {
    e->shortfall = ShortfallOf(definition_.polarity, *e->target, *e->compared);
    SetPlace(StatusOfFigure(*definition_.scheme, definition_.polarity, *e->target, *e->compared), e);
    if (e->status_index >= 0) return;
    e->cell.state = CellState::kNotRated;
    e->cell.reason = "no status of the scheme holds for the figure";
  }

  void SetPlace(StatusPlace place, CellEvaluation* e) {
    e->status_index = place.status;
    e->condition_index = place.condition;
    if (place.status >= 0) e->cell.status = definition_.scheme->statuses[static_cast<size_t>(place.status)].id;
  }

  const Definition& definition_;
  SlotFinder finder_;
};

// The score's target columns: those of the current cell.
void SetTargetColumns(const Definition& definition, const CellEvaluation& current, Score& score) {
  if (!current.target) return;
  const TargetInForce& in_force = *current.target;
  const Target& target = *in_force.target;
  if (const auto* range = std::get_if<Range>(&target.kind)) {
    score.target_range = *range;
  } else {
    score.target = ValueOf(target, score.period.last());
  }
  if (const auto* share = std::get_if<MonthlyShare>(&target.kind)) score.annual_target = share->annual;
  if (const Target* before = TargetBefore(definition, target)) {
    if (!std::holds_alternative<Profile>(before->kind)) score.previous_target = ValueOf(*before, score.period.last());
  }
  if (in_force.tolerated_low || in_force.tolerated_high) {
    score.tolerated.emplace();
    if (in_force.tolerated_low) score.tolerated->low = ForDisplay(*in_force.tolerated_low, definition);
    if (in_force.tolerated_high) score.tolerated->high = ForDisplay(*in_force.tolerated_high, definition);
  }
  if (current.compared && (in_force.low || in_force.high)) {
    score.variance = ForDisplay(VarianceOf(in_force, *current.compared), definition);
  }
}

// Everything but the cells in the score, which are those of the evaluations.
Evaluation EvaluateCells(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots,
                         const core::Period& period) {
  Evaluator evaluator(definition, definition_recorded, slots);
  Evaluation e;
  e.current = evaluator.Own(CellKind::kCurrent, period);
  e.previous = evaluator.Own(CellKind::kPrevious, period.Previous());
  e.quarters.reserve(4);
  const core::Month start = core::FirstMonthOfYear(period.last(), definition.reporting_year);
  for (int i = 0; i < 4; ++i) {
    e.quarters.push_back(evaluator.Quarter(core::Period::QuarterOf(start + 3 * i, definition.reporting_year), period));
  }
  e.year_to_date = evaluator.YearToDate(period);

  e.score.period = period;
  e.direction = JudgeDirection(definition, e.previous, e.current, e.score);
  SetTargetColumns(definition, e.current, e.score);
  e.score.scheme_id = definition.scheme->id;
  if (e.current.slot != nullptr && e.current.slot->reading) e.score.reading_id = e.current.slot->reading->reading_id;
  e.score.newest = evaluator.newest();
  return e;
}

}  // namespace

Evaluation Evaluate(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots,
                    const core::Period& period) {
  Evaluation e = EvaluateCells(definition, definition_recorded, slots, period);
  e.score.current = e.current.cell;
  e.score.previous = e.previous.cell;
  e.score.quarters.reserve(e.quarters.size());
  for (const CellEvaluation& quarter : e.quarters) e.score.quarters.push_back(quarter.cell);
  e.score.year_to_date = e.year_to_date.cell;
  return e;
}

Score Rate(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots,
           const core::Period& period) {
  Evaluation e = EvaluateCells(definition, definition_recorded, slots, period);
  e.score.current = std::move(e.current.cell);
  e.score.previous = std::move(e.previous.cell);
  e.score.quarters.reserve(e.quarters.size());
  for (CellEvaluation& quarter : e.quarters) e.score.quarters.push_back(std::move(quarter.cell));
  e.score.year_to_date = std::move(e.year_to_date.cell);
  return std::move(e.score);
}

}  // namespace bellwether::rating
