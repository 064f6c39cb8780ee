// The commands of `bellwether`. Each returns the exit code of the process.
#ifndef BELLWETHER_SERVICES_CLI_COMMANDS_H_
#define BELLWETHER_SERVICES_CLI_COMMANDS_H_

#include <ostream>
#include <string>
#include <vector>

#include "bellwether/core/standard_streams.h"
#include "services/cli/client.h"
#include "services/cli/terminal.h"

namespace bellwether::cli {

// What every command works with.
struct Context {
  std::string council;
  Client* client = nullptr;
  Terminal terminal;
  core::StandardStreams* streams = nullptr;  // Both streams, which make what is written to them Visible.
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
};

// Which part of a report, and how it is shown.
struct ReportOptions {
  std::string period;  // Empty: the service chooses.
  std::string directorate;
  std::string service;
  std::string format = "table";  // table, csv or json; of a report any of report/files.h.
  std::string output;            // A file; empty: standard output.
  std::string council_name;      // What files call the council; empty: the code.
};

// Writes what programs read, as it is, to a file, or to standard output where `output` is empty.
ExitCode WriteData(Context& context, const std::string& output, const std::string& data);
// The same of a table that people open in a spreadsheet: a file gets a byte-order mark, without which Excel takes UTF-8
// for something else; standard output, pipes and devices do not.
ExitCode WriteCsv(Context& context, const std::string& output, const std::string& data);
// Writes text for people, made of what is Visible already and of colours.
ExitCode WriteText(Context& context, const std::string& output, const std::string& text);

struct ApplyOptions {
  std::vector<std::string> files;
  bool check_only = false;
  std::string from;         // The month from which what the files say holds, where they do not say it. Empty: none.
  bool restate = false;     // The past was wrong: what its reports show may change where no month declares it.
  bool drop_later = false;  // What was said for later months may go.
};
ExitCode ApplyCatalogue(Context& context, const ApplyOptions& options);
ExitCode ShowCatalogue(Context& context, const std::string& ref);
// Needs no service.
ExitCode PrintCatalogueSchema(Context& context);
// Who the services take the caller for, and what it may do.
ExitCode WhoAmI(Context& context);

// A row for each reading that the reports of the periods want; none: of last month. Formats: csv, xlsx.
ExitCode WriteTemplate(Context& context, const std::vector<std::string>& periods, const std::string& format,
                       const std::string& output);
// `again`: rows that were in force once come back, under new ids.
ExitCode SubmitReadings(Context& context, const std::string& file, bool check_only, bool again);
// `by_owner`: under who owes them, with what was declared to have no figure. Formats: table, csv; mail, a text for
// each.
ExitCode ListDue(Context& context, const std::string& period, const std::string& format, bool by_owner);
ExitCode ExportReadings(Context& context, const std::string& from, const std::string& to, const std::string& output);
// `reading_id` empty: the reading in force.
ExitCode WithdrawReading(Context& context, std::string ref, std::string period, const std::string& reading_id,
                         const std::string& reason);
ExitCode RecordComment(Context& context, std::string ref, std::string period, const std::string& text);

// What the options ask of a call that is about a report.
template <typename Request>
Request RequestFor(const Context& context, const ReportOptions& options) {
  Request request;
  request.set_council(context.council);
  request.set_period(options.period);
  request.mutable_filter()->set_directorate(options.directorate);
  request.mutable_filter()->set_service(options.service);
  return request;
}
// All pages of a report as one answer.
grpc::Status FetchReport(Context& context, const ReportOptions& options, v1::GetReportResponse* report);
ExitCode ShowReport(Context& context, const ReportOptions& options);
ExitCode ShowFindings(Context& context, const ReportOptions& options);
// `repeats`: among the revisions those that said again what was in force.
ExitCode ShowIndicator(Context& context, const std::string& ref, const std::string& format, bool repeats);
// `brief`: one sentence.
ExitCode ExplainScore(Context& context, const std::string& ref, const std::string& period, const std::string& format,
                      bool brief);
// What changed since a day, "2022-03-01".
ExitCode ShowChanges(Context& context, const std::string& since, const std::string& format);
// Two reports, row by row.
ExitCode CompareReports(Context& context, const std::string& from, const std::string& to, const std::string& format);
// `seconds` 0: until it is interrupted.
ExitCode WatchReport(Context& context, const ReportOptions& options, int seconds);

// For operators, of all councils. `place` as the list shows it, such as "e1/3/904".
ExitCode ListDeadLetters(Context& context, const std::string& format);
// `output`: a file for the value's bytes. Empty: none.
ExitCode ShowDeadLetter(Context& context, const std::string& place, const std::string& output);
ExitCode ReplayDeadLetter(Context& context, const std::string& place, bool supersede, bool check_only);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_COMMANDS_H_
