// The query service: a view that follows Kafka, and the server that answers from it.
#ifndef BELLWETHER_SERVICES_QUERY_APP_H_
#define BELLWETHER_SERVICES_QUERY_APP_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bellwether/bus/cursor.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/supervisor.h"
#include "bellwether/bus/topics.h"
#include "bellwether/core/clock.h"
#include "bellwether/rpc/server.h"
#include "services/query/service.h"
#include "services/query/view.h"
#include "services/query/view_metrics.h"

namespace bellwether::query {

struct Options {
  bus::ClientOptions kafka;
  bus::TopicNames topics;  // The scores topic may be another than the names give, such as one that was folded anew.
  std::string listen = "127.0.0.1:7402";
  rpc::TlsFiles tls;  // None: plaintext.
  rpc::AccessOptions access;
  ViewOptions view;
  ServiceOptions service;
};

// Thread-safe.
class App {
 public:
  // Begins to listen and to follow; calls are answered VIEW_NOT_READY, and health is NOT_SERVING, until the view has
  // caught up. `on_fatal` is called, from a thread of its own, once the service cannot go on; Stop then says why.
  // Error: Unavailable if the address cannot be had, InvalidArgument for a wrong access.yaml. The clock must outlive
  // it.
  static absl::StatusOr<std::unique_ptr<App>> Start(Options options, const core::Clock* clock,
                                                    std::function<void()> on_fatal);
  ~App();

  // Finishes the calls under way, ends the watches, stops. OK, or what the service died of.
  absl::Status Stop(absl::Duration drain);
  int port() const { return server_->port(); }
  // Empty: ready. Else why not, in words.
  std::string NotReadyReason() const { return supervisor_.NotReadyReason(); }
  // Empty: callers are answered. Else why it should be started again. Does not wait.
  std::string NotLiveReason() const;
  // The view's canonical dump.
  std::string Dump() const { return view_.Dump(); }

 private:
  class Session;
  App(Options options, std::unique_ptr<rpc::Door> door, const core::Clock* clock, std::function<void()> on_fatal);

  absl::StatusOr<std::unique_ptr<bus::BrokerSession>> Connect();
  // What was read is dropped, unless that was the last of it.
  void SessionEnded(bus::AfterSession follows);

  const Options options_;
  const std::function<void()> on_fatal_;
  const std::unique_ptr<rpc::Door> door_;
  View view_;
  std::unique_ptr<Service> service_;  // After the view and before the server, which are what it needs and who needs it.
  std::unique_ptr<rpc::Server> server_;
  const ViewMetrics metrics_;
  bus::Cursor cursor_;  // In the scores topic. Of the supervisor's thread.
  bus::Supervisor supervisor_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_APP_H_
