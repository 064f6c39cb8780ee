// Changes of reports, told to whoever has one open: one watch on QueryService for each report, however many read it of
// those who may see the same.
#ifndef BELLWETHER_SERVICES_WEB_LIVE_H_
#define BELLWETHER_SERVICES_WEB_LIVE_H_

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/mutex.h"
#include "services/web/http_server.h"
#include "services/web/query_client.h"

namespace bellwether::web {

// A report as one reader sees it. Whoever shares a watch is told what its reader may see.
struct LiveReport {
  std::optional<Reader> reader;  // As QueryClient::For takes it.
  std::string council;
  std::string period;

  auto operator<=>(const LiveReport&) const = default;
};

// Thread-safe.
class LiveReports {
 public:
  // Called from any thread, under a lock: it neither waits nor calls back.
  struct Listener {
    // In the words of server-sent events: "at" with the position that the watch has seen, "row" with the ref of a row
    // that changed, came or went, and a comment while nothing happens.
    std::function<void(const std::string& events)> tell;
    // The watch ended: nothing more comes. Whoever listens again has another.
    std::function<void()> end;
  };

  // The client must outlive it.
  explicit LiveReports(QueryClient* query) : query_(query) {}
  // Ends the watches. Nobody listens any more.
  ~LiveReports();

  // Whether that report may be listened to: its reader listens not too often already, and there is a watch on it, or
  // not too many on others, of its reader and in all.
  bool HasRoom(const LiveReport& report) const;
  // Tells until what is returned dies.
  std::shared_ptr<void> Listen(const LiveReport& report, Listener listener);
  int watches() const;
  int listeners() const;

  // So that tests need not repeat it: a watch costs query the whole report once.
  static constexpr int kMostWatches = 200;
  static constexpr int kMostOfReader = 50;  // Of one who has a name, or of all together who have none.
  // Pages that are open at a time, of all that may be: of one who has a name, and of all together who have none.
  static constexpr int kMostListenersOfReader = 64;
  static constexpr int kMostListenersWithoutName = HttpServer::kMostLive / 4 * 3;

 private:
  class Watch;
  class Handle;

  // It is joined no more.
  void Forget(const Watch* watch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  QueryClient* const query_;
  mutable core::Mutex mutex_;
  core::CondVar ended_;
  std::map<LiveReport, std::shared_ptr<Watch>> watches_ ABSL_GUARDED_BY(mutex_);  // Those that may be joined.
  int open_ ABSL_GUARDED_BY(mutex_) = 0;                                          // Also those that are ending.
};

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_LIVE_H_
