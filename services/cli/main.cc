// The `bellwether` command line: flags to commands.
#include <grpc/support/log.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "bellwether/core/ids.h"
#include "bellwether/core/standard_streams.h"
#include "bellwether/program/flags.h"
#include "bellwether/program/version.h"
#include "bellwether/report/files.h"
#include "bellwether/report/printed.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/telemetry/log.h"
#include "services/cli/commands.h"

namespace {

using namespace bellwether::cli;  // NOLINT: the one file that is all about these names.

// Everything that the flags set.
struct Flags {
  ClientOptions client;
  std::string council;
  ReportOptions report;
  std::string ref;
  std::string period;
  std::vector<std::string> periods;
  std::string text;
  std::string from;
  std::string to;
  std::string file;
  std::string reading_id;
  std::vector<std::string> files;
  bool again = false;
  bool drop_later = false;
  bool ascii = false;
  bool check = false;
  int seconds = 0;
};

using Command = std::function<ExitCode(Context&)>;

void AddCatalogue(CLI::App& app, Flags& flags, Command& command) {
  CLI::App* catalogue = app.add_subcommand("catalogue", "The indicators: define, check, show");
  catalogue->require_subcommand(1);
  for (const bool check : {false, true}) {
    CLI::App* verb = catalogue->add_subcommand(
        check ? "check" : "apply", check ? "Say what an apply would do" : "Define indicators from YAML files");
    verb->add_option("FILE", flags.files, "Catalogue files; - is standard input")->required();
    verb->add_option("--from", flags.from, "First month for which what changes holds, such as 2022-04")
        ->type_name("MONTH");
    if (!check) {
      verb->add_flag("--restate", flags.again, "The past was wrong: also where what its reports show changes");
      verb->add_flag("--drop-later", flags.drop_later, "Also where what was said for later months is lost");
    }
    verb->callback([&flags, &command, check] {
      command = [&flags, check](Context& c) {
        return ApplyCatalogue(c, {flags.files, check, flags.from, flags.again, flags.drop_later});
      };
    });
  }
  CLI::App* show = catalogue->add_subcommand("show", "Show the indicators, or one of them as YAML");
  show->add_option("REF", flags.ref, "Ref of one indicator");
  show->callback([&] { command = [&flags](Context& c) { return ShowCatalogue(c, flags.ref); }; });
  catalogue->add_subcommand("schema", "Print the JSON Schema of catalogue files")->callback([&] {
    command = PrintCatalogueSchema;
  });
}

void AddReadings(CLI::App& app, Flags& flags, Command& command) {
  CLI::App* readings = app.add_subcommand("readings", "The figures: what is due, send, export, withdraw");
  readings->require_subcommand(1);
  CLI::App* fill = readings->add_subcommand("template", "Write a file to fill in: what is due");
  fill->add_option("--period", flags.periods, "Report period, such as 2022-02 (default: last month); may be repeated")
      ->allow_extra_args(false);
  fill->add_option("-o,--output", flags.report.output, "File to write");
  fill->add_option("--format", flags.report.format, "csv, or xlsx: a workbook that checks what is typed (default: csv)")
      ->check(CLI::IsMember({"csv", "xlsx"}));
  fill->callback([&] {
    command = [&flags](Context& c) {
      const std::string format = flags.report.format == "xlsx" ? "xlsx" : "csv";
      return WriteTemplate(c, flags.periods, format, flags.report.output);
    };
  });
  CLI::App* submit = readings->add_subcommand("submit", "Send readings and comments: a CSV, or a workbook (.xlsx)");
  submit->add_option("FILE", flags.file, "The file; - is standard input")->required();
  submit->add_flag("--again", flags.again,
                   "Also rows that were in force once and were corrected or withdrawn since: they come back");
  submit->add_flag("--check", flags.check, "Only say what is wrong with it, and what it would change");
  submit->callback(
      [&] { command = [&flags](Context& c) { return SubmitReadings(c, flags.file, flags.check, flags.again); }; });
  CLI::App* due = readings->add_subcommand("due", "List the readings that a report still wants");
  due->add_option("--period", flags.period, "Report period (default: last month)");
  due->add_option("--by", flags.text, "owner: under who owes them")->check(CLI::IsMember({"owner"}));
  due->add_option("--format", flags.report.format, "table, csv, or mail: a text for each owner")
      ->check(CLI::IsMember({"table", "csv", "mail"}));
  due->callback([&] {
    command = [&flags](Context& c) { return ListDue(c, flags.period, flags.report.format, !flags.text.empty()); };
  });
  CLI::App* save = readings->add_subcommand("export", "Write the readings and comments in force as CSV");
  save->add_option("--from", flags.from, "First month that a period may end in");
  save->add_option("--to", flags.to, "Last month that a period may end in");
  save->add_option("-o,--output", flags.report.output, "File to write");
  save->callback(
      [&] { command = [&flags](Context& c) { return ExportReadings(c, flags.from, flags.to, flags.report.output); }; });
  CLI::App* withdraw = readings->add_subcommand("withdraw", "Withdraw the reading of a period");
  withdraw->add_option("REF", flags.ref, "Ref of the indicator")->required();
  withdraw->add_option("PERIOD", flags.period, "Data period")->required();
  withdraw->add_option("--reading-id", flags.reading_id, "Which reading (default: the one in force)");
  withdraw->add_option("--reason", flags.text, "Why");
  withdraw->callback([&] {
    command = [&flags](Context& c) {
      return WithdrawReading(c, flags.ref, flags.period, flags.reading_id, flags.text);
    };
  });
}

void AddReports(CLI::App& app, Flags& flags, Command& command) {
  const auto report_flags = [&flags](CLI::App* verb) {
    verb->add_option("--period", flags.report.period,
                     "Report period, such as 2022-02 (default: the newest with readings)");
    verb->add_option("--directorate", flags.report.directorate, "Only this directorate");
    verb->add_option("--service", flags.report.service, "Only this service");
  };
  const auto output_flags = [&flags](CLI::App* verb, const std::string& formats, std::vector<std::string> words) {
    verb->add_option("--format", flags.report.format, formats)->check(CLI::IsMember(std::move(words)));
    verb->add_option("-o,--output", flags.report.output, "File to write");
  };
  CLI::App* report = app.add_subcommand("report", "The performance report");
  report_flags(report);
  std::string formats = "table";
  std::vector<std::string> format_names = {formats};
  for (const bellwether::report::FileFormat& format : bellwether::report::FileFormats()) {
    format_names.emplace_back(format.name);
    formats += "; " + format_names.back() + ": " + std::string(format.words);
  }
  output_flags(report, formats, format_names);
  report->add_option("--council-name", flags.report.council_name, "What a page calls the council (default: its code)");
  report->callback([&] { command = [&flags](Context& c) { return ShowReport(c, flags.report); }; });
  CLI::App* findings = app.add_subcommand("findings", "What in the figures does not add up");
  report_flags(findings);
  output_flags(findings, "table, csv or json", {"table", "csv", "json"});
  findings->callback([&] { command = [&flags](Context& c) { return ShowFindings(c, flags.report); }; });
  CLI::App* watch = app.add_subcommand("watch", "Changes of the report as they happen");
  report_flags(watch);
  watch->add_option("--seconds", flags.seconds, "How long (default: until interrupted)");
  watch->callback([&] { command = [&flags](Context& c) { return WatchReport(c, flags.report, flags.seconds); }; });
  for (const bool explain : {true, false}) {
    CLI::App* verb = app.add_subcommand(
        explain ? "explain" : "indicator",
        explain ? "Why this status and this arrow" : "History, revisions, comments of one indicator");
    verb->add_option("REF", flags.ref, "Ref of the indicator")->required();
    if (explain) {
      verb->add_option("--period", flags.period, "Data period (default: the newest with a reading)");
      verb->add_flag("--brief", flags.check, "One sentence");
    } else {
      verb->add_flag("--repeats", flags.check, "Also what only said again what was in force");
    }
    verb->add_option("--format", flags.report.format, "table or json")->check(CLI::IsMember({"table", "json"}));
    verb->callback([&flags, &command, explain] {
      command = [&flags, explain](Context& c) {
        return explain ? ExplainScore(c, flags.ref, flags.period, flags.report.format, flags.check)
                       : ShowIndicator(c, flags.ref, flags.report.format, flags.check);
      };
    });
  }
  CLI::App* changes =
      app.add_subcommand("changes", "What changed, and why: since a day, or from one report to another");
  CLI::Option* since = changes->add_option("--since", flags.text, "The day, such as 2022-03-01")->type_name("DAY");
  CLI::Option* from = changes->add_option("--from", flags.from, "Report period")->excludes(since);
  changes->add_option("--to", flags.to, "Report period")->needs(from);
  changes->add_option("--format", flags.report.format, "table or csv")->check(CLI::IsMember({"table", "csv"}));
  changes->callback([&] {
    command = [&flags](Context& c) {
      if (flags.text.empty() == (flags.from.empty() || flags.to.empty())) {
        *c.err << "bellwether: say --since DAY, or --from and --to\n";
        return kUsage;
      }
      return flags.text.empty() ? CompareReports(c, flags.from, flags.to, flags.report.format)
                                : ShowChanges(c, flags.text, flags.report.format);
    };
  });
  CLI::App* comment = app.add_subcommand("comment", "Record a comment on a period");
  comment->add_option("REF", flags.ref, "Ref of the indicator")->required();
  comment->add_option("PERIOD", flags.period, "Data period")->required();
  comment->add_option("TEXT", flags.text, "The words; empty takes the comment back")->required();
  comment->callback(
      [&] { command = [&flags](Context& c) { return RecordComment(c, flags.ref, flags.period, flags.text); }; });
}

void AddDeadLetters(CLI::App& app, Flags& flags, Command& command) {
  CLI::App* letters = app.add_subcommand("dead-letters", "For operators: records that could not be read");
  letters->require_subcommand(1);
  CLI::App* list = letters->add_subcommand("list", "List them, of all councils");
  list->add_option("--format", flags.report.format, "table or csv")->check(CLI::IsMember({"table", "csv"}));
  list->callback([&] { command = [&flags](Context& c) { return ListDeadLetters(c, flags.report.format); }; });
  CLI::App* show = letters->add_subcommand("show", "Show one, with its bytes");
  show->add_option("PLACE", flags.ref, "Its place, as the list shows it, such as e1/3/904")->required();
  show->add_option("-o,--output", flags.report.output, "File for its value");
  show->callback([&] { command = [&flags](Context& c) { return ShowDeadLetter(c, flags.ref, flags.report.output); }; });
  CLI::App* replay = letters->add_subcommand("replay", "Record its content once more, under its own key");
  replay->add_option("PLACE", flags.ref, "Its place, as the list shows it, such as e1/3/904")->required();
  replay->add_flag("--supersede", flags.again, "Also where it replaces what was recorded later");
  replay->add_flag("--check", flags.check, "Only say what would become of it");
  replay->callback(
      [&] { command = [&flags](Context& c) { return ReplayDeadLetter(c, flags.ref, flags.again, flags.check); }; });
}

// Periods are read as those of readings files are.
void ReadPeriods(CLI::App& app) {
  const auto read = [](std::string& text) {
    const absl::StatusOr<std::string> period = bellwether::report::ReadPeriod(text);
    if (!period.ok()) return std::string(period.status().message());
    text = *period;
    return std::string();
  };
  for (CLI::Option* option : app.get_options()) {
    if (option->check_name("--period") || option->check_name("PERIOD")) option->transform(CLI::Validator(read, ""));
  }
  for (CLI::App* verb : app.get_subcommands([](CLI::App*) { return true; })) ReadPeriods(*verb);
}

int Main(int argc, char** argv, bellwether::core::StandardStreams& streams) {
  Flags flags;
  Command command;
  CLI::App app("A council's performance figures, live and explained", "bellwether");
  app.set_version_flag("--version", "bellwether " + bellwether::program::VersionText());
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_option("--council", flags.council, "ONS code of the council")->envname("BELLWETHER_COUNCIL");
  app.add_option("--ingestion", flags.client.ingestion, "Address of the ingestion service")
      ->envname("BELLWETHER_INGESTION")
      ->capture_default_str();
  app.add_option("--query", flags.client.query, "Address of the query service")
      ->envname("BELLWETHER_QUERY")
      ->capture_default_str();
  app.add_option("--timeout", flags.client.timeout_seconds, "Seconds that one call may take, or a stream be silent")
      ->envname("BELLWETHER_TIMEOUT")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_flag("--ascii", flags.ascii, "Arrows, shapes and lines in ASCII, for a font that lacks them");
  AddCatalogue(app, flags, command);
  AddReadings(app, flags, command);
  AddReports(app, flags, command);
  AddDeadLetters(app, flags, command);
  ReadPeriods(app);
  app.add_subcommand("whoami", "Who the services take you for, and what you may do")->callback([&] {
    command = WhoAmI;
  });
  bellwether::rpc::AddClientTlsFlags(app, flags.client.tls);
  bellwether::program::ProgramFlags program;
  bellwether::program::AddProgramFlags(app, program);
  if (const auto code = bellwether::program::ParseFlags(app, argc, argv, program)) return *code;
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Make(flags.client);
  std::vector<std::string> mistakes;
  if (!client.ok()) mistakes.emplace_back(client.status().message());
  if (!command && !program.check_config) mistakes.emplace_back("what shall be done? See bellwether --help");
  if (const auto code = bellwether::program::EndOfChecks(app, program, std::move(mistakes))) return *code;
  const bool needs_council =
      !app.got_subcommand("dead-letters") && !app.got_subcommand("whoami") &&
      (!app.got_subcommand("catalogue") || app.get_subcommand("catalogue")->got_subcommand("show"));
  if (needs_council || !flags.council.empty()) {
    if (flags.council.empty()) {
      std::cerr << "bellwether: which council? Give --council or set BELLWETHER_COUNCIL, such as E06000061\n";
      return kUsage;
    }
    if (const absl::Status s = bellwether::core::CheckCouncil(flags.council); !s.ok()) {
      std::cerr << "bellwether: --council: " << s.message() << "\n";
      return kUsage;
    }
  }
  Context context{flags.council, client->get(), Terminal::OfStandardOutput(), &streams, &std::cout, &std::cerr};
  context.terminal.ascii = flags.ascii;
  return command(context);
}

}  // namespace

int main(int argc, char** argv) {
  // What gRPC says by itself goes past our streams, onto the terminal; a call's error tells the same. Unless it is
  // wanted.
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
  bellwether::telemetry::QuietProtobuf();
  bellwether::core::StandardStreams streams("bellwether");
  return streams.End(Main(argc, argv, streams));
}
