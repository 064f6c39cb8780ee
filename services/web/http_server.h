// Pages over HTTP/1.1: connections are kept open, cost a socket and not a thread, and hold nobody up. TLS is a proxy's.
#ifndef BELLWETHER_SERVICES_WEB_HTTP_SERVER_H_
#define BELLWETHER_SERVICES_WEB_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace bellwether::web {

struct Request {
  std::string path;   // As it was sent, percent-encoded, without the query.
  std::string query;  // What stands behind "?", as it was sent.
  std::string if_none_match;
  bool post = false;         // Of a call, with a body.
  std::string content_type;  // Of the body.
  std::string body;
  std::string peer;                                          // The address of whoever is connected: "127.0.0.1", "::1".
  std::vector<std::pair<std::string, std::string>> headers;  // Of HttpServer::Options.asked, as they came.
};

struct Response {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // More of them.
  // Of an answer that goes on: the body is its beginning. Called once, with what sends more and what ends it, which may
  // be called from any thread, and not once what it returned is gone: that is kept as long as the connection. Who does
  // not read is cut off.
  std::function<std::shared_ptr<void>(std::function<void(const std::string&)> tell, std::function<void()> end)> live;
};

// Thread-safe.
class HttpServer {
 public:
  // Answers a GET, or a POST where there are calls. Called from threads of the server's own, of several at a time; may
  // wait.
  using Handler = std::function<Response(const Request&)>;

  // What every answer has beside its own headers; those of its own stand before them.
  struct Options {
    std::string address;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string calls;                 // What paths begin with that take a POST. Empty: none.
    std::vector<std::string> asked;    // Headers that the handler asks for, whatever their case.
    std::vector<std::string> origins;  // Whose pages' scripts may read answers ("https://example.gov.uk"): CORS.
    absl::Duration live = absl::InfiniteDuration();  // Answers that go on end after it: whoever reads asks again.
    int workers = 8;                                 // So many answers are made at a time.
  };
  // Error: InvalidArgument if the address is not HOST:PORT, Unavailable if it cannot be had.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Options options, Handler handler);
  ~HttpServer();

  int port() const;
  int connections() const;
  // Takes no more connections, answers what is under way, and ends, within `drain`.
  void Stop(absl::Duration drain);

  // So that tests need not repeat them.
  static constexpr int kMostConnections = 2'048;         // Beyond, who has been idle longest is closed.
  static constexpr int kMostLive = 1'536;                // Answers that go on, among them.
  static constexpr size_t kMostUnsentBytes = 128 << 20;  // Of answers that their readers have not taken yet.
  static constexpr int kMostUnderWay = 128;              // Requests; beyond, others are told to try again.
  static constexpr int kIdleSeconds = 30;                // Until the whole of a request's head is there.
  static constexpr int kAnswerSeconds = 60;              // To make the answer and to send it.
  static constexpr int kMostHeaderBytes = 16 << 10;
  static constexpr size_t kMostBodyBytes = 256 << 10;    // Of a call.
  static constexpr size_t kMostUnreadBytes = 256 << 10;  // Of an answer that goes on.

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

// Whether a browser could say so of a page: scheme, host and perhaps a port, nothing behind them.
bool IsOrigin(std::string_view text);

// The body, compressed as gzip does. Empty: it could not be.
std::string Gzip(const std::string& body);

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_HTTP_SERVER_H_
