// Periods, days, and texts that a spreadsheet takes for something else.
#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bellwether/core/period.h"
#include "bellwether/core/text.h"
#include "bellwether/report/printed.h"

namespace bellwether::report {
namespace {

// A run of digits, or of letters in small ones.
struct Token {
  std::string text;
  bool digits = false;
  std::string before;  // What divides it from the token before.
  int number() const {
    int value = -1;
    return digits && absl::SimpleAtoi(text, &value) ? value : -1;
  }
  bool IsYear() const { return digits && text.size() == 4 && number() >= 1990 && number() <= 2099; }
  bool IsShort() const { return digits && text.size() <= 2; }
};

std::vector<Token> TokensOf(std::string_view text) {
  std::vector<Token> tokens;
  std::string between;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool digit = absl::ascii_isdigit(byte);
    if (!digit && !absl::ascii_isalpha(byte)) {
      between += c;
      continue;
    }
    if (tokens.empty() || !between.empty() || tokens.back().digits != digit) {
      tokens.push_back({"", digit, between});
      between.clear();
    }
    tokens.back().text += absl::ascii_tolower(byte);
  }
  if (!between.empty()) tokens.push_back({"", false, between});
  return tokens;
}

// 1 to 12; 0: it names no month.
int MonthNamed(const Token& token) {
  static constexpr std::array<std::string_view, 12> kNames = {"january",   "february", "march",    "april",
                                                              "may",       "june",     "july",     "august",
                                                              "september", "october",  "november", "december"};
  if (token.digits) return 0;
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (token.text == kNames[i] || token.text == kNames[i].substr(0, 3) || (i == 8 && token.text == "sept"))
      return static_cast<int>(i) + 1;
  }
  return 0;
}

int FullYear(const Token& token) {
  if (token.IsYear()) return token.number();
  return token.digits && token.text.size() == 2 ? (token.number() >= 90 ? 1900 : 2000) + token.number() : 0;
}

struct Day {
  int year = 0;
  int month = 0;
  int day = 0;  // 0: only a month is written.
  bool IsReal() const {
    return month >= 1 && month <= 12 && year >= core::Month::kFirstYear && year <= core::Month::kLastYear && day >= 0 &&
           day <= core::Month(year, month).LastDay().day();
  }
};

// `write`: how it is written so that it can be one only.
absl::Status TwoReadings(std::string_view text, std::string_view one, std::string_view other, std::string_view write) {
  return absl::InvalidArgumentError(absl::StrCat(core::Quoted(text, 40), " can be ", core::ToAbsl(one), " and ",
                                                 core::ToAbsl(other), ": write it as ", core::ToAbsl(write)));
}

// The day or month that the tokens write; year 0: none.
absl::StatusOr<Day> DayOf(std::string_view text, std::vector<Token> t, std::string_view write) {
  // "2022-03-01 00:00:00", "2022-03-01T00:00"
  if (t.size() > 3 && t[3].text == "t") t.erase(t.begin() + 3);
  while (t.size() > 3 && t.back().digits && t.back().number() == 0 && t.back().text.size() <= 3 && t[0].digits)
    t.pop_back();
  const auto month_of = [](const Token& token) { return MonthNamed(token); };
  if (t.size() == 2 && month_of(t[0]) > 0 && FullYear(t[1]) > 0) return Day{FullYear(t[1]), month_of(t[0]), 0};
  if (t.size() == 2 && month_of(t[1]) > 0 && t[0].IsYear()) return Day{t[0].number(), month_of(t[1]), 0};
  if (t.size() == 2 && month_of(t[1]) > 0 && t[0].IsShort()) {
    return TwoReadings(text, "a day of that month, without its year", "the month of a year", write);
  }
  if (t.size() == 2 && t[0].IsShort() && t[1].IsYear() && t[0].number() >= 1 && t[0].number() <= 12)
    return Day{t[1].number(), t[0].number(), 0};
  if (t.size() == 2 && t[0].IsYear() && t[1].IsShort() && t[1].number() >= 1 && t[1].number() <= 12) {
    if (t[1].before != "-" && t[1].text.size() == 2 && (t[0].number() + 1) % 100 == t[1].number())
      return TwoReadings(text, absl::StrFormat("the month %d-%02d", t[0].number(), t[1].number()),
                         absl::StrFormat("the year %d-%d", t[0].number(), t[0].number() + 1), write);
    return Day{t[0].number(), t[1].number(), 0};
  }
  if (t.size() == 1 && t[0].digits && (t[0].text.size() == 6 || t[0].text.size() == 8)) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (absl::SimpleAtoi(t[0].text.substr(0, 4), &year) && absl::SimpleAtoi(t[0].text.substr(4, 2), &month) &&
        (t[0].text.size() == 6 || (absl::SimpleAtoi(t[0].text.substr(6), &day) && day > 0))) {
      return Day{year, month, day};
    }
  }
  if (t.size() != 3) return Day{};
  if (t[0].digits && month_of(t[1]) > 0 && t[0].IsShort() && FullYear(t[2]) > 0)
    return Day{FullYear(t[2]), month_of(t[1]), t[0].number()};
  if (month_of(t[0]) > 0 && t[1].IsShort() && t[2].IsYear()) return Day{t[2].number(), month_of(t[0]), t[1].number()};
  if (t[0].IsYear() && t[1].IsShort() && t[2].IsShort()) return Day{t[0].number(), t[1].number(), t[2].number()};
  const bool slashes = t[1].before == "/" && t[2].before == "/";
  if (t[0].IsShort() && t[1].IsShort() && (t[2].IsYear() || (slashes && FullYear(t[2]) > 0))) {
    const Day british{FullYear(t[2]), t[1].number(), t[0].number()};
    const Day american{FullYear(t[2]), t[0].number(), t[1].number()};
    if (!british.IsReal() || british.day == 0) return american;
    if (!american.IsReal() || american.day == 0 || british.month == american.month) return british;
    return TwoReadings(text, absl::StrFormat("%d-%02d-%02d", british.year, british.month, british.day),
                       absl::StrFormat("%d-%02d-%02d", american.year, american.month, american.day), write);
  }
  return Day{};
}

// "2021/22", "FY 2021/22", "Q3 2021/22", "2021-22 Q3", "21/22 Q3": with a financial year. Empty: none.
std::string YearOrPartOf(std::vector<Token> t) {
  std::string part;
  const bool said = !t.empty() && t[0].text == "fy";
  if (said) t.erase(t.begin());
  const auto is_part = [&](size_t i) {
    return i + 1 < t.size() &&
           (t[i].text == "q" || t[i].text == "h" || t[i].text == "quarter" || t[i].text == "half") && t[i + 1].digits &&
           t[i + 1].text.size() == 1;
  };
  for (const size_t i : {size_t{0}, t.size() >= 2 ? t.size() - 2 : 0}) {
    if (!part.empty() || t.size() < 4 || !is_part(i)) continue;
    part = absl::StrCat("-", t[i].text[0] == 'q' ? "Q" : "H", t[i + 1].text);
    t.erase(t.begin() + static_cast<std::ptrdiff_t>(i), t.begin() + static_cast<std::ptrdiff_t>(i) + 2);
  }
  // By itself "11/12" can be a month.
  if (t.size() == 2 && (said || !part.empty()) && t[0].text.size() == 2 && FullYear(t[0]) > 0) {
    t[0].text = absl::StrCat(FullYear(t[0]));
  }
  if (t.size() != 2 || !t[0].IsYear() || !t[1].digits) return "";
  const int next = t[0].number() + 1;
  if (t[1].number() != next && (t[1].text.size() != 2 || t[1].number() != next % 100)) return "";
  const bool is_long = part.empty() && t[0].number() >= 2000 && t[0].number() <= 2011;  // 2011-12 is a month.
  return is_long ? absl::StrCat(t[0].text, "-", next) : absl::StrFormat("%s-%02d%s", t[0].text, next % 100, part);
}

bool IsAName(const Token& token) { return MonthNamed(token) > 0; }

}  // namespace

absl::StatusOr<std::string> ReadPeriod(std::string_view text) {
  if (core::Period::Parse(text).ok()) return std::string(text);
  if (text.size() > 60) return std::string(text);
  std::vector<Token> tokens = TokensOf(text);
  for (Token& token : tokens) {
    for (const std::string_view space : {"\u00A0", "\u2013"}) {  // An en dash divides years.
      if (token.before == space) token.before.assign(1, '-');
    }
  }
  if (tokens.empty()) return std::string(text);
  if (std::string upper = absl::AsciiStrToUpper(core::ToAbsl(text)); core::Period::Parse(upper).ok()) return upper;
  if (tokens.size() == 3 && tokens[0].IsYear() && tokens[1].text == "m" && tokens[2].text.size() == 2)
    tokens.erase(tokens.begin() + 1);  // SDMX's "2022-M03".
  const bool to_date = tokens.size() > 2 && (tokens.front().text == "ytd" || tokens.back().text == "ytd");
  if (to_date) tokens.erase(tokens.front().text == "ytd" ? tokens.begin() : tokens.end() - 1);
  if (std::string period = to_date ? "" : YearOrPartOf(tokens); !period.empty() && core::Period::Parse(period).ok()) {
    const bool month_too = tokens.size() == 2 && tokens[1].IsShort() && tokens[1].number() <= 12;
    if (!month_too) return period;
  }
  if (tokens.size() == 3 && (tokens[0].text == "q" || tokens[1].text == "q")) {
    return absl::InvalidArgumentError(
        absl::StrCat(core::Quoted(text, 40),
                     " can be a quarter of the calendar year and of a financial year: write it as"
                     " 2022-Q1 (January to March 2022) or 2021-22-Q1 (April to June 2021)"));
  }
  if (tokens.size() == 1 && tokens[0].digits && tokens[0].text.size() == 5) {
    return absl::InvalidArgumentError(
        absl::StrCat(core::Quoted(text, 40),
                     " is a spreadsheet's number of a day: format the column as text or date, or write it as"
                     " 2022-02"));
  }
  const absl::StatusOr<Day> day = DayOf(text, tokens, "2022-02");
  if (!day.ok()) return day.status();
  if (day->year == 0 || !day->IsReal()) return std::string(text);
  return absl::StrCat(core::Month(day->year, day->month).ToString(), to_date ? "-YTD" : "");
}

absl::StatusOr<std::string> ReadDay(std::string_view text) {
  const std::string_view date = Trimmed(text);
  if (date.empty() || date.size() > 60) return std::string(date);
  const absl::StatusOr<Day> day = DayOf(text, TokensOf(date), "2022-02-28");
  if (!day.ok()) return day.status();
  if (day->year == 0 || day->day == 0 || !day->IsReal()) return std::string(date);
  return absl::StrFormat("%d-%02d-%02d", day->year, day->month, day->day);
}

std::optional<std::string> Unscrambled(std::string_view text) {
  // What Windows-1252 has where Unicode has control characters, from 0x80 on; 0: nothing.
  static constexpr std::array<uint32_t, 32> kCodePoints = {
      0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
  std::string bytes;
  bool changed = false;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (i + length > text.size() || length > 3) return std::nullopt;
    uint32_t point = length == 1 ? first : first & (length == 2 ? 0x1FU : 0x0FU);
    for (size_t k = 1; k < length; ++k) point = point << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    i += length;
    changed = changed || length > 1;
    if (const auto it = std::find(kCodePoints.begin(), kCodePoints.end(), point);
        point > 0xFF && it != kCodePoints.end()) {
      bytes += static_cast<char>(0x80 + (it - kCodePoints.begin()));
    } else if (point <= 0xFF) {
      bytes += static_cast<char>(point);
    } else {
      return std::nullopt;
    }
  }
  // Twice read wrongly is not thought of: what comes of it is UTF-8, or it was no such text.
  return changed && core::CharacterCount(bytes) >= 0 ? std::optional(bytes) : std::nullopt;
}

bool SpreadsheetChanges(std::string_view text) {
  if (text.empty() || text.size() > 40) return false;
  const std::string lower = absl::AsciiStrToLower(core::ToAbsl(text));
  if (lower == "true" || lower == "false") return true;
  const std::vector<Token> t = TokensOf(text);
  for (const Token& token : t) {
    if (!token.digits && !token.text.empty() && !IsAName(token) && !(t.size() > 1 && token.text == "e")) return false;
  }
  if (t.empty()) return false;
  const bool number = text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (number) {
    const size_t point = text.find('.');
    if (point != text.rfind('.')) return false;
    if (text.size() > 11 || point == 0 || text.back() == '.') return true;
    if (text[0] == '0' && text.size() > 1 && point != 1) return true;
    return point != std::string_view::npos && text.back() == '0';
  }
  if (t.back().text.empty() || !absl::ascii_isalnum(static_cast<unsigned char>(text[0]))) return false;
  if (t.size() >= 2 && t[0].digits && t[1].text == "e") return t.size() == 3 && t[2].digits && t[2].before.size() <= 1;
  if (t.size() > 3 || t.size() < 2) return false;
  const auto fits = [&](const Token& token) { return IsAName(token) || (token.digits && token.text.size() <= 4); };
  if (!std::all_of(t.begin(), t.end(), fits)) return false;
  const bool has_name = std::any_of(t.begin(), t.end(), IsAName);
  return std::all_of(t.begin() + 1, t.end(), [&](const Token& token) {
    return token.before == "-" || token.before == "/" || token.before == ":" ||
           (has_name && (token.before == " " || token.before.empty()));
  });
}

namespace {

std::string_view BehindApostrophes(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
  return text;
}

}  // namespace

std::string AsText(const std::string& text) {
  return SpreadsheetChanges(BehindApostrophes(text)) ? absl::StrCat("'", text) : text;
}

std::string FromText(std::string text) {
  if (!text.empty() && text[0] == '\'' && SpreadsheetChanges(BehindApostrophes(text))) text.erase(0, 1);
  return text;
}

}  // namespace bellwether::report
