#include "services/cli/plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/period.h"
#include "bellwether/core/text.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"
#include "bellwether/rpc/client_error.h"
#include "services/cli/files.h"

namespace bellwether::cli {

using report::TimeText;
namespace {

using Occurrences = std::vector<v1::Occurrence>;

// What a reading says of its period.
bool IsContent(std::string_view column) {
  return column != "council" && column != "ref" && column != "period" && column != "reading_id" &&
         column != "corrects" && column != "source" && column != "comment" && column != "comment_id";
}

std::string Content(const v1::Reading& reading, std::string_view column) {
  std::string cell = ReadingCell(reading, column);
  return column == "observation_status" && cell == "A" ? "" : cell;
}

// Whether a row says in those columns what a reading says: in so many letters, or, with `as_kept`, figures by their
// value or as a spreadsheet keeps them.
bool SameIn(const std::vector<std::string>& columns, const v1::Reading& a, const v1::Reading& b,
            std::string (*as_kept)(std::string_view)) {
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
    if (!IsContent(column)) return true;
    const std::string one = Content(a, column);
    const std::string other = Content(b, column);
    if (one == other) return true;
    if (as_kept == nullptr) return false;
    if (one == as_kept(other)) return true;
    const auto x = core::Decimal::Parse(one);
    const auto y = core::Decimal::Parse(other);
    return x.ok() && y.ok() && core::SameValue(*x, *y);
  });
}

// Words without the blanks that nobody sees: at the ends of lines and of the whole, and where one follows another.
std::string Words(std::string_view text) {
  std::vector<std::string> lines = absl::StrSplit(absl::StrReplaceAll(core::ToAbsl(text), {{"\u00A0", " "}}), '\n');
  for (std::string& line : lines) absl::RemoveExtraAsciiWhitespace(&line);
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return absl::StrJoin(lines, "\n");
}

std::string AsItStands(std::string_view figure) { return std::string(figure); }

// Whether a row says what was said, with the quotient of its parts written beside them or without.
bool ValueBesideOneAlone(const v1::Reading& a, const v1::Reading& b) {
  return a.measurement().has_ratio() && b.measurement().has_ratio() &&
         a.measurement().ratio().has_value() != b.measurement().ratio().has_value();
}

std::string Shown(const std::string& cell) { return cell.empty() ? "nothing" : core::Quoted(cell, 80); }

// "value "95" -> "80"; published_arrow "↑G" -> nothing"
std::string Difference(const v1::Reading& before, const v1::Reading& after) {
  std::vector<std::string> words;
  for (const std::string& column : ReadingsColumns()) {
    if (!IsContent(column)) continue;
    const std::string one = Content(before, column);
    const std::string other = Content(after, column);
    if (one != other) words.push_back(absl::StrCat(column, " ", Shown(one), " -> ", Shown(other)));
  }
  return absl::StrJoin(words, "; ");
}

// What a reading says: "value 95; published_status Green".
std::string FigureText(const v1::Reading& reading) {
  std::vector<std::string> words;
  for (const std::string& column : ReadingsColumns()) {
    const std::string content = IsContent(column) ? Content(reading, column) : "";
    if (!content.empty()) words.push_back(absl::StrCat(column, " ", Shown(content)));
  }
  return absl::StrJoin(words, "; ");
}

// "recorded 2022-03-04 10:15:00 by revenues-system as "r1""
std::string WhoAndWhen(const std::string& source, const std::string& id, bool has_time,
                       const google::protobuf::Timestamp& time) {
  return absl::StrCat("recorded ", TimeText(has_time, time),
                      source.empty() ? "" : absl::StrCat(" by ", core::Quoted(source, 60)), " as ",
                      core::Quoted(id, 60));
}

std::string WhoAndWhen(const v1::ReadingInForce& r) {
  return WhoAndWhen(r.reading().source(), r.reading().reading_id(), r.has_recorded_at(), r.recorded_at());
}

class Planner {
 public:
  Planner(Context& context, ReadingsFile file, const Known& known, bool again, Plan* plan)
      : context_(context), file_(std::move(file)), known_(known), again_(again), plan_(*plan) {}

  grpc::Status Make() {
    plan_.rows = file_.rows.size();
    plan_.errors = std::move(file_.errors);
    TellDoubles();
    if (grpc::Status s = LookAtIds(); !s.ok()) return s;
    TellSharedIds();
    for (ReadingsRow& row : file_.rows) {
      const Address address = row.address();
      std::string beside;  // Why the figure beside the row's words is not in force.
      if (row.reading) {
        ++plan_.all_readings;
        if (grpc::Status s = PlanOne(row.line, *std::move(row.reading), &beside); !s.ok()) return s;
      } else if (grpc::Status s = ToldOfOldCopy(address, row.reading_id, &beside); !s.ok()) {
        return s;
      }
      if (row.comment) {
        if (grpc::Status s = PlanOne(row.line, *std::move(row.comment), beside); !s.ok()) return s;
      }
    }
    plan_.notes = std::move(file_.notes);
    return grpc::Status::OK;
  }

 private:
  // Two rows for one period: the same is one, and of others nobody knows which is meant.
  void TellDoubles() {
    std::map<Address, size_t> readings;
    std::map<Address, size_t> comments;
    std::set<size_t> refused;
    for (size_t i = 0; i < file_.rows.size(); ++i) {
      ReadingsRow& row = file_.rows[i];
      const Address address = row.address();
      if (row.reading) {
        const auto [first, is_new] = readings.emplace(address, i);
        if (!is_new) {
          const v1::Reading& other = *file_.rows[first->second].reading;
          if (!row.reading->corrects().empty() && row.reading->corrects() == other.reading_id()) {
            first->second = i;
          } else if (SameIn(ReadingsColumns(), other, *row.reading, &AsItStands) &&
                     row.reading->corrects() == other.corrects()) {
            ++doubles_;
            first_double_ = first_double_ == 0 ? row.line : first_double_;
            row.reading.reset();
          } else {
            Doubled(first->second, i, Difference(other, *row.reading), &refused);
          }
        }
      }
      if (!row.comment) continue;
      const auto [first, is_new] = comments.emplace(address, i);
      if (is_new) continue;
      const std::string& other = file_.rows[first->second].comment->text();
      if (Words(other) == Words(row.comment->text())) {
        row.comment.reset();
      } else {
        Doubled(first->second, i, absl::StrCat("comment ", Shown(other), " and ", Shown(row.comment->text())),
                &refused);
      }
    }
    std::vector<ReadingsRow> kept;
    for (size_t i = 0; i < file_.rows.size(); ++i) {
      const bool says_something = file_.rows[i].reading || file_.rows[i].comment;
      if (refused.count(i) == 0 && says_something) kept.push_back(std::move(file_.rows[i]));
    }
    file_.rows = std::move(kept);
    if (doubles_ > 0)
      file_.notes.push_back(
          absl::StrCat(doubles_, " rows that say again what another row says (first: line ", first_double_, ")"));
  }

  void Doubled(size_t one, size_t other, const std::string& difference, std::set<size_t>* refused) {
    const Address address = file_.rows[other].address();
    const std::string disguised = known_.Disguised(address.council, address.ref);
    plan_.errors.Add(absl::StrCat(
        PlaceOf(file_.rows[other].line, address.ref, address.period),
        "a second row for this ref and period, after line ", file_.rows[one].line, ": ", difference,
        ": neither is taken; leave one of them out",
        disguised.empty() ? "" : absl::StrCat(" (a spreadsheet makes ", address.ref, " of ", disguised, ")")));
    refused->insert({one, other});
  }

  // Ids that came with rows. A row that was copied to another period, with the id of the reading that it was copied
  // from, is a reading by itself.
  grpc::Status LookAtIds() {
    std::vector<v1::Reading*> named;
    for (ReadingsRow& row : file_.rows) {
      if (!row.reading || row.reading->reading_id().empty()) continue;
      const v1::ReadingInForce* in_force = known_.InForce(row.address());
      if (in_force == nullptr || in_force->reading().reading_id() != row.reading->reading_id())
        named.push_back(&*row.reading);
    }
    size_t copies = 0;
    std::string first;
    std::vector<v1::Reading*> unknown;  // Whose id the indicator has not.
    const grpc::Status asked =
        LookUp(named, &v1::Reading::reading_id,
               [&](v1::Reading& reading, const google::protobuf::RepeatedPtrField<v1::Occurrence>& found) {
                 if (found.empty()) unknown.push_back(&reading);
                 const bool is_own = std::any_of(found.begin(), found.end(), [&](const v1::Occurrence& o) {
                   return o.record().reading().period() == reading.period();
                 });
                 if (found.empty() || is_own) return;
                 const v1::Reading& original = found.rbegin()->record().reading();
                 if (copies++ == 0)
                   first = absl::StrCat(reading.ref(), " ", reading.period(), ": ",
                                        core::Quoted(reading.reading_id(), 60), " is of ", original.period());
                 reading.clear_reading_id();
                 if (reading.corrects() == original.corrects()) reading.clear_corrects();
                 if (reading.source() == original.source()) reading.clear_source();  // Whoever copied it is another.
               });
    if (!asked.ok()) return asked;
    if (copies > 0) {
      file_.notes.push_back(
          absl::StrCat(copies,
                       " rows with the reading_id of another period, from which they were copied, are readings "
                       "of their own (first: ",
                       first, ")"));
    }
    if (grpc::Status s = TellOtherRefs(unknown); !s.ok()) return s;
    return TellUnknownCorrected();
  }

  // What the view knows of the ids that `id` gives of readings.
  template <typename F>
  grpc::Status LookUp(const std::vector<v1::Reading*>& readings, const std::string& (v1::Reading::*id)() const,
                      const F& found) {
    for (size_t begin = 0; begin < readings.size(); begin += core::limits::kLookUpKeys) {
      const size_t end = std::min(begin + core::limits::kLookUpKeys, readings.size());
      v1::LookUpReadingsRequest request;
      for (size_t i = begin; i < end; ++i) {
        v1::ReadingKey* key = request.add_keys();
        key->set_council(readings[i]->council());
        key->set_ref(readings[i]->ref());
        key->set_reading_id((readings[i]->*id)());
      }
      v1::LookUpReadingsResponse response;
      const grpc::Status s =
          context_.client->query().LookUpReadings(context_.client->Context().get(), request, &response);
      if (s.error_code() == grpc::StatusCode::INVALID_ARGUMENT) continue;  // What is no id is told with its row.
      if (!s.ok()) return s;
      for (size_t i = begin; i < end && i - begin < static_cast<size_t>(response.results_size()); ++i)
        found(*readings[i], response.results(static_cast<int>(i - begin)).occurrences());
    }
    return grpc::Status::OK;
  }

  // An exported row whose ref somebody changed has the id of what another indicator has in force, and the row of that
  // one is gone. Two indicators may have one id, too: so it is kept, and told.
  grpc::Status TellOtherRefs(const std::vector<v1::Reading*>& unknown) {
    std::map<std::pair<std::string, std::string>, std::vector<v1::Reading>> in_force;  // By council and id.
    std::set<std::tuple<std::string, std::string, std::string>> in_file;
    if (unknown.empty()) return grpc::Status::OK;
    std::set<std::string> councils;
    for (const v1::Reading* reading : unknown) councils.insert(reading->council());
    for (const std::string& council : councils) {
      v1::ListReadingsRequest request;
      request.set_council(council);
      const grpc::Status s = context_.client->EveryPage(
          &v1::QueryService::Stub::ListReadings, request, [&](v1::ListReadingsResponse& page) {
            for (v1::ReadingInForce& r : *page.mutable_readings()) {
              if (r.has_reading())
                in_force[{council, r.reading().reading_id()}].push_back(std::move(*r.mutable_reading()));
            }
          });
      if (s.error_code() == grpc::StatusCode::NOT_FOUND || s.error_code() == grpc::StatusCode::INVALID_ARGUMENT)
        continue;  // Told with each row.
      if (!s.ok()) return s;
    }
    for (const ReadingsRow& row : file_.rows) in_file.emplace(row.address().council, row.address().ref, row.reading_id);
    size_t count = 0;
    std::string first;
    for (v1::Reading* reading : unknown) {
      const auto found = in_force.find({reading->council(), reading->reading_id()});
      if (found == in_force.end()) continue;
      const bool is_copy = std::any_of(found->second.begin(), found->second.end(), [&](const v1::Reading& r) {
        return in_file.count({r.council(), r.ref(), r.reading_id()}) > 0;
      });
      if (is_copy) continue;
      const v1::Reading& original = found->second.front();
      if (count++ == 0)
        first = absl::StrCat(reading->ref(), " ", reading->period(), ": ", core::Quoted(reading->reading_id(), 60),
                             " is of ", original.ref(), " ", original.period());
      if (reading->source() == original.source()) reading->clear_source();  // Whoever changed it is another.
    }
    if (count > 0) {
      file_.notes.push_back(absl::StrCat(count,
                                         " rows with the reading_id of another indicator, whose own row the file has "
                                         "not: look whether a ref was changed (first: ",
                                         first, ")"));
    }
    return grpc::Status::OK;
  }

  // What a row says to correct may come later, as from another feed, or be mistyped.
  grpc::Status TellUnknownCorrected() {
    std::set<std::tuple<std::string, std::string, std::string>> in_file;
    std::vector<v1::Reading*> correcting;
    for (ReadingsRow& row : file_.rows) {
      if (!row.reading) continue;
      in_file.emplace(row.reading->council(), row.reading->ref(), row.reading->reading_id());
      const v1::ReadingInForce* in_force = known_.InForce(row.address());
      const std::string& corrects = row.reading->corrects();
      if (corrects.empty() || (in_force != nullptr && (corrects == in_force->reading().reading_id() ||
                                                       corrects == in_force->reading().corrects())))
        continue;
      correcting.push_back(&*row.reading);
    }
    size_t count = 0;
    std::string first;
    const grpc::Status asked = LookUp(
        correcting, &v1::Reading::corrects,
        [&](const v1::Reading& reading, const google::protobuf::RepeatedPtrField<v1::Occurrence>& found) {
          if (!found.empty() || in_file.count({reading.council(), reading.ref(), reading.corrects()}) > 0) return;
          if (count++ == 0)
            first = absl::StrCat(reading.ref(), " ", reading.period(), ": ", core::Quoted(reading.corrects(), 60));
        });
    if (asked.ok() && count > 0) {
      file_.notes.push_back(absl::StrCat(count,
                                         " rows correct a reading that the indicator has not: look whether `corrects` "
                                         "is a reading_id (first: ",
                                         first, ")"));
    }
    return asked;
  }

  // Of two rows for two periods that have one id the second would be refused once the first is recorded.
  void TellSharedIds() {
    std::map<std::tuple<std::string, std::string, std::string>, int> lines;
    std::erase_if(file_.rows, [&](const ReadingsRow& row) {
      if (!row.reading || row.reading->reading_id().empty()) return false;
      const auto [first, is_new] =
          lines.emplace(std::tuple(row.reading->council(), row.reading->ref(), row.reading->reading_id()), row.line);
      if (is_new) return false;
      plan_.errors.Add(absl::StrCat(PlaceOf(row.line, row.reading->ref(), row.reading->period()),
                                    "reading_id: ", core::Quoted(row.reading->reading_id(), 60), " is that of line ",
                                    first->second, " too: give each reading its own, or leave it empty"));
      return true;
    });
  }

  // The rows of the log for one period.
  grpc::Status HistoryOf(const Address& address, const Occurrences** history) {
    const auto key = std::pair(address.council, address.ref);
    if (histories_.count(key) == 0) {
      if (periods_.empty()) {
        for (const Address& a : file_.addresses) {
          if (const auto period = core::Period::Parse(a.period); period.ok())
            periods_[{a.council, a.ref}].insert(*period);
        }
      }
      const std::set<core::Period>& periods = periods_[key];
      auto& of_indicator = histories_[key];
      if (!periods.empty() && known_.Find(address.council, address.ref) != nullptr) {
        if (grpc::Status s = Fetch(address, periods, &of_indicator); !s.ok()) return s;
      }
    }
    *history = &histories_[key][address.period];
    return grpc::Status::OK;
  }

  grpc::Status Fetch(const Address& address, const std::set<core::Period>& periods,
                     std::map<std::string, Occurrences>* histories) {
    const auto by_last = [](const core::Period& a, const core::Period& b) { return a.last() < b.last(); };
    const core::Month first = std::min_element(periods.begin(), periods.end(), by_last)->last();
    const core::Month last = std::max_element(periods.begin(), periods.end(), by_last)->last();
    v1::GetIndicatorRequest request;
    request.set_council(address.council);
    request.set_ref(address.ref);
    request.set_include_comments(true);
    request.set_from_period(first.ToString());
    request.set_to_period(last.ToString());
    histories->clear();
    grpc::Status s =
        context_.client->EveryPage(&v1::QueryService::Stub::GetIndicator, request, [&](v1::GetIndicatorResponse& page) {
          for (v1::Occurrence& o : *page.mutable_revisions()) {
            const v1::IndicatorRecord& record = o.record();
            const std::string& period = record.has_reading()      ? record.reading().period()
                                        : record.has_withdrawal() ? record.withdrawal().period()
                                                                  : record.comment().period();
            (*histories)[period].push_back(std::move(o));
          }
        });
    // A history of very long comments: month by month.
    if (s.error_code() == grpc::StatusCode::INVALID_ARGUMENT && first < last) {
      std::map<std::string, Occurrences> whole;
      for (const core::Period& period : periods) {
        std::map<std::string, Occurrences> part;
        if (s = Fetch(address, {core::Period::OfMonth(period.last())}, &part); !s.ok()) return s;
        whole.merge(part);
      }
      *histories = std::move(whole);
    }
    return s;
  }

  // Of a row whose figure was emptied, so that only its words may be sent.
  grpc::Status ToldOfOldCopy(const Address& address, const std::string& reading_id, std::string* beside) {
    const v1::ReadingInForce* found = known_.InForce(address);
    if (reading_id.empty() || (found != nullptr && found->reading().reading_id() == reading_id))
      return grpc::Status::OK;
    const Occurrences* history = nullptr;
    if (grpc::Status s = HistoryOf(address, &history); !s.ok()) return s;
    const bool is_known = std::any_of(history->begin(), history->end(), [&](const v1::Occurrence& o) {
      return o.record().has_reading() && o.record().reading().reading_id() == reading_id;
    });
    if (is_known) *beside = kOldCopy;
    return grpc::Status::OK;
  }

  // `kept_out`: why the reading stays out of force, if it does.
  grpc::Status PlanOne(int line, v1::Reading reading, std::string* kept_out) {
    const Address address{reading.council(), reading.ref(), reading.period()};
    const v1::ReadingInForce* found = known_.InForce(address);
    const v1::ReadingInForce* in_force = found != nullptr && found->has_reading() ? found : nullptr;
    const std::string in_force_id = in_force == nullptr ? "" : in_force->reading().reading_id();
    if (in_force != nullptr && SameIn(file_.columns, reading, in_force->reading(), again_ ? nullptr : file_.as_kept) &&
        (reading.corrects().empty() || reading.corrects() == in_force->reading().corrects() ||
         reading.corrects() == in_force_id)) {
      ++plan_.readings_in_force;
      return grpc::Status::OK;
    }
    const Occurrences* history = nullptr;
    if (grpc::Status s = HistoryOf(address, &history); !s.ok()) return s;
    const std::string given = reading.reading_id();
    bool given_is_known = false;
    bool id_is_known = false;
    const v1::Occurrence* seen = nullptr;  // The newest that said the same.
    std::vector<std::string> without_value = file_.columns;
    std::erase(without_value, "value");
    if (given.empty()) reading.set_reading_id(IdOf(reading));
    for (const v1::Occurrence& o : *history) {
      if (!o.record().has_reading()) continue;
      const v1::Reading& earlier = o.record().reading();
      given_is_known = given_is_known || (!given.empty() && earlier.reading_id() == given);
      id_is_known = id_is_known || earlier.reading_id() == reading.reading_id();
      if (o.outcome() != v1::OUTCOME_CONFLICT &&
          SameIn(ValueBesideOneAlone(reading, earlier) ? without_value : file_.columns, reading, earlier,
                 file_.as_kept))
        seen = &o;
    }
    if (!given.empty() && given == in_force_id) {  // An exported row that somebody edited.
      reading.set_corrects(given);
      reading.set_reading_id(IdOf(reading));
      if (reading.source() == in_force->reading().source()) reading.clear_source();  // Whoever edited it is another.
    } else if (given_is_known || seen != nullptr) {
      if (!again_) {
        *kept_out = given_is_known && seen == nullptr ? kOldCopy : kOverruled;
        StaysOut(line, reading, *kept_out, in_force, *history);
        return grpc::Status::OK;
      }
      if (given_is_known || id_is_known) reading.set_reading_id(NewId("row"));
      if (!in_force_id.empty()) reading.set_corrects(in_force_id);
    }
    const std::string place = PlaceOf(line, address.ref, address.period);
    if (in_force != nullptr) {
      plan_.changes.Add(
          absl::StrCat(place, Difference(in_force->reading(), reading), " (", WhoAndWhen(*in_force), ")"));
    } else if (const std::string gone = Gone(*history); !gone.empty()) {
      plan_.changes.Add(absl::StrCat(place, gone, " -> ", FigureText(reading)));
    }
    plan_.readings.push_back({line, std::move(reading), in_force_id});
    return grpc::Status::OK;
  }

  // Of a period that had a reading and has none: how it went. Empty: it never had one.
  static std::string Gone(const Occurrences& history) {
    std::string gone;
    for (const v1::Occurrence& o : history) {
      const std::string when = TimeText(o.has_recorded_at(), o.recorded_at());
      if (o.record().has_reading() && gone.empty()) gone = "not in force any more";
      if (!o.record().has_withdrawal()) continue;
      const v1::Withdrawal& w = o.record().withdrawal();
      gone =
          absl::StrCat("withdrawn ", when, w.source().empty() ? "" : absl::StrCat(" by ", core::Quoted(w.source(), 60)),
                       w.reason().empty() ? "" : absl::StrCat(" (", core::Quoted(w.reason(), 80), ")"));
    }
    return gone;
  }

  void StaysOut(int line, const v1::Reading& reading, const std::string& why, const v1::ReadingInForce* in_force,
                const Occurrences& history) {
    const std::string now = in_force == nullptr ? Gone(history)
                                                : absl::StrCat("in force is ", FigureText(in_force->reading()), ", ",
                                                               WhoAndWhen(*in_force));
    plan_.stay_out.Add(absl::StrCat(PlaceOf(line, reading.ref(), reading.period()), FigureText(reading), " ", why, ": ",
                                    now, "; it stays so. --again puts the row in force"));
  }

  // `beside`: why the figure that stands beside the words is not in force; empty: it is, or will be, or there is none.
  grpc::Status PlanOne(int line, v1::Comment comment, const std::string& beside) {
    const Address address{comment.council(), comment.ref(), comment.period()};
    const v1::ReadingInForce* found = known_.InForce(address);
    const bool in_force = found != nullptr && found->has_comment();
    const std::string words = Words(comment.text());
    if (in_force &&
        (found->comment().text() == comment.text() || (!again_ && Words(found->comment().text()) == words))) {
      ++plan_.comments_in_force;
      return grpc::Status::OK;
    }
    const Occurrences* history = nullptr;
    if (grpc::Status s = HistoryOf(address, &history); !s.ok()) return s;
    const std::string given = comment.comment_id();
    bool seen = false;
    bool given_is_known = false;
    std::string whose;  // Of the comment in force, or of its being taken back.
    for (const v1::Occurrence& o : *history) {
      if (!o.record().has_comment()) continue;
      const v1::Comment& earlier = o.record().comment();
      seen = seen || Words(earlier.text()) == words;
      given_is_known = given_is_known || (!given.empty() && earlier.comment_id() == given);
      if (o.outcome() == v1::OUTCOME_COMMENTED)
        whose = WhoAndWhen(earlier.source(), earlier.comment_id(), o.has_recorded_at(), o.recorded_at());
    }
    const std::string place = PlaceOf(line, address.ref, address.period);
    const std::string now = in_force ? Shown(found->comment().text()) : "no comment";
    comment.set_comment_id(seen && again_ ? NewId("comment") : IdOf(comment));
    if (found != nullptr &&
        comment.source() == (found->has_reading() ? found->reading().source() : found->comment().source()))
      comment.clear_source();  // Whoever edited it is another.
    const bool edited = given_is_known && !(in_force && found->comment().comment_id() == given);
    const std::string why = seen              ? kOverruled
                            : edited          ? "is an edit of an old copy, whose comment is in force no more"
                            : !beside.empty() ? absl::StrCat("stands beside a figure that ", beside)
                                              : "";
    if (!why.empty() && !again_) {
      plan_.stay_out.Add(absl::StrCat(place, "the comment ", Shown(comment.text()), " ", why, ": in force is ", now,
                                      whose.empty() ? "" : ", ", whose,
                                      "; it stays so. --again puts the row in force"));
      return grpc::Status::OK;
    }
    if (in_force || !whose.empty())
      plan_.changes.Add(
          absl::StrCat(place, in_force ? "comment " : "", now, " -> ", Shown(comment.text()), " (", whose, ")"));
    plan_.comments.push_back({line, std::move(comment), ""});
    return grpc::Status::OK;
  }

  static constexpr const char* kOldCopy = "is an edit of an old copy, whose reading is in force no more";
  static constexpr const char* kOverruled = "was recorded before, and overruled since";

  Context& context_;
  ReadingsFile file_;
  const Known& known_;
  const bool again_;
  Plan& plan_;
  std::map<std::pair<std::string, std::string>, std::set<core::Period>>
      periods_;  // That the file has, by council and ref.
  int doubles_ = 0;
  int first_double_ = 0;
  std::map<std::pair<std::string, std::string>, std::map<std::string, Occurrences>> histories_;  // By period.
};

}  // namespace

std::string PlaceOf(int line, const std::string& ref, const std::string& period) {
  return absl::StrCat("line ", line, " (", ref, " ", period, "): ");
}

grpc::Status FetchDefinitions(Context& context, const std::string& council, Known* known) {
  v1::ListIndicatorsRequest request;
  request.set_council(council);
  const grpc::Status s = context.client->EveryPage(&v1::QueryService::Stub::ListIndicators, request,
                                                   [&](v1::ListIndicatorsResponse& page) {
                                                     for (v1::IndicatorDefinition& d : *page.mutable_definitions())
                                                       known->Add(council, std::move(d));
                                                   });
  // A body without indicators, or a code that is none, is told with each row.
  const bool told_later =
      s.error_code() == grpc::StatusCode::NOT_FOUND || s.error_code() == grpc::StatusCode::INVALID_ARGUMENT;
  return told_later ? grpc::Status::OK : s;
}

grpc::Status FetchInForce(Context& context, const std::vector<Address>& addresses, const Positions& positions,
                          Known* known) {
  struct Asked {
    std::set<std::string> refs;
    std::optional<core::Month> first;
    std::optional<core::Month> last;
  };
  std::map<std::string, Asked> councils;
  for (const Address& a : addresses) {
    const auto period = core::Period::Parse(a.period);
    if (!period.ok()) continue;
    Asked& asked = councils[a.council];
    asked.refs.insert(a.ref);
    asked.first = std::min(asked.first.value_or(period->last()), period->last());
    asked.last = std::max(asked.last.value_or(period->last()), period->last());
  }
  for (const auto& [council, asked] : councils) {
    v1::ListReadingsRequest request;
    request.set_council(council);
    for (const std::string& ref : asked.refs) request.add_refs(ref);
    request.set_from_period(asked.first->ToString());
    request.set_to_period(asked.last->ToString());
    if (const auto seen = positions.find(council); seen != positions.end())
      *request.mutable_min_position() = seen->second;
    const grpc::Status s =
        context.client->EveryPage(&v1::QueryService::Stub::ListReadings, request, [&](v1::ListReadingsResponse& page) {
          for (v1::ReadingInForce& r : *page.mutable_readings()) known->Add(std::move(r));
        });
    if (!s.ok()) return s;
  }
  return grpc::Status::OK;
}

grpc::Status MakePlan(Context& context, const std::string& text, bool again, Plan* plan, absl::Status* unreadable) {
  Known known;
  // First whose rows they are, then which, then what they say.
  absl::StatusOr<ReadingsFile> file = ParseReadings(text, context.council, known, again);
  if (!file.ok()) {
    *unreadable = file.status();
    return grpc::Status::OK;
  }
  std::set<std::string> councils = {context.council};
  for (const Address& address : file->addresses) councils.insert(address.council);
  for (const std::string& council : councils) {
    if (grpc::Status s = FetchDefinitions(context, council, &known); !s.ok()) return s;
  }
  file = ParseReadings(text, context.council, known, again);
  if (file.ok()) {
    std::erase_if(file->addresses, [&](const Address& a) { return known.Find(a.council, a.ref) == nullptr; });
    if (grpc::Status s = FetchInForce(context, file->addresses, Positions(), &known); !s.ok()) return s;
    file = ParseReadings(text, context.council, known, again);
  }
  if (!file.ok()) {
    *unreadable = file.status();
    return grpc::Status::OK;
  }
  return Planner(context, *std::move(file), known, again, plan).Make();
}

}  // namespace bellwether::cli
