// bellwether catalogue apply|check|show|schema
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"
#include "bellwether/rpc/client_error.h"
#include "bellwether/yaml/message.h"
#include "bellwether/yaml/schema.h"
#include "services/cli/commands.h"
#include "services/cli/files.h"
#include "services/cli/known.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {

using report::EnumWord;
using report::SpreadsheetChanges;
namespace {

// Where in the file a field stands: the longest known path that begins `path`.
std::string PlaceOf(const yaml::YamlPlaces& places, std::string path) {
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

// "Green -> Amber".
std::string FromTo(const std::string& before, const std::string& after) {
  const auto named = [](const std::string& text) { return text.empty() ? "none" : core::Visible(text); };
  return absl::StrCat(named(before), " -> ", named(after));
}

// Tells which wordings of other months than the file names it would take the place of. kDone: it may be applied.
ExitCode TellReplaced(Context& context, const v1::ApplyCatalogueResponse& response, const std::string& file,
                      const ApplyOptions& options) {
  std::vector<std::pair<std::string, std::vector<std::string>>> told;  // What, and of whom.
  std::set<std::string> later;
  for (const v1::DefinitionResult& result : response.results()) {
    for (const v1::ReplacedWording& was : result.replaced()) {
      if (was.is_later()) later.insert(result.ref());
      std::string what =
          absl::StrCat("what was said from ", was.effective_from(), " on would be ",
                       was.is_later() ? "lost" : "replaced", " (", absl::StrJoin(was.changed_fields(), ", "), ")");
      auto same = std::find_if(told.begin(), told.end(), [&](const auto& t) { return t.first == what; });
      if (same == told.end()) same = told.emplace(told.end(), std::move(what), std::vector<std::string>());
      same->second.push_back(core::Visible(result.ref()));
    }
  }
  const bool refused = !later.empty() && !options.drop_later;
  std::ostream& out = refused && !options.check_only ? *context.err : *context.out;
  for (const auto& [what, refs] : told) out << file << ": " << what << ": " << absl::StrJoin(refs, ", ") << "\n";
  if (!refused) return kDone;
  *context.err << file << ": " << (options.check_only ? "an apply would be refused: " : "nothing is applied: ")
               << "what was said for later months of " << later.size() << " indicators would be lost. To keep it, "
               << "apply this from its own month (--from 2022-04, or effective_from in the file), then the later ones "
                  "again with theirs; --drop-later says that it is to go\n";
  return kRefused;
}

// "BB 2026-09: 75 -> 54, Green -> Amber, arrow + -> none, target 80 -> 90".
std::string InWords(const v1::ScoreChange& change) {
  const std::string name = absl::StrCat(core::Visible(change.ref()), " ");
  if (!change.data_period_before().empty()) {
    return absl::StrCat(name, "in the report of ", change.period(), ": the figures of ", change.data_period_before(),
                        " -> ", change.data_period_after().empty() ? "none" : change.data_period_after());
  }
  if (change.status_after().empty()) {
    return absl::StrCat(name, change.period(), ": no longer shown: ", core::Visible(change.value_before().value()),
                        change.has_value_before() ? " " : "", core::Visible(change.status_before()));
  }
  std::vector<std::string> parts;
  const auto add = [&](std::string_view what, const std::string& before, const std::string& after) {
    if (before != after) parts.push_back(absl::StrCat(core::ToAbsl(what), FromTo(before, after)));
  };
  add("", change.value_before().value(), change.value_after().value());
  add("", change.status_before(), change.status_after());
  add("arrow ", change.arrow_before(), change.arrow_after());
  add("target ", change.target_before(), change.target_after());
  return absl::StrCat(name, change.period(), ": ", absl::StrJoin(parts, ", "));
}

// Tells what the reports of the past show that the catalogue would change. kDone: it may be applied.
ExitCode TellChanges(Context& context, const v1::Catalogue& catalogue, const std::string& file,
                     const ApplyOptions& options) {
  v1::CheckCatalogueRequest request;
  *request.mutable_catalogue() = catalogue;
  v1::CheckCatalogueResponse response;
  const grpc::Status asked =
      context.client->query().CheckCatalogue(context.client->Context().get(), request, &response);
  if (!asked.ok()) {
    *context.err << file << ": what would change in the reports of the past could not be asked"
                 << (options.check_only || options.restate ? ""
                                                           : ": nothing is applied; --restate applies without asking")
                 << "\n";
    const ExitCode code = context.client->Report(asked, *context.err);
    return options.restate ? kDone : code;
  }
  const bool refused = response.undeclared_changes() > 0 && !options.restate;
  std::ostream& out = refused && !options.check_only ? *context.err : *context.out;
  for (const v1::ScoreChange& change : response.changes()) {
    out << file << ": " << InWords(change) << (change.declared() ? "" : " (no month declares it)") << "\n";
  }
  const int untold = response.total_changes() - response.changes_size();
  if (untold > 0) out << file << ": and " << untold << " more\n";
  if (!refused) return kDone;
  *context.err
      << file << ": " << (options.check_only ? "an apply would be refused: " : "nothing is applied: ")
      << response.undeclared_changes()
      << " figures, statuses, arrows or targets of the past would change. Say from which month on the new "
         "rules hold (--from 2022-04, or effective_from in the file), or that the past was wrong (--restate)\n";
  return kRefused;
}

// What is wrong with several indicators is told of the first, and of how many more.
class Alike {
 public:
  bool IsFirst(const std::string& what) { return ++counts_[what] == 1; }
  void TellOthers(core::ErrorList* errors) const {
    for (const auto& [what, count] : counts_) {
      if (count > 1) errors->Add(absl::StrCat("and the same of ", count - 1, " more indicators: ", what));
    }
  }

 private:
  std::map<std::string, int> counts_;
};

ExitCode ApplyFile(Context& context, const std::string& name, const ApplyOptions& options) {
  const absl::StatusOr<std::string> text = ReadInput(name);
  const std::string file = core::Visible(name);
  if (!text.ok()) {
    *context.err << "bellwether: " << text.status().message() << "\n";
    return kUsage;
  }
  v1::ApplyCatalogueRequest request;
  yaml::YamlPlaces places;
  if (const absl::Status s = yaml::YamlToMessage(*text, request.mutable_catalogue(), &places); !s.ok()) {
    *context.err << file << ":\n" << s.message() << "\n";
    return kRefused;
  }
  for (v1::IndicatorDefinition& d : *request.mutable_catalogue()->mutable_indicators()) {
    if (d.effective_from().empty()) d.set_effective_from(options.from);
  }
  request.set_apply_id(NewId("cli"));
  request.set_validate_only(true);
  request.set_drop_later(true);  // What would be lost is told of the whole file.
  v1::ApplyCatalogueResponse response;
  const auto call = [&] {
    return context.client->ingestion().ApplyCatalogue(context.client->Context().get(), request, &response);
  };
  grpc::Status called = call();
  // What is new, or says what is in force, has no past that it could change.
  const bool changes = std::any_of(response.results().begin(), response.results().end(),
                                   [](const auto& result) { return result.change() == v1::DEFINITION_CHANGE_CHANGED; });
  const ExitCode past = changes ? TellChanges(context, request.catalogue(), file, options) : kDone;
  const ExitCode worst = std::max(past, TellReplaced(context, response, file, options));
  if (called.ok() && !options.check_only) {
    if (worst != kDone) return worst;
    request.set_validate_only(false);
    request.set_drop_later(options.drop_later);
    response.Clear();
    called = call();
  }
  if (!called.ok()) {
    const codec::Violations fields = rpc::FieldsOf(called);
    core::ErrorList errors;
    Alike alike;
    for (const codec::Violation& field : fields) {
      constexpr std::string_view kPrefix = "catalogue.";
      const bool own = field.field.rfind(kPrefix, 0) == 0;
      const std::string path = own ? field.field.substr(kPrefix.size()) : field.field;
      if (path.rfind("indicators[", 0) == 0 &&
          !alike.IsFirst(absl::StrCat(path.substr(std::min(path.find("].") + 2, path.size())), ": ", field.message)))
        continue;
      const std::string place = PlaceOf(places, path);
      errors.Add(absl::StrCat(place.empty() ? "" : place + ": ", field.field, ": ", field.message));
    }
    alike.TellOthers(&errors);
    if (fields.empty()) return context.client->Report(called, *context.err);
    for (const std::string& line : errors.Lines()) *context.err << file << ": " << line << "\n";
    *context.err << "bellwether: " << rpc::DescribeError(called).front() << "\n";
    return kRefused;
  }
  core::ErrorList errors;
  Alike alike;
  std::map<std::string, int> counts;
  for (int i = 0; i < response.results_size(); ++i) {
    const v1::DefinitionResult& result = response.results(i);
    const std::string change = Change(result, options.check_only);
    ++counts[change.substr(0, change.find(':'))];
    if (result.result().errors().empty()) {
      if (result.change() == v1::DEFINITION_CHANGE_CHANGED) {
        *context.out << result.ref() << ": " << change
                     << (result.holds_from().empty() ? "" : absl::StrCat(", from ", result.holds_from(), " on"))
                     << "\n";
      }
      continue;
    }
    for (const v1::ItemError& error : result.result().errors()) {
      if (!alike.IsFirst(error.message())) continue;
      const bool own = error.field().rfind("schemes", 0) != 0;
      const std::string path = own ? absl::StrCat("indicators[", i, "].", error.field()) : error.field();
      const std::string place = PlaceOf(places, path);
      errors.Add(absl::StrCat(place.empty() ? "" : place + ": ", result.ref(), ": ", error.message(), " [",
                              error.reason(), "]"));
    }
  }
  alike.TellOthers(&errors);
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
  return errors.empty() ? worst : kRefused;
}

}  // namespace

ExitCode ApplyCatalogue(Context& context, const ApplyOptions& options) {
  ExitCode worst = kDone;
  for (const std::string& file : options.files) worst = std::max(worst, ApplyFile(context, file, options));
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
    return WriteData(context, "", yaml::MessageToYaml(catalogue));
  }
  MakeVisible(&catalogue, context.terminal.ascii);
  Table table({{"Ref"}, {"Indicator", false, true}, {"Unit"}, {"Polarity"}, {"Quarter"}, {"Year to date"}, {"Scheme"}});
  for (const v1::IndicatorDefinition& d : catalogue.indicators()) {
    table.AddRow({d.ref(), d.description(), d.unit(), EnumWord(d.polarity()), EnumWord(d.quarter_rule()),
                  EnumWord(d.year_to_date_rule()), d.scheme_id()});
  }
  return WriteText(context, "", table.Render(context.terminal));
}

ExitCode PrintCatalogueSchema(Context& context) {
  return WriteData(context, "", yaml::SchemaOf(*v1::Catalogue::descriptor(), "A Bellwether catalogue"));
}

}  // namespace bellwether::cli
