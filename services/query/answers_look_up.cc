// What became of readings.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/limits.h"
#include "services/query/answers.h"
#include "services/query/paging.h"
#include "services/query/rows.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

constexpr size_t kOccurrenceHead = 64;  // What an occurrence takes in an answer beside its record and detail.

using Periods = std::vector<std::optional<core::Period>>;

// Of one id, in one period or in any: how often it occurs, and the newest of it.
struct Matches {
  int32_t total = 0;
  std::deque<Occurrence> newest;

  void Add(const Occurrence& occurrence) {
    ++total;
    newest.push_back(occurrence);
    if (newest.size() > core::limits::kOccurrencesTold) newest.pop_front();
  }
  // How much its `place`th takes in the answer, counted from the newest.
  size_t BytesOf(size_t place) const {
    const Occurrence& occurrence = newest[newest.size() - 1 - place];
    return kOccurrenceHead + occurrence.record.size() + occurrence.detail.size();
  }
};

// What is asked about one indicator: found in one pass over its records, however many keys there are.
struct Question {
  Found state;  // The indicator, as it stands.
  absl::flat_hash_map<std::string_view, std::map<std::optional<core::Period>, Matches>> ids;  // No period: any.
  LedgerPtr ledger;  // Null: nothing was found.
};

absl::Status Look(Effort* effort, Question* question) {
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
    for (const std::optional<core::Period>& period : {std::optional<core::Period>(), label->period}) {
      if (const auto of_period = asked->second.find(period); of_period != asked->second.end()) {
        of_period->second.Add(occurrence);
      }
    }
  }
  if (!found) return absl::OkStatus();
  auto ledger = LedgerOf(indicator, effort);
  if (!ledger.ok()) return ledger.status();
  question->ledger = *std::move(ledger);
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

grpc::Status Answers::LookUpReadings(const v1::LookUpReadingsRequest& request, Effort* effort,
                                     v1::LookUpReadingsResponse* response) const {
  Periods periods;
  if (grpc::Status s = CheckKeys(request, &periods); !s.ok()) return s;

  std::map<std::pair<std::string_view, std::string_view>, Question> questions;
  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::ReadingKey& key = request.keys(i);
    Question& question = questions[{key.council(), key.ref()}];
    if (question.state.indicator == nullptr) question.state = view_->Find({key.council(), key.ref()});
    question.ids[key.reading_id()][periods[static_cast<size_t>(i)]];
  }
  for (auto& [key, question] : questions) {
    if (question.state.indicator == nullptr) continue;
    if (const absl::Status looked = Look(effort, &question); !looked.ok()) return Failed(looked);
  }

  // The newest of each key is told; of the others as many as the answer holds.
  struct Told {
    const Question* question = nullptr;
    const Matches* found = nullptr;
    size_t count = 0;  // Of the newest.
  };
  std::vector<Told> told;
  size_t bytes = 0;
  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::ReadingKey& key = request.keys(i);
    const Question& question = questions.at({key.council(), key.ref()});
    const Matches& found = question.ids.at(key.reading_id()).at(periods[static_cast<size_t>(i)]);
    told.push_back({&question, &found, found.newest.empty() ? size_t{0} : size_t{1}});
    if (!found.newest.empty()) bytes += found.BytesOf(0);
  }
  for (Told& t : told) {
    while (t.count < t.found->newest.size() && bytes + t.found->BytesOf(t.count) <= kPageBytes) {
      bytes += t.found->BytesOf(t.count++);
    }
  }
  for (const Told& t : told) {
    v1::ReadingLookUp* result = response->add_results();
    result->set_total_occurrences(t.found->total);
    const codec::Position& position = t.question->state.standing.position;
    if (position.offset >= 0) *result->mutable_position() = codec::ToProto(position);
    if (!effort->Spend(Effort::kItem, t.count)) return Failed(Effort::Ended());
    for (size_t n = t.found->newest.size() - t.count; n < t.found->newest.size(); ++n) {
      auto occurrence = ToProto(view_->epoch(), *t.question->state.indicator, *t.question->ledger, t.found->newest[n]);
      if (!occurrence.ok()) return Failed(occurrence.status());
      *result->add_occurrences() = *std::move(occurrence);
    }
  }
  return grpc::Status::OK;
}

}  // namespace bellwether::query
