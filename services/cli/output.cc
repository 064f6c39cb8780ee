// Where the answers of commands go.
#include <filesystem>
#include <system_error>

#include "bellwether/core/files.h"
#include "bellwether/report/csv.h"
#include "services/cli/commands.h"

namespace bellwether::cli {
namespace {

ExitCode WriteTo(Context& context, const std::string& output, const std::string& content) {
  context.out->flush();  // It may be the same file.
  if (const absl::Status s = core::WriteFile(output, content); !s.ok()) {
    *context.err << "bellwether: " << s.message() << "\n";
    return kUsage;
  }
  return kDone;
}

}  // namespace

ExitCode WriteData(Context& context, const std::string& output, const std::string& data) {
  if (!output.empty()) return WriteTo(context, output, data);
  context.streams->WriteData(data);
  return kDone;
}

ExitCode WriteCsv(Context& context, const std::string& output, const std::string& data) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(output, error);
  const bool is_file =
      !output.empty() && (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status));
  return WriteData(context, output, is_file ? std::string(report::kByteOrderMark) + data : data);
}

ExitCode WriteText(Context& context, const std::string& output, const std::string& text) {
  if (!output.empty()) return WriteTo(context, output, text);
  context.streams->WritePainted(text);
  return kDone;
}

}  // namespace bellwether::cli
