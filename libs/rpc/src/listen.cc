#include "bellwether/rpc/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "bellwether/core/address.h"

namespace bellwether::rpc {
namespace {

struct AddressesDeleter {
  void operator()(addrinfo* p) const { freeaddrinfo(p); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

absl::StatusOr<Addresses> Resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const bool bracketed = host.size() > 1 && host.front() == '[' && host.back() == ']';
  const std::string name = bracketed ? host.substr(1, host.size() - 2) : host;
  if (const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0) {
    return absl::UnavailableError(absl::StrCat(host, ": ", gai_strerror(error)));
  }
  return Addresses(found);
}

in_port_t* PortIn(sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? &reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                       : &reinterpret_cast<sockaddr_in&>(address).sin_port;
}

// A socket on `address` and `port`, or errno.
OwnedFd ListenAt(const addrinfo& found, int port) {
  sockaddr_storage address{};
  std::memcpy(&address, found.ai_addr, found.ai_addrlen);
  *PortIn(address) = htons(static_cast<in_port_t>(port));
  OwnedFd socket(::socket(found.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return socket;
  const int yes = 1;
  const int no = 0;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));  // Connections inherit it.
  if (found.ai_family == AF_INET6) {
    const bool every = IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<sockaddr_in6&>(address).sin6_addr);
    setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, every ? &no : &yes, sizeof(no));
  }
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), found.ai_addrlen) != 0 ||
      listen(socket.get(), SOMAXCONN) != 0) {
    return OwnedFd();
  }
  return socket;
}

}  // namespace

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) close(fd_);
  fd_ = other.release();
  return *this;
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<Listening> ListenOn(const std::string& address) {
  const std::optional<core::Address> parsed = core::ParseAddress(address);
  if (!parsed) return absl::InvalidArgumentError(absl::StrCat("\"", address, "\" is not HOST:PORT"));
  Listening result;
  result.port = parsed->port;
  const absl::StatusOr<Addresses> addresses = Resolve(parsed->host);
  if (!addresses.ok()) return addresses.status();
  int error = 0;
  for (const addrinfo* found = addresses->get(); found != nullptr; found = found->ai_next) {
    OwnedFd socket = ListenAt(*found, result.port);
    if (socket.get() < 0) {
      error = errno;
      // A host may have an address of a family that this machine does not speak.
      if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL) continue;
      break;
    }
    error = 0;
    if (result.port == 0) {
      sockaddr_storage bound{};
      socklen_t length = sizeof(bound);
      getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &length);
      result.port = ntohs(*PortIn(bound));
    }
    result.sockets.push_back(std::move(socket));
  }
  if (result.sockets.empty() || error == EADDRINUSE) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address,
                     error == EADDRINUSE ? ": is another process on the port?" : absl::StrCat(": ", strerror(error))));
  }
  return result;
}

absl::StatusOr<sockaddr_storage> ReachableAt(int listening, socklen_t* length) {
  sockaddr_storage address{};
  *length = sizeof(address);
  if (getsockname(listening, reinterpret_cast<sockaddr*>(&address), length) != 0) {
    return absl::UnavailableError(strerror(errno));
  }
  if (address.ss_family == AF_INET6) {
    in6_addr& in = reinterpret_cast<sockaddr_in6&>(address).sin6_addr;
    // There may be no ::1 even where a socket of IPv6 takes IPv4.
    if (IN6_IS_ADDR_UNSPECIFIED(&in)) inet_pton(AF_INET6, "::ffff:127.0.0.1", &in);
  } else {
    in_addr& in = reinterpret_cast<sockaddr_in&>(address).sin_addr;
    if (in.s_addr == htonl(INADDR_ANY)) in.s_addr = htonl(INADDR_LOOPBACK);
  }
  return address;
}

}  // namespace bellwether::rpc
