// bellwether catalogue apply|check|show|schema
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/visible.h"
#include "bellwether/rpc/client_error.h"
#include "services/cli/commands.h"
#include "services/cli/files.h"
#include "services/cli/json_schema.h"
#include "services/cli/known.h"
#include "services/cli/printed.h"
#include "services/cli/report_text.h"
#include "services/cli/visible_message.h"
#include "services/cli/yaml_message.h"

namespace bellwether::cli {
namespace {

// Where in the file a field stands: the longest known path that begins `path`.
std::string PlaceOf(const YamlPlaces& places, std::string path) {
  while (!path.empty()) {
    if (const auto it = places.find(path); it != places.end()) return it->second;
    const size_t cut = path.find_last_of(".[");
    if (cut == std::string::npos) break;
    path.resize(cut);
  }
  return "";
}

std::string Change(const v1::DefinitionResult& result, bool check_only) {
  switch (result.change()) {
    case v1::DEFINITION_CHANGE_NEW:
      return check_only ? "would be new" : "new";
    case v1::DEFINITION_CHANGE_CHANGED:
      return absl::StrCat(check_only ? "would change: " : "changed: ", absl::StrJoin(result.changed_fields(), ", "));
    case v1::DEFINITION_CHANGE_UNCHANGED:
      return "unchanged";
    case v1::DEFINITION_CHANGE_OVERTAKEN:
      return "overtaken by a later apply";
    default:
      return "refused";
  }
}

// Refs that do not come back from a spreadsheet as they went in. Files of `bellwether` mark them as text; other files
// do not.
void TellRefs(const v1::Catalogue& catalogue, const std::string& file, std::ostream& out) {
  std::set<std::string> refs;
  for (const v1::IndicatorDefinition& d : catalogue.indicators()) {
    refs.insert(d.ref());
    refs.insert(d.alternate_refs().begin(), d.alternate_refs().end());
  }
  for (const std::string& ref : refs) {
    if (!SpreadsheetChanges(ref)) continue;
    const std::string saved = RefAsSpreadsheetSaves(ref);
    const std::string told = saved == ref ? "a spreadsheet takes it for a date, and saves another"
                                          : absl::StrCat("a spreadsheet saves it as ", saved,
                                                         refs.count(saved) > 0 ? ", which is another indicator" : "");
    out << file << ": " << core::Visible(ref) << ": " << told
        << ": fill in files of `bellwether readings template`, which keep it, or choose a ref with a letter before "
           "it\n";
  }
}

ExitCode ApplyFile(Context& context, const std::string& name, bool check_only) {
  const absl::StatusOr<std::string> text = ReadInput(name);
  const std::string file = core::Visible(name);
  if (!text.ok()) {
    *context.err << "bellwether: " << text.status().message() << "\n";
    return kUsage;
  }
  v1::ApplyCatalogueRequest request;
  YamlPlaces places;
  if (const absl::Status s = YamlToMessage(*text, request.mutable_catalogue(), &places); !s.ok()) {
    *context.err << file << ":\n" << s.message() << "\n";
    return kRefused;
  }
  request.set_apply_id(NewId("cli"));
  request.set_validate_only(check_only);
  v1::ApplyCatalogueResponse response;
  const grpc::Status called =
      context.client->ingestion().ApplyCatalogue(context.client->Context().get(), request, &response);
  if (!called.ok()) {
    const codec::Violations fields = rpc::FieldsOf(called);
    core::ErrorList errors;
    for (const codec::Violation& field : fields) {
      constexpr std::string_view kPrefix = "catalogue.";
      const bool own = field.field.rfind(kPrefix, 0) == 0;
      const std::string place = PlaceOf(places, own ? field.field.substr(kPrefix.size()) : field.field);
      errors.Add(absl::StrCat(place.empty() ? "" : place + ": ", field.field, ": ", field.message));
    }
    if (fields.empty()) return context.client->Report(called, *context.err);
    for (const std::string& line : errors.Lines()) *context.err << file << ": " << line << "\n";
    *context.err << "bellwether: " << rpc::DescribeError(called).front() << "\n";
    return kRefused;
  }
  core::ErrorList errors;
  std::map<std::string, int> counts;
  for (int i = 0; i < response.results_size(); ++i) {
    const v1::DefinitionResult& result = response.results(i);
    const std::string change = Change(result, check_only);
    ++counts[change.substr(0, change.find(':'))];
    if (result.result().errors().empty()) {
      if (result.change() == v1::DEFINITION_CHANGE_CHANGED) *context.out << result.ref() << ": " << change << "\n";
      continue;
    }
    for (const v1::ItemError& error : result.result().errors()) {
      const bool own = error.field().rfind("schemes", 0) != 0;
      const std::string path = own ? absl::StrCat("indicators[", i, "].", error.field()) : error.field();
      const std::string place = PlaceOf(places, path);
      errors.Add(absl::StrCat(place.empty() ? "" : place + ": ", result.ref(), ": ", error.message(), " [",
                              error.reason(), "]"));
    }
  }
  for (const std::string& line : errors.Lines()) *context.err << file << ": " << line << "\n";
  TellRefs(request.catalogue(), file, *context.out);
  v1::Position newest;
  for (const v1::DefinitionResult& result : response.results()) {
    if (result.result().has_position()) KeepNewer(result.result().position(), &newest);
  }
  context.client->AwaitVisible(request.catalogue().council(), newest, *context.err);
  std::vector<std::string> words;
  for (const auto& [change, count] : counts) words.push_back(absl::StrCat(count, " ", change));
  *context.out << file << ": " << response.results_size() << " indicators: " << absl::StrJoin(words, ", ") << "\n";
  return errors.empty() ? kDone : kRefused;
}

}  // namespace

ExitCode ApplyCatalogue(Context& context, const std::vector<std::string>& files, bool check_only) {
  ExitCode worst = kDone;
  for (const std::string& file : files) worst = std::max(worst, ApplyFile(context, file, check_only));
  return worst;
}

ExitCode ShowCatalogue(Context& context, const std::string& ref) {
  v1::ListIndicatorsRequest request;
  request.set_council(context.council);
  if (!ref.empty()) request.mutable_filter()->add_refs(ref);
  v1::Catalogue catalogue;
  catalogue.set_council(context.council);
  const grpc::Status status = context.client->EveryPage(
      &v1::QueryService::Stub::ListIndicators, request, [&](v1::ListIndicatorsResponse& page) {
        for (v1::IndicatorDefinition& definition : *page.mutable_definitions()) {
          definition.clear_council();
          *catalogue.add_indicators() = std::move(definition);
        }
        for (const v1::Scheme& scheme : page.schemes()) {
          const bool known = std::any_of(catalogue.schemes().begin(), catalogue.schemes().end(),
                                         [&](const v1::Scheme& s) { return s.id() == scheme.id(); });
          if (!known) *catalogue.add_schemes() = scheme;
        }
      });
  if (!status.ok()) return context.client->Report(status, *context.err);
  if (catalogue.indicators().empty()) {
    *context.err << "bellwether: " << context.council
                 << (ref.empty() ? " has no indicators yet" : " has no indicator " + ref) << "\n";
    return kRefused;
  }
  if (!ref.empty()) {
    return WriteData(context, "", MessageToYaml(catalogue));
  }
  MakeVisible(&catalogue);
  Table table({{"Ref"}, {"Indicator", false, true}, {"Unit"}, {"Polarity"}, {"Quarter"}, {"Year to date"}, {"Scheme"}});
  for (const v1::IndicatorDefinition& d : catalogue.indicators()) {
    table.AddRow({d.ref(), d.description(), d.unit(), EnumWord(d.polarity()), EnumWord(d.quarter_rule()),
                  EnumWord(d.year_to_date_rule()), d.scheme_id()});
  }
  *context.out << table.Render(context.terminal.width);
  return kDone;
}

ExitCode PrintCatalogueSchema(Context& context) { return WriteData(context, "", CatalogueSchema()); }

}  // namespace bellwether::cli
