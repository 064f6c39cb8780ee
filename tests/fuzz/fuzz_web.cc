// What anybody sends to the pages: the target on the first line; on the next two what a proxy says of the reader; then
// the body of a call.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "bellwether/core/visible.h"
#include "bellwether/markup/markup.h"
#include "bellwether/v1/access.pb.h"
#include "services/web/connect.h"
#include "services/web/reader.h"
#include "services/web/target.h"

namespace {

using namespace bellwether;  // NOLINT: a test.

void Must(bool holds) {
  if (!holds) std::abort();
}

// Whatever a target is, its parts can be written again, and are the same when they are read.
void TryTarget(const web::Request& request) {
  const web::Target target = web::ParseTarget(request.path, request.query);
  std::string path;
  for (const std::string& segment : target.segments) {
    Must(!segment.empty());
    path += "/" + markup::PercentEncoded(segment);
  }
  std::string query;
  for (const auto& [name, value] : target.values)
    query += "&" + markup::PercentEncoded(name) + "=" + markup::PercentEncoded(value);
  const web::Target again = web::ParseTarget(path, query);
  Must(again.segments == target.segments && again.values == target.values);
}

// A call is read, or is answered with an error of the protocol, whose words steer no terminal.
void TryCall(const web::Request& request) {
  web::ConnectCall call;
  if (const auto wrong = web::ReadConnect(request, &call)) {
    const auto error = nlohmann::json::parse(wrong->body);
    Must(wrong->status >= 400 && wrong->status < 500 && error.at("code").is_string() && wrong->body.size() < 10'000);
    const std::string words = error.at("message");
    Must(core::Visible(words) == words);
    return;
  }
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*call.input, &json).ok()) return;  // A time out of its range.
  const std::unique_ptr<google::protobuf::Message> again(call.input->New());
  Must(google::protobuf::util::JsonStringToMessage(json, again.get()).ok());
}

// A reader's name is taken as query takes it, or not at all; and from the proxy alone.
void TryReader(web::Request request) {
  static const web::Readers readers = *web::Readers::Make({"X-Reader", "X-Groups", {"127.0.0.1"}, ""});
  request.peer = "127.0.0.1";
  if (const auto reader = readers.Of(request); reader.ok()) {
    v1::Reader said;
    said.set_name(reader->name);
    for (const std::string& group : reader->groups) said.add_groups(group);
    v1::Reader heard;
    Must(heard.ParseFromString(said.SerializeAsString()) && heard.name() == reader->name);
    Must(reader->name.size() <= 256 && reader->groups.size() <= 200);
    Must(std::set<std::string>(reader->groups.begin(), reader->groups.end()).size() == reader->groups.size());
    Must(!reader->name.empty() || reader->groups.empty());
  }
  request.peer = "127.0.0.2";
  Must(*readers.Of(request) == web::Reader());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string rest(reinterpret_cast<const char*>(data), size);
  const auto line = [&rest] {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string taken = rest.substr(0, end);
    rest.erase(0, end + 1);
    return taken;
  };
  web::Request request;
  const std::string target = line();
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  request.headers = {{"x-reader", line()}, {"X-Groups", line()}};
  request.post = true;
  request.content_type = "application/json";
  request.body = rest;
  TryTarget(request);
  TryCall(request);
  TryReader(request);
  return 0;
}
