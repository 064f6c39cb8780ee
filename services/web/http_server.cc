#include "services/web/http_server.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <future>
#include <list>
#include <optional>
#include <sstream>
#include <thread>

#include "bellwether/service/tcp_acceptors.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Error = boost::system::error_code;

// What a caller still sends once it was answered for the last time is thrown away for so long: else the answer would
// be.
constexpr std::chrono::seconds kLinger(1);
// A body below is not worth its compression.
constexpr size_t kLeastCompressed = 1'024;

bool MayBeCompressed(const Response& response) {
  return response.body.size() >= kLeastCompressed && response.type.find("image/png") == std::string::npos;
}

}  // namespace

// All but the handler runs on one thread.
class HttpServer::Impl {
 public:
  class Connection;

  Impl(Options options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)), workers_(static_cast<size_t>(options_.workers)) {}

  absl::Status Listen() {
    if (absl::Status s = acceptors_.Listen(options_.address); !s.ok()) return s;
    thread_ = std::thread([this] { io_.run(); });
    return absl::OkStatus();
  }

  ~Impl() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    workers_.stop();
    workers_.join();
  }

  void Stop(absl::Duration drain);

  int port() const { return acceptors_.port(); }
  int connections() const { return count_; }

 private:
  bool MakeRoom();
  void Take(tcp::socket socket);
  // On a thread of the workers.
  Response Answer(const Request& request, bool gzip);
  void TellIfDrained() {
    if (!draining_ || !connections_.empty() || drained_told_) return;
    drained_told_ = true;
    drained_.set_value();
  }

  const Options options_;
  const Handler handler_;
  std::list<Connection*> connections_;  // Who spoke last is last. Outlives io_, which may hold the last of them.
  std::atomic<int> count_{0};           // Of them.
  int under_way_ = 0;                   // Requests that are being answered.
  int live_ = 0;                        // Connections whose answer goes on.
  size_t unsent_ = 0;                   // Bytes of answers that are being sent.
  bool draining_ = false;
  bool drained_told_ = false;
  std::promise<void> drained_;
  prometheus::Histogram& seconds_ =
      telemetry::HistogramOf("bellwether_web_request_seconds", "Time to make a page", telemetry::SecondsBounds());
  asio::io_context io_{1};
  service::TcpAcceptors acceptors_{&io_, [this] { return MakeRoom(); },
                                   [this](tcp::socket socket) { Take(std::move(socket)); }};
  asio::thread_pool workers_;
  std::thread thread_;
};

class HttpServer::Impl::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Impl* owner, tcp::socket socket) : owner_(owner), stream_(std::move(socket)) {
    Error error;
    asio::ip::address peer = stream_.socket().remote_endpoint(error).address();
    if (peer.is_v6() && peer.to_v6().is_v4_mapped())
      peer = asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6());
    if (!error) peer_ = peer.to_string();
    place_ = owner_->connections_.insert(owner_->connections_.end(), this);
    ++owner_->count_;
  }
  ~Connection() {
    if (working_) --owner_->under_way_;
    if (live_) --owner_->live_;
    owner_->unsent_ -= sending_bytes_;
    owner_->connections_.erase(place_);
    --owner_->count_;
    owner_->TellIfDrained();
  }

  bool idle() const { return idle_; }
  bool live() const { return live_; }
  void Close() {
    idle_ = false;
    stream_.close();
  }

  void Read() {
    idle_ = true;
    owner_->connections_.splice(owner_->connections_.end(), owner_->connections_, place_);
    head_ = false;
    origin_.clear();
    parser_.emplace();
    parser_->header_limit(kMostHeaderBytes);
    parser_->body_limit(kMostBodyBytes);
    stream_.expires_after(std::chrono::seconds(kIdleSeconds));  // In all: no drip makes it longer.
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](Error e, size_t) { self->Route(e); });
  }

 private:
  void Route(Error error) {
    idle_ = false;
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
      return Refuse(431, "The header is too long.\n");
    const bool has_body = error == http::error::body_limit;
    if (error && !has_body && error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return Refuse(400, "Not a request of HTTP/1.1.\n");
    if (error && !has_body) return;  // Gone, or out of time.
    const auto& request = parser_->get();
    const std::string origin(request[http::field::origin]);
    const std::vector<std::string>& origins = owner_->options_.origins;
    if (std::find(origins.begin(), origins.end(), origin) != origins.end()) origin_ = origin;
    head_ = request.method() == http::verb::head;
    const std::string target(request.target());
    const std::string& calls = owner_->options_.calls;
    const bool call = !calls.empty() && target.compare(0, calls.size(), calls) == 0;
    const bool read = request.method() == http::verb::get || request.method() == http::verb::head;
    if (!origin_.empty() && request.method() == http::verb::options && parser_->is_done()) return Preflight();
    if (call && request.method() != http::verb::post)
      return Refuse(405, "Calls are sent: POST.\n", {{"Allow", "POST"}});
    if (!call && !read) return Refuse(405, "Pages are read: GET or HEAD.\n", {{"Allow", "GET, HEAD"}});
    if (has_body) return Refuse(413, "The body is too long.\n");
    if (!call && !parser_->is_done()) return Refuse(413, "A request for a page has no body.\n");
    if (!call) return Ask();
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](Error e, size_t) {
      if (e == http::error::body_limit) return self->Refuse(413, "The body is too long.\n");
      if (!e) self->Ask();  // Else it has gone, or is out of time.
    });
  }

  // The whole request is there.
  void Ask() {
    if (owner_->under_way_ >= kMostUnderWay) {
      return Refuse(503, "Too many pages are being made: try again.\n", {{"Retry-After", "1"}});
    }
    working_ = true;
    ++owner_->under_way_;
    const auto& request = parser_->get();
    keep_ = request.keep_alive() && !owner_->draining_;
    const std::string target(request.target());
    const size_t mark = target.find('?');
    Request asked;
    asked.path = target.substr(0, mark);
    if (mark != std::string::npos) asked.query = target.substr(mark + 1);
    asked.if_none_match = std::string(request[http::field::if_none_match]);
    asked.post = request.method() == http::verb::post;
    asked.content_type = std::string(request[http::field::content_type]);
    const bool gzip = http::token_list(request[http::field::accept_encoding]).exists("gzip");
    asked.body = std::move(parser_->get().body());
    asked.peer = peer_;
    for (const auto& field : request) {
      const std::vector<std::string>& wanted = owner_->options_.asked;
      if (std::any_of(wanted.begin(), wanted.end(),
                      [&](const std::string& name) { return beast::iequals(field.name_string(), name); }))
        asked.headers.emplace_back(field.name_string(), field.value());
    }
    stream_.expires_never();
    asio::post(owner_->workers_, [self = shared_from_this(), asked = std::move(asked), gzip]() mutable {
      auto response = std::make_shared<Response>(self->owner_->Answer(asked, gzip));
      // The connection goes with the answer back to the thread that it belongs to.
      asio::io_context& io = self->owner_->io_;
      asio::post(io, [self = std::move(self), response] { self->Send(std::move(*response)); });
    });
  }

  // What a script of a page of another origin may ask; its browser asks beforehand.
  void Preflight() {
    keep_ = parser_->get().keep_alive() && !owner_->draining_;
    Send({204,
          "",
          "",
          {{"Access-Control-Allow-Methods", "GET, HEAD, POST"},
           {"Access-Control-Allow-Headers", "Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms"},
           {"Access-Control-Max-Age", "3600"}},
          nullptr});
  }

  void Refuse(int status, const char* why, std::vector<std::pair<std::string, std::string>> headers = {}) {
    keep_ = false;
    Send({status, "text/plain; charset=utf-8", why, std::move(headers), nullptr});
  }

  void Send(Response response) {
    if (working_) --owner_->under_way_;
    working_ = false;
    const bool full = response.live != nullptr ? owner_->live_ >= kMostLive
                                               : owner_->unsent_ + response.body.size() > kMostUnsentBytes;
    if (full) return Refuse(503, "Too many readers: try again.\n", {{"Retry-After", "5"}});
    telemetry::CounterOf("bellwether_web_requests_total", "Requests for pages that were answered",
                         {{"code", std::to_string(response.status)}})
        .Increment();
    answer_.emplace();
    answer_->version(11);
    answer_->result(static_cast<unsigned>(response.status));
    answer_->keep_alive(keep_);
    for (const auto& [name, value] : response.headers) answer_->set(name, value);
    for (const auto& [name, value] : owner_->options_.headers) {
      // What a cache has of the page stays: these would be written over it.
      const bool kept = response.status == 304 && name != "Cache-Control" && name != "Vary";
      if (!kept && answer_->find(name) == answer_->end()) answer_->set(name, value);
    }
    if (!owner_->options_.origins.empty()) answer_->insert(http::field::vary, "Origin");
    if (!origin_.empty()) {
      answer_->set(http::field::access_control_allow_origin, origin_);
      answer_->set(http::field::access_control_expose_headers, "ETag, Content-Disposition, Retry-After");
    }
    const bool no_body = response.status == 304 || response.status == 204;
    if (!no_body) answer_->set(http::field::content_type, response.type);
    if (response.live != nullptr && !head_) return GoOn(response);
    sending_bytes_ = response.body.size();
    owner_->unsent_ += sending_bytes_;
    answer_->body() = std::move(response.body);
    if (!no_body) answer_->prepare_payload();
    serializer_.emplace(*answer_);
    stream_.expires_after(std::chrono::seconds(kAnswerSeconds));
    const auto sent = [self = shared_from_this()](Error error, size_t) {
      if (!error || error == http::error::end_of_stream) self->Next();
    };
    if (head_ || no_body) {
      serializer_->split(true);
      http::async_write_header(stream_, *serializer_, sent);
    } else {
      http::async_write(stream_, *serializer_, sent);
    }
  }

  // The head, then whatever is told, until one side ends it.
  void GoOn(const Response& response) {
    if (owner_->draining_) return Close();
    live_ = true;
    ++owner_->live_;
    answer_->keep_alive(false);
    std::ostringstream head;
    head << answer_->base() << response.body;
    answer_.reset();
    stream_.expires_never();
    Push(head.str());
    asio::io_context& io = owner_->io_;
    const std::weak_ptr<Connection> weak = shared_from_this();
    subscription_ = response.live(
        [&io, weak](const std::string& text) {
          asio::post(io, [weak, text] {
            if (const auto self = weak.lock()) self->Push(text);
          });
        },
        [&io, weak] {
          asio::post(io, [weak] {
            if (const auto self = weak.lock()) self->End();
          });
        });
    AwaitEnd();
    if (owner_->options_.live == absl::InfiniteDuration()) return;
    live_end_.emplace(stream_.get_executor(), absl::ToChronoMilliseconds(owner_->options_.live));
    live_end_->async_wait([weak](Error error) {
      const auto self = weak.lock();
      if (!error && self) self->End();
    });
  }

  void Push(const std::string& text) {
    if (ending_ || unread_.size() + text.size() > kMostUnreadBytes) return Close();
    unread_ += text;
    if (!sending_) SendMore();
  }

  void SendMore() {
    sending_ = std::make_shared<std::string>(std::exchange(unread_, ""));
    stream_.expires_after(std::chrono::seconds(kAnswerSeconds));  // Who does not read is cut off.
    asio::async_write(stream_, asio::buffer(*sending_),
                      [self = shared_from_this(), sent = sending_](Error error, size_t) {
                        self->sending_ = nullptr;
                        self->stream_.expires_never();
                        if (error) return self->Close();
                        if (!self->unread_.empty()) return self->SendMore();
                        if (self->ending_) self->Close();
                      });
  }

  void End() {
    ending_ = true;
    if (!sending_) Close();
  }

  // Until the reader goes: it has nothing more to say.
  void AwaitEnd() {
    stream_.socket().async_read_some(asio::buffer(dropped_), [self = shared_from_this()](Error error, size_t) {
      if (!error) return self->AwaitEnd();
      self->Close();
      self->subscription_ = nullptr;
    });
  }

  void Next() {
    serializer_.reset();
    answer_.reset();
    owner_->unsent_ -= std::exchange(sending_bytes_, 0);
    if (keep_ && !owner_->draining_) return Read();
    Error ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLinger);
    Drop();
  }

  void Drop() {
    stream_.async_read_some(asio::buffer(dropped_), [self = shared_from_this()](Error error, size_t bytes) {
      self->lingered_ += bytes;
      if (!error && self->lingered_ < kMostHeaderBytes) self->Drop();
    });
  }

  Impl* const owner_;
  std::list<Connection*>::iterator place_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{kMostHeaderBytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> answer_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::string peer_;
  std::string origin_;  // Of the request, where it may read the answer.
  bool idle_ = true;
  bool live_ = false;
  std::optional<asio::steady_timer> live_end_;
  bool ending_ = false;
  std::string unread_;
  std::shared_ptr<std::string> sending_;
  std::shared_ptr<void> subscription_;
  size_t sending_bytes_ = 0;  // Of the answer that is being sent.
  bool working_ = false;
  bool keep_ = false;
  bool head_ = false;
  std::array<char, 1024> dropped_{};
  size_t lingered_ = 0;

  friend class Impl;
};

void HttpServer::Impl::Take(tcp::socket socket) { std::make_shared<Connection>(this, std::move(socket))->Read(); }

// Closes who has been idle longest, where there is no more room.
bool HttpServer::Impl::MakeRoom() {
  if (static_cast<int>(connections_.size()) < kMostConnections) return true;
  for (Connection* connection : connections_) {
    if (!connection->idle()) continue;
    connection->Close();
    return true;
  }
  return false;
}

Response HttpServer::Impl::Answer(const Request& request, bool gzip) {
  const auto begin = std::chrono::steady_clock::now();
  Response response = handler_(request);
  if (gzip && MayBeCompressed(response)) {
    if (std::string compressed = Gzip(response.body); !compressed.empty()) {
      response.body = std::move(compressed);
      response.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  seconds_.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return response;
}

void HttpServer::Impl::Stop(absl::Duration drain) {
  std::future<void> drained = drained_.get_future();
  asio::post(io_, [this] {
    draining_ = true;
    acceptors_.Close();
    for (Connection* connection : connections_) {
      if (connection->idle() || connection->live()) connection->Close();
    }
    TellIfDrained();
  });
  drained.wait_for(absl::ToChronoMilliseconds(drain));
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(Options options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  if (absl::Status s = impl->Listen(); !s.ok()) return s;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->port(); }
int HttpServer::connections() const { return impl_->connections(); }
void HttpServer::Stop(absl::Duration drain) { impl_->Stop(drain); }

bool IsOrigin(std::string_view text) {
  const size_t scheme = text.find("://");
  if (text.substr(0, scheme) != "https" && text.substr(0, scheme) != "http") return false;
  const std::string_view host = text.substr(scheme + 3);
  return !host.empty() && host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == std::string_view::npos;
}

std::string Gzip(const std::string& body) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, 5, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return "";
  std::string compressed(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  compressed.resize(done ? stream.total_out : 0);
  deflateEnd(&stream);
  return compressed;
}

}  // namespace bellwether::web
