// bellwether-admin: for operators. The one tool that speaks to Kafka itself; and what is asked of access.yaml.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bellwether/bus/acls.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/standard_streams.h"
#include "bellwether/core/visible.h"
#include "bellwether/program/flags.h"
#include "bellwether/program/version.h"
#include "bellwether/rating/version.h"
#include "bellwether/service/service_main.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/v1/access.pb.h"
#include "bellwether/yaml/schema.h"
#include "services/admin/access.h"
#include "services/admin/audit.h"
#include "services/admin/backup.h"
#include "services/admin/topics.h"

namespace {

using namespace bellwether;  // NOLINT: main only wires.

using program::ExitCode, program::kDone, program::kRefused, program::kUnreachable, program::kUsage;

ExitCode Report(const absl::Status& status) {
  std::cerr << "bellwether-admin: " << status.message() << "\n";
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ? kUnreachable : kRefused;
}

// Everything that the flags set.
struct Flags {
  core::StandardStreams* streams = nullptr;
  service::CommonOptions common;
  int timeout_seconds = 30;
  int brokers = 1;
  int rules_version = rating::RulesVersion();
  int partitions = 0;  // As deploy/topics.yaml says.
  bool check_only = false;
  bool verify = false;
  std::string file;
  std::vector<std::string> redact;
  admin::AccessQuestion access;
  bus::ServiceUsers users;
  bool create = false;
  std::string principal;
  std::string from;
  bool needs_no_broker = false;

  absl::Duration timeout() const { return absl::Seconds(timeout_seconds); }
  bus::ClientOptions client() const {
    bus::ClientOptions options = service::ClientOptionsOf(common, "bellwether-admin");
    // What the connection does meanwhile is of no use to who waits for a table; the error says the last of it.
    options.log = [](bus::LogLevel, std::string_view) {};
    return options;
  }
  absl::StatusOr<bus::TopicNames> names() const {
    return bus::NamesOfTopics(absl::StrCat("e", common.epoch), absl::StrCat("r", rules_version));
  }
};

// A line that is drawn over, for a person who watches.
admin::Progress ShowProgress(const Flags& flags, const std::string& verb) {
  return [&flags, verb](int64_t done, int64_t total) {
    flags.streams->DrawProgress(
        absl::StrCat(verb, " ", done, total > 0 ? absl::StrCat(" of ", total) : "", " records"));
  };
}

ExitCode BringTopics(const Flags& flags) {
  const auto cluster = admin::ConnectTo(flags.client(), flags.brokers, flags.timeout());
  if (!cluster.ok()) return Report(cluster.status());
  const auto names = flags.names();
  if (!names.ok()) return Report(names.status());
  const absl::StatusOr<bool> good =
      admin::BringTopics(**cluster, *names, {flags.partitions, flags.check_only}, flags.timeout(), std::cout);
  if (!good.ok()) return Report(good.status());
  return *good ? kDone : kRefused;
}

ExitCode Verify(const Flags& flags) {
  const absl::StatusOr<admin::Verified> verified = admin::Verify(flags.file, ShowProgress(flags, "read"));
  flags.streams->EndProgress();
  if (!verified.ok()) return Report(verified.status());
  const v1::BackupHeader& header = verified->header;
  std::cout << core::Visible(flags.file) << ": whole, " << verified->records << " records of " << header.topic()
            << ", epoch " << header.epoch() << ", " << header.partitions() << " partitions, begun at "
            << absl::FormatTime(absl::RFC3339_sec, codec::FromProto(header.began_at()), absl::UTCTimeZone());
  if (verified->dead_letters > 0) std::cout << "; " << verified->dead_letters << " of them dead letters";
  std::cout << "\n";
  return kDone;
}

ExitCode Backup(const Flags& flags) {
  if (flags.verify) return Verify(flags);
  const auto cluster = admin::ConnectTo(flags.client(), 1, flags.timeout());
  if (!cluster.ok()) return Report(cluster.status());
  const auto names = flags.names();
  if (!names.ok()) return Report(names.status());
  const auto source = bus::MakeKafkaSource(flags.client());
  if (!source.ok()) return Report(source.status());
  const absl::StatusOr<int64_t> records =
      admin::Backup(**cluster, **source, names->indicators, static_cast<uint32_t>(flags.common.epoch), flags.file,
                    flags.timeout(), ShowProgress(flags, "backed up"));
  flags.streams->EndProgress();
  if (!records.ok()) return Report(records.status());
  std::cout << core::Visible(flags.file) << ": " << *records << " records of " << names->indicators << "\n";
  return kDone;
}

ExitCode Restore(const Flags& flags) {
  admin::RestoreOptions options;
  options.epoch = static_cast<uint32_t>(flags.common.epoch);
  options.timeout = flags.timeout();
  for (const std::string& text : flags.redact) {
    const absl::StatusOr<admin::CommentName> name = admin::CommentName::Parse(text);
    if (!name.ok()) {
      std::cerr << "bellwether-admin: --redact-comment: " << name.status().message() << "\n";
      return kUsage;
    }
    options.redact.insert(*name);
  }
  const ExitCode brought = BringTopics(flags);
  if (brought != kDone) return brought;
  const auto names = flags.names();
  if (!names.ok()) return Report(names.status());
  options.topic = names->indicators;
  const auto source = bus::MakeKafkaSource(flags.client());
  if (!source.ok()) return Report(source.status());
  const auto ends = (*source)->EndOffsets(options.topic, flags.timeout());
  if (!ends.ok()) return Report(ends.status());
  options.partitions = static_cast<int>(ends->size());
  const auto sink = bus::MakeKafkaSink(flags.client(), bus::ScoringSinkOptions(options.topic));  // Gives none up.
  if (!sink.ok()) return Report(sink.status());
  const auto restored = admin::Restore(flags.file, options, **source, **sink, ShowProgress(flags, "restored"));
  flags.streams->EndProgress();
  if (!restored.ok()) return Report(restored.status());
  std::cout << options.topic << ": " << restored->records << " records restored, " << restored->redacted
            << " comments redacted, " << restored->left_out.count() << " dead letters left out\n";
  for (const std::string& letter : restored->left_out.Lines()) std::cout << "  left out: " << letter << "\n";
  std::cout << "Start the services with --epoch " << options.epoch << " (BELLWETHER_EPOCH)\n";
  return kDone;
}

ExitCode ShowAcls(const Flags& flags) {
  const auto names = flags.names();
  if (!names.ok()) return Report(names.status());
  const std::vector<bus::Acl> acls = bus::AclsOf(*names, flags.users);
  for (const bus::Acl& acl : acls) std::cout << core::Visible(bus::LineOf(acl)) << "\n";
  if (!flags.create) return kDone;
  const auto cluster = admin::ConnectTo(flags.client(), 1, flags.timeout());
  if (!cluster.ok()) return Report(cluster.status());
  if (const absl::Status s = (*cluster)->CreateAcls(acls, flags.timeout()); !s.ok()) return Report(s);
  std::cout << acls.size() << " rights created, those that were there already among them\n";
  return kDone;
}

ExitCode ShowAudit(const Flags& flags) {
  admin::AuditQuestion question;
  question.principal = flags.principal;
  question.timeout = flags.timeout();
  std::string error;
  if (!flags.from.empty() && !absl::ParseTime("%Y-%m-%d", flags.from, absl::UTCTimeZone(), &question.from, &error) &&
      !absl::ParseTime(absl::RFC3339_full, flags.from, &question.from, &error)) {
    std::cerr << "bellwether-admin: --from: give a day, such as 2026-11-30, or a time, such as 2026-11-30T12:00:00Z\n";
    return kUsage;
  }
  const auto names = flags.names();
  if (!names.ok()) return Report(names.status());
  question.topic = names->audit;
  const auto source = bus::MakeKafkaSource(flags.client());
  if (!source.ok()) return Report(source.status());
  const absl::StatusOr<admin::Audited> audited =
      admin::ReadAudit(question, **source, [&flags](const v1::AuditRecord& record) {
        if (!flags.verify) std::cout << core::Visible(admin::LineOf(record)) << "\n";
      });
  if (!audited.ok()) return Report(audited.status());
  for (const std::string& broken : audited->broken) std::cerr << "bellwether-admin: " << core::Visible(broken) << "\n";
  if (flags.verify) {
    std::cout << audited->records << " audit records, "
              << (audited->broken.empty() ? std::string("each follows from the one before it in its chain")
                                          : absl::StrCat(audited->broken.size(), " do not follow"))
              << "\n";
  }
  return audited->broken.empty() ? kDone : kRefused;
}

// What is asked of access.yaml and of keys.
void AddAccess(CLI::App& app, Flags& flags, std::function<ExitCode(const Flags&)>& command) {
  const auto does = [&flags, &command](CLI::App* verb, std::function<ExitCode(const Flags&)> what) {
    verb->callback([&flags, &command, what = std::move(what)] {
      flags.needs_no_broker = true;
      command = what;
    });
  };
  CLI::App* key = app.add_subcommand("key", "Keys of feeds that have neither a certificate nor a token");
  key->require_subcommand(1);
  does(key->add_subcommand("new", "Make a key, and the digest that goes into access.yaml"), [](const Flags&) {
    admin::MakeKey(std::cout);
    return kDone;
  });
  CLI::App* access = app.add_subcommand("access", "access.yaml: who may do what");
  access->require_subcommand(1);
  CLI::App* check = access->add_subcommand("check", "Say everything that is wrong with a file");
  check->add_option("FILE", flags.access.file, "The file")->required();
  does(check, [](const Flags& f) {
    const absl::Status s = admin::CheckAccess(f.access.file, std::cout);
    return s.ok() ? kDone : Report(s);
  });
  does(access->add_subcommand("schema", "Print the JSON Schema of such files, for editors"), [](const Flags&) {
    std::cout << yaml::SchemaOf(*v1::Access::descriptor(), "Bellwether's access.yaml");
    return kDone;
  });
  CLI::App* explain = access->add_subcommand("explain", "Whether a principal may do something, and which line decides");
  explain->add_option("PRINCIPAL", flags.access.principal, "Its name, as the file says; anonymous")->required();
  explain->add_option("METHOD", flags.access.method, "A method, such as GetReport, or an action, such as record")
      ->required();
  explain->add_option("SCOPE", flags.access.scope, "COUNCIL or COUNCIL/REF, such as E06000061/T11");
  explain->add_option("--access", flags.access.file, "The file")->envname("BELLWETHER_ACCESS")->required();
  explain->add_option("--group", flags.access.group, "A group that its token names");
  explain->add_option("--directorate", flags.access.directorate, "Of the indicator");
  explain->add_option("--service", flags.access.service, "Of the indicator");
  explain->add_option("--source", flags.access.source, "Of what is sent");
  does(explain, [](const Flags& f) {
    const absl::StatusOr<bool> allowed = admin::ExplainAccess(f.access, std::cout);
    if (!allowed.ok()) return Report(allowed.status());
    return *allowed ? kDone : kRefused;
  });
}

int Main(int argc, char** argv, core::StandardStreams& streams) {
  Flags flags;
  flags.streams = &streams;
  std::function<ExitCode(const Flags&)> command;
  CLI::App app{"For operators: the topics of the log, its backup and restore; who may do what", "bellwether-admin"};
  app.set_version_flag("--version", "bellwether-admin " + program::VersionText());
  app.require_subcommand(0, 1);
  app.fallthrough();
  service::AddKafkaFlags(app, flags.common);
  app.add_option("--timeout", flags.timeout_seconds, "Seconds to wait for the brokers")
      ->envname("BELLWETHER_TIMEOUT")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  CLI::App* topics =
      app.add_subcommand("topics", "Create the topics that are missing, and report settings that differ");
  topics->add_flag("--check", flags.check_only, "Create nothing; exit code 1 where anything differs");
  CLI::App* backup = app.add_subcommand("backup", "Write the log into a file, while the system runs");
  CLI::App* restore = app.add_subcommand("restore", "Write a backup into the empty log of a later --epoch");
  for (CLI::App* verb : {topics, restore}) {
    verb->add_option("--brokers", flags.brokers,
                     "Wait until so many brokers are there: replication depends on their number")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    verb->add_option("--rules-version", flags.rules_version,
                     "Rules version of the scores topic: another one is made beside it")
        ->check(CLI::Range(1, 999'999'999))
        ->capture_default_str();
    verb->add_option("--partitions", flags.partitions, "Partitions of new topics (default: as deploy/topics.yaml says)")
        ->check(CLI::Range(1, 10'000));
  }
  for (CLI::App* verb : {backup, restore}) verb->add_option("FILE", flags.file, "The backup file")->required();
  backup->add_flag("--verify", flags.verify,
                   "Write nothing: read FILE, a backup, to its end; exit code 1 where it is damaged. Needs no broker");
  restore->add_option("--redact-comment", flags.redact,
                      "Replace the text of this comment, COUNCIL/REF/COMMENT_ID; may be given again");
  topics->callback([&] { command = BringTopics; });
  backup->callback([&] {
    flags.needs_no_broker = flags.verify;
    command = Backup;
  });
  restore->callback([&] { command = Restore; });
  AddAccess(app, flags, command);
  CLI::App* acls = app.add_subcommand("acls", "The least that each service's user needs of Kafka's rights");
  acls->add_option("--ingestion-user", flags.users.ingestion, "Kafka's user of ingestion")->capture_default_str();
  acls->add_option("--scoring-user", flags.users.scoring, "Kafka's user of scoring")->capture_default_str();
  acls->add_option("--query-user", flags.users.query, "Kafka's user of query")->capture_default_str();
  acls->add_flag("--create", flags.create, "Create them, too; else nothing is asked of the brokers");
  acls->callback([&] {
    flags.needs_no_broker = !flags.create;
    command = ShowAcls;
  });
  CLI::App* audit = app.add_subcommand("audit", "Who wrote and who was refused, where access.yaml says who may");
  audit->add_option("--principal", flags.principal, "Only of this one");
  audit->add_option("--from", flags.from, "Only from this day or time on (UTC)");
  audit->add_flag("--verify", flags.verify, "Show nothing, and say whether each record follows from the one before it");
  audit->callback([&] { command = ShowAudit; });
  program::ProgramFlags program;
  program::AddProgramFlags(app, program);
  if (const auto code = program::ParseFlags(app, argc, argv, program)) return *code;
  std::vector<std::string> mistakes;
  if (!flags.needs_no_broker) mistakes = service::CheckKafkaFlags(flags.common);
  if (!command && !program.check_config) mistakes.emplace_back("what shall be done? See bellwether-admin --help");
  if (const auto code = program::EndOfChecks(app, program, std::move(mistakes))) return *code;
  return command(flags);
}

}  // namespace

int main(int argc, char** argv) {
  telemetry::QuietProtobuf();
  core::StandardStreams streams("bellwether-admin");
  return streams.End(Main(argc, argv, streams));
}
