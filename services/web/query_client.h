// The one thing behind the pages: QueryService, over gRPC.
#ifndef BELLWETHER_SERVICES_WEB_QUERY_CLIENT_H_
#define BELLWETHER_SERVICES_WEB_QUERY_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/v1/query_service.grpc.pb.h"

namespace bellwether::web {

// Thread-safe. Calls wait, for 10 s at most.
class QueryClient {
 public:
  // Connects when first used, and again by itself. Error: InvalidArgument, TLS files that are wrong, or an address off
  // loopback without TLS.
  static absl::StatusOr<std::unique_ptr<QueryClient>> Make(const rpc::ClientTlsOptions& tls,
                                                           const std::string& address);

  // `merge` is handed each page of a list in order; what fails ends it.
  template <typename Request, typename Response, typename Merge>
  grpc::Status EveryPage(grpc::Status (v1::QueryService::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                         Request request, const Merge& merge) {
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
                    const Request& request, Response* response) {
    const std::unique_ptr<grpc::ClientContext> context = Context(kPatience);
    return (stub_.get()->*call)(context.get(), request, response);
  }

  // Calls "/package.Service/Method" with these messages of its types.
  grpc::Status CallByName(const std::string& method, const google::protobuf::Message& request,
                          google::protobuf::Message* response);

  // Begins a watch, which ends when it is cancelled or query ends it. All must live until the reactor is done.
  void Watch(grpc::ClientContext* context, const v1::WatchReportRequest* request,
             grpc::ClientReadReactor<v1::WatchReportResponse>* reactor) {
    stub_->async()->WatchReport(context, request, reactor);
  }

  // Empty: it is there and serves. Else what is the matter. Waits for a second at most.
  std::string NotServing();
  const std::string& address() const { return address_; }

 private:
  static constexpr absl::Duration kPatience = absl::Seconds(10);
  QueryClient(std::string address, std::shared_ptr<grpc::Channel> channel);
  static std::unique_ptr<grpc::ClientContext> Context(absl::Duration patience);
  grpc::Status CallByBytes(const std::string& method, absl::Duration patience, const std::string& request,
                           std::string* response);

  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::QueryService::Stub> stub_;
};

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_QUERY_CLIENT_H_
