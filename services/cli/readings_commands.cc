// bellwether readings template|submit|due|export|withdraw, bellwether comment
#include <algorithm>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/visible.h"
#include "bellwether/rpc/client_error.h"
#include "services/cli/commands.h"
#include "services/cli/csv.h"
#include "services/cli/files.h"
#include "services/cli/readings_csv.h"
#include "services/cli/report_text.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {
namespace {

constexpr int kFrame = 100;  // Readings: what a frame costs is shared by as many, and progress still shows.

// One submit of one file.
class Submission {
  // A row that is recorded, and where.
  struct Taken {
    size_t row;
    v1::Position position;
  };

 public:
  Submission(Context& context, std::string file, ReadingsFile parsed)
      : context_(context), file_(std::move(file)), rows_(std::move(parsed.rows)), errors_(std::move(parsed.errors)) {
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i].reading) with_reading_.push_back(i);
    }
  }

  ExitCode Check() {
    for (size_t begin = 0; begin < with_reading_.size(); begin += kFrame) {
      v1::RecordReadingsRequest request;
      request.set_validate_only(true);
      const size_t end = std::min(begin + kFrame, with_reading_.size());
      for (size_t i = begin; i < end; ++i) *request.add_readings() = *rows_[with_reading_[i]].reading;
      v1::RecordReadingsResponse response;
      const grpc::Status s =
          context_.client->ingestion().RecordReadings(context_.client->Context().get(), request, &response);
      if (!s.ok()) return context_.client->Report(s, *context_.err);
      for (size_t i = begin; i < end && i - begin < static_cast<size_t>(response.results_size()); ++i)
        Note(with_reading_[i], response.results(static_cast<int>(i - begin)));
    }
    if (const grpc::Status s = SendComments(/*check_only=*/true); !s.ok())
      return context_.client->Report(s, *context_.err);
    if (comments_ > 0) {
      *context_.err << "bellwether: the ingestion service is of an earlier version, which cannot check comments: it "
                       "recorded one; the rest is not checked\n";
      PrintErrors();
      return kRefused;
    }
    *context_.out << file_ << ": " << rows_.size() << " rows checked, nothing recorded\n";
    return PrintErrors() ? kRefused : kDone;
  }

  ExitCode Run() {
    const grpc::Status streamed = Stream();
    context_.streams->EndProgress();
    if (!streamed.ok()) {
      *context_.err << "bellwether: the stream was cut after " << taken_.size() << " of " << with_reading_.size()
                    << " readings; submit the file again: what was taken is only repeated\n";
      PrintErrors();
      return context_.client->Report(streamed, *context_.err);
    }
    if (const grpc::Status s = SendComments(/*check_only=*/false); !s.ok())
      return context_.client->Report(s, *context_.err);
    int settled = 0;
    if (const grpc::Status s = AwaitOutcomes(&settled); !s.ok()) {
      *context_.err << "bellwether: " << taken_.size()
                    << " readings are recorded; what became of them could not be asked yet\n";
      return context_.client->Report(s, *context_.err);
    }
    *context_.out << file_ << ": " << taken_.size() << " of " << with_reading_.size() << " readings and " << comments_
                  << " comments recorded";
    for (const auto& [outcome, count] : outcomes_) *context_.out << "; " << count << " " << outcome;
    *context_.out << "\n";
    for (const std::string& line : not_in_force_.Lines()) *context_.out << file_ << ": " << line << "\n";
    const bool wrong = PrintErrors();
    return wrong || !not_in_force_.empty() ? kRefused : kDone;
  }

 private:
  void Progress(size_t done) {
    constexpr int kBar = 30;
    const int filled = with_reading_.empty() ? kBar : static_cast<int>(kBar * done / with_reading_.size());
    context_.streams->DrawProgress(absl::StrCat(std::string(static_cast<size_t>(filled), '#'),
                                                std::string(static_cast<size_t>(kBar - filled), '.'), " ", done, " of ",
                                                with_reading_.size(), " readings"));
  }

  void Note(size_t row, const v1::ItemResult& result) {
    if (result.has_position()) {
      taken_.push_back({row, result.position()});
      KeepNewer(result.position(), &positions_[result.position().partition()]);
    }
    for (const v1::ItemError& error : result.errors()) {
      const ReadingsRow& r = rows_[row];
      errors_.Add(absl::StrCat("line ", r.line, " (", r.reading ? r.reading->ref() : r.comment->ref(), " ",
                               r.reading ? r.reading->period() : r.comment->period(), "): ", error.message(), " [",
                               error.reason(), "]"));
    }
  }

  grpc::Status Stream() {
    grpc::ClientContext stream_context;  // As long as it takes: the file's length decides, and progress shows.
    auto stream = context_.client->ingestion().StreamReadings(&stream_context);
    std::thread writer([&] {
      for (size_t begin = 0; begin < with_reading_.size(); begin += kFrame) {
        v1::StreamReadingsRequest frame;
        const size_t end = std::min(begin + kFrame, with_reading_.size());
        for (size_t i = begin; i < end; ++i) *frame.add_readings() = *rows_[with_reading_[i]].reading;
        if (!stream->Write(frame)) break;
      }
      stream->WritesDone();
    });
    v1::StreamReadingsResponse response;
    size_t acknowledged = 0;
    Progress(0);
    while (stream->Read(&response)) {
      for (const v1::Acknowledgement& a : response.acknowledgements()) {
        if (a.sequence() < with_reading_.size()) Note(with_reading_[a.sequence()], a.result());
        ++acknowledged;
      }
      Progress(acknowledged);
    }
    writer.join();
    return stream->Finish();
  }

  // With `check_only` a service that does not know the field records the first: it is counted, and no other is sent.
  grpc::Status SendComments(bool check_only) {
    for (const ReadingsRow& row : rows_) {
      if (!row.comment) continue;
      v1::RecordCommentRequest request;
      *request.mutable_comment() = *row.comment;
      request.set_validate_only(check_only);
      v1::RecordCommentResponse response;
      const grpc::Status s =
          context_.client->ingestion().RecordComment(context_.client->Context().get(), request, &response);
      if (s.error_code() == grpc::StatusCode::INVALID_ARGUMENT || s.error_code() == grpc::StatusCode::NOT_FOUND ||
          s.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
        NoteComment(row, s);
        continue;
      }
      if (!s.ok()) return s;
      if (!response.has_position()) continue;
      ++comments_;
      KeepNewer(response.position(), &positions_[response.position().partition()]);
      if (check_only) break;
    }
    return grpc::Status::OK;
  }

  void NoteComment(const ReadingsRow& row, const grpc::Status& refused) {
    const std::string place =
        absl::StrCat("line ", row.line, " (", row.comment->ref(), " ", row.comment->period(), "): ");
    const std::string reason = rpc::ReasonOf(refused);
    const std::vector<rpc::FieldViolation> fields = rpc::FieldsOf(refused);
    for (const rpc::FieldViolation& field : fields) errors_.Add(absl::StrCat(place, field.field, ": ", field.message));
    if (fields.empty()) errors_.Add(absl::StrCat(place, "comment: ", refused.error_message(), " [", reason, "]"));
  }

  grpc::Status AwaitOutcomes(int* settled) {
    for (size_t begin = 0; begin < taken_.size(); begin += core::limits::kLookUpKeys) {
      v1::LookUpReadingsRequest request;
      for (const auto& [partition, position] : positions_) *request.add_min_positions() = position;
      const size_t end = std::min(begin + core::limits::kLookUpKeys, taken_.size());
      for (size_t i = begin; i < end; ++i) {
        const v1::Reading& reading = *rows_[taken_[i].row].reading;
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
      *settled += response.results_size();
    }
    return grpc::Status::OK;
  }

  // What became of the very record that was sent. It is in force, or what is in force says the same; else it is listed.
  void Judge(const Taken& taken, const v1::ReadingLookUp& found) {
    const ReadingsRow& row = rows_[taken.row];
    const auto sent =
        std::find_if(found.occurrences().begin(), found.occurrences().end(), [&](const v1::Occurrence& o) {
          return o.position().partition() == taken.position.partition() &&
                 o.position().offset() == taken.position.offset();
        });
    if (sent == found.occurrences().end()) return;
    ++outcomes_[EnumWord(sent->outcome())];
    const bool same_in_force = std::any_of(found.occurrences().begin(), found.occurrences().end(),
                                           [](const v1::Occurrence& o) { return o.in_force(); });
    if (sent->in_force() || sent->outcome() == v1::OUTCOME_CONFIRMATION ||
        (sent->outcome() == v1::OUTCOME_REPEAT && same_in_force)) {
      return;
    }
    not_in_force_.Add(absl::StrCat("line ", row.line, " (", row.reading->ref(), " ", row.reading->period(),
                                   "): not in force: ", EnumWord(sent->outcome()), sent->detail().empty() ? "" : ": ",
                                   sent->detail()));
  }

  // Whether there was any.
  bool PrintErrors() {
    for (const std::string& error : errors_.Lines()) *context_.err << file_ << ": " << error << "\n";
    return !errors_.empty();
  }

  Context& context_;
  std::string file_;
  std::vector<ReadingsRow> rows_;
  core::ErrorList errors_;
  std::vector<size_t> with_reading_;
  std::vector<Taken> taken_;
  std::map<int32_t, v1::Position> positions_;  // The newest of each council's partition.
  int comments_ = 0;
  std::map<std::string, int> outcomes_;
  core::ErrorList not_in_force_;
};

grpc::Status ListAll(Context& context, const v1::ListReadingsRequest& request,
                     std::vector<v1::ReadingInForce>* readings) {
  return context.client->EveryPage(&v1::QueryService::Stub::ListReadings, request, [&](v1::ListReadingsResponse& page) {
    for (v1::ReadingInForce& r : *page.mutable_readings()) readings->push_back(std::move(r));
  });
}

grpc::Status ListAll(Context& context, const v1::ListDueReadingsRequest& request, std::vector<v1::DueReading>* readings,
                     std::string* period) {
  return context.client->EveryPage(&v1::QueryService::Stub::ListDueReadings, request,
                                   [&](v1::ListDueReadingsResponse& page) {
                                     *period = page.period();
                                     for (v1::DueReading& r : *page.mutable_readings())
                                       readings->push_back(std::move(r));
                                   });
}

// What a single write came to: its fault, or `done` once queries show it.
ExitCode Finish(Context& context, const grpc::Status& status, const v1::Position& position, const std::string& done) {
  if (!status.ok()) return context.client->Report(status, *context.err);
  context.client->AwaitVisible(context.council, position, *context.err);
  *context.out << done << "\n";
  return kDone;
}

}  // namespace

ExitCode WriteTemplate(Context& context, const std::string& period, const std::string& output) {
  v1::ListDueReadingsRequest request;
  request.set_council(context.council);
  request.set_period(period);
  std::vector<v1::DueReading> due;
  std::string report_period;
  if (const grpc::Status s = ListAll(context, request, &due, &report_period); !s.ok())
    return context.client->Report(s, *context.err);
  std::string text = ReadingsHeader();
  for (const v1::DueReading& reading : due) text += TemplateLine(context.council, reading);
  return WriteData(context, output, text);
}

ExitCode SubmitReadings(Context& context, const std::string& file, bool check_only, bool again) {
  const absl::StatusOr<std::string> text = ReadInput(file);
  if (!text.ok()) {
    *context.err << "bellwether: " << text.status().message() << "\n";
    return kUsage;
  }
  const std::string prefix = again ? NewId("file") : absl::StrCat("file-", Digest(*text));
  absl::StatusOr<ReadingsFile> parsed = ParseReadings(*text, context.council, prefix);
  if (!parsed.ok()) {
    *context.err << core::Visible(file) << ":\n" << parsed.status().message() << "\n";
    return kRefused;
  }
  Submission submission(context, core::Visible(file), *std::move(parsed));
  return check_only ? submission.Check() : submission.Run();
}

ExitCode ListDue(Context& context, const std::string& period, const std::string& format) {
  v1::ListDueReadingsRequest request;
  request.set_council(context.council);
  request.set_period(period);
  std::vector<v1::DueReading> due;
  std::string report_period;
  if (const grpc::Status s = ListAll(context, request, &due, &report_period); !s.ok())
    return context.client->Report(s, *context.err);
  if (format == "csv") {
    std::string text = CsvLine({"ref", "description", "period", "due_date", "state", "days_overdue"});
    for (const v1::DueReading& d : due) {
      text += CsvLine(
          {d.ref(), d.description(), d.period(), d.due_date(), EnumWord(d.state()), absl::StrCat(d.days_overdue())});
    }
    return WriteData(context, "", text);
  }
  *context.out << "Readings outstanding for the report of " << report_period << ": " << due.size() << "\n";
  if (due.empty()) return kDone;
  Table table({{"Ref"}, {"Indicator", false, true}, {"Period"}, {"Due"}, {"State"}, {"Days overdue", true}});
  for (v1::DueReading& d : due) {
    MakeVisible(&d);
    table.AddRow({d.ref(), d.description(), d.period(), d.due_date(), EnumWord(d.state()),
                  d.days_overdue() > 0 ? absl::StrCat(d.days_overdue()) : ""});
  }
  *context.out << table.Render(context.terminal.width);
  return kDone;
}

ExitCode ExportReadings(Context& context, const std::string& from, const std::string& to, const std::string& output) {
  v1::ListReadingsRequest request;
  request.set_council(context.council);
  request.set_from_period(from);
  request.set_to_period(to);
  std::vector<v1::ReadingInForce> readings;
  if (const grpc::Status s = ListAll(context, request, &readings); !s.ok())
    return context.client->Report(s, *context.err);
  std::string text = ReadingsHeader();
  for (const v1::ReadingInForce& r : readings) text += ReadingsLine(r);
  return WriteData(context, output, text);
}

ExitCode WithdrawReading(Context& context, const std::string& ref, const std::string& period,
                         const std::string& reading_id, const std::string& reason) {
  std::string id = reading_id;
  if (id.empty()) {
    v1::ListReadingsRequest request;
    request.set_council(context.council);
    request.add_refs(ref);
    std::vector<v1::ReadingInForce> readings;
    if (const grpc::Status s = ListAll(context, request, &readings); !s.ok())
      return context.client->Report(s, *context.err);
    for (const v1::ReadingInForce& r : readings) {
      if (r.reading().period() == period) id = r.reading().reading_id();
    }
    if (id.empty()) {
      *context.err << "bellwether: " << ref << " has no reading in force for " << period << "\n";
      return kRefused;
    }
  }
  v1::WithdrawReadingRequest request;
  v1::Withdrawal& withdrawal = *request.mutable_withdrawal();
  withdrawal.set_council(context.council);
  withdrawal.set_ref(ref);
  withdrawal.set_period(period);
  withdrawal.set_reading_id(id);
  withdrawal.set_withdrawal_id(NewId("cli"));
  withdrawal.set_reason(reason);
  withdrawal.set_source("bellwether command line");
  v1::WithdrawReadingResponse response;
  const grpc::Status status =
      context.client->ingestion().WithdrawReading(context.client->Context().get(), request, &response);
  return Finish(context, status, response.position(),
                absl::StrCat("Withdrawn: reading ", id, " of ", ref, " for ", period));
}

ExitCode RecordComment(Context& context, const std::string& ref, const std::string& period, const std::string& text) {
  v1::RecordCommentRequest request;
  v1::Comment& comment = *request.mutable_comment();
  comment.set_council(context.council);
  comment.set_ref(ref);
  comment.set_period(period);
  comment.set_comment_id(NewId("cli"));
  comment.set_text(text);
  comment.set_source("bellwether command line");
  v1::RecordCommentResponse response;
  const grpc::Status status =
      context.client->ingestion().RecordComment(context.client->Context().get(), request, &response);
  return Finish(context, status, response.position(),
                absl::StrCat(text.empty() ? "Comment taken back: " : "Comment recorded: ", ref, " for ", period));
}

}  // namespace bellwether::cli
