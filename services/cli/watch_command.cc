// bellwether watch
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/report/text.h"
#include "services/cli/commands.h"
#include "services/cli/visible_message.h"
#include "services/cli/watchdog.h"

namespace bellwether::cli {

using report::FigureText;
using report::Keep;
using report::Schemes;
using report::StatusOf;
using report::StatusText;
using report::TimeText;
namespace {

// What a row shows, for one line.
std::string ShownIn(const Schemes& schemes, const v1::ReportRow& row) {
  const v1::Score& s = row.score();
  const StatusText status = StatusOf(schemes, s.scheme_id(), s.current());
  return absl::StrCat(s.current().has_value() ? FigureText(s.current().value(), row.definition().unit()) + "  " : "",
                      status.shape, status.shape.empty() ? "" : " ", status.full, s.arrow().empty() ? "" : "  ",
                      s.arrow());
}

// `before`: what the watch showed of it. Empty: nothing.
std::string WatchLine(const Schemes& schemes, const v1::ReportRow& row, const std::string& before) {
  const v1::Score& s = row.score();
  const std::string now = ShownIn(schemes, row);
  return absl::StrCat(TimeText(s.has_recorded_at(), s.recorded_at()), "  ", row.definition().ref(), "  ", s.period(),
                      "  ", now, before.empty() || before == now ? "" : absl::StrCat("  (before: ", before, ")"), "\n");
}

}  // namespace

ExitCode WatchReport(Context& context, const ReportOptions& options, int seconds) {
  const auto request = RequestFor<v1::WatchReportRequest>(context, options);
  grpc::ClientContext watch;
  if (seconds > 0)
    watch.set_deadline(absl::ToChronoTime(core::TimeOfDayAt(core::SteadyTime::Now() + absl::Seconds(seconds))));
  Watchdog watchdog(watch, context.client->patience());
  auto stream = context.client->query().WatchReport(&watch, request);
  Schemes schemes;
  v1::WatchReportResponse event;
  std::map<std::string, std::string> shown;  // By ref.
  int rows = 0;
  bool begun = false;
  while (stream->Read(&event)) {
    watchdog.Heard();
    MakeVisible(&event, context.terminal.ascii);
    if (event.has_snapshot()) {
      Keep(event.snapshot().schemes(), &schemes);
      rows += event.snapshot().rows_size();
      for (const v1::ReportRow& row : event.snapshot().rows()) shown[row.definition().ref()] = ShownIn(schemes, row);
      if (event.snapshot().complete()) {
        begun = true;
        watchdog.Rest();  // What follows comes when something changes.
        *context.out << "Watching the report of " << event.snapshot().period() << ": " << rows
                     << " rows. Changes follow as they happen.\n"
                     << std::flush;
      }
    } else if (event.event_case() == v1::WatchReportResponse::kRemovedRef) {
      *context.out << "No longer in the report: " << event.removed_ref() << "\n" << std::flush;
    } else if (event.has_row()) {
      for (const v1::Scheme& scheme : event.schemes()) schemes.insert_or_assign(scheme.id(), scheme);
      std::string& before = shown[event.row().definition().ref()];
      *context.out << WatchLine(schemes, event.row(), before) << std::flush;
      before = ShownIn(schemes, event.row());
    }
    if (!context.streams->good()) watch.TryCancel();  // Nobody sees what follows.
  }
  const grpc::Status status = stream->Finish();
  if (!context.streams->good()) return kRefused;
  if (watchdog.bit()) return context.client->Report(context.client->Silent("no report came"), *context.err);
  if (begun && seconds > 0 && status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return kDone;
  return status.ok() ? kDone : context.client->Report(status, *context.err);
}

}  // namespace bellwether::cli
