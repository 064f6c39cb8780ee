#include "bellwether/report/workbook_reader.h"

#include <expat.h>
#include <minizip/unzip.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "bellwether/core/memory_file.h"
#include "bellwether/core/text.h"
#include "bellwether/core/utf8.h"

namespace bellwether::report {
namespace {

absl::Status Bad(const std::string& where, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
}

// The parts of the file, which is a ZIP archive. Case does not count in their names.
class Archive {
 public:
  static absl::StatusOr<std::unique_ptr<Archive>> Open(std::string_view bytes) {
    std::unique_ptr<Archive> archive(new Archive);
    if (absl::Status s = archive->file_.Fill(bytes); !s.ok()) return s;
    archive->zip_ = unzOpen64(archive->file_.Path().c_str());
    int at = archive->zip_ == nullptr ? UNZ_BADZIPFILE : unzGoToFirstFile(archive->zip_);
    for (; at == UNZ_OK; at = unzGoToNextFile(archive->zip_)) {
      unz_file_info64 info;
      std::string name(1024, '\0');
      unz64_file_pos place;
      at = unzGetCurrentFileInfo64(archive->zip_, &info, name.data(), name.size(), nullptr, 0, nullptr, 0);
      if (at == UNZ_OK) at = unzGetFilePos64(archive->zip_, &place);
      if (at != UNZ_OK) break;
      if (info.size_filename >= name.size()) continue;  // No part has such a name.
      name.resize(info.size_filename);
      // Programs differ in which of two they take.
      if (!archive->places_.emplace(absl::AsciiStrToLower(name), place).second)
        return Bad(core::Quoted(name, 60), "this part of the workbook is there twice: save it again");
    }
    if (at != UNZ_END_OF_LIST_OF_FILE)
      return absl::InvalidArgumentError("the file begins as a workbook and ends too early: it was cut; save it again");
    return archive;
  }
  ~Archive() {
    if (zip_ != nullptr) unzClose(zip_);
  }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  bool Has(const std::string& part) const { return places_.count(absl::AsciiStrToLower(part)) > 0; }

  absl::StatusOr<std::string> Read(const std::string& part) {
    const std::string shown = core::Quoted(part, 60);
    const auto place = places_.find(absl::AsciiStrToLower(part));
    if (place == places_.end()) return Bad(shown, "this part of the workbook is missing: save it again");
    unz_file_info64 info;
    if (unzGoToFilePos64(zip_, &place->second) != UNZ_OK ||
        unzGetCurrentFileInfo64(zip_, &info, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK)
      return Bad(shown, "this part of the workbook is damaged: save it again");
    if ((info.flag & 1U) != 0) return Bad(shown, "the workbook has a password: save it without one");
    if (unzOpenCurrentFile(zip_) != UNZ_OK)
      return Bad(shown, "this part of the workbook cannot be unpacked: save it again");
    std::string content;
    std::string buffer(size_t{1} << 16, '\0');
    int n = 0;
    while ((n = unzReadCurrentFile(zip_, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
      content.append(buffer, 0, static_cast<size_t>(n));
      unpacked_ += static_cast<size_t>(n);
      if (unpacked_ > kMostWorkbookBytes) {
        unzCloseCurrentFile(zip_);
        return Bad(shown, absl::StrCat("the workbook holds more than ", kMostWorkbookBytes >> 20,
                                       " MiB: keep the sheet of the figures alone"));
      }
    }
    const int closed = unzCloseCurrentFile(zip_);  // Compares the checksum, of what has the length that it should have.
    if (n < 0 || closed != UNZ_OK || content.size() != info.uncompressed_size)
      return Bad(shown, "this part of the workbook is damaged: save it again");
    return content;
  }

 private:
  Archive() = default;
  core::MemoryFile file_;  // minizip knows only files.
  unzFile zip_ = nullptr;
  std::map<std::string, unz64_file_pos> places_;
  size_t unpacked_ = 0;
};

using Attributes = std::map<std::string, std::string, std::less<>>;

std::string Of(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : found->second;
}

bool IsTrue(const Attributes& attributes, std::string_view name) {
  const std::string value = Of(attributes, name);
  return value == "1" || value == "true";
}

// Walks through a part. Elements of another namespace than the first have no name; attributes that have a namespace
// have a bar instead of it: "|id".
class Walk {
 public:
  using Open = std::function<absl::Status(std::string_view name, const Attributes&)>;
  // With the text since the last tag.
  using Close = std::function<absl::Status(std::string_view name, const std::string& text)>;

  static absl::Status Through(const std::string& part, const std::string& xml, Open open, Close close) {
    Walk walk(std::move(open), std::move(close));
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreateNS(nullptr, '|'),
                                                                              &XML_ParserFree);
    if (parser == nullptr) return absl::ResourceExhaustedError("no memory for a workbook");
    walk.parser_ = parser.get();
    XML_SetUserData(parser.get(), &walk);
    XML_SetElementHandler(parser.get(), &Walk::OnOpen, &Walk::OnClose);
    XML_SetCharacterDataHandler(parser.get(), &Walk::OnText);
    XML_SetStartDoctypeDeclHandler(parser.get(), &Walk::OnDoctype);
    for (size_t at = 0; at < xml.size();) {
      const size_t next = std::min(xml.find('<', at + 1), xml.size());
      if (next - at > kTag) return Bad(core::Quoted(part, 60), kTooMuch);
      at = next;
    }
    if (XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), /*isFinal=*/1) == XML_STATUS_OK)
      return absl::OkStatus();
    if (walk.stopped_.code() == absl::StatusCode::kFailedPrecondition)
      return Bad(core::Quoted(part, 60), std::string(walk.stopped_.message()));
    if (!walk.stopped_.ok()) return walk.stopped_;
    return Bad(core::Quoted(part, 60),
               absl::StrCat("line ", XML_GetCurrentLineNumber(parser.get()), ": ",
                            XML_ErrorString(XML_GetErrorCode(parser.get())), ": save the workbook again"));
  }

 private:
  // What a workbook has is far from these; what has more is made to use up time and memory.
  static constexpr int kDepth = 64;
  static constexpr size_t kAttributes = 64;
  static constexpr size_t kTag = size_t{1} << 20;  // In bytes, with the text behind it: a cell has 32767 characters.
  static constexpr const char* kTooMuch = "no workbook has so deep or so long a part: save it again";

  Walk(Open open, Close close) : open_(std::move(open)), close_(std::move(close)) {}

  // The name without its namespace; empty if that is another than the first's.
  std::string_view Local(const XML_Char* name) {
    const std::string_view whole = name;
    const size_t bar = whole.rfind('|');
    const std::string_view space = bar == std::string_view::npos ? "" : whole.substr(0, bar);
    if (depth_ == 1 && !space_) space_ = space;
    if (space != space_) return "";
    return bar == std::string_view::npos ? whole : whole.substr(bar + 1);
  }
  void Stop(absl::Status why) {
    if (!stopped_.ok()) return;
    stopped_ = std::move(why);
    XML_StopParser(parser_, XML_FALSE);
  }
  static void OnOpen(void* self, const XML_Char* name, const XML_Char** pairs) {
    auto& walk = *static_cast<Walk*>(self);
    if (!walk.stopped_.ok()) return;
    Attributes attributes;
    for (; *pairs != nullptr && attributes.size() <= kAttributes; pairs += 2) {
      const std::string_view whole = pairs[0];
      const size_t bar = whole.rfind('|');
      attributes.emplace(bar == std::string_view::npos ? whole : whole.substr(bar), pairs[1]);
    }
    if (++walk.depth_ > kDepth || attributes.size() > kAttributes)
      return walk.Stop(absl::FailedPreconditionError(kTooMuch));
    walk.text_.clear();
    if (absl::Status s = walk.open_(walk.Local(name), attributes); !s.ok()) walk.Stop(std::move(s));
  }
  static void OnClose(void* self, const XML_Char* name) {
    auto& walk = *static_cast<Walk*>(self);
    if (!walk.stopped_.ok()) return;
    if (absl::Status s = walk.close_(walk.Local(name), walk.text_); !s.ok()) walk.Stop(std::move(s));
    --walk.depth_;
    walk.text_.clear();
  }
  static void OnText(void* self, const XML_Char* text, int size) {
    static_cast<Walk*>(self)->text_.append(text, static_cast<size_t>(size));
  }
  // Entities of its own are for attacks.
  static void OnDoctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<Walk*>(self)->Stop(absl::FailedPreconditionError("no workbook has a document type: save it again"));
  }

  const Open open_;
  const Close close_;
  XML_Parser parser_ = nullptr;
  std::optional<std::string> space_;  // The first element's namespace.
  int depth_ = 0;
  std::string text_;
  absl::Status stopped_;  // FailedPrecondition: of the part, which is told.
};

absl::Status Nothing(std::string_view, const std::string&) { return absl::OkStatus(); }

// What a part says of the others.
struct Relation {
  std::string kind;  // The last word of its type.
  std::string part;
};
using Relations = std::map<std::string, Relation, std::less<>>;  // By id.

// Of "xl/workbook.xml", or of the whole file: "".
absl::StatusOr<Relations> RelationsOf(Archive& archive, const std::string& of) {
  const size_t slash = of.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : of.substr(0, slash + 1);
  const std::string part = absl::StrCat(folder, "_rels/", of.substr(folder.size()), ".rels");
  const absl::StatusOr<std::string> xml = archive.Read(part);
  if (!xml.ok()) return xml.status();
  Relations relations;
  absl::Status s = Walk::Through(
      part, *xml,
      [&](std::string_view name, const Attributes& a) {
        if (name != "Relationship" || Of(a, "TargetMode") == "External") return absl::OkStatus();
        const std::string target = Of(a, "Target");
        std::vector<std::string> steps;
        for (const absl::string_view step :
             absl::StrSplit(absl::StartsWith(target, "/") ? target : folder + target, '/', absl::SkipEmpty())) {
          if (step == "..") {
            if (!steps.empty()) steps.pop_back();
          } else if (step != ".") {
            steps.emplace_back(step);
          }
        }
        const std::string type = Of(a, "Type");
        const std::string id = Of(a, "Id");
        if (!relations.emplace(id, Relation{type.substr(type.rfind('/') + 1), absl::StrJoin(steps, "/")}).second)
          return Bad(core::Quoted(part, 60),
                     absl::StrCat(core::Quoted(id, 40), " is there twice: save the workbook again"));
        return absl::OkStatus();
      },
      &Nothing);
  if (!s.ok()) return s;
  return relations;
}

// _x000D_ in a text is the character of that code.
std::string Meant(const std::string& text) {
  std::string meant;
  for (size_t i = 0; i < text.size(); ++i) {
    uint32_t point = 0;
    if (text.size() - i >= 7 && text[i] == '_' && text[i + 1] == 'x' && text[i + 6] == '_' &&
        std::from_chars(&text[i + 2], &text[i + 6], point, 16).ptr == &text[i + 6] &&
        (point < 0xD800 || point > 0xDFFF)) {
      core::AppendUtf8(point, &meant);
      i += 6;
    } else {
      meant += text[i];
    }
  }
  return meant;
}

// How a style shows its numbers, as far as it matters what they are.
enum class Shown { kNumber, kPercent, kDate, kTime, kUnclear };

// One section of a format: "0.0%". Absent: it shows words only.
std::optional<Shown> ShownBySection(std::string_view section) {
  // Without what stands in it as it is: "words", [colours] and \c.
  std::string code;
  bool elapsed = false;
  for (size_t i = 0; i < section.size(); ++i) {
    const char c = section[i];
    if (c == '"' || c == '[') {
      const size_t end = std::min(section.find(c == '"' ? '"' : ']', i + 1), section.size());
      // [h]:mm is a duration.
      if (c == '[') {
        const std::string inside = absl::AsciiStrToLower(core::ToAbsl(section.substr(i + 1, end - i - 1)));
        elapsed = elapsed || (!inside.empty() && inside.find_first_not_of(inside[0]) == std::string::npos &&
                              std::string_view("hms").find(inside[0]) != std::string_view::npos);
      }
      i = end;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else {
      code += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }
  if (absl::StrContains(code, '%')) return Shown::kPercent;
  if (absl::StrContains(code, "general")) return Shown::kNumber;
  const bool hours = elapsed || code.find_first_of("hs") != std::string::npos;
  if (code.find_first_of("yd") != std::string::npos) return Shown::kDate;
  if (hours) return Shown::kTime;
  if (absl::StrContains(code, 'm')) return Shown::kDate;
  return code.find_first_of("0#?") == std::string::npos ? std::nullopt : std::optional(Shown::kNumber);
}

Shown ShownBy(int id, const std::map<int, std::string>& formats) {
  if (id == 9 || id == 10) return Shown::kPercent;
  if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) || id == 57 ||
      id == 58)
    return Shown::kDate;
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return Shown::kTime;
  if (id <= 13 || (id >= 37 && id <= 44) || id == 48 || id == 49) return Shown::kNumber;
  const auto found = formats.find(id);
  if (found == formats.end()) return Shown::kUnclear;  // Of a language's own.
  // Sections are for numbers above, below and of zero; the fourth is for words.
  std::optional<Shown> shown;
  int numbers = 3;
  std::string section;
  bool quoted = false;
  const std::string code = found->second + ";";
  for (size_t i = 0; i < code.size() && numbers > 0; ++i) {
    if (code[i] == '"') quoted = !quoted;
    if (code[i] != ';' || quoted) {
      section += code[i];
      if (code[i] == '\\' && !quoted && i + 1 < code.size()) section += code[++i];
      continue;
    }
    const std::optional<Shown> by = ShownBySection(section);
    if (by && shown && *by != *shown) return Shown::kUnclear;
    if (by) shown = by;
    section.clear();
    --numbers;
  }
  return shown.value_or(Shown::kNumber);
}

// A number with its point moved to the right, without an exponent. Empty: it is none.
std::string PlainNumber(const std::string& text, int places) {
  double number = 0;
  const bool plain = text.find_first_not_of("+-.0123456789eE") == std::string::npos;  // No 0x10, no infinity.
  if (!plain || !absl::SimpleAtod(text, &number) || !std::isfinite(number)) return "";
  std::string digits = absl::StrFormat("%.14e", std::fabs(number));  // "8.57100000000000e-01"
  const size_t e = digits.find('e');
  int exponent = 0;
  (void)absl::SimpleAtoi(digits.substr(e + 1), &exponent);
  digits = digits.substr(0, 1) + digits.substr(2, e - 2);
  int point = 1 + exponent + places;
  if (point <= 0) {
    digits.insert(0, static_cast<size_t>(1 - point), '0');
    point = 1;
  }
  if (static_cast<size_t>(point) > digits.size()) digits.append(static_cast<size_t>(point) - digits.size(), '0');
  std::string fraction = digits.substr(static_cast<size_t>(point));
  fraction.erase(fraction.find_last_not_of('0') + 1);
  std::string whole = digits.substr(0, static_cast<size_t>(point));
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  return absl::StrCat(number < 0 ? "-" : "", whole, fraction.empty() ? "" : ".", fraction);
}

// The day of a serial number; absent where it is none that Excel and the calendar agree on.
std::optional<std::string> DayOf(const std::string& text, bool since_1904) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !(number >= (since_1904 ? 0 : 61) && number < 200'000)) return std::nullopt;
  const absl::CivilDay first = since_1904 ? absl::CivilDay(1904, 1, 1) : absl::CivilDay(1899, 12, 30);
  return absl::FormatCivilTime(first + static_cast<int>(number));
}

// What all sheets share.
struct Shared {
  std::vector<std::string> strings;
  std::vector<Shown> styles;
  bool since_1904 = false;
  bool uncalculated = false;  // Whoever wrote it left the results of formulas to whoever opens it.
  size_t bytes = 0;           // Of what was read so far.
};

absl::Status Count(size_t bytes, Shared* shared) {
  shared->bytes += bytes;
  if (shared->bytes <= kMostWorkbookBytes) return absl::OkStatus();
  return absl::InvalidArgumentError("the workbook holds too many cells: keep the sheet of the figures alone");
}

struct Place {
  size_t column = 0;  // From 0.
  int line = 0;
};

constexpr int kLines = 1'048'576;  // Of any sheet.

std::string NameOf(Place place) {
  std::string letters;
  for (size_t left = place.column + 1; left > 0; left = (left - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (left - 1) % 26));
  return absl::StrCat(letters, place.line);
}

// Of "BC23".
std::optional<Place> PlaceOf(std::string_view text) {
  Place place;
  size_t letters = 0;
  for (; letters < text.size() && absl::ascii_isupper(static_cast<unsigned char>(text[letters])) && letters < 3;
       ++letters)
    place.column = place.column * 26 + static_cast<size_t>(text[letters] - 'A') + 1;
  const std::string_view digits = text.substr(letters);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), place.line);
  if (letters == 0 || end.ec != std::errc() || end.ptr != digits.data() + digits.size() || place.line < 1 ||
      place.line > kLines)
    return std::nullopt;
  --place.column;
  return place;
}

class SheetReader {
 public:
  SheetReader(Shared& shared, std::string name, bool hidden) : shared_(shared) {
    table_.name = std::move(name);
    table_.hidden = hidden;
  }

  absl::StatusOr<WorkbookTable> Read(const std::string& part, const std::string& xml) {
    absl::Status walked = Walk::Through(
        part, xml, [this](std::string_view name, const Attributes& a) { return Open(name, a); },
        [this](std::string_view name, const std::string& text) { return Close(name, text); });
    for (size_t i = 0; walked.ok() && i < merged_.size(); ++i) walked = Merge(merged_[i]);
    if (!walked.ok()) return walked;
    return std::move(table_);
  }

 private:
  absl::Status Open(std::string_view name, const Attributes& a) {
    if (name == "sheetData") {
      inside_ = true;
    } else if (name == "col" && IsTrue(a, "hidden")) {
      HideColumns(Of(a, "min"), Of(a, "max"));
    } else if (name == "mergeCell") {
      merged_.push_back(Of(a, "ref"));
      return Count(sizeof(std::string) + merged_.back().size(), &shared_);
    } else if (!inside_) {
      return absl::OkStatus();
    } else if (name == "row") {
      return OpenRow(a);
    } else if (name == "c") {
      return OpenCell(a);
    } else if (name == "f") {
      formula_ = true;
    } else if (name == "rPh") {
      spoken_ = true;
    }
    return absl::OkStatus();
  }

  absl::Status OpenRow(const Attributes& a) {
    const std::string number = Of(a, "r");
    int line = row_.line + 1;
    if ((!number.empty() && !absl::SimpleAtoi(number, &line)) || line < 1 || line > kLines)
      return Broken(absl::StrCat("row ", core::Quoted(number, 20)), "no sheet has such a row");
    if (line <= row_.line) return Broken(absl::StrCat("row ", line), absl::StrCat("stands behind row ", row_.line));
    row_ = {line, {}};
    hidden_ = IsTrue(a, "hidden");
    next_ = 0;
    return absl::OkStatus();
  }

  absl::Status OpenCell(const Attributes& a) {
    place_ = {next_, row_.line};
    if (const std::string written = Of(a, "r"); !written.empty()) {
      const std::optional<Place> place = PlaceOf(written);
      if (!place || place->line != row_.line || place->column < next_)
        return Broken(absl::StrCat("cell ", core::Quoted(written, 20)),
                      absl::StrCat("stands where ", NameOf(place_), " or one behind it is to stand"));
      place_ = *place;
    }
    next_ = place_.column + 1;
    type_ = Of(a, "t");
    style_ = Of(a, "s");
    value_.clear();
    text_.clear();
    formula_ = false;
    return absl::OkStatus();
  }

  absl::Status Close(std::string_view name, const std::string& text) {
    if (!inside_) return absl::OkStatus();
    if (name == "v") {
      value_ = text;
    } else if (name == "t" && !spoken_) {
      text_ += text;
    } else if (name == "rPh") {
      spoken_ = false;
    } else if (name == "c") {
      return Put(Cell());
    } else if (name == "row" && !row_.fields.empty()) {
      if (hidden_) table_.hidden_lines.push_back(row_.line);
      table_.rows.push_back({row_.line, std::exchange(row_.fields, {})});
      return Count(sizeof(CsvRow), &shared_);
    } else if (name == "sheetData") {
      inside_ = false;
    }
    return absl::OkStatus();
  }

  // What the cell says; an error, what is doubtful in it.
  absl::StatusOr<std::string> Cell() {
    if (type_ == "inlineStr") return Meant(text_);
    if (formula_ && (shared_.uncalculated || (value_.empty() && type_ != "str")))
      return absl::InvalidArgumentError(
          "a formula without its result: open the workbook in a spreadsheet, save it, and submit it again");
    if (type_ == "str") return Meant(value_);
    if (value_.empty()) return "";
    if (type_ == "s") {
      size_t i = 0;
      if (absl::SimpleAtoi(value_, &i) && i < shared_.strings.size()) return shared_.strings[i];
      return absl::InvalidArgumentError("its text is missing in the workbook: save it again");
    }
    if (type_ == "b") return value_ == "1" || value_ == "true" ? "TRUE" : "FALSE";
    if (type_ == "e")
      return absl::InvalidArgumentError(
          absl::StrCat(core::Quoted(value_, 20), " is a spreadsheet's error: mend the cell, and save again"));
    if (type_ == "d") {
      absl::CivilDay day;
      if (absl::ParseCivilTime(value_.substr(0, 10), &day) && (value_.size() == 10 || value_[10] == 'T'))
        return absl::FormatCivilTime(day);
      return absl::InvalidArgumentError(absl::StrCat(core::Quoted(value_, 40), " is no day"));
    }
    if (!type_.empty() && type_ != "n")
      return absl::InvalidArgumentError(absl::StrCat("is of an unknown kind, ", core::Quoted(type_, 20)));
    return Number();
  }

  absl::StatusOr<std::string> Number() const {
    size_t style = 0;
    if (!style_.empty() && (!absl::SimpleAtoi(style_, &style) || style >= shared_.styles.size()))
      return absl::InvalidArgumentError("its format is missing in the workbook: save it again");
    const Shown shown = style_.empty() ? Shown::kNumber : shared_.styles[style];
    const std::string number = PlainNumber(value_, shown == Shown::kPercent ? 2 : 0);
    if (number.empty()) return absl::InvalidArgumentError(absl::StrCat(core::Quoted(value_, 40), " is no number"));
    if (shown == Shown::kPercent) return number + "%";
    if (shown == Shown::kNumber) return number;
    if (shown == Shown::kTime)
      return absl::InvalidArgumentError(absl::StrCat("is shown as a time, and is the number ", number,
                                                     ": write the figure as a number, in the indicator's unit"));
    if (shown == Shown::kUnclear)
      return absl::InvalidArgumentError(
          absl::StrCat("its format does not say what the number ", number, " is: format the cell as General"));
    if (const std::optional<std::string> day = DayOf(value_, shared_.since_1904)) return *day;
    return absl::InvalidArgumentError(
        absl::StrCat("is shown as a date, and is the number ", number, ": format the cell as General"));
  }

  absl::Status Put(absl::StatusOr<std::string> text) {
    if (!text.ok()) return Doubt(place_, place_, NameOf(place_), std::string(text.status().message()));
    if (text->empty()) return absl::OkStatus();
    if (place_.column >= kMostWorkbookColumns) {
      if (std::exchange(too_wide_, true)) return absl::OkStatus();
      return Doubt({0, 1}, {kMostWorkbookColumns, kLines}, NameOf(place_),
                   absl::StrCat("a table may have ", kMostWorkbookColumns, " columns: keep those of the figures"));
    }
    const size_t more = place_.column + 1 - row_.fields.size();
    row_.fields.resize(place_.column + 1);
    if (absl::Status s = Count(more * sizeof(std::string) + text->size(), &shared_); !s.ok()) return s;
    row_.fields.back() = *std::move(text);
    return absl::OkStatus();
  }

  void HideColumns(const std::string& min, const std::string& max) {
    size_t from = 0;
    size_t to = 0;
    if (!absl::SimpleAtoi(min, &from) || !absl::SimpleAtoi(max, &to) || from == 0) return;
    to = std::min(to, kMostWorkbookColumns);
    if (table_.hidden_columns.size() < to) table_.hidden_columns.resize(to);
    for (size_t i = from; i <= to; ++i) table_.hidden_columns[i - 1] = true;
  }

  // Merged cells that hold figures, once all rows are there. Words such as a title or a footer may lie over many cells.
  absl::Status Merge(const std::string& area) {
    const size_t colon = area.find(':');
    const std::optional<Place> from = PlaceOf(area.substr(0, colon));
    const std::optional<Place> to = colon == std::string::npos ? from : PlaceOf(area.substr(colon + 1));
    if (!from || !to) return Broken(absl::StrCat("cells ", core::Quoted(area, 40)), "are merged, and are no cells");
    const auto begin = std::partition_point(table_.rows.begin(), table_.rows.end(),
                                            [&](const CsvRow& row) { return row.line < from->line; });
    const auto end =
        std::partition_point(begin, table_.rows.end(), [&](const CsvRow& row) { return row.line <= to->line; });
    const bool words = end - begin == 1 && begin->line == from->line && begin->fields.size() == from->column + 1 &&
                       std::all_of(begin->fields.begin(), begin->fields.end() - 1,
                                   [](const std::string& field) { return field.empty(); });
    if (begin == end || words) return absl::OkStatus();
    return Doubt(*from, *to, area, "are merged, and it does not show which row or column has the figure: unmerge them");
  }

  absl::Status Doubt(Place from, Place to, const std::string& where, const std::string& what) {
    table_.doubts.push_back({from.line, to.line, from.column, to.column,
                             absl::StrCat("sheet ", core::Quoted(table_.name, 40),
                                          absl::StrContains(where, ':') ? ", cells " : ", cell ", where, ": ", what)});
    return Count(sizeof(WorkbookDoubt) + table_.doubts.back().what.size(), &shared_);
  }

  absl::Status Broken(const std::string& where, const std::string& what) const {
    return Bad(absl::StrCat("sheet ", core::Quoted(table_.name, 40), ", ", where),
               absl::StrCat(what, ": save the workbook again"));
  }

  Shared& shared_;
  WorkbookTable table_;
  CsvRow row_;           // The row under way; the last one, between two.
  bool hidden_ = false;  // Of it.
  size_t next_ = 0;      // The first column that its next cell may have.
  bool inside_ = false;  // Within the rows.
  bool too_wide_ = false;
  std::vector<std::string> merged_;
  // The cell under way.
  Place place_;
  std::string type_;
  std::string style_;
  std::string value_;
  std::string text_;
  bool formula_ = false;
  bool spoken_ = false;  // Within how a text is pronounced.
};

absl::Status ReadStrings(const std::string& part, Archive& archive, Shared* shared) {
  const absl::StatusOr<std::string> xml = archive.Read(part);
  if (!xml.ok()) return xml.status();
  std::string text;
  bool spoken = false;
  return Walk::Through(
      part, *xml,
      [&](std::string_view name, const Attributes&) {
        spoken = spoken || name == "rPh";
        return absl::OkStatus();
      },
      [&](std::string_view name, const std::string& piece) {
        if (name == "t" && !spoken) text += piece;
        if (name == "rPh") spoken = false;
        if (name != "si") return absl::OkStatus();
        shared->strings.push_back(Meant(text));
        text.clear();
        return Count(sizeof(std::string) + shared->strings.back().size(), shared);
      });
}

absl::Status ReadStyles(const std::string& part, Archive& archive, Shared* shared) {
  const absl::StatusOr<std::string> xml = archive.Read(part);
  if (!xml.ok()) return xml.status();
  std::map<int, std::string> formats;
  bool of_cells = false;
  return Walk::Through(
      part, *xml,
      [&](std::string_view name, const Attributes& a) {
        int id = 0;
        const bool numbered = absl::SimpleAtoi(Of(a, "numFmtId"), &id);
        if (name == "numFmt" && numbered) formats[id] = Of(a, "formatCode");
        if (name == "cellXfs") of_cells = true;
        if (name == "xf" && of_cells) shared->styles.push_back(numbered ? ShownBy(id, formats) : Shown::kNumber);
        return absl::OkStatus();
      },
      [&](std::string_view name, const std::string&) {
        of_cells = of_cells && name != "cellXfs";
        return absl::OkStatus();
      });
}

// A sheet, as the workbook lists it.
struct Listed {
  std::string name;
  std::string relation;
  bool hidden = false;
};

absl::StatusOr<std::vector<Listed>> ReadList(const std::string& part, Archive& archive, Shared* shared) {
  const absl::StatusOr<std::string> xml = archive.Read(part);
  if (!xml.ok()) return xml.status();
  std::vector<Listed> sheets;
  absl::Status s = Walk::Through(
      part, *xml,
      [&](std::string_view name, const Attributes& a) {
        if (name == "workbookPr") shared->since_1904 = IsTrue(a, "date1904");
        if (name == "calcPr") shared->uncalculated = IsTrue(a, "fullCalcOnLoad");
        if (name != "sheet") return absl::OkStatus();
        const std::string state = Of(a, "state");
        sheets.push_back({Of(a, "name"), Of(a, "|id"), !state.empty() && state != "visible"});
        if (sheets.size() <= kMostWorkbookSheets) return absl::OkStatus();
        return absl::InvalidArgumentError(absl::StrCat("the workbook has more than ", kMostWorkbookSheets,
                                                       " sheets: keep the sheet of the figures alone"));
      },
      &Nothing);
  if (!s.ok()) return s;
  return sheets;
}

absl::Status NoWorkbook() {
  return absl::InvalidArgumentError(
      "the file is an archive, and no Excel Workbook (.xlsx): save it as one, or its sheet as \"CSV UTF-8\"");
}

}  // namespace

absl::StatusOr<std::vector<WorkbookTable>> ReadWorkbook(std::string_view bytes) {
  absl::StatusOr<std::unique_ptr<Archive>> opened = Archive::Open(bytes);
  if (!opened.ok()) return opened.status();
  Archive& archive = **opened;
  if (!archive.Has("_rels/.rels")) return NoWorkbook();
  const absl::StatusOr<Relations> of_file = RelationsOf(archive, "");
  if (!of_file.ok()) return of_file.status();
  std::string book;
  for (const auto& [id, relation] : *of_file) {
    if (relation.kind == "officeDocument" && !std::exchange(book, relation.part).empty())
      return Bad("\"_rels/.rels\"", "the file holds two workbooks: save it again");
  }
  if (!absl::EndsWith(book, ".xml")) return NoWorkbook();
  Shared shared;
  const absl::StatusOr<std::vector<Listed>> sheets = ReadList(book, archive, &shared);
  if (!sheets.ok()) return sheets.status();
  if (sheets->empty()) return NoWorkbook();
  const absl::StatusOr<Relations> relations = RelationsOf(archive, book);
  if (!relations.ok()) return relations.status();
  for (const auto& [id, relation] : *relations) {
    absl::Status s;
    if (relation.kind == "sharedStrings") s = ReadStrings(relation.part, archive, &shared);
    if (relation.kind == "styles") s = ReadStyles(relation.part, archive, &shared);
    if (!s.ok()) return s;
  }
  std::vector<WorkbookTable> tables;
  for (const Listed& sheet : *sheets) {
    const auto relation = relations->find(sheet.relation);
    if (relation == relations->end()) {
      return Bad(absl::StrCat("sheet ", core::Quoted(sheet.name, 40)),
                 "the workbook does not say where it is: save it again");
    }
    if (relation->second.kind != "worksheet") continue;  // A chart, or somebody's program.
    const absl::StatusOr<std::string> xml = archive.Read(relation->second.part);
    if (!xml.ok()) return xml.status();
    absl::StatusOr<WorkbookTable> table =
        SheetReader(shared, sheet.name, sheet.hidden).Read(relation->second.part, *xml);
    if (!table.ok()) return table.status();
    tables.push_back(*std::move(table));
  }
  return tables;
}

std::string AsWorkbookKeeps(std::string_view decimal) {
  const std::string kept = PlainNumber(std::string(decimal), 0);
  return kept.empty() ? std::string(decimal) : kept;
}

}  // namespace bellwether::report
