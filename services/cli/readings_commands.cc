// bellwether readings template|submit|due|export|withdraw, bellwether comment
#include <set>

#include "absl/strings/str_cat.h"
#include "bellwether/core/visible.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"
#include "services/cli/commands.h"
#include "services/cli/files.h"
#include "services/cli/plan.h"
#include "services/cli/readings_csv.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {

using report::AsText;
using report::CsvLine;
using report::EnumWord;
using report::ReadPeriod;
namespace {

grpc::Status ListAll(Context& context, const v1::ListReadingsRequest& request,
                     std::vector<v1::ReadingInForce>* readings) {
  return context.client->EveryPage(&v1::QueryService::Stub::ListReadings, request, [&](v1::ListReadingsResponse& page) {
    for (v1::ReadingInForce& r : *page.mutable_readings()) readings->push_back(std::move(r));
  });
}

// What is due for the report of the period, which may be empty, and which report that is.
// `received`: also what is not outstanding.
grpc::Status ListDue(Context& context, const std::string& period, bool received, std::vector<v1::DueReading>* readings,
                     std::string* report_period) {
  v1::ListDueReadingsRequest request;
  request.set_include_received(received);
  request.set_council(context.council);
  request.set_period(period);
  return context.client->EveryPage(&v1::QueryService::Stub::ListDueReadings, request,
                                   [&](v1::ListDueReadingsResponse& page) {
                                     *report_period = page.period();
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

// What people write as an indicator and a period, as the services know them: an alternate ref is its indicator's ref,
// and "Feb-22" is 2022-02. False: `exit_code` says how it ended. What is unknown stays, and the service says so.
bool Resolve(Context& context, std::string* ref, std::string* period, ExitCode* exit_code) {
  Known known;
  if (const grpc::Status s = FetchDefinitions(context, context.council, &known); !s.ok()) {
    *exit_code = context.client->Report(s, *context.err);
    return false;
  }
  if (const v1::IndicatorDefinition* found = known.Find(context.council, *ref)) *ref = found->ref();
  const absl::StatusOr<std::string> read = ReadPeriod(*period);
  if (!read.ok()) {
    *context.err << "bellwether: PERIOD: " << read.status().message() << "\n";
    *exit_code = kUsage;
    return false;
  }
  *period = *read;
  return true;
}

}  // namespace

ExitCode WriteTemplate(Context& context, const std::vector<std::string>& periods, const std::string& format,
                       const std::string& output) {
  Known definitions;
  if (const grpc::Status s = FetchDefinitions(context, context.council, &definitions); !s.ok())
    return context.client->Report(s, *context.err);
  std::vector<v1::DueReading> due;
  std::set<std::pair<std::string, std::string>> seen;  // A quarter's reading is due in one report only, a year's too.
  for (const std::string& period : periods.empty() ? std::vector<std::string>{""} : periods) {
    std::vector<v1::DueReading> of_period;
    std::string report_period;
    if (const grpc::Status s = ListDue(context, period, /*received=*/false, &of_period, &report_period); !s.ok())
      return context.client->Report(s, *context.err);
    for (v1::DueReading& reading : of_period) {
      if (seen.emplace(reading.ref(), reading.period()).second) due.push_back(std::move(reading));
    }
  }
  if (format == "csv") return WriteCsv(context, output, Template(context.council, due, definitions));
  const absl::StatusOr<std::string> workbook = TemplateWorkbook(context.council, due, definitions);
  if (workbook.ok()) return WriteData(context, output, *workbook);
  *context.err << "bellwether: " << workbook.status().message() << "\n";
  return kRefused;
}

namespace {

std::string DaysOverdue(const v1::DueReading& d) { return d.days_overdue() > 0 ? absl::StrCat(d.days_overdue()) : ""; }

std::string DueCsv(const std::vector<v1::DueReading>& due) {
  std::string text = CsvLine({"ref", "description", "period", "due_date", "state", "days_overdue", "owner",
                              "owner_address", "declared_absent", "reason"});
  for (const v1::DueReading& d : due) {
    text += CsvLine({AsText(d.ref()), AsText(d.description()), d.period(), d.due_date(), EnumWord(d.state()),
                     absl::StrCat(d.days_overdue()), AsText(d.owner().name()), AsText(d.owner().address()),
                     d.declared_absent() ? "yes" : "", AsText(d.reason())});
  }
  return text;
}

// Of one owner, in the order of the list.
struct Owed {
  v1::Owner owner;
  std::vector<v1::DueReading> outstanding;
  std::vector<v1::DueReading> declared;
};

// By owner; those without one last.
std::vector<Owed> OwedBy(const std::vector<v1::DueReading>& due) {
  std::vector<Owed> all;
  for (const v1::DueReading& d : due) {
    auto of = std::find_if(all.begin(), all.end(), [&](const Owed& o) {
      return o.owner.name() == d.owner().name() && o.owner.address() == d.owner().address();
    });
    if (of == all.end()) of = all.insert(all.end(), Owed{d.owner(), {}, {}});
    (d.declared_absent() ? of->declared : of->outstanding).push_back(d);
  }
  std::stable_sort(all.begin(), all.end(), [](const Owed& a, const Owed& b) {
    return std::pair(a.owner.name().empty(), a.owner.name()) < std::pair(b.owner.name().empty(), b.owner.name());
  });
  return all;
}

std::string OwnerName(const v1::Owner& owner) {
  if (owner.name().empty()) return "nobody, who is to be named in the catalogue";
  return owner.address().empty() ? owner.name() : absl::StrCat(owner.name(), " <", owner.address(), ">");
}

// What a mail to the owner says.
std::string MailText(const Owed& owed, const std::string& council, const std::string& report_period) {
  std::string text = absl::StrCat("To: ", OwnerName(owed.owner), "\nSubject: ", council, " performance figures for ",
                                  report_period, ": ", owed.outstanding.size(), " outstanding\n\n");
  if (!owed.outstanding.empty()) text += "These figures are still wanted:\n\n";
  for (const v1::DueReading& d : owed.outstanding) {
    absl::StrAppend(&text, "  ", d.ref(), "  ", d.description(), "\n      for ", d.period(), ", due ", d.due_date(),
                    d.days_overdue() > 0 ? absl::StrCat(" (", d.days_overdue(), " days ago)") : "", "\n");
  }
  if (!owed.declared.empty()) text += "\nFor these it was said that there is no figure:\n\n";
  for (const v1::DueReading& d : owed.declared) {
    absl::StrAppend(&text, "  ", d.ref(), "  ", d.description(), "\n      for ", d.period(), ": ", EnumWord(d.state()),
                    d.reason().empty() ? ", no reason given" : absl::StrCat(", \"", d.reason(), "\""), "\n");
  }
  return text;
}

}  // namespace

ExitCode ListDue(Context& context, const std::string& period, const std::string& format, bool by_owner) {
  std::vector<v1::DueReading> due;
  std::string report_period;
  const bool declared_too = by_owner || format == "mail";
  if (const grpc::Status s = ListDue(context, period, declared_too, &due, &report_period); !s.ok())
    return context.client->Report(s, *context.err);
  if (declared_too) {
    std::erase_if(due, [](const v1::DueReading& d) {
      return d.state() != v1::CELL_STATE_MISSING && d.state() != v1::CELL_STATE_NOT_DUE &&
             d.state() != v1::CELL_STATE_WITHDRAWN && !d.declared_absent();
    });
  }
  if (format == "csv") return WriteCsv(context, "", DueCsv(due));
  for (v1::DueReading& d : due) MakeVisible(&d, context.terminal.ascii);
  if (format == "mail") {
    std::string text;
    for (const Owed& owed : OwedBy(due))
      absl::StrAppend(&text, text.empty() ? "" : "\n", MailText(owed, context.council, report_period));
    return WriteText(context, "", text);
  }
  const auto wanted = std::count_if(due.begin(), due.end(), [](const auto& d) { return !d.declared_absent(); });
  *context.out << "Readings outstanding for the report of " << report_period << ": " << wanted << "\n";
  if (due.empty()) return kDone;
  Table table({{"Ref"}, {"Indicator", false, true}, {"Period"}, {"Due"}, {"State"}, {"Days overdue", true}});
  const auto add = [&](const v1::DueReading& d) {
    table.AddRow({d.ref(), absl::StrCat(d.description(), d.reason().empty() ? "" : ": ", d.reason()), d.period(),
                  d.due_date(), EnumWord(d.state()), DaysOverdue(d)});
  };
  if (!by_owner) {
    for (const v1::DueReading& d : due) add(d);
  } else {
    for (const Owed& owed : OwedBy(due)) {
      const auto late = std::count_if(owed.outstanding.begin(), owed.outstanding.end(),
                                      [](const v1::DueReading& d) { return d.days_overdue() > 0; });
      table.AddHeading(absl::StrCat(OwnerName(owed.owner), ": ", owed.outstanding.size(), " outstanding, ", late,
                                    " overdue, ", owed.declared.size(), " declared without a figure"));
      for (const v1::DueReading& d : owed.outstanding) add(d);
      for (const v1::DueReading& d : owed.declared) add(d);
    }
  }
  return WriteText(context, "", table.Render(context.terminal));
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
  return WriteCsv(context, output, text);
}

ExitCode WithdrawReading(Context& context, std::string ref, std::string period, const std::string& reading_id,
                         const std::string& reason) {
  ExitCode ended = kDone;
  if (!Resolve(context, &ref, &period, &ended)) return ended;
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

ExitCode RecordComment(Context& context, std::string ref, std::string period, const std::string& text) {
  ExitCode ended = kDone;
  if (!Resolve(context, &ref, &period, &ended)) return ended;
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
  for (const v1::Warning& warning : response.warnings())
    *context.out << "warning: " << core::Visible(warning.message()) << "\n";
  return Finish(context, status, response.position(),
                absl::StrCat(text.empty() ? "Comment taken back: " : "Comment recorded: ", ref, " for ", period));
}

}  // namespace bellwether::cli
