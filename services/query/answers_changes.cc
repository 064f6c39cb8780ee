// What changed in a council, and what applying a catalogue would change.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/catalogue.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/score.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/evaluate.h"
#include "services/query/answers.h"
#include "services/query/figures.h"
#include "services/query/paging.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

std::string LabelOf(const rating::Definition& definition, const rating::Cell& cell) {
  const rating::Scheme& scheme = *rating::InForceIn(definition, cell.period.last()).scheme;
  for (const rating::Status& status : scheme.statuses) {
    if (status.id == cell.status) return status.label;
  }
  return cell.status;
}

// What a cell shows, and the newest record that its figure is from, or that anything of it hangs on. Offset -1: none
// but the definition.
struct Shown {
  v1::ShownPeriod what;
  rating::RecordedAt figure;
  rating::RecordedAt newest;
};
bool SameShown(const Shown& a, const Shown& b) {
  return codec::SerializeDeterministically(a.what) == codec::SerializeDeterministically(b.what);
}
using ShownByPeriod = std::map<core::Period, Shown>;

std::string TargetOf(const rating::ScoreHead& score) {
  if (score.target) return score.target->ToString();
  if (!score.target_range) return "";
  const auto end = [](const std::optional<core::Decimal>& d) { return d ? d->ToString() : std::string(); };
  return absl::StrCat(end(score.target_range->low), " to ", end(score.target_range->high));
}

// The newer of a slot's record and the other. Null: the other.
rating::RecordedAt Newest(const rating::Slot* slot, const rating::RecordedAt& other) {
  return slot != nullptr && slot->recorded.offset > other.offset ? slot->recorded : other;
}

// Of every period that has a cell in some report: data periods in which the indicator is in use, quarters and years to
// date. Those of what the indicator continues are the other's.
absl::StatusOr<ShownByPeriod> ShownBy(const Figures& figures, core::Date today, Effort* effort) {
  ShownByPeriod all;
  const rating::Subject subject = figures.subject();
  const rating::Definition& definition = *subject.definition;
  for (const core::Period& period : rating::ScoredPeriods(definition, figures.ledger->slots())) {
    if (!rating::IsActiveIn(definition, period)) continue;
    if (!effort->Spend(Effort::kRow)) return Effort::Ended();
    rating::Evaluation e = rating::Evaluate(definition, subject.definition_recorded, *subject.slots, period);
    rating::WithAbsencesAsOf(definition, today, e);
    const auto show = [&](const rating::CellEvaluation& evaluated) -> Shown* {
      const rating::Cell& cell = evaluated.cell;
      if (cell.state == rating::CellState::kNotShown) return nullptr;
      if (figures.joined != nullptr && cell.period.last() < *figures.definition->active_from) return nullptr;
      const auto [found, is_new] = all.try_emplace(cell.period);
      if (!is_new) return nullptr;  // Of a quarter the first score tells: later ones hang on more.
      if (cell.value) *found->second.what.mutable_value() = codec::ToProto(*cell.value);
      found->second.what.set_status(LabelOf(definition, cell));
      found->second.figure = Newest(evaluated.slot, {});
      for (const rating::Part& part : evaluated.parts) found->second.figure = Newest(part.slot, found->second.figure);
      found->second.newest = found->second.figure;
      return &found->second;
    };
    if (Shown* current = show(e.current); current != nullptr) {
      current->what.set_arrow(e.head.arrow);
      current->what.set_target(TargetOf(e.head));
      current->newest = Newest(e.previous.slot, current->figure);
    }
    for (const rating::CellEvaluation& quarter : e.quarters) show(quarter);
    show(e.year_to_date);
  }
  for (const auto& [period, comment] : figures.ledger->comments()) all[period].what.set_comment(comment.comment.text);
  return all;
}

bool SameButForComments(v1::ShownPeriod a, v1::ShownPeriod b) {
  a.clear_comment();
  b.clear_comment();
  return codec::SerializeDeterministically(a) == codec::SerializeDeterministically(b);
}

// A report whose row of an indicator showed one data period, and would show another.
struct MovedReport {
  core::Month month;
  core::Period before;
  std::optional<core::Period> after;  // Absent: none.
};

// Of the data periods that are shown before.
std::vector<MovedReport> MovedReports(const rating::Definition& was, const rating::Definition& becomes,
                                      const ShownByPeriod& before) {
  std::vector<MovedReport> moved;
  if (was.reporting_lag_periods == becomes.reporting_lag_periods || was.frequency != becomes.frequency) return moved;
  for (const auto& [period, shown] : before) {
    if (shown.what.status().empty() || rating::PeriodContaining(was, period.last()) != period) continue;
    const core::Month month = (period + was.reporting_lag_periods).last();
    const core::Period other = rating::DataPeriodOf(becomes, month);
    moved.push_back({month, period, rating::IsActiveIn(becomes, other) ? std::optional(other) : std::nullopt});
  }
  return moved;
}

std::set<core::Period> PeriodsOf(const ShownByPeriod& a, const ShownByPeriod& b) {
  std::set<core::Period> periods;
  for (const ShownByPeriod* all : {&a, &b}) {
    for (const auto& [period, shown] : *all) periods.insert(period);
  }
  return periods;
}

// "reading v3 of 2022-02 from revenues".
std::string InWords(const Occurrence& occurrence) {
  const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(occurrence.record);
  if (!label.ok()) return "";
  const std::string period = label->period ? absl::StrCat(" of ", label->period->ToString()) : "";
  const std::string source = label->source.empty() ? "" : absl::StrCat(" from ", core::ToAbsl(label->source));
  switch (label->kind) {
    case codec::RecordLabel::Kind::kDefinition:
      return "an apply of the catalogue";
    case codec::RecordLabel::Kind::kReading:
      return absl::StrCat("reading ", core::ToAbsl(label->reading_id), period, source);
    case codec::RecordLabel::Kind::kWithdrawal:
      return absl::StrCat("withdrawal of reading ", core::ToAbsl(label->reading_id), period, source);
    case codec::RecordLabel::Kind::kComment:
      return absl::StrCat("comment", period, source);
  }
  return "";
}

using Changes = std::vector<std::pair<std::optional<core::Period>, v1::Change>>;

// What changed of one indicator: as it stood, and as it stands.
class Comparison {
 public:
  Comparison(const Indicator& indicator, const Figures& then, const Figures& now, const IndicatorFinder& find,
             absl::Time since, core::Date today)
      : indicator_(indicator), then_(then), now_(now), find_(find), since_(since), today_(today) {}

  absl::StatusOr<Changes> All(Effort* effort) {
    Changes changes;
    const rating::Definition* old = then_.definition.get();
    const rating::Definition& definition = *now_.definition;
    const bool redefined = old == nullptr || definition != *old;
    if (redefined) {
      v1::Change change = Begin(now_.ledger->definition_recorded());
      if (old != nullptr) {
        for (std::string& field : codec::ChangedFields(*old, definition)) change.add_changed_fields(std::move(field));
      }
      changes.emplace_back(std::nullopt, std::move(change));
    }
    const auto after = ShownBy(now_, today_, effort);
    if (!after.ok()) return after.status();
    absl::StatusOr<ShownByPeriod> before = ShownByPeriod();
    absl::StatusOr<ShownByPeriod> by_old = ShownByPeriod();  // What stands, by the definition of then.
    if (old != nullptr) before = ShownBy(then_, today_, effort);
    if (old != nullptr && redefined) {
      const absl::StatusOr<Figures> figures = FiguresBy(then_.definition, now_.ledger, find_, effort);
      if (!figures.ok()) return figures.status();
      by_old = ShownBy(*figures, today_, effort);
    }
    if (!before.ok()) return before.status();
    if (!by_old.ok()) return by_old.status();
    for (const core::Period& period : PeriodsOf(*before, *after)) {
      const auto was = before->find(period);
      const auto is = after->find(period);
      const Shown* then = was == before->end() ? nullptr : &was->second;
      const Shown* now = is == after->end() ? nullptr : &is->second;
      if (then != nullptr && now != nullptr && SameShown(*then, *now)) continue;
      const auto same = by_old->find(period);
      v1::Change change = Begin(CauseOf(period, then, now, same == by_old->end() ? nullptr : &same->second));
      change.set_period(period.ToString());
      if (then != nullptr) *change.mutable_before() = then->what;
      if (now != nullptr) *change.mutable_after() = now->what;
      changes.emplace_back(period, std::move(change));
    }
    return changes;
  }

 private:
  // `by_old`: what stands by the definition of then, where that is another.
  rating::RecordedAt CauseOf(const core::Period& period, const Shown* then, const Shown* now,
                             const Shown* by_old) const {
    const std::string before = then == nullptr ? "" : then->what.comment();
    const std::string after = now == nullptr ? "" : now->what.comment();
    if (before != after && SameButForComments(then, now)) return NewestComment(period);
    if (by_old != nullptr && SameButForComments(then, by_old)) return now_.ledger->definition_recorded();
    if (now == nullptr) return now_.ledger->definition_recorded();
    const bool same_figure = then != nullptr && SameFigure(*then, *now);
    const rating::RecordedAt& cause = same_figure || now->figure.offset < 0 ? now->newest : now->figure;
    // What was there before took effect by a definition that came since.
    return cause.offset < 0 || cause.time < since_ ? now_.subject().definition_recorded : cause;
  }

  static bool SameFigure(const Shown& a, const Shown& b) {
    return a.what.has_value() == b.what.has_value() && a.what.value().value() == b.what.value().value();
  }

  static bool SameButForComments(const Shown* a, const Shown* b) {
    return query::SameButForComments(a == nullptr ? v1::ShownPeriod() : a->what,
                                     b == nullptr ? v1::ShownPeriod() : b->what);
  }

  // Also one that took a comment back.
  rating::RecordedAt NewestComment(const core::Period& period) const {
    for (size_t i = indicator_.occurrences.size(); i-- > 0;) {
      const Occurrence occurrence = indicator_.occurrences.At(i);
      const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(occurrence.record);
      if (label.ok() && label->kind == codec::RecordLabel::Kind::kComment && label->period == period)
        return {occurrence.offset, occurrence.recorded_at};
    }
    return {};
  }

  v1::Change Begin(const rating::RecordedAt& cause) const {
    v1::Change change;
    change.set_ref(indicator_.key.ref);
    for (const Indicator* of = &indicator_; of != nullptr; of = of->predecessor.get()) {
      const size_t place = of->occurrences.Find(cause.offset);
      if (place == of->occurrences.size()) continue;
      change.set_cause(absl::StrCat(of == &indicator_ ? "" : of->key.ref + ": ", InWords(of->occurrences.At(place))));
    }
    if (cause.time != absl::InfinitePast()) *change.mutable_recorded_at() = codec::ToProto(cause.time);
    return change;
  }

  const Indicator& indicator_;
  const Figures& then_;
  const Figures& now_;
  const IndicatorFinder& find_;
  const absl::Time since_;
  const core::Date today_;
};

// One of those that the indicator continues, as they are seen with it, which they may be when they are not by
// themselves. Null: it continues none of that ref.
const Indicator* PredecessorOf(const Indicator& indicator, std::string_view ref) {
  const Indicator* before = indicator.predecessor.get();
  while (before != nullptr && before->key.ref != ref) before = before->predecessor.get();
  return before;
}

// It, or what it continues.
bool ChangedSince(const Indicator& indicator, absl::Time since) {
  const size_t records = indicator.occurrences.size();
  if (records > 0 && indicator.occurrences.At(records - 1).recorded_at >= since) return true;
  return indicator.predecessor != nullptr && ChangedSince(*indicator.predecessor, since);
}

// The indicators of a council as a catalogue would have them.
class AppliedCatalogue {
 public:
  AppliedCatalogue(const CouncilState& council, const codec::ResolvedCatalogue& catalogue, Effort* effort)
      : effort_(effort) {
    for (const IndicatorPtr& indicator : council.indicators) {
      by_ref_[indicator->key.ref] = {indicator.get(), indicator->definition};
    }
    for (const codec::ResolvedIndicator& applied : catalogue.indicators) {
      const auto found = by_ref_.find(applied.ref);
      if (found != by_ref_.end() && applied.definition != nullptr) found->second.definition = applied.definition;
    }
  }

  // Null: there is none yet.
  const Indicator* Find(const std::string& ref) const {
    const auto found = by_ref_.find(ref);
    return found == by_ref_.end() ? nullptr : found->second.indicator;
  }
  // Whether it changes the indicator, or one that it continues.
  bool Changes(const std::string& ref) const {
    auto of = by_ref_.find(ref);
    for (size_t steps = 0; of != by_ref_.end() && steps < by_ref_.size(); ++steps) {  // The log may name circles.
      const auto& [indicator, definition] = of->second;
      if (definition != indicator->definition && *definition != *indicator->definition) return true;
      of = by_ref_.find(definition->predecessor);
    }
    return false;
  }
  // Error: that of FiguresOf.
  absl::StatusOr<Figures> FiguresOf(const Indicator& indicator) const {
    auto ledger = LedgerOf(indicator, effort_);
    if (!ledger.ok()) return ledger.status();
    Figures figures{DefinitionOf(indicator), *std::move(ledger), nullptr};
    const std::string& ref = figures.definition->predecessor;
    const Indicator* before = PredecessorOf(indicator, ref);
    if (before == nullptr) before = Find(ref);
    if (before == nullptr || !rating::GoesOn(*figures.definition, *DefinitionOf(*before))) return figures;
    const absl::StatusOr<Figures> others = FiguresOf(*before);
    if (!others.ok()) return others;
    if (absl::Status s = Join(*others, effort_, &figures); !s.ok()) return s;
    return figures;
  }

 private:
  const std::shared_ptr<const rating::Definition>& DefinitionOf(const Indicator& indicator) const {
    const auto found = by_ref_.find(indicator.key.ref);
    return found == by_ref_.end() ? indicator.definition : found->second.definition;
  }

  struct Applied {
    const Indicator* indicator = nullptr;
    std::shared_ptr<const rating::Definition> definition;
  };
  Effort* const effort_;
  std::map<std::string, Applied> by_ref_;
};

}  // namespace

grpc::Status Answers::ListChanges(const Sight& sight, const v1::ListChangesRequest& request, Effort* effort,
                                  v1::ListChangesResponse* response) const {
  RequestCheck check;
  if (!request.has_since()) check.Add("since", "is not set: say since when");
  const absl::Time since =
      absl::FromUnixSeconds(request.since().seconds()) + absl::Nanoseconds(request.since().nanos());
  if (!check.ok()) return check.ToStatus();
  Page page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultRows, kMaximumRows);
  if (!s.ok()) return s;
  CouncilState council;
  if (s = SelectCouncil(sight, request.council(), effort, &council); !s.ok()) return s;
  page.SetPosition(council.standing.position);
  const std::vector<IndicatorPtr> all = council.indicators;
  std::map<std::string_view, const Indicator*> by_ref;
  for (const IndicatorPtr& indicator : all) by_ref.emplace(indicator->key.ref, indicator.get());
  if (s = Filter(request.filter(), std::nullopt, &council.indicators); !s.ok()) return s;
  for (const IndicatorPtr& indicator : council.indicators) {
    const IndicatorFinder find = [&](std::string_view ref) -> const Indicator* {
      if (const Indicator* before = PredecessorOf(*indicator, ref); before != nullptr) return before;
      const auto found = by_ref.find(ref);
      return found == by_ref.end() ? nullptr : found->second;
    };
    if (!page.Wants(CursorBehind(*indicator)) || !ChangedSince(*indicator, since)) continue;
    const absl::StatusOr<Figures> now = FiguresOf(*indicator, effort);
    if (!now.ok()) return Failed(now.status());
    const absl::StatusOr<Figures> then = FiguresBefore(*indicator, since, find, effort);
    if (!then.ok()) return Failed(then.status());
    auto changes = Comparison(*indicator, *then, *now, find, since, Today()).All(effort);
    if (!changes.ok()) return Failed(changes.status());
    for (auto& [period, change] : *changes) {
      std::string cursor = absl::StrCat(CursorOf(*indicator), " ", period ? CursorOf(*period) : "0");
      if (!page.Wants(cursor)) continue;
      if (!page.HasRoom(change.ByteSizeLong())) {
        page.Finish(response);
        return grpc::Status::OK;
      }
      page.Took(std::move(cursor));
      *response->add_changes() = std::move(change);
    }
    if (effort->PageIsOver() && indicator != council.indicators.back()) {
      page.EndAfter(CursorBehind(*indicator));
      break;
    }
  }
  page.Finish(response);
  return grpc::Status::OK;
}

grpc::Status Answers::CheckCatalogue(const Sight& sight, const v1::CheckCatalogueRequest& request, Effort* effort,
                                     v1::CheckCatalogueResponse* response) const {
  const v1::Catalogue& catalogue = request.catalogue();
  const absl::StatusOr<CouncilState> seen = sight.Council(catalogue.council(), effort);
  if (!seen.ok()) return Failed(seen.status());
  const CouncilState& council = *seen;
  std::map<std::string, const Indicator*> by_ref;
  for (const IndicatorPtr& indicator : council.indicators) by_ref.emplace(indicator->key.ref, indicator.get());
  if (!effort->Spend(Effort::kRow, static_cast<size_t>(catalogue.indicators_size()))) return Failed(Effort::Ended());
  const codec::ResolvedCatalogue resolved = codec::ResolveCatalogue(catalogue, [&](std::string_view ref) {
    const auto found = by_ref.find(std::string(ref));
    return found == by_ref.end() ? nullptr : found->second->definition;
  });
  const AppliedCatalogue as_applied(council, resolved, effort);
  std::vector<std::pair<std::string, std::string>> refs;  // And from when the catalogue says that it changes them.
  std::set<std::string> inside;
  for (size_t i = 0; i < resolved.indicators.size(); ++i) {
    const codec::ResolvedIndicator& applied = resolved.indicators[i];
    if (applied.definition == nullptr || !inside.insert(applied.ref).second) continue;
    refs.emplace_back(applied.ref, catalogue.indicators(static_cast<int>(i)).effective_from());
  }
  for (const IndicatorPtr& indicator : council.indicators) {
    if (!inside.contains(indicator->key.ref)) refs.emplace_back(indicator->key.ref, "");
  }
  for (const auto& [ref, effective_from] : refs) {
    const Indicator* indicator = as_applied.Find(ref);
    if (indicator == nullptr) continue;
    if (!effort->Spend(Effort::kItem)) return Failed(Effort::Ended());
    if (!as_applied.Changes(ref)) continue;
    const absl::StatusOr<Figures> now = FiguresOf(*indicator, effort);
    if (!now.ok()) return Failed(now.status());
    const absl::StatusOr<Figures> then = as_applied.FiguresOf(*indicator);
    if (!then.ok()) return Failed(then.status());
    const auto before = ShownBy(*now, Today(), effort);
    if (!before.ok()) return Failed(before.status());
    const auto after = ShownBy(*then, Today(), effort);
    if (!after.ok()) return Failed(after.status());

    const auto from = core::Period::Parse(effective_from);
    const std::string& name = ref;
    const auto add = [&](const core::Period& period) -> v1::ScoreChange* {
      const bool declared = from.ok() && period.last() >= from->last();
      response->set_total_changes(response->total_changes() + 1);
      if (!declared) response->set_undeclared_changes(response->undeclared_changes() + 1);
      if (response->changes_size() >= core::limits::kScoreChangesTold) return nullptr;
      v1::ScoreChange* change = response->add_changes();
      change->set_ref(name);
      change->set_period(period.ToString());
      change->set_declared(declared);
      return change;
    };
    for (const core::Period& period : PeriodsOf(*before, *after)) {
      const auto of = [&](const ShownByPeriod& all) {
        const auto shown = all.find(period);
        return shown == all.end() ? v1::ShownPeriod() : shown->second.what;
      };
      const v1::ShownPeriod was = of(*before);
      const v1::ShownPeriod becomes = of(*after);
      if (SameButForComments(was, becomes)) continue;
      v1::ScoreChange* change = add(period);
      if (change == nullptr) continue;
      change->set_status_before(was.status());
      change->set_status_after(becomes.status());
      change->set_arrow_before(was.arrow());
      change->set_arrow_after(becomes.arrow());
      if (was.has_value()) *change->mutable_value_before() = was.value();
      if (becomes.has_value()) *change->mutable_value_after() = becomes.value();
      change->set_target_before(was.target());
      change->set_target_after(becomes.target());
    }
    for (const MovedReport& moved : MovedReports(*indicator->definition, *then->definition, *before)) {
      v1::ScoreChange* change = add(core::Period::OfMonth(moved.month));
      if (change == nullptr) continue;
      change->set_data_period_before(moved.before.ToString());
      if (moved.after) change->set_data_period_after(moved.after->ToString());
    }
  }
  if (council.standing.position.offset >= 0) {
    *response->mutable_position() = codec::ToProto(council.standing.position);
  }
  return grpc::Status::OK;
}

}  // namespace bellwether::query
