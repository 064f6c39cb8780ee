// dead-letters list, show, replay.
#include <google/protobuf/text_format.h>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/text.h"
#include "bellwether/rpc/client_error.h"
#include "services/cli/commands.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {

using report::CsvLine;
using report::EnumWord;
using report::TimeIso;
using report::TimeText;
namespace {

constexpr size_t kShownBytes = 512;  // Of a value, in hexadecimal.

// "e1/3/904": epoch, partition, offset of the record.
std::string PlaceText(const v1::Position& position) {
  return absl::StrCat("e", position.epoch(), "/", position.partition(), "/", position.offset());
}

bool ParsePlace(const std::string& text, v1::Position* position) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  uint32_t epoch = 0;
  int32_t partition = 0;
  int64_t offset = 0;
  if (parts.size() != 3 || parts[0].size() < 2 || parts[0][0] != 'e' || !absl::SimpleAtoi(parts[0].substr(1), &epoch) ||
      !absl::SimpleAtoi(parts[1], &partition) || !absl::SimpleAtoi(parts[2], &offset)) {
    return false;
  }
  position->set_epoch(epoch);
  position->set_partition(partition);
  position->set_offset(offset);
  return true;
}

ExitCode NoPlace(Context& context, const std::string& text) {
  *context.err << "bellwether: " << core::Quoted(text, 60)
               << " is not the place of a dead letter: give it as dead-letters list shows it, such as e1/3/904\n";
  return kUsage;
}

// Bytes that anybody may have written, for a terminal.
std::string Printable(const std::string& bytes) { return core::Visible(std::string_view(bytes).substr(0, 200)); }

// Sixteen bytes a line, with their place and what of them is ASCII.
std::string HexDump(const std::string& bytes) {
  std::string out;
  for (size_t at = 0; at < bytes.size() && at < kShownBytes; at += 16) {
    const std::string line = bytes.substr(at, 16);
    std::string hex;
    std::string text;
    for (const char c : line) {
      absl::StrAppend(&hex, absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2), " ");
      text += c >= ' ' && c <= '~' ? c : '.';
    }
    hex.resize(16 * 3, ' ');
    absl::StrAppend(&out, "  ", absl::Hex(at, absl::kZeroPad8), "  ", hex, " ", text, "\n");
  }
  if (bytes.size() > kShownBytes) absl::StrAppend(&out, "  ... (-o FILE writes all of it)\n");
  return out;
}

grpc::Status ListAll(Context& context, std::vector<v1::DeadLetter>* letters) {
  v1::ListDeadLettersRequest request;
  do {
    v1::ListDeadLettersResponse page;
    const grpc::Status s = context.client->ingestion().ListDeadLetters(context.client->Context().get(), request, &page);
    if (!s.ok()) return s;
    for (v1::DeadLetter& letter : *page.mutable_dead_letters()) letters->push_back(std::move(letter));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return grpc::Status::OK;
}

}  // namespace

ExitCode ListDeadLetters(Context& context, const std::string& format) {
  std::vector<v1::DeadLetter> letters;
  if (const grpc::Status s = ListAll(context, &letters); !s.ok()) return context.client->Report(s, *context.err);
  if (format == "csv") {
    std::string text = CsvLine({"place", "recorded_at", "reason", "key", "value_bytes", "message"});
    for (const v1::DeadLetter& l : letters) {
      text += CsvLine({PlaceText(l.position()), TimeIso(l.has_recorded_at(), l.recorded_at()), l.reason(),
                       Printable(l.key()), absl::StrCat(l.value_bytes()), l.message()});
    }
    return WriteData(context, "", text);
  }
  *context.out << "Dead letters: " << letters.size() << "\n";
  if (letters.empty()) return kDone;
  Table table({{"Place"}, {"Recorded at"}, {"Reason"}, {"Key"}, {"Bytes", true}, {"In words", false, true}});
  for (v1::DeadLetter& l : letters) {
    MakeVisible(&l);
    table.AddRow({PlaceText(l.position()), TimeText(l.has_recorded_at(), l.recorded_at()), l.reason(),
                  Fit(Printable(l.key()), std::min(24, DisplayWidth(Printable(l.key())))),
                  absl::StrCat(l.value_bytes()), l.message()});
  }
  return WriteText(context, "", table.Render(context.terminal));
}

ExitCode ShowDeadLetter(Context& context, const std::string& place, const std::string& output) {
  v1::ListDeadLettersRequest request;
  if (!ParsePlace(place, request.mutable_position())) return NoPlace(context, place);
  v1::ListDeadLettersResponse response;
  const grpc::Status s =
      context.client->ingestion().ListDeadLetters(context.client->Context().get(), request, &response);
  if (!s.ok()) return context.client->Report(s, *context.err);
  if (response.dead_letters().empty()) return NoPlace(context, place);  // No service of ours answers so.
  v1::DeadLetter& letter = *response.mutable_dead_letters(0);
  MakeVisible(&letter);
  *context.out << "Place        " << PlaceText(letter.position()) << "\nRecorded at  "
               << TimeText(letter.has_recorded_at(), letter.recorded_at()) << "\nReason       " << letter.reason()
               << "\nIn words     " << letter.message() << "\nKey          " << Printable(letter.key()) << "\n";
  for (const v1::RecordHeader& header : letter.headers()) {
    *context.out << "Header       " << Printable(header.name()) << ": " << Printable(header.value()) << "\n";
  }
  v1::IndicatorRecord record;
  std::string text;
  if (!letter.value().empty() && record.ParseFromString(letter.value()) &&
      google::protobuf::TextFormat::PrintToString(record, &text)) {
    *context.out << "Content\n" << text;
  }
  *context.out << "Value, " << letter.value().size() << " bytes\n" << HexDump(letter.value());
  return output.empty() ? kDone : WriteData(context, output, letter.value());
}

ExitCode ReplayDeadLetter(Context& context, const std::string& place, bool supersede, bool check_only) {
  v1::ReplayDeadLetterRequest request;
  if (!ParsePlace(place, request.mutable_position())) return NoPlace(context, place);
  request.set_supersede(supersede);
  request.set_validate_only(check_only);
  v1::ReplayDeadLetterResponse response;
  const grpc::Status s =
      context.client->ingestion().ReplayDeadLetter(context.client->Context().get(), request, &response);
  if (!s.ok()) {
    const ExitCode code = context.client->Report(s, *context.err);
    if (rpc::ReasonOf(s) == "NEWER_IN_FORCE") *context.err << "bellwether: --supersede replaces it all the same\n";
    return code;
  }
  const std::string detail = response.detail().empty() ? "" : absl::StrCat(": ", core::Visible(response.detail()));
  if (response.has_position()) {
    *context.out << place << ": recorded at " << PlaceText(response.position()) << ", " << EnumWord(response.outcome())
                 << detail << "\n";
    return kDone;
  }
  *context.out << place << (check_only ? ": would be " : ": not recorded, it changes nothing: ")
               << EnumWord(response.outcome()) << detail << "\n";
  return kDone;
}

}  // namespace bellwether::cli
