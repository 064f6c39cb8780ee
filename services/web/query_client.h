// The one thing behind the pages: QueryService, over gRPC.
#ifndef BELLWETHER_SERVICES_WEB_QUERY_CLIENT_H_
#define BELLWETHER_SERVICES_WEB_QUERY_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/v1/query_service.grpc.pb.h"
#include "services/web/reader.h"

namespace bellwether::web {

class ReaderCalls;

// Thread-safe.
class QueryClient {
 public:
  // Connects when first used, and again by itself. Error: InvalidArgument, TLS files that are wrong, or an address off
  // loopback without TLS.
  static absl::StatusOr<std::unique_ptr<QueryClient>> Make(const rpc::ClientTlsOptions& tls,
                                                           const std::string& address);

  // Calls for that reader: query is told whom, and decides what it may see. Absent: the service calls for itself.
  ReaderCalls For(const std::optional<Reader>& reader);

  // Empty: it is there and serves, and where readers have names takes this service's word for them. Else what is the
  // matter. Waits for two seconds at most.
  std::string NotServing(bool names_readers);
  const std::string& address() const { return address_; }

 private:
  friend class ReaderCalls;
  QueryClient(std::string address, std::shared_ptr<grpc::Channel> channel);
  grpc::Status CallByBytes(const std::string& method, grpc::ClientContext* context, const std::string& request,
                           std::string* response);

  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::QueryService::Stub> stub_;
};

// The calls of one reader. Cheap to copy; the client must outlive it. Thread-safe. Calls wait, for 10 s at most.
class ReaderCalls {
 public:
  // `merge` is handed each page of a list in order; what fails ends it.
  template <typename Request, typename Response, typename Merge>
  grpc::Status EveryPage(grpc::Status (v1::QueryService::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                         Request request, const Merge& merge) const {
    do {
      Response page;
      if (grpc::Status s = Call(call, request, &page); !s.ok()) return s;
      request.set_page_token(page.next_page_token());
      merge(page);
    } while (!request.page_token().empty());
    return grpc::Status::OK;
  }
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::QueryService::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) const {
    const std::unique_ptr<grpc::ClientContext> context = Context(kPatience);
    return (client_->stub_.get()->*call)(context.get(), request, response);
  }

  // Calls "/package.Service/Method" with these messages of its types.
  grpc::Status CallByName(const std::string& method, const google::protobuf::Message& request,
                          google::protobuf::Message* response) const;

  // Begins a watch, which ends when it is cancelled or query ends it. All must live until the reactor is done.
  void Watch(grpc::ClientContext* context, const v1::WatchReportRequest* request,
             grpc::ClientReadReactor<v1::WatchReportResponse>* reactor) const {
    Name(context);
    client_->stub_->async()->WatchReport(context, request, reactor);
  }

 private:
  friend class QueryClient;
  static constexpr absl::Duration kPatience = absl::Seconds(10);
  ReaderCalls(QueryClient* client, const std::optional<Reader>& reader);
  std::unique_ptr<grpc::ClientContext> Context(absl::Duration patience) const;
  void Name(grpc::ClientContext* context) const;

  QueryClient* client_;
  std::optional<std::string> reader_;  // As query is told.
};

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_QUERY_CLIENT_H_
