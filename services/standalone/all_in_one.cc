#include "services/standalone/all_in_one.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::standalone {

absl::StatusOr<std::unique_ptr<AllInOne>> AllInOne::Start(std::unique_ptr<bus::EmbeddedBroker> broker,
                                                          const service::CommonOptions& common, const Listen& listen,
                                                          const core::Clock* clock, std::function<void()> on_fatal) {
  const bus::TopicNames topics = service::TopicNamesOf(common);
  const auto epoch = static_cast<uint32_t>(common.epoch);
  const auto client = [&](const char* id) {
    bus::ClientOptions options;
    options.bootstrap_servers = broker->bootstrap_servers();
    options.client_id = id;
    return options;
  };

  ingestion::Options ingestion;
  ingestion.listen = listen.ingestion;
  ingestion.tls = listen.tls.files;
  ingestion.access = listen.tls.access;
  ingestion.kafka = client("bellwether-ingestion");
  ingestion.epoch = epoch;
  ingestion.topics = topics;
  auto ingestion_app = ingestion::App::Start(ingestion, on_fatal);
  if (!ingestion_app.ok()) {
    return absl::UnavailableError(absl::StrCat("--ingestion-listen: ", ingestion_app.status().message()));
  }

  query::Options query;
  query.listen = listen.query;
  query.tls = listen.tls.files;
  query.access = listen.tls.access;
  query.kafka = client("bellwether-query");
  query.topics = topics;
  query.view.epoch = epoch;
  auto query_app = query::App::Start(query, clock, on_fatal);
  if (!query_app.ok()) return absl::UnavailableError(absl::StrCat("--query-listen: ", query_app.status().message()));

  scoring::Options scoring;
  scoring.kafka = client("bellwether-scoring");
  scoring.epoch = epoch;
  scoring.topics = topics;

  std::unique_ptr<AllInOne> all(new AllInOne());  // Its constructor is private.
  all->broker_ = std::move(broker);
  all->ingestion_ = *std::move(ingestion_app);
  all->scoring_ = std::make_unique<scoring::App>(std::move(scoring), std::move(on_fatal));
  all->query_ = *std::move(query_app);
  return all;
}

std::string AllInOne::NotReadyReason() const {
  std::string reason;
  const auto add = [&reason](const char* service, const std::string& why) {
    if (!why.empty()) absl::StrAppend(&reason, reason.empty() ? "" : "; ", service, ": ", why);
  };
  add("ingestion", ingestion_->NotReadyReason());
  add("scoring", scoring_->NotReadyReason());
  add("query", query_->NotReadyReason());
  return reason;
}

std::string AllInOne::NotLiveReason() const {
  const std::string reason = ingestion_->NotLiveReason();
  return reason.empty() ? query_->NotLiveReason() : reason;
}

absl::Status AllInOne::Stop(absl::Duration drain) {
  // One after another, each within half of what is left.
  const core::SteadyTime by = core::SteadyTime::Now() + drain;
  absl::Status end = ingestion_->Stop(by.left() / 2);
  end.Update(scoring_->Stop(by.left() / 2));
  end.Update(query_->Stop(by.left() / 2));
  return end;
}

std::vector<std::pair<std::string, std::function<std::string()>>> AllInOne::AdminPages() {
  return {{"/view", [this] { return query_->Dump(); }}};
}

}  // namespace bellwether::standalone
