// Sockets that listen and take connections, on a loop of Boost.Asio.
#ifndef BELLWETHER_SERVICE_TCP_ACCEPTORS_H_
#define BELLWETHER_SERVICE_TCP_ACCEPTORS_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <string>

#include "absl/status/status.h"

namespace bellwether::service {

// Not thread-safe: made and told to listen before the loop runs, and used only on the thread that runs it from then on.
class TcpAcceptors {
 public:
  // Whether there is room for one more connection; makes some, where it can.
  using MakeRoom = std::function<bool()>;
  using Take = std::function<void(boost::asio::ip::tcp::socket)>;

  // The loop must outlive it.
  TcpAcceptors(boost::asio::io_context* loop, MakeRoom make_room, Take take)
      : loop_(loop), make_room_(std::move(make_room)), take_(std::move(take)) {}

  // On every address that the host of "HOST:PORT" has. Where no connection can be had, such as for want of descriptors,
  // room is made and it is tried again a moment later. Error: that of rpc::ListenOn.
  absl::Status Listen(const std::string& address);
  // Takes no more.
  void Close();
  // That it listens on. Of any thread, once it listens.
  int port() const { return port_; }

 private:
  struct Acceptor {
    explicit Acceptor(boost::asio::io_context* loop) : socket(*loop), pause(*loop) {}
    boost::asio::ip::tcp::acceptor socket;
    boost::asio::steady_timer pause;
  };

  void Accept(Acceptor* acceptor);

  boost::asio::io_context* const loop_;
  const MakeRoom make_room_;
  const Take take_;
  std::list<Acceptor> acceptors_;
  bool closed_ = false;
  int port_ = 0;
};

}  // namespace bellwether::service

#endif  // BELLWETHER_SERVICE_TCP_ACCEPTORS_H_
