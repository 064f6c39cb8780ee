// bellwether readings submit
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "bellwether/report/text.h"
#include "bellwether/rpc/client_error.h"
#include "services/cli/commands.h"
#include "services/cli/files.h"
#include "services/cli/plan.h"
#include "services/cli/watchdog.h"

namespace bellwether::cli {

using report::EnumWord;
namespace {

constexpr size_t kFrame = 100;  // Readings: what a frame costs is shared by as many, and progress still shows.

// One submit of one file, as planned.
class Submission {
  // A reading that is recorded, and where.
  struct Taken {
    size_t place;
    v1::Position position;
  };

 public:
  Submission(Context& context, std::string file, Plan plan)
      : context_(context),
        file_(std::move(file)),
        plan_(std::move(plan)),
        readings_(plan_.readings),
        errors_(plan_.errors) {}

  ExitCode Check() {
    for (size_t begin = 0; begin < readings_.size(); begin += kFrame) {
      v1::RecordReadingsRequest request;
      request.set_validate_only(true);
      const size_t end = std::min(begin + kFrame, readings_.size());
      for (size_t i = begin; i < end; ++i) *request.add_readings() = readings_[i].record;
      v1::RecordReadingsResponse response;
      const grpc::Status s =
          context_.client->ingestion().RecordReadings(context_.client->Context().get(), request, &response);
      if (!s.ok()) return context_.client->Report(s, *context_.err);
      for (size_t i = begin; i < end && i - begin < static_cast<size_t>(response.results_size()); ++i)
        Note(i, response.results(static_cast<int>(i - begin)));
      Doubt(begin, request, response);
    }
    if (const grpc::Status s = SendComments(/*check_only=*/true); !s.ok())
      return context_.client->Report(s, *context_.err);
    if (comments_ > 0) {
      *context_.err << "bellwether: the ingestion service is of an earlier version, which cannot check comments: it "
                       "recorded one; the rest is not checked\n";
      PrintErrors();
      return kRefused;
    }
    PrintNotes("would be replaced");
    *context_.out << file_ << ": " << plan_.rows << " rows checked, nothing recorded";
    PrintRest();
    *context_.out << "\n";
    PrintStaysOut();
    PrintWarnings();
    return PrintErrors() || !plan_.stay_out.empty() ? kRefused : kDone;
  }

  ExitCode Run() {
    const grpc::Status streamed = Stream();
    context_.streams->EndProgress();
    if (!streamed.ok()) {
      *context_.err << "bellwether: the stream was cut after " << taken_.size() << " of " << readings_.size()
                    << " readings; submit the file again: what was taken is only repeated\n";
      PrintErrors();
      return context_.client->Report(streamed, *context_.err);
    }
    if (const grpc::Status s = SendComments(/*check_only=*/false); !s.ok())
      return context_.client->Report(s, *context_.err);
    grpc::Status s = AwaitOutcomes();
    if (s.ok()) s = AwaitComments();
    if (!s.ok()) {
      *context_.err << "bellwether: " << taken_.size()
                    << " readings are recorded; what became of them could not be asked yet\n";
      return context_.client->Report(s, *context_.err);
    }
    PrintNotes("replaced");
    *context_.out << file_ << ": " << taken_.size() << " of " << plan_.all_readings << " readings and " << comments_
                  << " comments recorded";
    for (const auto& [outcome, count] : outcomes_) *context_.out << "; " << count << " " << outcome;
    PrintRest();
    *context_.out << "\n";
    PrintStaysOut();
    for (const std::string& line : not_in_force_.Lines()) *context_.out << file_ << ": " << line << "\n";
    PrintWarnings();
    const bool wrong = PrintErrors();
    return wrong || !not_in_force_.empty() || !plan_.stay_out.empty() ? kRefused : kDone;
  }

 private:
  void Progress(size_t done) {
    constexpr int kBar = 30;
    const int filled = readings_.empty() ? kBar : static_cast<int>(kBar * done / readings_.size());
    context_.streams->DrawProgress(absl::StrCat(std::string(static_cast<size_t>(filled), '#'),
                                                std::string(static_cast<size_t>(kBar - filled), '.'), " ", done, " of ",
                                                readings_.size(), " readings"));
  }

  std::string Place(size_t i) const {
    return PlaceOf(readings_[i].line, readings_[i].record.ref(), readings_[i].record.period());
  }

  void Note(size_t i, const v1::ItemResult& result) {
    if (result.has_position()) {
      taken_.push_back({i, result.position()});
      KeepNewer(result.position(), &positions_[readings_[i].record.council()]);
    }
    for (const v1::ItemError& error : result.errors()) {
      std::string what = absl::StrCat(error.message(), " [", error.reason(), "]");
      if (error.reason() == codec::NameOf(codec::Reason::kUnknownCouncil)) {
        OfCouncil(readings_[i].line, std::move(what));
      } else {
        errors_.Add(absl::StrCat(Place(i), what));
      }
    }
  }

  // What is wrong with each row of a council alike is told once.
  void OfCouncil(int line, std::string what) {
    const auto told = of_council_.emplace(std::move(what), std::pair(line, 0)).first;
    ++told->second.second;
  }

  // What speaks against rows that nobody refuses: beside earlier figures, or by themselves where query cannot be asked.
  void Doubt(size_t begin, const v1::RecordReadingsRequest& frame, const v1::RecordReadingsResponse& checked) {
    v1::CheckReadingsRequest request;
    std::vector<int> asked;  // What is refused is not doubted, too.
    for (int i = 0; i < frame.readings_size(); ++i) {
      if (i < checked.results_size() && checked.results(i).errors_size() > 0) continue;
      asked.push_back(i);
      *request.add_readings() = frame.readings(i);
    }
    if (asked.empty()) return;
    v1::CheckReadingsResponse response;
    if (query_answers_) {  // Who was silent once is not waited for again, frame after frame.
      query_answers_ =
          context_.client->query().CheckReadings(context_.client->Context().get(), request, &response).ok();
      if (!query_answers_)
        warnings_.Add(absl::StrCat(begin == 0 ? "no row" : "not every row",
                                   " could be held against earlier figures: query does not answer"));
    }
    for (size_t k = 0; k < asked.size(); ++k) {
      const size_t place = begin + static_cast<size_t>(asked[k]);
      const int result = static_cast<int>(k);
      if (query_answers_ && result < response.results_size()) Warn(place, response.results(result).warnings());
      if (!query_answers_ && asked[k] < checked.results_size()) Warn(place, checked.results(asked[k]).warnings());
    }
  }

  void Warn(size_t place, const google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
    for (const v1::Warning& warning : warnings) warnings_.Add(absl::StrCat(Place(place), warning.message()));
  }

  void PrintWarnings() {
    for (const std::string& line : warnings_.Lines()) *context_.out << file_ << ": warning: " << line << "\n";
  }

  grpc::Status Stream() {
    if (readings_.empty()) return grpc::Status::OK;
    grpc::ClientContext stream_context;
    Watchdog watchdog(stream_context, context_.client->patience());
    auto stream = context_.client->ingestion().StreamReadings(&stream_context);
    std::thread writer([&] {
      for (size_t begin = 0; begin < readings_.size(); begin += kFrame) {
        v1::StreamReadingsRequest frame;
        const size_t end = std::min(begin + kFrame, readings_.size());
        for (size_t i = begin; i < end; ++i) *frame.add_readings() = readings_[i].record;
        if (!stream->Write(frame)) break;
      }
      stream->WritesDone();
    });
    v1::StreamReadingsResponse response;
    size_t acknowledged = 0;
    Progress(0);
    while (stream->Read(&response)) {
      watchdog.Heard();
      for (const v1::Acknowledgement& a : response.acknowledgements()) {
        if (a.sequence() < readings_.size()) Note(a.sequence(), a.result());
        ++acknowledged;
      }
      Progress(acknowledged);
    }
    writer.join();
    const grpc::Status status = stream->Finish();
    return watchdog.bit() ? context_.client->Silent("nothing was acknowledged") : status;
  }

  // With `check_only` a service that does not know the field records the first: it is counted, and no other is sent.
  grpc::Status SendComments(bool check_only) {
    for (const Planned<v1::Comment>& comment : plan_.comments) {
      v1::RecordCommentRequest request;
      *request.mutable_comment() = comment.record;
      request.set_validate_only(check_only);
      v1::RecordCommentResponse response;
      const grpc::Status s =
          context_.client->ingestion().RecordComment(context_.client->Context().get(), request, &response);
      if (s.error_code() == grpc::StatusCode::INVALID_ARGUMENT || s.error_code() == grpc::StatusCode::NOT_FOUND ||
          s.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
        NoteComment(comment, s);
        continue;
      }
      if (!s.ok()) return s;
      for (const v1::Warning& warning : response.warnings()) {
        warnings_.Add(absl::StrCat(PlaceOf(comment.line, comment.record.ref(), comment.record.period()),
                                   "comment: ", warning.message()));
      }
      if (!response.has_position()) continue;
      ++comments_;
      KeepNewer(response.position(), &positions_[comment.record.council()]);
      sent_comments_.push_back(&comment);
      if (check_only) break;
    }
    return grpc::Status::OK;
  }

  void NoteComment(const Planned<v1::Comment>& comment, const grpc::Status& refused) {
    const std::string place = PlaceOf(comment.line, comment.record.ref(), comment.record.period());
    const codec::Violations fields = rpc::FieldsOf(refused);
    for (const codec::Violation& field : fields) {
      std::string what = absl::StrCat(field.field, ": ", field.message);
      if (rpc::ReasonOf(refused) == codec::NameOf(codec::Reason::kUnknownCouncil)) {
        OfCouncil(comment.line, std::move(what));
      } else {
        errors_.Add(absl::StrCat(place, what));
      }
    }
    if (fields.empty())
      errors_.Add(absl::StrCat(place, "comment: ", refused.error_message(), " [", rpc::ReasonOf(refused), "]"));
  }

  grpc::Status AwaitOutcomes() {
    for (size_t begin = 0; begin < taken_.size(); begin += core::limits::kLookUpKeys) {
      v1::LookUpReadingsRequest request;
      std::map<int32_t, v1::Position> newest;  // Councils may share a partition.
      for (const auto& [council, position] : positions_) KeepNewer(position, &newest[position.partition()]);
      for (const auto& [partition, position] : newest) *request.add_min_positions() = position;
      const size_t end = std::min(begin + core::limits::kLookUpKeys, taken_.size());
      for (size_t i = begin; i < end; ++i) {
        const v1::Reading& reading = readings_[taken_[i].place].record;
        v1::ReadingKey* key = request.add_keys();
        key->set_council(reading.council());
        key->set_ref(reading.ref());
        key->set_period(reading.period());
        key->set_reading_id(reading.reading_id());
      }
      v1::LookUpReadingsResponse response;
      const grpc::Status s =
          context_.client->query().LookUpReadings(context_.client->Context().get(), request, &response);
      if (!s.ok()) return s;
      for (size_t i = begin; i < end && i - begin < static_cast<size_t>(response.results_size()); ++i)
        Judge(taken_[i], response.results(static_cast<int>(i - begin)));
    }
    return grpc::Status::OK;
  }

  // What became of the very record that was sent. It is in force, or what is in force says the same; else it is listed.
  // Also where it took the place of another than the one that it was compared with: that one came meanwhile.
  void Judge(const Taken& taken, const v1::ReadingLookUp& found) {
    const auto sent =
        std::find_if(found.occurrences().begin(), found.occurrences().end(), [&](const v1::Occurrence& o) {
          return o.position().partition() == taken.position.partition() &&
                 o.position().offset() == taken.position.offset();
        });
    if (sent == found.occurrences().end()) return;
    ++outcomes_[EnumWord(sent->outcome())];
    Warn(taken.place, sent->warnings());
    const bool same_in_force = std::any_of(found.occurrences().begin(), found.occurrences().end(),
                                           [](const v1::Occurrence& o) { return o.in_force(); });
    const std::string expected = absl::StrCat("\"", readings_[taken.place].replaces, "\"");
    if (sent->outcome() == v1::OUTCOME_REVISION && !absl::StrContains(sent->detail(), expected)) {
      plan_.changes.Add(absl::StrCat(Place(taken.place), sent->detail(), ", which came while the file was sent"));
    }
    if (sent->in_force() || sent->outcome() == v1::OUTCOME_CONFIRMATION ||
        (sent->outcome() == v1::OUTCOME_REPEAT && same_in_force)) {
      return;
    }
    not_in_force_.Add(absl::StrCat(Place(taken.place), "not in force: ", EnumWord(sent->outcome()),
                                   sent->detail().empty() ? "" : ": ", sent->detail()));
  }

  // Comments have no look-up: what is in force says whether they took force.
  grpc::Status AwaitComments() {
    if (sent_comments_.empty()) return grpc::Status::OK;
    Known known;
    std::vector<Address> addresses;
    for (const Planned<v1::Comment>* sent : sent_comments_) {
      addresses.push_back({sent->record.council(), sent->record.ref(), sent->record.period()});
    }
    if (grpc::Status s = FetchInForce(context_, addresses, positions_, &known); !s.ok()) return s;
    for (size_t i = 0; i < sent_comments_.size(); ++i) {
      const v1::ReadingInForce* found = known.InForce(addresses[i]);
      if (found != nullptr && found->comment().text() == sent_comments_[i]->record.text()) continue;
      not_in_force_.Add(absl::StrCat(PlaceOf(sent_comments_[i]->line, addresses[i].ref, addresses[i].period),
                                     "the comment is not in force: another came while the file was sent"));
    }
    return grpc::Status::OK;
  }

  void PrintNotes(std::string_view replaced) {
    for (const std::string& line : plan_.notes) *context_.out << file_ << ": " << core::Visible(line) << "\n";
    if (plan_.changes.empty()) return;
    *context_.out << file_ << ": " << plan_.changes.count() << " of what was in force " << replaced << ":\n";
    for (const std::string& line : plan_.changes.Lines()) *context_.out << file_ << ": " << line << "\n";
  }

  void PrintRest() {
    if (plan_.readings_in_force > 0)
      *context_.out << "; " << plan_.readings_in_force << " readings are in force already";
    if (plan_.comments_in_force > 0)
      *context_.out << "; " << plan_.comments_in_force << " comments are in force already";
    if (!plan_.stay_out.empty()) *context_.out << "; " << plan_.stay_out.count() << " stay out of force";
  }

  void PrintStaysOut() {
    for (const std::string& line : plan_.stay_out.Lines()) *context_.out << file_ << ": " << line << "\n";
  }

  // Whether there was any.
  bool PrintErrors() {
    for (const auto& [what, rows] : of_council_) {
      *context_.err << file_ << ": line " << rows.first
                    << (rows.second > 1 ? absl::StrCat(" and ", rows.second - 1, " more") : "") << ": " << what << "\n";
    }
    for (const std::string& error : errors_.Lines()) *context_.err << file_ << ": " << error << "\n";
    return !errors_.empty() || !of_council_.empty();
  }

  Context& context_;
  const std::string file_;
  Plan plan_;
  const std::vector<Planned<v1::Reading>>& readings_;
  core::ErrorList& errors_;
  std::map<std::string, std::pair<int, int>> of_council_;  // The first line, and how many there are.
  std::vector<Taken> taken_;
  std::vector<const Planned<v1::Comment>*> sent_comments_;
  Positions positions_;
  int comments_ = 0;
  bool query_answers_ = true;
  std::map<std::string, int> outcomes_;
  core::ErrorList not_in_force_;
  core::ErrorList warnings_;
};

// Who submits what, for those who ask later.
std::string SourceOf(const std::string& file) {
  const passwd* user = getpwuid(getuid());
  const std::string name =
      file == "-" ? "standard input" : core::Visible(std::filesystem::path(file).filename().string());
  return absl::StrCat(core::Shorten(name, 60),
                      user == nullptr ? "" : absl::StrCat(", ", core::Shorten(user->pw_name, 40)));
}

}  // namespace

ExitCode SubmitReadings(Context& context, const std::string& file, bool check_only, bool again) {
  const absl::StatusOr<std::string> text = ReadInput(file);
  if (!text.ok()) {
    *context.err << "bellwether: " << text.status().message() << "\n";
    return kUsage;
  }
  Plan plan;
  absl::Status unreadable;
  if (const grpc::Status s = MakePlan(context, *text, again, &plan, &unreadable); !s.ok()) {
    *context.err << "bellwether: nothing is recorded: the file is held against what is in force first\n";
    return context.client->Report(s, *context.err);
  }
  if (!unreadable.ok()) {
    *context.err << core::Visible(file) << ":\n" << unreadable.message() << "\n";
    return kRefused;
  }
  for (Planned<v1::Reading>& reading : plan.readings) {
    if (reading.record.source().empty()) reading.record.set_source(SourceOf(file));
  }
  for (Planned<v1::Comment>& comment : plan.comments) {
    if (comment.record.source().empty()) comment.record.set_source(SourceOf(file));
  }
  Submission submission(context, core::Visible(file), std::move(plan));
  return check_only ? submission.Check() : submission.Run();
}

}  // namespace bellwether::cli
