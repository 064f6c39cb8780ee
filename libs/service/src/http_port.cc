#include "http_port.h"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "bellwether/service/tcp_acceptors.h"

namespace bellwether::service {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Error = boost::system::error_code;

// What a caller still sends once it was answered is thrown away for so long: else the answer would be thrown away.
constexpr std::chrono::seconds kLinger(1);
constexpr size_t kMostLingerBytes = 64 << 10;
constexpr int kWorkers = 2;

}  // namespace

// All but the pages run on one thread.
class HttpPort::Impl {
 public:
  struct Page {
    HttpPage page;
    int given = 0;  // To so many callers just now.
  };
  class Connection;

  explicit Impl(const std::map<std::string, HttpPage>& pages) {
    for (const auto& [path, page] : pages) pages_.emplace(path, Page{page});
  }

  absl::Status Listen(const std::string& address) {
    if (absl::Status s = acceptors_.Listen(address); !s.ok()) return s;
    thread_ = std::thread([this] { io_.run(); });
    return absl::OkStatus();
  }

  ~Impl() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    workers_.stop();
    workers_.join();
  }

  int port() const { return acceptors_.port(); }

 private:
  bool MakeRoom();
  void Take(tcp::socket socket);

  std::list<Connection*> connections_;  // The oldest first. Outlives io_, which may hold the last of them.
  std::map<std::string, Page> pages_;
  asio::io_context io_{1};
  TcpAcceptors acceptors_{&io_, [this] { return MakeRoom(); }, [this](tcp::socket socket) { Take(std::move(socket)); }};
  asio::thread_pool workers_{kWorkers};
  std::thread thread_;
};

// One request and its answer.
class HttpPort::Impl::Connection : public std::enable_shared_from_this<Connection> {
 public:
  // What it waits for.
  enum class Stage { kRequest, kPage, kSent, kLinger, kClosed };

  Connection(Impl* owner, tcp::socket socket) : owner_(owner), stream_(std::move(socket)) {
    parser_.header_limit(kMostHeaderBytes);
    parser_.body_limit(kMostBodyBytes);
    place_ = owner_->connections_.insert(owner_->connections_.end(), this);
  }
  ~Connection() {
    GiveBack();
    owner_->connections_.erase(place_);
  }

  void Start() {
    stream_.expires_after(std::chrono::seconds(kRequestSeconds));  // In all: no drip makes it longer.
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](Error e, size_t) { self->Route(e); });
  }

  Stage stage() const { return stage_; }
  void Close() {
    stage_ = Stage::kClosed;
    stream_.close();
  }

 private:
  void Route(Error error) {
    if (error == http::error::body_limit) return Refuse(413, "the body is too long\n");
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
      return Refuse(431, "the header is too long\n");
    if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return Refuse(400, "not a request of HTTP/1.1\n");
    if (error) return;  // Gone, or out of time.
    const http::request<http::string_body>& request = parser_.get();
    const std::string target(request.target().data(), request.target().size());
    const auto found = owner_->pages_.find(target.substr(0, target.find('?')));
    if (found == owner_->pages_.end()) return Refuse(404, "no such page\n");
    const HttpPage& page = found->second.page;
    if (page.of_this_machine && !IsOfThisMachine())
      return Refuse(403, "for callers of this machine alone, such as the program's own command line\n");
    const bool get = request.method() == http::verb::get || request.method() == http::verb::head;
    if (!get && (request.method() != http::verb::put || !page.put)) {
      allow_ = page.put ? "GET, HEAD, PUT" : "GET, HEAD";
      return Refuse(405, "no such method here\n");
    }
    if (found->second.given >= page.most_at_a_time) return Refuse(503, "others are being given this page: try again\n");
    page_ = &found->second;
    ++page_->given;
    if (get) return Ask([page = &page] { return page->get(); });
    http::async_read(stream_, buffer_, parser_, [self = shared_from_this(), page = &page](Error e, size_t) {
      if (e == http::error::body_limit) return self->Refuse(413, "the body is too long\n");
      if (!e) self->Ask([page, body = self->parser_.get().body()] { return page->put(body); });
    });
  }

  template <typename Question>
  void Ask(Question question) {
    stage_ = Stage::kPage;
    if (page_->page.at_once) return Send(question());
    asio::post(owner_->workers_, [self = shared_from_this(), question = std::move(question)]() mutable {
      // The connection goes with the answer back to the thread that it belongs to.
      auto answer = std::make_shared<HttpAnswer>(question());
      asio::io_context& io = self->owner_->io_;
      asio::post(io, [self = std::move(self), answer] { self->Send(std::move(*answer)); });
    });
  }

  // Whoever can run a command here; nobody on the way here can seem to be.
  bool IsOfThisMachine() {
    Error error;
    const asio::ip::address from = stream_.socket().remote_endpoint(error).address();
    if (error) return false;
    if (from.is_v6() && from.to_v6().is_v4_mapped())
      return asio::ip::make_address_v4(asio::ip::v4_mapped, from.to_v6()).is_loopback();
    return from.is_loopback();
  }

  void Refuse(unsigned status, const char* why) { Send({status, why}); }

  void Send(HttpAnswer answer) {
    stage_ = Stage::kSent;
    const bool head = parser_.is_header_done() && parser_.get().method() == http::verb::head;
    response_.result(answer.status);
    response_.set(http::field::content_type, answer.type);
    if (!allow_.empty()) response_.set(http::field::allow, allow_);
    response_.body() = std::move(answer.body);
    response_.keep_alive(false);
    response_.prepare_payload();
    serializer_.emplace(response_);
    stream_.expires_after(std::chrono::seconds(kAnswerSeconds));
    const auto sent = [self = shared_from_this()](Error error, size_t) {
      if (!error || error == http::error::end_of_stream) self->Linger();
    };
    if (head) {
      http::async_write_header(stream_, *serializer_, sent);
    } else {
      http::async_write(stream_, *serializer_, sent);
    }
  }

  void Linger() {
    GiveBack();
    stage_ = Stage::kLinger;
    response_.body() = std::string();
    Error ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLinger);
    Drop();
  }

  void Drop() {
    stream_.async_read_some(asio::buffer(dropped_), [self = shared_from_this()](Error error, size_t bytes) {
      self->lingered_ += bytes;
      if (!error && self->lingered_ < kMostLingerBytes) self->Drop();
    });
  }

  void GiveBack() {
    if (page_ != nullptr) --page_->given;
    page_ = nullptr;
  }

  Impl* const owner_;
  std::list<Connection*>::iterator place_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{kMostHeaderBytes + kMostBodyBytes};
  http::request_parser<http::string_body> parser_;
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::string allow_;
  Page* page_ = nullptr;
  Stage stage_ = Stage::kRequest;
  std::array<char, 4096> dropped_{};
  size_t lingered_ = 0;
};

// Closes whom it costs least: who was answered, who has not yet asked, who does not read its answer. The oldest of
// them.
bool HttpPort::Impl::MakeRoom() {
  if (connections_.size() < kMostConnections) return true;
  for (const Connection::Stage stage :
       {Connection::Stage::kLinger, Connection::Stage::kRequest, Connection::Stage::kSent}) {
    for (Connection* connection : connections_) {
      if (connection->stage() != stage) continue;
      connection->Close();
      return true;
    }
  }
  return false;
}

void HttpPort::Impl::Take(tcp::socket socket) { std::make_shared<Connection>(this, std::move(socket))->Start(); }

absl::StatusOr<std::unique_ptr<HttpPort>> HttpPort::Start(const std::string& address,
                                                          const std::map<std::string, HttpPage>& pages) {
  auto impl = std::make_unique<Impl>(pages);
  if (absl::Status s = impl->Listen(address); !s.ok()) return s;
  return std::unique_ptr<HttpPort>(new HttpPort(std::move(impl)));
}

HttpPort::HttpPort(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpPort::~HttpPort() = default;
int HttpPort::port() const { return impl_->port(); }

}  // namespace bellwether::service
