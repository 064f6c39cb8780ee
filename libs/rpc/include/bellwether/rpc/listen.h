// Sockets that listen, from "HOST:PORT".
#ifndef BELLWETHER_RPC_LISTEN_H_
#define BELLWETHER_RPC_LISTEN_H_

#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace bellwether::rpc {

// A descriptor that is closed with its owner.
class OwnedFd {
 public:
  explicit OwnedFd(int fd = -1) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.release()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept;
  ~OwnedFd();
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Listening {
  std::vector<OwnedFd> sockets;  // One for each address of the host, at least one. None of them blocks.
  int port = 0;
};

// Listens on every address that the host has, all with one port; port 0: any. "[::]" takes IPv4 as well, where there is
// IPv6. Nobody else may listen on the port. Error: InvalidArgument if it is not HOST:PORT, Unavailable if it cannot be
// had.
absl::StatusOr<Listening> ListenOn(const std::string& address);

// The address at which this machine itself reaches a socket that listens: loopback, where it listens on every
// interface. `length` is that of the address. Error: Unavailable.
absl::StatusOr<sockaddr_storage> ReachableAt(int listening, socklen_t* length);

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_LISTEN_H_
