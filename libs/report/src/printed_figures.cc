// Figures.
#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/text.h"
#include "bellwether/report/printed.h"

namespace bellwether::report {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool AreDigits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit); }

// Whether `mark` stands where thousands end: "1,234", "12,345,678".
bool DividesThousands(std::string_view text, char mark) {
  const std::vector<std::string> groups = absl::StrSplit(core::ToAbsl(text), mark);
  if (groups.size() < 2 || groups[0].empty() || groups[0].size() > 3 || groups[0][0] == '0') return false;
  return std::all_of(groups.begin(), groups.end(), AreDigits) &&
         std::all_of(groups.begin() + 1, groups.end(), [](const std::string& g) { return g.size() == 3; });
}

// Of digits, points and commas: which of the two marks it must be that divides units from tenths; none if either could
// be, or neither.
std::optional<DecimalMark> Shown(std::string_view number) {
  const size_t point = number.rfind('.');
  const size_t comma = number.rfind(',');
  if (number.find_first_not_of("0123456789.,") != std::string_view::npos) return std::nullopt;
  if (point != std::string_view::npos && comma != std::string_view::npos)
    return point > comma ? DecimalMark::kPoint : DecimalMark::kComma;
  const char only = point != std::string_view::npos ? '.' : ',';
  const auto count = std::count(number.begin(), number.end(), only);
  if (count == 0) return std::nullopt;
  const bool thousands = DividesThousands(number, only);
  if (count > 1)
    return !thousands ? std::nullopt : std::optional(only == '.' ? DecimalMark::kComma : DecimalMark::kPoint);
  if (thousands) return std::nullopt;
  return only == '.' ? DecimalMark::kPoint : DecimalMark::kComma;
}

constexpr std::array<std::string_view, 5> kSpaces = {"\u00A0", "\u2009", "\u202F", "\u2007", " "};

std::string WithPlainSpaces(std::string_view text) {
  std::string plain(text);
  for (const std::string_view space : kSpaces) plain = absl::StrReplaceAll(plain, {{core::ToAbsl(space), " "}});
  return absl::StrReplaceAll(plain, {{"\u2212", "-"}});
}

absl::Status Unclear(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(core::Quoted(text, 40), " ", core::ToAbsl(why)));
}

// The bare number of digits and marks as a Decimal writes it; empty: it is none.
absl::StatusOr<std::string> Number(std::string_view text, DecimalMark mark, bool* had_thousands) {
  std::string number(text);
  if (number.find(' ') != std::string::npos) {  // "1 234"
    const std::string whole = number.substr(0, number.find_first_of(".,"));
    if (!DividesThousands(whole, ' ')) return std::string();
    *had_thousands = true;
    std::erase(number, ' ');
  }
  const size_t first_mark = number.find_first_of(".,");
  if (first_mark == std::string::npos) {
    if (!AreDigits(number)) return std::string();
  } else {
    const std::optional<DecimalMark> shown = Shown(number);
    if (mark == DecimalMark::kEither) {
      if (!shown && DividesThousands(number, number[first_mark])) {
        std::string thousands = number;
        std::erase(thousands, number[first_mark]);
        return Unclear(text, absl::StrCat("can be ", absl::StrReplaceAll(number, {{",", "."}}), " and ", thousands,
                                          ", and no other figure of the file says which: write it without a separator"
                                          " of thousands, or the file with decimal points"));
      }
      mark = shown.value_or(DecimalMark::kPoint);
    }
    const char decimal = mark == DecimalMark::kComma ? ',' : '.';
    const char thousands = decimal == '.' ? ',' : '.';
    const size_t end = number.find(decimal);
    std::string whole = number.substr(0, end);
    const std::string rest = end == std::string::npos ? "" : number.substr(end + 1);
    if (whole.find(thousands) != std::string::npos) {
      if (!DividesThousands(whole, thousands)) {
        if (shown && shown != mark && std::count(number.begin(), number.end(), thousands) == 1 &&
            end == std::string::npos)
          return Unclear(text, absl::StrCat("has a decimal ", thousands == ',' ? "comma" : "point",
                                            ", and this file's figures are read with a ",
                                            decimal == '.' ? "point" : "comma", ": write it so"));
        return std::string();
      }
      std::erase(whole, thousands);
      *had_thousands = true;
    }
    if (end != std::string::npos && !AreDigits(rest)) return std::string();
    if (whole.empty()) whole = "0";
    if (!AreDigits(whole)) return std::string();
    number = end == std::string::npos ? whole : absl::StrCat(whole, ".", rest);
  }
  const size_t zeros = std::min(number.find_first_not_of('0'), number.size());  // "007", "00.5"
  if (zeros > 0) number.erase(0, zeros == number.size() || number[zeros] == '.' ? zeros - 1 : zeros);
  return number;
}

struct Mark {
  std::string_view text;
  char code;
};
// The shorthand of the Government Statistical Service, where SDMX has a code of the same meaning.
constexpr Mark kMarks[] = {{"[c]", 'Q'}, {"[x]", 'O'}, {"[z]", 'M'}, {"[p]", 'P'},
                           {"[e]", 'E'}, {"[f]", 'F'}, {"[b]", 'B'}, {"[u]", 'U'}};

// Words that people put where there is no figure, and which say nothing of why.
bool IsNoFigure(std::string_view text) {
  static constexpr std::string_view kWords[] = {"-",   "--",   "\u2013", "\u2014", "..",  "...",  ":", "n/a", "na",
                                                "nil", "none", "null",   "tbc",    "tba", "n.a.", "x", "*"};
  const std::string lower = absl::AsciiStrToLower(core::ToAbsl(text));
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

PrintedFigure AsItIs(std::string_view text) {
  PrintedFigure figure;
  figure.value = std::string(text);
  return figure;
}

// The single figure, with its signs.
absl::StatusOr<PrintedFigure> Single(std::string_view text, DecimalMark mark) {
  PrintedFigure figure;
  std::string_view rest = Trimmed(text);
  bool negative = false;
  if (rest.size() > 2 && rest.front() == '(' && rest.back() == ')') {  // As accountants print it.
    rest = Trimmed(rest.substr(1, rest.size() - 2));
    negative = true;
    figure.what = "figures in brackets read as negative";
  }
  const auto take_sign = [&] {
    if (rest.substr(0, 1) == "-" && !negative) {
      negative = true;
    } else if (rest.substr(0, 1) == "+") {
      figure.what = "figures read without their plus sign";
    } else {
      return;
    }
    rest = Trimmed(rest.substr(1));
  };
  take_sign();
  for (const std::string_view currency : {"\u00A3", "$", "\u20AC"}) {
    if (rest.substr(0, currency.size()) != currency) continue;
    figure.sign = currency;
    figure.what = "figures read without their currency sign";
    rest = Trimmed(rest.substr(currency.size()));
    take_sign();
    break;
  }
  if (figure.sign.empty() && !rest.empty() && rest.back() == '%') {
    figure.sign = "%";
    figure.what = "figures read without their % sign";
    rest = Trimmed(rest.substr(0, rest.size() - 1));
  }
  if (rest.size() > 1 && IsDigit(rest[0])) {
    const std::string_view letters = rest.substr(std::min(rest.find_first_not_of("0123456789., "), rest.size()));
    const std::string lower = absl::AsciiStrToLower(core::ToAbsl(letters));
    for (const std::string_view word : {"k", "m", "bn", "million", "thousand", "billion"}) {
      if (lower == word) return Unclear(text, "is abbreviated: write the whole figure, in the indicator's unit");
    }
    if (lower.size() > 1 && lower[0] == 'e' && lower.find_first_not_of("e+-0123456789") == std::string::npos)
      return Unclear(text, "is a figure that a spreadsheet cut short: format its cells as numbers, and save again");
  }
  bool had_thousands = false;
  absl::StatusOr<std::string> number = Number(rest, mark, &had_thousands);
  if (!number.ok()) return number.status();
  if (number->empty()) return AsItIs(text);
  if (had_thousands && figure.what.empty()) figure.what = "figures read without their separators of thousands";
  figure.value = (negative ? "-" : "") + *number;
  if (figure.what.empty() && figure.value != text) {
    figure.what = mark != DecimalMark::kPoint && rest.find(',') != std::string_view::npos
                      ? "figures with a decimal comma read with a point"
                      : "figures read without spaces and needless zeros";
  }
  return figure;
}

}  // namespace

DecimalMark DecimalMarkOf(const std::vector<std::string_view>& figures) {
  std::optional<DecimalMark> mark;
  for (const std::string_view figure : figures) {
    std::string number = WithPlainSpaces(figure);
    std::erase_if(number, [](char c) { return c == ' ' || c == '-' || c == '%' || c == '(' || c == ')' || c == '+'; });
    number = absl::StrReplaceAll(number, {{"\u00A3", ""}, {"\u20AC", ""}, {"$", ""}});
    const std::optional<DecimalMark> shown = Shown(number);
    if (shown && mark && *mark != *shown) return DecimalMark::kEither;
    if (shown) mark = shown;
  }
  return mark.value_or(DecimalMark::kEither);
}

absl::StatusOr<PrintedFigure> ReadFigure(std::string_view text, DecimalMark mark) {
  if (text.empty()) return PrintedFigure{};
  if (core::Decimal::Parse(text).ok() && mark == DecimalMark::kPoint) return AsItIs(text);
  const std::string plain = WithPlainSpaces(text);
  std::string_view rest = Trimmed(plain);
  if (rest.substr(0, 1) == "'") rest = Trimmed(rest.substr(1));  // A spreadsheet's mark of text.
  if (IsNoFigure(rest)) {
    return Unclear(text,
                   "is no figure, and does not say why there is none: leave the cell empty where it is still to "
                   "come; or say observation_status M (does not apply), O (missing), Q (suppressed) or L (not "
                   "collected), and a reason; or 0 for zero");
  }
  if (rest.substr(0, 1) == "#") {
    return Unclear(text, "is a spreadsheet's error or a column too narrow: mend the cell, and save again");
  }
  if (rest.size() > 1 && rest[0] == '<' && AreDigits(Trimmed(rest.substr(1)))) {
    PrintedFigure suppressed;
    suppressed.observation_status = 'Q';
    suppressed.what = "figures such as <5 read as suppressed";
    return suppressed;
  }
  char code = 0;
  const std::string lower = absl::AsciiStrToLower(core::ToAbsl(rest));
  for (const Mark& m : kMarks) {
    if (!absl::EndsWith(lower, core::ToAbsl(m.text))) continue;
    code = m.code;
    rest = Trimmed(rest.substr(0, rest.size() - m.text.size()));
    break;
  }
  const bool absent = code == 'Q' || code == 'O' || code == 'M';
  if (code != 0 && rest.empty() != absent) {
    return Unclear(text, absent ? "has a figure beside a mark that says that there is none: leave one of them out"
                                : "has a mark that is beside a figure, and no figure");
  }
  if (absent) {
    PrintedFigure none;
    none.observation_status = code;
    none.what = "marks such as [c] read as observation_status";
    return none;
  }
  PrintedFigure figure;
  const size_t open = rest.find('(');
  if (open != std::string_view::npos && open > 0 && rest.back() == ')') {  // "115% (9,498 / 8,241)"
    const std::string inside(rest.substr(open + 1, rest.size() - open - 2));
    std::vector<std::string> parts = absl::StrSplit(inside, absl::ByAnyChar("/"));
    if (parts.size() != 2) parts = absl::StrSplit(inside, " out of ");
    if (parts.size() != 2) parts = absl::StrSplit(inside, " of ");
    if (parts.size() == 2) {
      absl::StatusOr<PrintedFigure> whole = Single(rest.substr(0, open), mark);
      absl::StatusOr<PrintedFigure> numerator = Single(Trimmed(parts[0]), mark);
      absl::StatusOr<PrintedFigure> denominator = Single(Trimmed(parts[1]), mark);
      for (absl::StatusOr<PrintedFigure>* part : {&whole, &numerator, &denominator}) {
        if (!part->ok()) return part->status();
      }
      figure = *std::move(whole);
      figure.numerator = numerator->value;
      figure.denominator = denominator->value;
      figure.what = "figures with their numerator and denominator in brackets";
    } else {
      figure.value = rest;
    }
  } else {
    absl::StatusOr<PrintedFigure> single = Single(rest, mark);
    if (!single.ok()) return single;
    figure = *std::move(single);
  }
  figure.observation_status = code;
  if (code != 0) figure.what = "marks such as [p] read as observation_status";
  if (!core::Decimal::Parse(figure.value).ok() && figure.what.empty()) figure.value = text;  // As it came.
  if (figure.what.empty() && figure.value != text) figure.what = "figures read without spaces and needless zeros";
  return figure;
}

std::string AsSpreadsheetShows(std::string_view decimal) {
  constexpr size_t kWidth = 11;  // Characters of a number in the format "General".
  const absl::StatusOr<core::Decimal> number = core::Decimal::Parse(decimal);
  if (!number.ok()) return std::string(decimal);
  std::string digits = absl::StrCat(number->units() < 0 ? -number->units() : number->units());
  size_t scale = static_cast<size_t>(number->scale());
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  // Half away from zero.
  const auto cut = [&](size_t places) {
    const bool up = digits[digits.size() - places] >= '5';
    digits.resize(digits.size() - places);
    for (size_t i = digits.size(); up && i > 0; --i) {
      if (digits[i - 1] != '9') {
        ++digits[i - 1];
        break;
      }
      digits[i - 1] = '0';
      if (i == 1) digits.insert(0, "1");
    }
  };
  const size_t whole = digits.size() - scale;
  std::string exponent;
  if (whole > kWidth) {  // 4.01701E+11
    cut(digits.size() - 6);
    scale = 5;
    exponent = absl::StrCat("E+", whole - 1);
  } else if (scale > 0 && digits.size() + 1 > kWidth) {
    const size_t kept = whole + 1 >= kWidth ? 0 : kWidth - whole - 1;
    if (kept < scale) {
      cut(scale - kept);
      scale = kept;
    }
  }
  std::string text = digits.substr(0, digits.size() - scale);
  std::string places = digits.substr(digits.size() - scale);
  while (!places.empty() && places.back() == '0') places.pop_back();
  if (!places.empty()) absl::StrAppend(&text, ".", places);
  return absl::StrCat(number->IsNegative() ? "-" : "", text, exponent);
}

std::string_view Trimmed(std::string_view text) {
  const auto strip = [&](bool front) {
    for (const std::string_view space : {std::string_view(" "), kSpaces[0], kSpaces[1], kSpaces[2], kSpaces[3]}) {
      if (text.size() < space.size()) continue;
      if (front ? text.substr(0, space.size()) == space : text.substr(text.size() - space.size()) == space) {
        front ? text.remove_prefix(space.size()) : text.remove_suffix(space.size());
        return true;
      }
    }
    return false;
  };
  while (strip(true)) {
  }
  while (strip(false)) {
  }
  return text;
}

}  // namespace bellwether::report
