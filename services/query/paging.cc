#include "services/query/paging.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/text.h"
#include "services/query/errors.h"

namespace bellwether::query {
namespace {

constexpr char kVersion[] = "2";

// What a token holds.
struct Token {
  uint64_t digest = 0;  // Of the request.
  codec::Position position;
  std::string period;
  std::string cursor;
};

std::string ToText(const Token& token) {
  const codec::Position& p = token.position;
  return absl::WebSafeBase64Escape(absl::StrCat(kVersion, "|", absl::Hex(token.digest), "|", p.epoch, "/", p.partition,
                                                "/", p.offset, "|", token.period, "|", token.cursor));
}

std::optional<Token> ReadToken(std::string_view text) {
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(core::ToAbsl(text), &decoded)) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(decoded, absl::MaxSplits('|', 4));
  if (parts.size() != 5 || parts[0] != kVersion || parts[4].empty()) return std::nullopt;
  Token token;
  const std::vector<std::string> place = absl::StrSplit(parts[2], '/');
  const bool valid = absl::SimpleHexAtoi(parts[1], &token.digest) && place.size() == 3 &&
                     absl::SimpleAtoi(place[0], &token.position.epoch) &&
                     absl::SimpleAtoi(place[1], &token.position.partition) &&
                     absl::SimpleAtoi(place[2], &token.position.offset);
  if (!valid) return std::nullopt;
  token.period = parts[3];
  token.cursor = parts[4];
  return token;
}

// FNV-1a: the same on every replica.
uint64_t Digest(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> rest(request.New());
  rest->CopyFrom(request);
  for (const char* name : {"page_token", "page_size", "min_position"}) {
    const auto* field = rest->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) rest->GetReflection()->ClearField(rest.get(), field);
  }
  uint64_t digest = 0xcbf29ce484222325u;
  for (const char c :
       absl::StrCat(rest->GetDescriptor()->full_name(), "\n", codec::SerializeDeterministically(*rest))) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return digest;
}

}  // namespace

grpc::Status Page::Open(const google::protobuf::Message& request, std::string_view token, int32_t page_size,
                        int32_t default_size, int32_t maximum_size) {
  if (page_size < 0) {
    RequestCheck check;
    check.Add("page_size", absl::StrCat(page_size, " is negative; 0 means the default, ", default_size));
    return check.ToStatus();
  }
  size_ = page_size == 0 ? default_size : std::min(page_size, maximum_size);
  digest_ = Digest(request);
  if (token.empty()) return grpc::Status::OK;
  std::optional<Token> read = ReadToken(token);
  if (!read || read->digest != digest_) {
    return ErrorOf(
        codec::Reason::kPageTokenInvalid,
        "page_token: it is not from the answer to the same request; begin at the first page, without a token",
        {{"page_token", codec::Reason::kPageTokenInvalid, "it is not from the answer to the same request"}});
  }
  period_ = std::move(read->period);
  cursor_ = std::move(read->cursor);
  return grpc::Status::OK;
}

std::optional<codec::Position> Page::PositionIn(std::string_view token) {
  const std::optional<Token> read = ReadToken(token);
  return read ? std::optional(read->position) : std::nullopt;
}

bool Page::HasRoom(size_t item_bytes) {
  const bool full = more_ || taken_ == size_ || (taken_ > 0 && bytes_ + item_bytes > kPageBytes);
  if (full) {
    more_ = true;
    return false;
  }
  ++taken_;
  bytes_ += item_bytes;
  return true;
}

std::string Page::NextToken() const {
  if (!more_) return "";
  return ToText({digest_, position_, period_, last_});
}

std::string CursorOf(const Indicator& indicator, std::optional<core::Month> report_month) {
  const rating::Definition& definition = report_month ? WordingIn(indicator, *report_month) : *indicator.definition;
  return absl::StrFormat("%010d %s", definition.report_position, indicator.key.ref);
}

// An item's own cursor goes on with a space and a digit.
std::string CursorBehind(const Indicator& indicator, std::optional<core::Month> report_month) {
  return absl::StrCat(CursorOf(indicator, report_month), " :");
}

std::string CursorOf(const core::Period& period) {
  return absl::StrFormat("%d%d%06d", static_cast<int>(period.kind()), static_cast<int>(period.year_kind()),
                         period.first() - core::Month(0, 1));
}

}  // namespace bellwether::query
