#include "bellwether/rating/evaluate.h"

#include "direction.h"
#include "roll_up.h"
#include "target.h"

namespace bellwether::rating {
namespace {

constexpr char kTooLarge[] = "the figure has more digits than can be shown";

// Fills in the cells of one evaluation, which come empty: a cell is large, and is not moved.
class Evaluator {
 public:
  Evaluator(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots, core::Month last)
      : definition_(definition),
        now_(InForceIn(definition, last)),
        finder_(definition, slots, definition_recorded, last) {}

  const RecordedAt& newest() const { return finder_.newest(); }

  // The cell of a period of the indicator's own frequency.
  void Own(CellKind kind, const core::Period& period, CellEvaluation* e) {
    Begin(kind, period, e);
    if (!IsActiveIn(now_, period)) {
      e->cell.state = CellState::kNotShown;
      return;
    }
    const Slot* slot = e->slot = finder_.Find(period);
    if (slot == nullptr) {
      e->cell.state = CellState::kMissing;
    } else if (!slot->reading) {
      e->cell.state = CellState::kWithdrawn;
    } else {
      TakeReading(*slot->reading, e);
      if (e->exact && std::holds_alternative<Ratio>(slot->reading->measurement)) {
        const auto rounded = e->exact->Round(e->definition->decimal_places);
        if (rounded.ok()) e->cell.computed = *rounded;
      }
    }
    Rate(/*of_sum=*/false, e);
  }

  void Quarter(const core::Period& quarter, const core::Period& data_period, CellEvaluation* e) {
    Begin(CellKind::kQuarter, quarter, e);
    const bool too_long =
        e->definition->frequency == Frequency::kHalfYearly || e->definition->frequency == Frequency::kYearly;
    const bool shown = e->definition->quarter_rule != RollUpRule::kNotShown && !too_long &&
                       quarter.last() <= data_period.last() && !BeforeItBegan(quarter);
    if (shown && e->definition->frequency == Frequency::kQuarterly) {
      Own(CellKind::kQuarter, quarter, e);
      e->rule = e->definition->quarter_rule;
      return;
    }
    e->rule = e->definition->quarter_rule;
    if (!shown) {
      e->cell.state = CellState::kNotShown;
      return;
    }
    if (e->rule != RollUpRule::kSupplied) AppendPartsOfQuarter(*e->definition, finder_, quarter, &e->parts);
    Span(e);
  }

  void YearToDate(const core::Period& data_period, CellEvaluation* e) {
    Begin(CellKind::kYearToDate, core::Period::YearToDate(data_period.last()), e);
    e->rule = e->definition->year_to_date_rule;
    if (e->rule == RollUpRule::kNotShown || !IsActiveIn(now_, data_period)) {
      e->cell.state = CellState::kNotShown;
      return;
    }
    if (e->rule != RollUpRule::kSupplied) AppendPartsOfYearToDate(*e->definition, finder_, data_period, &e->parts);
    Span(e);
  }

 private:
  bool BeforeItBegan(const core::Period& period) const { return now_.active_from && period.last() < *now_.active_from; }

  void Begin(CellKind kind, const core::Period& period, CellEvaluation* e) const {
    e->kind = kind;
    e->definition = &InForceIn(definition_, period.last());
    if (e->definition->scheme->id != now_.scheme->id) e->cell.scheme_id = e->definition->scheme->id;
    e->cell.period = period;
    e->cell.state = CellState::kRated;  // Until something speaks against it.
  }

  RolledUp Roll(const CellEvaluation& e) const {
    if (e.rule != RollUpRule::kSupplied) return RollUp(*e.definition, e.rule, e.parts);
    RolledUp nothing;
    nothing.state = CellState::kMissing;
    return nothing;
  }

  // A cell with parts: what the publisher supplied stands before what the parts give.
  void Span(CellEvaluation* e) {
    RolledUp rolled = Roll(*e);
    e->cell.computed = rolled.displayed;
    e->cell.computed_numerator = rolled.numerator;
    e->cell.computed_denominator = rolled.denominator;

    const Slot* supplied = e->slot = finder_.Find(e->cell.period);
    if (supplied != nullptr && supplied->reading) {
      TakeReading(*supplied->reading, e);
    } else if (rolled.state == CellState::kRated) {
      e->cell.value = rolled.displayed;
      e->cell.observation_status = LeastSure(e->parts);
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
    cell.observation_status = reading.observation_status;
    cell.other = reading.seldom->other;
    cell.published_arrow = reading.seldom->published_arrow;
    cell.published_status = reading.seldom->published_status;
    if (const auto* not_available = std::get_if<NotAvailable>(&reading.measurement)) {
      cell.state = StateOfAbsence(reading);
      cell.reason = not_available->reason;
      return;
    }
    cell.value = DisplayedValue(reading.measurement, *e->definition);
    std::optional<core::Rational> exact = ExactValue(reading.measurement, e->definition->ratio_multiplier);
    if (exact && cell.value && Fits(*e->definition, reading)) return SetFigure(std::move(*exact), e);
    cell.state = CellState::kNotComputable;
    cell.reason = !exact        ? std::string(WhyNoValue(reading.measurement))
                  : !cell.value ? kTooLarge
                                : MisfitOf(*e->definition, reading);
  }

  void SetFigure(core::Rational exact, CellEvaluation* e) {
    e->compared = e->definition->scheme->precision == Precision::kDisplayed ? core::Rational(*e->cell.value) : exact;
    e->exact = std::move(exact);
  }

  // Gives the cell its state and status: absence first, then under review, tracking, rated.
  void Rate(bool of_sum, CellEvaluation* e) {
    const bool has_figure = e->cell.state == CellState::kRated;
    if (has_figure || e->kind == CellKind::kCurrent) {
      // A quarterly indicator's quarters are its readings, and rated as such.
      const bool is_reading = e->kind == CellKind::kQuarter && e->definition->frequency == Frequency::kQuarterly;
      std::string ignored;
      const CellState state =
          targets_.Choose(*e->definition, is_reading ? CellKind::kCurrent : e->kind, of_sum && !is_reading,
                          e->cell.period.last(), &e->target, has_figure ? &e->cell.reason : &ignored);
      if (has_figure) e->cell.state = state;
    }
    if (e->cell.state == CellState::kRated) {
      RateFigure(e);
    } else {
      SetPlace(PlaceOfState(*e->definition->scheme, e->cell.state), e);
    }
    if (e->status_index < 0) e->cell.status = StateWord(e->cell.state);
  }

  void RateFigure(CellEvaluation* e) {
    e->shortfall = ShortfallOf(e->definition->polarity, *e->target, *e->compared);
    SetPlace(StatusOfFigure(*e->definition->scheme, e->definition->polarity, *e->target, *e->compared, *e->shortfall),
             e);
    if (e->status_index >= 0) return;
    e->cell.state = CellState::kNotRated;
    e->cell.reason = "no status of the scheme holds for the figure";
  }

  void SetPlace(StatusPlace place, CellEvaluation* e) {
    e->status_index = place.status;
    e->condition_index = place.condition;
    if (place.status >= 0) e->cell.status = e->definition->scheme->statuses[static_cast<size_t>(place.status)].id;
  }

  const Definition& definition_;
  const Definition& now_;  // In force in the period that is rated.
  SlotFinder finder_;
  TargetChooser targets_;
};

// The score's target columns: those of the current cell.
void SetTargetColumns(const Definition& definition, const CellEvaluation& current, ScoreHead& score) {
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

// The one before a wording's first: the last of the wording before.
void SetPreviousTarget(const Definition& before, core::Month last, ScoreHead& score) {
  std::optional<TargetInForce> in_force;
  std::string ignored;
  TargetChooser().Choose(before, CellKind::kCurrent, /*of_sum=*/false, last, &in_force, &ignored);
  if (!in_force || std::holds_alternative<Profile>(in_force->target->kind)) return;
  const std::optional<core::Decimal> value = ValueOf(*in_force->target, last);
  if (value != score.target) score.previous_target = value;
}

}  // namespace

Evaluation Evaluate(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots,
                    const core::Period& period) {
  Evaluator evaluator(definition, definition_recorded, slots, period.last());
  const Definition& now = InForceIn(definition, period.last());
  Evaluation e;
  evaluator.Own(CellKind::kCurrent, period, &e.current);
  evaluator.Own(CellKind::kPrevious, period.Previous(), &e.previous);
  core::Period quarter =
      core::Period::QuarterOf(core::FirstMonthOfYear(period.last(), now.reporting_year), now.reporting_year);
  for (CellEvaluation& cell : e.quarters) {
    evaluator.Quarter(quarter, period, &cell);
    quarter = quarter.Next();
  }
  evaluator.YearToDate(period, &e.year_to_date);

  e.head.period = period;
  e.direction = JudgeDirection(now, e.previous, e.current, e.head);
  SetTargetColumns(now, e.current, e.head);
  if (!e.head.previous_target && now.effective_from) {
    SetPreviousTarget(InForceIn(definition, *now.effective_from - 1), *now.effective_from - 1, e.head);
  }
  e.head.scheme_id = now.scheme->id;
  e.head.newest = evaluator.newest();
  return e;
}

void MoveInto(Evaluation&& evaluation, Score* score) {
  static_cast<ScoreHead&>(*score) = std::move(evaluation.head);
  const Slot* slot = evaluation.current.slot;
  if (slot != nullptr && slot->reading) score->reading_id = slot->reading->reading_id;
  score->current = std::move(evaluation.current.cell);
  score->previous = std::move(evaluation.previous.cell);
  score->quarters.reserve(evaluation.quarters.size());
  for (CellEvaluation& quarter : evaluation.quarters) score->quarters.push_back(std::move(quarter.cell));
  score->year_to_date = std::move(evaluation.year_to_date.cell);
}

Score ScoreOf(Evaluation evaluation) {
  Score score;
  MoveInto(std::move(evaluation), &score);
  return score;
}

Score Rate(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots,
           const core::Period& period) {
  return ScoreOf(Evaluate(definition, definition_recorded, slots, period));
}

}  // namespace bellwether::rating
