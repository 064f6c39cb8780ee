// bellwether-web: the report as pages that people read.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "bellwether/program/flags.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/service/service_main.h"
#include "services/web/app.h"

namespace {

class RunningWeb : public bellwether::service::RunningService {
 public:
  explicit RunningWeb(std::unique_ptr<bellwether::web::App> app) : app_(std::move(app)) {}
  std::string NotReadyReason() const override { return app_->NotReadyReason(); }
  absl::Status Stop(absl::Duration drain) override { return app_->Stop(drain); }

 private:
  std::unique_ptr<bellwether::web::App> app_;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace bellwether;  // NOLINT: main only wires.
  const core::RealClock clock;
  service::CommonOptions common;
  common.admin_address = "127.0.0.1:7414";
  web::Options options;
  std::vector<std::string> councils;
  double live_seconds = 900;
  int port = 0;
  service::ServiceHooks hooks;
  hooks.uses_kafka = false;
  hooks.add_flags = [&](CLI::App& app) {
    app.add_option("--listen", options.listen, "Address of the pages (HTTP)")
        ->envname("BELLWETHER_WEB_LISTEN")
        ->capture_default_str();
    app.add_option("--query", options.query, "Address of the query service")
        ->envname("BELLWETHER_QUERY")
        ->capture_default_str();
    app.add_option("--council", councils,
                   "A council that the first page names, CODE=NAME; may be given again, or with ; between")
        ->envname("BELLWETHER_WEB_COUNCILS")
        ->delimiter(';');
    app.add_option("--contact", options.contact,
                   "Who is told of what is wrong with a page, for the accessibility statement")
        ->envname("BELLWETHER_WEB_CONTACT");
    app.add_option("--reader-header", options.readers.header,
                   "Header in which a proxy in front names the reader, who then sees what access.yaml of query grants "
                   "it, such as X-Forwarded-User. Without it all see what this service may")
        ->envname("BELLWETHER_WEB_READER_HEADER");
    app.add_option("--reader-groups-header", options.readers.groups_header,
                   "Header in which that proxy names the reader's groups, with , between")
        ->envname("BELLWETHER_WEB_READER_GROUPS_HEADER");
    app.add_option("--reader-proxy", options.readers.proxies,
                   "Address from which these headers are believed, such as 127.0.0.1; may be given again, or with , "
                   "between")
        ->envname("BELLWETHER_WEB_READER_PROXY")
        ->delimiter(',');
    app.add_option("--reader-secret-file", options.readers.secret_file,
                   "File of secrets, one a line: these headers are believed beside one of them, in the header "
                   "Bellwether-Proxy-Secret")
        ->envname("BELLWETHER_WEB_READER_SECRET_FILE");
    app.add_option("--live-time", live_seconds,
                   "Seconds after which an open page asks anew, and its reader must still be signed in")
        ->envname("BELLWETHER_WEB_LIVE_TIME")
        ->check(CLI::Range(1.0, 86'400.0))
        ->capture_default_str();
    app.add_option("--allow-origin", options.origins,
                   "Origin whose pages' scripts may read the answers, such as https://www.example.gov.uk; may be given "
                   "again, or with , between")
        ->envname("BELLWETHER_WEB_ALLOW_ORIGIN")
        ->delimiter(',');
    rpc::AddClientTlsFlags(app, options.tls);
  };
  hooks.check = [&] {
    std::vector<std::string> mistakes;
    for (const auto& [flag, address] : {std::pair("--listen", &options.listen), std::pair("--query", &options.query)}) {
      if (std::string wrong = program::CheckAddress(flag, *address); !wrong.empty())
        mistakes.push_back(std::move(wrong));
    }
    if (!mistakes.empty()) return mistakes;
    if (!rpc::IsLoopback(options.listen) && !options.tls.insecure_plaintext) {
      mistakes.push_back(absl::StrCat("--listen: \"", options.listen,
                                      "\" can be reached from other machines, and pages are served in the clear: give "
                                      "--insecure-plaintext if a proxy before it does TLS"));
    }
    if (const auto credentials = rpc::ClientCredentials(options.tls, options.query); !credentials.ok())
      mistakes.push_back(absl::StrCat("--query: ", credentials.status().message()));
    if (const auto readers = web::Readers::Make(options.readers); !readers.ok())
      mistakes.emplace_back(readers.status().message());
    for (const std::string& origin : options.origins) {
      if (!web::IsOrigin(origin))
        mistakes.push_back(
            absl::StrCat("--allow-origin: \"", origin,
                         "\" is no origin: http:// or https://, a host in small letters, and perhaps :PORT"));
    }
    options.live = absl::Seconds(live_seconds);
    options.councils.clear();
    for (const std::string& text : councils) {
      if (absl::StatusOr<web::NamedCouncil> council = web::ParseCouncil(text); council.ok()) {
        options.councils.push_back(*std::move(council));
      } else {
        mistakes.push_back(absl::StrCat("--council: ", council.status().message()));
      }
    }
    return mistakes;
  };
  hooks.start = [&](const std::function<void()>&) -> absl::StatusOr<std::unique_ptr<service::RunningService>> {
    auto app = web::App::Start(options, &clock);
    if (!app.ok()) return app.status();
    port = (*app)->port();
    return std::make_unique<RunningWeb>(*std::move(app));
  };
  hooks.started = [&] { return absl::StrCat(", listening on port ", port); };
  return service::ServiceMain(argc, argv, "bellwether-web", "Serves the report as pages that people read", common,
                              hooks);
}
