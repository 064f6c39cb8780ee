#include "bellwether/core/ids.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"

namespace bellwether::core {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

absl::Status Refused(std::string_view text, std::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(text, 60), " ", ToAbsl(rule)));
}

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZeros(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

absl::Status CheckCouncil(std::string_view code) {
  const bool fits = code.size() == 9 && std::string_view("EWSN").find(code[0]) != std::string_view::npos &&
                    std::all_of(code.begin() + 1, code.end(), IsDigit);
  return fits ? absl::OkStatus()
              : Refused(code, "is not a council: write its ONS code of nine characters, like E06000061");
}

absl::Status CheckRef(std::string_view ref) {
  const bool fits = !ref.empty() && ref.size() <= 32 && std::all_of(ref.begin(), ref.end(), [](char c) {
    return IsDigit(c) || IsLower(c) || IsUpper(c) || c == '.' || c == '-' || c == '_';
  });
  return fits ? absl::OkStatus()
              : Refused(ref, "is not a ref: write 1 to 32 letters, digits, '.', '-' or '_', like T21a");
}

absl::Status CheckRecordId(std::string_view id) {
  const int characters = CharacterCount(id);
  if (characters < 1 || characters > limits::kIdCharacters || HasControlCharacters(id, /*allow_line_breaks=*/false)) {
    return Refused(id, absl::StrCat("is not an id: write 1 to ", limits::kIdCharacters,
                                    " characters of UTF-8 without control characters"));
  }
  return absl::OkStatus();
}

absl::Status CheckSlug(std::string_view id, int max) {
  const bool fits = !id.empty() && id.size() <= static_cast<size_t>(max) &&
                    std::all_of(id.begin(), id.end(), [](char c) { return IsDigit(c) || IsLower(c) || c == '-'; });
  return fits ? absl::OkStatus()
              : Refused(id, absl::StrCat("is not an id: write 1 to ", max, " characters of a-z, 0-9 and '-'"));
}

absl::StatusOr<IndicatorKey> IndicatorKey::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return Refused(text, "is not a key: write council/ref, like E06000061/T21a");
  IndicatorKey key{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
  if (absl::Status s = CheckCouncil(key.council); !s.ok()) return s;
  if (absl::Status s = CheckRef(key.ref); !s.ok()) return s;
  return key;
}

bool IsTraceparent(std::string_view text) {
  // 00-<32 hex>-<16 hex>-<2 hex>
  if (text.size() != 55 || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace = text.substr(3, 32), parent = text.substr(36, 16), flags = text.substr(53);
  return IsLowerHex(trace) && IsLowerHex(parent) && IsLowerHex(flags) && !IsZeros(trace) && !IsZeros(parent);
}

}  // namespace bellwether::core
