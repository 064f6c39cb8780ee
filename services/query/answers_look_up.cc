// What became of readings.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/score.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/limits.h"
#include "bellwether/rating/warnings.h"
#include "services/query/answers.h"
#include "services/query/paging.h"
#include "services/query/rows.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

using Periods = std::vector<std::optional<core::Period>>;

// Of one id, in one period or in any: how often it occurs, and the newest of it. Those of the caller, where there are
// any, else all.
struct Matches {
  int32_t total = 0;
  bool own = false;
  std::deque<Occurrence> newest;

  void Add(const Occurrence& occurrence, bool of_caller) {
    if (own && !of_caller) return;
    if (!std::exchange(own, of_caller) && of_caller) {
      total = 0;
      newest.clear();
    }
    ++total;
    newest.push_back(occurrence);
    if (newest.size() > core::limits::kOccurrencesTold) newest.pop_front();
  }
};

// What is asked about one indicator: found in one pass over its records, however many keys there are.
struct Question {
  Found state;  // The indicator, as it stands.
  absl::flat_hash_map<std::string_view, std::map<std::optional<core::Period>, Matches>> ids;  // No period: any.
  std::optional<Figures> figures;  // None: nothing was found.
};

absl::Status Look(const Sight& sight, Effort* effort, Question* question) {
  const Indicator& indicator = *question->state.indicator;
  const size_t records = indicator.occurrences.size();
  bool found = false;
  for (size_t i = 0; i < records; ++i) {
    if (!effort->Spend(Effort::kLabel)) return Effort::Ended();
    const Occurrence occurrence = indicator.occurrences.At(i);
    const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(occurrence.record);
    if (!label.ok() || label->kind != codec::RecordLabel::Kind::kReading) continue;
    const auto asked = question->ids.find(label->reading_id);
    if (asked == question->ids.end()) continue;
    found = true;
    bool of_caller = false;
    if (!sight.caller().empty()) {
      const absl::StatusOr<rating::Record> record = RecordOf(occurrence);
      const auto* reading = record.ok() ? std::get_if<rating::Reading>(&*record) : nullptr;
      of_caller = reading != nullptr && reading->by.principal.name() == sight.caller();
    }
    for (const std::optional<core::Period>& period : {std::optional<core::Period>(), label->period}) {
      if (const auto of_period = asked->second.find(period); of_period != asked->second.end()) {
        of_period->second.Add(occurrence, of_caller);
      }
    }
  }
  if (!found) return absl::OkStatus();
  absl::StatusOr<Figures> figures = FiguresOf(indicator, effort);
  if (!figures.ok()) return figures.status();
  question->figures = *std::move(figures);
  return absl::OkStatus();
}

grpc::Status CheckKeys(const v1::LookUpReadingsRequest& request, Periods* periods) {
  RequestCheck check;
  if (request.keys().empty() || request.keys_size() > core::limits::kLookUpKeys) {
    check.Add("keys", absl::StrCat(request.keys_size(), " keys; a call takes 1 to ", core::limits::kLookUpKeys));
    return check.ToStatus();
  }
  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::ReadingKey& key = request.keys(i);
    const std::string path = absl::StrCat("keys[", i, "].");
    if (const absl::Status s = core::CheckCouncil(key.council()); !s.ok()) {
      check.Add(path + "council", std::string(s.message()));
    }
    if (const absl::Status s = core::CheckRecordId(key.reading_id()); !s.ok()) {
      check.Add(path + "reading_id", std::string(s.message()));
    }
    periods->push_back(PeriodField(path + "period", key.period(), &check));
  }
  return check.ToStatus();
}

}  // namespace

grpc::Status Answers::LookUpReadings(const Sight& sight, const v1::LookUpReadingsRequest& request, Effort* effort,
                                     v1::LookUpReadingsResponse* response) const {
  Periods periods;
  if (grpc::Status s = CheckKeys(request, &periods); !s.ok()) return s;

  std::map<std::pair<std::string_view, std::string_view>, Question> questions;
  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::ReadingKey& key = request.keys(i);
    Question& question = questions[{key.council(), key.ref()}];
    if (question.state.indicator == nullptr) {
      absl::StatusOr<Found> found = sight.FindWithOwn({key.council(), key.ref()}, effort);
      if (!found.ok()) return Failed(found.status());
      question.state = *std::move(found);
    }
    question.ids[key.reading_id()][periods[static_cast<size_t>(i)]];
  }
  for (auto& [key, question] : questions) {
    if (question.state.indicator == nullptr) continue;
    if (const absl::Status looked = Look(sight, effort, &question); !looked.ok()) return Failed(looked);
  }

  // The newest of each key is told; of the others as many as the answer holds.
  struct Told {
    const Question* question = nullptr;
    const Matches* found = nullptr;
    std::vector<v1::Occurrence> newest_first;
  };
  std::vector<Told> told;
  size_t bytes = 0;
  const auto tell_next = [&](Told& t) -> absl::Status {
    if (!effort->Spend(Effort::kItem)) return Effort::Ended();
    const Occurrence& next = t.found->newest[t.found->newest.size() - 1 - t.newest_first.size()];
    absl::StatusOr<v1::Occurrence> occurrence =
        ToProto(sight.epoch(), *t.question->state.indicator, *t.question->figures, next);
    if (!occurrence.ok()) return occurrence.status();
    bytes += occurrence->ByteSizeLong();
    t.newest_first.push_back(*std::move(occurrence));
    return absl::OkStatus();
  };
  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::ReadingKey& key = request.keys(i);
    const Question& question = questions.at({key.council(), key.ref()});
    const Matches& found = question.ids.at(key.reading_id()).at(periods[static_cast<size_t>(i)]);
    told.push_back({&question, &found, {}});
    if (found.newest.empty()) continue;
    if (const absl::Status s = tell_next(told.back()); !s.ok()) return Failed(s);
  }
  for (Told& t : told) {
    while (bytes <= kPageBytes && t.newest_first.size() < t.found->newest.size()) {
      if (const absl::Status s = tell_next(t); !s.ok()) return Failed(s);
    }
    v1::ReadingLookUp* result = response->add_results();
    result->set_total_occurrences(t.found->total);
    const codec::Position& position = t.question->state.standing.position;
    if (position.offset >= 0) *result->mutable_position() = codec::ToProto(position);
    for (auto occurrence = t.newest_first.rbegin(); occurrence != t.newest_first.rend(); ++occurrence) {
      *result->add_occurrences() = std::move(*occurrence);
    }
  }
  return grpc::Status::OK;
}

grpc::Status Answers::CheckReadings(const Sight& sight, const v1::CheckReadingsRequest& request, Effort* effort,
                                    v1::CheckReadingsResponse* response) const {
  if (request.readings().empty() || request.readings_size() > core::limits::kLookUpKeys) {
    RequestCheck check;
    check.Add("readings",
              absl::StrCat(request.readings_size(), " readings; a call takes 1 to ", core::limits::kLookUpKeys));
    return check.ToStatus();
  }
  // The indicators as they would be.
  struct Imagined {
    std::optional<Figures> figures;  // None: not known, or not defined.
    rating::Slots slots;
  };
  std::map<core::IndicatorKey, Imagined> indicators;
  std::vector<std::pair<Imagined*, rating::ReadingPtr>> readings;
  for (const v1::Reading& message : request.readings()) {
    if (!effort->Spend(Effort::kItem)) return Failed(Effort::Ended());
    auto& [of, reading] = readings.emplace_back();
    codec::Parsed<codec::Keyed<rating::Reading>> parsed = codec::FromProto(message);
    if (!parsed.violations.empty()) continue;
    const auto [found, is_new] = indicators.try_emplace(parsed.value.key);
    absl::StatusOr<Found> seen = is_new ? sight.Find(parsed.value.key, effort) : Found();
    if (!seen.ok()) return Failed(seen.status());
    const IndicatorPtr indicator = std::move(seen->indicator);
    if (indicator != nullptr && indicator->definition != nullptr) {
      absl::StatusOr<Figures> figures = FiguresOf(*indicator, effort);
      if (!figures.ok()) return Failed(figures.status());
      if (!effort->Spend(Effort::kLabel, figures->subject().slots->size())) return Failed(Effort::Ended());
      found->second.slots = *figures->subject().slots;
      found->second.figures = *std::move(figures);
    }
    of = &found->second;
    reading.reset(new rating::KeptReading(std::move(parsed.value.value)));
    of->slots[reading->period] = rating::Slot{reading, {}};
  }
  for (const auto& [of, reading] : readings) {
    v1::ReadingWarnings* result = response->add_results();
    if (reading == nullptr || !of->figures) continue;
    if (!effort->Spend(Effort::kItem)) return Failed(Effort::Ended());
    const rating::Definition& definition = *of->figures->subject().definition;
    for (const rating::Warning& warning : rating::WarningsOf(definition, *reading, of->slots, Today())) {
      *result->add_warnings() = codec::ToProto(warning);
    }
  }
  return grpc::Status::OK;
}

}  // namespace bellwether::query
