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
