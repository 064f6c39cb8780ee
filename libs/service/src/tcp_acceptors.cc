#include "bellwether/service/tcp_acceptors.h"

#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "bellwether/rpc/listen.h"

namespace bellwether::service {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

// After a failed accept.
constexpr std::chrono::milliseconds kPause(100);

}  // namespace

absl::Status TcpAcceptors::Listen(const std::string& address) {
  absl::StatusOr<rpc::Listening> listening = rpc::ListenOn(address);
  if (!listening.ok()) return listening.status();
  port_ = listening->port;
  for (rpc::OwnedFd& socket : listening->sockets) {
    sockaddr_storage bound{};
    socklen_t length = sizeof(bound);
    getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &length);
    Error error;
    acceptors_.emplace_back(loop_).socket.assign(bound.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket.get(),
                                                 error);
    if (error) return absl::UnavailableError(error.message());
    (void)socket.release();
  }
  for (Acceptor& acceptor : acceptors_) Accept(&acceptor);
  return absl::OkStatus();
}

void TcpAcceptors::Close() {
  closed_ = true;
  for (Acceptor& acceptor : acceptors_) {
    Error ignored;
    acceptor.socket.close(ignored);
    acceptor.pause.cancel();
  }
}

void TcpAcceptors::Accept(Acceptor* acceptor) {
  if (closed_) return;
  acceptor->socket.async_accept([this, acceptor](Error error, tcp::socket socket) {
    if (closed_ || error == boost::asio::error::operation_aborted) return;
    if (error) {
      make_room_();
      acceptor->pause.expires_after(kPause);
      return acceptor->pause.async_wait([this, acceptor](Error) { Accept(acceptor); });
    }
    if (make_room_()) take_(std::move(socket));
    Accept(acceptor);
  });
}

}  // namespace bellwether::service
