#include "bellwether/rating/definition.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "bellwether/rating/wordings.h"
#include "roll_up.h"

namespace bellwether::rating {
namespace {

// Everything but the scheme and the earlier wordings.
auto Fields(const Definition& d) {
  return std::tie(d.council, d.ref, d.alternate_refs, d.description, d.directorate, d.service, d.report_position,
                  d.unit, d.decimal_places, d.ratio_multiplier, d.polarity, d.frequency, d.reporting_lag_periods,
                  d.days_until_due, d.active_from, d.retired_from, d.year_basis, d.reporting_year, d.quarter_rule,
                  d.quarter_running, d.year_to_date_rule, d.key_commitment, d.benchmark, d.notes, d.geography,
                  d.coverage, d.predecessor, d.breaks, d.checks, d.direction_basis, d.allowed_values, d.silenced,
                  d.owner, d.targets, d.effective_from, d.charted_with);
}

bool SameWording(const Definition& a, const Definition& b) {
  return Fields(a) == Fields(b) && (a.scheme == b.scheme || (a.scheme && b.scheme && *a.scheme == *b.scheme));
}

// `wording` with what is not dated as `of` has it.
std::shared_ptr<const Definition> WithUndated(const Definition& wording, const Definition& of) {
  auto amended = std::make_shared<Definition>(wording);
  amended->earlier.clear();
  amended->alternate_refs = of.alternate_refs;
  amended->owner = of.owner;
  amended->unit = of.unit;
  amended->ratio_multiplier = of.ratio_multiplier;
  amended->frequency = of.frequency;
  amended->reporting_lag_periods = of.reporting_lag_periods;
  amended->active_from = of.active_from;
  amended->retired_from = of.retired_from;
  amended->year_basis = of.year_basis;
  amended->reporting_year = of.reporting_year;
  amended->predecessor = of.predecessor;
  amended->charted_with = of.charted_with;
  amended->breaks = of.breaks;
  // Said of no month, a scheme's rules are put right for all of them.
  if (!of.effective_from && amended->scheme->id == of.scheme->id) amended->scheme = of.scheme;
  return amended;
}

// Said of no month, a place that moves, as when an indicator is put in before it, moves as far in each earlier report.
std::shared_ptr<const Definition> Moved(const std::shared_ptr<const Definition>& wording, unsigned from, unsigned to) {
  if (from == to) return wording;
  auto moved = std::make_shared<Definition>(*wording);
  moved->report_position = wording->report_position + to > from ? wording->report_position + to - from : 1;
  return moved;
}

}  // namespace

bool operator==(const Definition& a, const Definition& b) {
  return SameWording(a, b) && std::equal(a.earlier.begin(), a.earlier.end(), b.earlier.begin(), b.earlier.end(),
                                         [](const auto& x, const auto& y) { return x == y || SameWording(*x, *y); });
}

std::string_view UndatedDifference(const Definition& a, const Definition& b) {
  if (a.unit != b.unit) return "unit";
  if (a.ratio_multiplier != b.ratio_multiplier) return "ratio_multiplier";
  if (a.frequency != b.frequency) return "frequency";
  if (a.year_basis != b.year_basis) return "year_basis";
  if (a.reporting_year != b.reporting_year) return "reporting_year";
  return {};
}

std::string_view ContradictoryRule(const Definition& definition) {
  if (!IsRunning(definition)) return {};
  if (NeedsAllParts(definition.year_to_date_rule)) return "year_to_date_rule";
  if (definition.frequency == Frequency::kMonthly && NeedsAllParts(definition.quarter_rule)) return "quarter_rule";
  return {};
}

Definition Amended(const Definition& in_force, Definition applied) {
  std::vector<std::shared_ptr<const Definition>> wordings;
  for (const auto& earlier : in_force.earlier) {
    const auto wording = WithUndated(*earlier, applied);
    wordings.push_back(applied.effective_from ? wording
                                              : Moved(wording, in_force.report_position, applied.report_position));
  }
  if (applied.effective_from) {
    wordings.push_back(WithUndated(in_force, applied));
    std::erase_if(wordings, [&](const auto& wording) {
      return wording->effective_from && *wording->effective_from >= *applied.effective_from;
    });
  } else {
    applied.effective_from = in_force.effective_from;
  }
  if (!wordings.empty()) {
    // Saying the same again from a later month on changes nothing.
    Definition same = applied;
    same.effective_from = wordings.back()->effective_from;
    if (SameWording(same, *wordings.back())) {
      wordings.pop_back();
      applied = std::move(same);
    }
  }
  if (wordings.empty()) applied.effective_from.reset();
  applied.earlier = std::move(wordings);
  return applied;
}

std::vector<std::shared_ptr<const Definition>> Replaced(const Definition& in_force, const Definition& applied) {
  std::vector<std::shared_ptr<const Definition>> replaced;
  const auto look_at = [&](const Definition& wording) {
    if (!wording.effective_from) return;
    std::shared_ptr<const Definition> was = WithUndated(wording, applied);
    if (!applied.effective_from) was = Moved(was, wording.report_position, applied.report_position);
    Definition is = applied;
    is.effective_from = wording.effective_from;
    if (!SameWording(*was, is)) replaced.push_back(std::move(was));
  };
  if (!applied.effective_from) {
    look_at(in_force);
    return replaced;
  }
  for (const auto& earlier : in_force.earlier) {
    if (earlier->effective_from > applied.effective_from) look_at(*earlier);
  }
  if (in_force.effective_from > applied.effective_from) look_at(in_force);
  return replaced;
}

core::Period PeriodContaining(const Definition& definition, core::Month month) {
  switch (definition.frequency) {
    case Frequency::kMonthly:
      break;
    case Frequency::kQuarterly:
      return core::Period::QuarterOf(month, definition.reporting_year);
    case Frequency::kHalfYearly:
      return core::Period::HalfOf(month, definition.reporting_year);
    case Frequency::kYearly:
      return core::Period::YearOf(month, definition.reporting_year);
  }
  return core::Period::OfMonth(month);
}

core::Period DataPeriodOf(const Definition& definition, core::Month report_month) {
  core::Period period = PeriodContaining(definition, report_month);
  if (period.last() > report_month) period = period.Previous();
  return period - definition.reporting_lag_periods;
}

bool IsActiveIn(const Definition& definition, const core::Period& period) {
  return (!definition.active_from || period.last() >= *definition.active_from) &&
         (!definition.retired_from || period.first() < *definition.retired_from);
}

}  // namespace bellwether::rating
