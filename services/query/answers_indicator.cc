// Calls that are about single indicators and their readings.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/codec/score.h"
#include "bellwether/rating/explain.h"
#include "bellwether/rating/trend.h"
#include "bellwether/rating/warnings.h"
#include "services/query/answers.h"
#include "services/query/paging.h"
#include "services/query/rows.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

constexpr int32_t kDefaultReadings = 500;
constexpr int32_t kMaximumReadings = 2'000;

// The months in which a history's periods may end.
struct Span {
  core::Month first;
  core::Month last;
  bool Holds(const core::Period& period) const { return first <= period.last() && period.last() <= last; }
};

// Of the request's from_period and to_period; empty: from the first, to the last.
template <typename Request>
Span SpanOf(const Request& request, RequestCheck* check) {
  const auto from = PeriodField("from_period", request.from_period(), check);
  const auto to = PeriodField("to_period", request.to_period(), check);
  if (from && to && to->last() < from->first()) {
    check->Add("to_period", absl::StrCat(to->ToString(), " ends before ", from->ToString(), " begins: swap them"));
  }
  return {from ? from->first() : core::Month(core::Month::kFirstYear, 1),
          to ? to->last() : core::Month(core::Month::kLastYear, 12)};
}

// Of a history: which of its periods have a score, and how many bytes it takes.
struct HistorySize {
  std::optional<core::Period> first;
  std::optional<core::Period> last;
  size_t bytes = 0;
};

// Scores and comments of one indicator's periods in the span, of those that end before `end`: scores of those in which
// it is in use, as reports have them.
template <typename Proto>
absl::Status AddPeriods(const Indicator& indicator, const Figures& figures, const Span& span,
                        std::optional<core::Month> end, core::Date today, Effort* effort, Proto* proto,
                        HistorySize* size) {
  const auto holds = [&](const core::Period& period) {
    return size->bytes <= kPageBytes && span.Holds(period) && (!end || period.last() < *end);
  };
  for (size_t i = 0; i < indicator.scores.size(); ++i) {
    const core::Period period = indicator.scores.At(i).period;
    if (!holds(period) || !rating::IsActiveIn(*indicator.definition, period)) continue;
    const absl::StatusOr<rating::Score> score = ScoreOf(indicator, figures, period, today, effort);
    if (!score.ok()) return score.status();
    v1::Score& added = *proto->add_scores();
    added = codec::ToProto(*score);
    size->bytes += added.ByteSizeLong();
    if (!size->first || period < *size->first) size->first = period;
    if (!size->last || period > *size->last) size->last = period;
  }
  for (const auto& [period, comment] : indicator.comments) {
    if (!holds(period)) continue;
    v1::Comment& added = *proto->add_comments();
    added = codec::ToProto(indicator.key, comment);
    size->bytes += added.ByteSizeLong();
  }
  return absl::OkStatus();
}

// Scores, comments and trend of a history, with those of what the indicator continues.
absl::Status AddHistory(const Indicator& indicator, const Figures& figures, const Span& span, core::Date today,
                        Effort* effort, v1::GetIndicatorResponse* response, HistorySize* size) {
  absl::Status added = AddPeriods(indicator, figures, span, std::nullopt, today, effort, response, size);
  if (!added.ok()) return added;
  HistorySize compared = *size;
  bool compares = true;
  const Indicator* successor = &indicator;
  for (const Indicator* before = indicator.predecessor.get(); before != nullptr;
       successor = before, before = before->predecessor.get()) {
    const absl::StatusOr<Figures> others = FiguresOf(*before, effort);
    if (!others.ok()) return others.status();
    v1::PredecessorHistory& history = *response->add_predecessors();
    *history.mutable_definition() = codec::ToProto(*before->definition, codec::WithScheme::kNo);
    size->bytes += history.ByteSizeLong();
    added = AddPeriods(*before, *others, span, successor->definition->active_from, today, effort, &history, size);
    if (!added.ok()) return added;
    compares = compares && HasFiguresBefore(*successor);
    history.set_compares(compares);
    if (compares) compared = *size;
  }
  if (!compared.first) return absl::OkStatus();
  const rating::Subject subject = figures.subject();
  if (!effort->Spend(Effort::kLabel, subject.slots->size())) return Effort::Ended();
  if (const auto trend = rating::TrendOf(*subject.definition, *subject.slots, *compared.first, *compared.last)) {
    if (auto line = codec::ToProto(*subject.definition, *trend); line.ok()) {
      *response->mutable_trend() = *std::move(line);
    }
  }
  return absl::OkStatus();
}

// What a chart shows of another indicator than its own.
absl::Status AddCharted(const Indicator& other, const Span& span, core::Date today, Effort* effort,
                        v1::GetIndicatorResponse* response, HistorySize* size) {
  const absl::StatusOr<Figures> figures = FiguresOf(other, effort);
  if (!figures.ok()) return figures.status();
  v1::GetIndicatorResponse history;
  HistorySize own;
  if (absl::Status s = AddHistory(other, *figures, span, today, effort, &history, &own); !s.ok()) return s;
  v1::ChartedHistory& charted = *response->mutable_charted_with();
  *charted.mutable_definition() = codec::ToProto(*other.definition, codec::WithScheme::kNo);
  charted.mutable_scores()->Swap(history.mutable_scores());
  charted.mutable_predecessors()->Swap(history.mutable_predecessors());
  for (v1::PredecessorHistory& before : *charted.mutable_predecessors()) before.clear_comments();
  if (history.has_trend()) *charted.mutable_trend() = std::move(*history.mutable_trend());
  size->bytes += own.bytes > kPageBytes ? own.bytes : charted.ByteSizeLong();
  return absl::OkStatus();
}

absl::Status AddSuccessors(const Sight& sight, const Indicator& indicator, Effort* effort,
                           v1::GetIndicatorResponse* response) {
  const auto successors = sight.SuccessorsOf(indicator, effort);
  if (!successors.ok()) return successors.status();
  for (const auto& other : *successors) {
    v1::Successor& successor = *response->add_successors();
    successor.set_ref(other->ref);
    successor.set_active_from(other->active_from->ToString());
    successor.set_compares(rating::GoesOn(*other, *indicator.definition));
  }
  return absl::OkStatus();
}

// Says of a period in which the indicator is retired what it goes on as.
absl::Status TellWhatGoesOn(const Sight& sight, const Indicator& indicator, const core::Period& period, Effort* effort,
                            v1::Explanation* explanation) {
  const std::optional<core::Month>& retired = indicator.definition->retired_from;
  if (!retired || period.first() < *retired || explanation->cells().empty()) return absl::OkStatus();
  const auto successors = sight.SuccessorsOf(indicator, effort);
  if (!successors.ok()) return successors.status();
  for (const auto& other : *successors) {
    const bool compares = rating::GoesOn(*other, *indicator.definition);
    absl::StrAppend(explanation->mutable_cells(0)->mutable_sentence(), " It goes on as ", other->ref,
                    compares ? "." : ", whose figures do not compare.");
  }
  return absl::OkStatus();
}

// A record, and what its place in the history sorts by.
struct Revision {
  std::string cursor;
  size_t place = 0;  // Among the indicator's.
};

// The page's revisions in their order, and the one behind them, if there is one.
absl::Status FindRevisions(const Indicator& indicator, const Span& span, bool comments, const Page& page,
                           Effort* effort, std::vector<Revision>* revisions) {
  const size_t records = indicator.occurrences.size();
  for (size_t i = 0; i < records; ++i) {
    if (!effort->Spend(2 * Effort::kLabel)) return Effort::Ended();
    const Occurrence occurrence = indicator.occurrences.At(i);
    const std::optional<core::Period> period = PeriodOf(occurrence, comments);
    if (!period || !span.Holds(*period)) continue;
    // The same length for every offset, so that texts sort as numbers do.
    std::string cursor = absl::StrCat(CursorOf(*period), " ", absl::Dec(occurrence.offset, absl::kZeroPad19));
    if (page.Wants(cursor)) revisions->push_back({std::move(cursor), i});
  }
  const size_t enough = std::min(revisions->size(), static_cast<size_t>(page.size()) + 1);
  std::partial_sort(revisions->begin(), revisions->begin() + static_cast<std::ptrdiff_t>(enough), revisions->end(),
                    [](const Revision& a, const Revision& b) { return a.cursor < b.cursor; });
  revisions->resize(enough);
  return absl::OkStatus();
}

grpc::Status HistoryTooLong() {
  RequestCheck check;
  check.Add("from_period", absl::StrCat("the scores and comments of this history take more than ", kPageBytes >> 20,
                                        " MiB: ask for fewer periods, by from_period and to_period"));
  return check.ToStatus();
}

}  // namespace

grpc::Status Answers::GetIndicator(const Sight& sight, const v1::GetIndicatorRequest& request, Effort* effort,
                                   v1::GetIndicatorResponse* response) const {
  RequestCheck check;
  const Span span = SpanOf(request, &check);
  if (!check.ok()) return check.ToStatus();
  Page page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultReadings, kMaximumReadings);
  if (!s.ok()) return s;
  Found found;
  if (s = SelectIndicator(sight, request.council(), request.ref(), effort, &found); !s.ok()) return s;
  IndicatorPtr charted;
  if (page.is_first() && !found.indicator->definition->charted_with.empty()) {
    absl::StatusOr<FoundWithCharted> both = sight.FindWithCharted(found.indicator->key, effort);
    if (!both.ok()) return Failed(both.status());
    if (both->found.indicator != nullptr) found = std::move(both->found);
    charted = std::move(both->charted);
  }
  const IndicatorPtr& indicator = found.indicator;
  page.SetPosition(found.standing.position);

  std::vector<Revision> revisions;
  absl::Status done = FindRevisions(*indicator, span, request.include_comments(), page, effort, &revisions);
  if (!done.ok()) return Failed(done);
  const absl::StatusOr<Figures> figures = FiguresOf(*indicator, effort);
  if (!figures.ok()) return Failed(figures.status());
  *response->mutable_definition() = codec::ToProto(*indicator->definition, codec::WithScheme::kNo);
  *response->mutable_scheme() = codec::ToProto(*indicator->definition->scheme);
  std::set<std::string> told = {indicator->definition->scheme->id};
  for (const auto& scheme : EarlierSchemes(*indicator)) {
    if (told.insert(scheme->id).second) *response->add_earlier_schemes() = codec::ToProto(*scheme);
  }
  const size_t head = response->ByteSizeLong();
  page.Charge(head);
  if (page.is_first()) {
    done = AddSuccessors(sight, *indicator, effort, response);
    if (!done.ok()) return Failed(done);
    HistorySize size;
    size.bytes = head;
    done = AddHistory(*indicator, *figures, span, Today(), effort, response, &size);
    if (!done.ok()) return Failed(done);
    if (charted != nullptr) {
      done = AddCharted(*charted, span, Today(), effort, response, &size);
      if (!done.ok()) return Failed(done);
    }
    if (size.bytes > kPageBytes) return HistoryTooLong();
    page.Charge(size.bytes - head);
  }
  for (Revision& revision : revisions) {
    if (!effort->Spend(Effort::kItem)) return Failed(Effort::Ended());
    auto proto = ToProto(sight.epoch(), *indicator, *figures, indicator->occurrences.At(revision.place));
    if (!proto.ok()) return Failed(proto.status());
    if (!page.HasRoom(proto->ByteSizeLong())) break;
    page.Took(std::move(revision.cursor));
    *response->add_revisions() = *std::move(proto);
  }
  page.Finish(response);
  return grpc::Status::OK;
}

grpc::Status Answers::ExplainScore(const Sight& sight, const v1::ExplainScoreRequest& request, Effort* effort,
                                   v1::ExplainScoreResponse* response) const {
  RequestCheck check;
  std::optional<core::Period> period = PeriodField("period", request.period(), &check);
  if (!check.ok()) return check.ToStatus();
  Found found;
  if (grpc::Status s = SelectIndicator(sight, request.council(), request.ref(), effort, &found); !s.ok()) return s;
  IndicatorPtr indicator = found.indicator;
  if (!period) period = NewestReadingPeriod(*indicator);
  while (period && HasFiguresBefore(*indicator) && period->last() < *indicator->definition->active_from) {
    indicator = indicator->predecessor;  // Whose figure that is.
  }
  const rating::Definition& definition = *indicator->definition;
  if (!period) {
    return ErrorOf(codec::Reason::kNothingRecorded,
                   absl::StrCat("period: ", definition.ref, " has no reading yet; name a period to see what it lacks"));
  }
  if (const core::Period own = rating::PeriodContaining(definition, period->last()); own != *period) {
    check.Add("period", absl::StrCat(period->ToString(), " is not a data period of ", definition.ref, "; ask for ",
                                     own.ToString(), ", whose explanation has its quarters and year to date"));
    return check.ToStatus();
  }
  const absl::StatusOr<Figures> figures = FiguresOf(*indicator, effort);
  if (!figures.ok()) return Failed(figures.status());
  const rating::Subject subject = figures->subject();
  rating::Evaluation evaluation =
      rating::Evaluate(*subject.definition, subject.definition_recorded, *subject.slots, *period);
  rating::WithAbsencesAsOf(*subject.definition, Today(), evaluation);
  const rating::Score score = rating::ScoreOf(evaluation);
  const rating::Definition& then = rating::InForceIn(definition, period->last());
  *response->mutable_explanation() = codec::ToProto(then, rating::Explain(evaluation), score);
  const absl::Status told = TellWhatGoesOn(sight, *indicator, *period, effort, response->mutable_explanation());
  if (!told.ok()) return Failed(told);
  for (v1::CellExplanation& cell : *response->mutable_explanation()->mutable_cells()) {
    const absl::StatusOr<core::Period> of = core::Period::Parse(cell.period());
    const auto slot = of.ok() ? subject.slots->find(*of) : subject.slots->end();
    if (slot == subject.slots->end() || !slot->second.reading) continue;
    for (const rating::Warning& warning : rating::WarningsOf(*subject.definition, *slot->second.reading, *subject.slots,
                                                             rating::DayOf(slot->second.recorded))) {
      *cell.add_warnings() = codec::ToProto(warning);
    }
  }
  *response->mutable_score() = codec::ToProto(score);
  *response->mutable_position() = codec::ToProto(found.standing.position);
  *response->mutable_definition() = codec::WordingToProto(then);
  return grpc::Status::OK;
}

namespace {

// Periods of the span with a reading in force or a comment, in the order of a list.
std::set<core::Period> PeriodsToList(const Indicator& indicator, const rating::Ledger& ledger, const Span& span) {
  std::set<core::Period> periods;
  for (const auto& [period, slot] : ledger.slots()) {
    if (span.Holds(period) && slot.reading) periods.insert(period);
  }
  for (const auto& [period, comment] : indicator.comments) {
    if (span.Holds(period)) periods.insert(period);
  }
  return periods;
}

v1::ReadingInForce ReadingInForceOf(const Indicator& indicator, const rating::Ledger& ledger,
                                    const core::Period& period) {
  v1::ReadingInForce in_force;
  if (const auto slot = ledger.slots().find(period); slot != ledger.slots().end() && slot->second.reading) {
    *in_force.mutable_reading() = codec::ToProto(indicator.key, *slot->second.reading);
    *in_force.mutable_recorded_at() = codec::ToProto(slot->second.recorded.time);
  }
  if (const auto comment = indicator.comments.find(period); comment != indicator.comments.end()) {
    *in_force.mutable_comment() = codec::ToProto(indicator.key, comment->second);
  }
  return in_force;
}

}  // namespace

grpc::Status Answers::ListReadings(const Sight& sight, const v1::ListReadingsRequest& request, Effort* effort,
                                   v1::ListReadingsResponse* response) const {
  RequestCheck check;
  const Span span = SpanOf(request, &check);
  if (!check.ok()) return check.ToStatus();
  Page page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultReadings, kMaximumReadings);
  if (!s.ok()) return s;
  CouncilState council;
  if (s = SelectCouncil(sight, request.council(), effort, &council); !s.ok()) return s;
  page.SetPosition(council.standing.position);
  std::vector<IndicatorPtr>& indicators = council.indicators;
  v1::ReportFilter filter;
  *filter.mutable_refs() = request.refs();
  if (s = Filter(filter, std::nullopt, &indicators); !s.ok()) return s;

  for (const IndicatorPtr& indicator : indicators) {
    if (!page.Wants(CursorBehind(*indicator))) continue;
    const auto ledger = LedgerOf(*indicator, effort);
    if (!ledger.ok()) return Failed(ledger.status());
    if (!effort->Spend(Effort::kLabel, (*ledger)->slots().size())) return Failed(Effort::Ended());
    for (const core::Period& period : PeriodsToList(*indicator, **ledger, span)) {
      std::string cursor = absl::StrCat(CursorOf(*indicator), " ", CursorOf(period));
      if (!page.Wants(cursor)) continue;
      if (!effort->Spend(Effort::kItem)) return Failed(Effort::Ended());
      v1::ReadingInForce in_force = ReadingInForceOf(*indicator, **ledger, period);
      if (!page.HasRoom(in_force.ByteSizeLong())) {
        page.Finish(response);
        return grpc::Status::OK;
      }
      page.Took(std::move(cursor));
      *response->add_readings() = std::move(in_force);
    }
    if (effort->PageIsOver() && indicator != indicators.back()) {
      page.EndAfter(CursorBehind(*indicator));
      break;
    }
  }
  page.Finish(response);
  return grpc::Status::OK;
}

}  // namespace bellwether::query
