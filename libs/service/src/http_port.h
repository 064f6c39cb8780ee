// A small HTTP/1.1 server for operators and their probes, which no caller can hold up or fill: one request a
// connection, a time for it, a limit on connections, on headers and on what is read of a body.
#ifndef BELLWETHER_SERVICE_HTTP_PORT_H_
#define BELLWETHER_SERVICE_HTTP_PORT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace bellwether::service {

struct HttpAnswer {
  unsigned status = 200;
  std::string body;
  std::string type = "text/plain; charset=utf-8";
};

struct HttpPage {
  std::function<HttpAnswer()> get;                         // GET and HEAD.
  std::function<HttpAnswer(const std::string& body)> put;  // Null: there is no PUT.
  // Callers from other machines are told 403.
  bool of_this_machine = false;
  // It never waits: answered at once by the thread that serves, whatever other pages wait for.
  bool at_once = false;
  // How many callers may be given it at a time, the sending included; others are told 503. A large page is held in
  // memory until its caller has read it.
  int most_at_a_time = 4;
};

// Serves from threads of its own. Pages are asked from them, and no more once the destructor has returned.
class HttpPort {
 public:
  // Path to page. Error: InvalidArgument if `address` is not HOST:PORT, Unavailable if it cannot be had.
  static absl::StatusOr<std::unique_ptr<HttpPort>> Start(const std::string& address,
                                                         const std::map<std::string, HttpPage>& pages);
  ~HttpPort();

  int port() const;

  // So that tests need not repeat them.
  static constexpr int kMostConnections = 128;  // Beyond, who has waited longest for its request to come is closed.
  static constexpr int kRequestSeconds = 5;     // From the connection to the last byte of the request.
  static constexpr int kAnswerSeconds = 60;     // To compute and to send the answer.
  static constexpr int kMostHeaderBytes = 8 << 10;
  static constexpr int kMostBodyBytes = 64;

 private:
  class Impl;
  explicit HttpPort(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bellwether::service

#endif  // BELLWETHER_SERVICE_HTTP_PORT_H_
