#include "bellwether/yaml/schema.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/limits.h"
#include "bellwether/yaml/message.h"

namespace bellwether::yaml {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;
namespace limits = core::limits;

// What is said of messages and fields by the contract's files, by full name.
constexpr std::pair<absl::string_view, absl::string_view> kComments[] = {
#include "proto_comments.inc"
};

constexpr std::string_view kCouncil = "[EWSN][0-9]{8}";
constexpr std::string_view kRef = "[A-Za-z0-9._-]{1,32}";
constexpr std::string_view kMonth = "[0-9]{4}-(0[1-9]|1[0-2])";
constexpr std::string_view kSlug = "[a-z0-9-]+";
constexpr std::string_view kColour = "#[0-9A-Fa-f]{6}";
constexpr std::string_view kPrincipal = "[A-Za-z0-9_.@/:-]+";
constexpr std::string_view kDigest = "[0-9A-Fa-f]{64}";
constexpr std::string_view kAny;

// What must be stated, and how much it may be: characters, a number, or, of a list, how many and characters of each.
// libs/codec checks the same of catalogues, libs/access of access.yaml; tests hold both against each other's mistakes.
struct Rule {
  std::string_view field;
  bool required;
  int most;
  std::string_view pattern = kAny;
  int characters_of_each = 0;
};
constexpr Rule kRules[] = {
    {"Catalogue.council", true, 9, kCouncil},
    {"Catalogue.schemes", false, limits::kSchemesPerCatalogue},
    {"Catalogue.indicators", true, limits::kIndicatorsPerCatalogue},
    {"CatalogueDefaults.scoped_schemes", false, limits::kScopedSchemesPerCatalogue},
    {"CatalogueDefaults.days_until_due", false, limits::kDaysUntilDue},
    {"CatalogueDefaults.reporting_lag_periods", false, limits::kReportingLagPeriods},
    {"CatalogueDefaults.key_commitment", false, limits::kNameCharacters},
    {"CatalogueDefaults.decimal_places", false, core::Decimal::kMaxScale},
    {"CatalogueDefaults.scoped_owners", false, limits::kScopedSchemesPerCatalogue},
    {"CatalogueDefaults.unit", false, limits::kUnitCharacters},
    {"ScopedScheme.scheme_id", true, limits::kSchemeIdCharacters},
    {"ScopedOwner.owner", true, 0},
    {"Owner.name", true, limits::kNameCharacters},
    {"Owner.address", false, limits::kNameCharacters},
    {"IndicatorDefinition.ref", true, 32, kRef},
    {"IndicatorDefinition.alternate_refs", false, limits::kAlternateRefs, kAny, limits::kAlternateRefCharacters},
    {"IndicatorDefinition.description", true, limits::kDescriptionCharacters},
    {"IndicatorDefinition.directorate", false, limits::kNameCharacters},
    {"IndicatorDefinition.service", false, limits::kNameCharacters},
    {"IndicatorDefinition.unit", false, limits::kUnitCharacters},
    {"IndicatorDefinition.decimal_places", false, core::Decimal::kMaxScale},
    {"IndicatorDefinition.polarity", true, 0},
    {"IndicatorDefinition.reporting_lag_periods", false, limits::kReportingLagPeriods},
    {"IndicatorDefinition.days_until_due", false, limits::kDaysUntilDue},
    {"IndicatorDefinition.active_from", false, 7, kMonth},
    {"IndicatorDefinition.retired_from", false, 7, kMonth},
    {"IndicatorDefinition.effective_from", false, 7, kMonth},
    {"IndicatorDefinition.key_commitment", false, limits::kNameCharacters},
    {"IndicatorDefinition.notes", false, limits::kNotes, kAny, limits::kNoteCharacters},
    {"IndicatorDefinition.geography", false, limits::kReasonCharacters},
    {"IndicatorDefinition.coverage", false, limits::kDescriptionCharacters},
    {"IndicatorDefinition.predecessor", false, 32, kRef},
    {"IndicatorDefinition.charted_with", false, 32, kRef},
    {"IndicatorDefinition.breaks", false, limits::kBreaks, kMonth, 7},
    {"IndicatorDefinition.checks", false, limits::kChecks},
    {"IndicatorDefinition.targets", false, limits::kTargets},
    {"SilencedWarning.kind", true, 0},
    {"SilencedWarning.reason", true, limits::kReasonCharacters},
    {"Benchmark.comparator", false, limits::kComparatorCharacters},
    {"Benchmark.period", false, limits::kBenchmarkPeriodCharacters},
    {"Target.effective_from", false, 7, kMonth},
    {"Target.wording", false, limits::kNameCharacters},
    {"Profile.points", true, limits::kProfilePoints},
    {"ProfilePoint.month", true, 7, kMonth},
    {"ProfilePoint.value", true, 0},
    {"MonthlyShare.value", true, 0},
    {"SharedPopulation.figure", true, 0},
    {"SharedPopulation.other_ref", true, 32, kRef},
    {"SharedPopulation.other_figure", true, 0},
    {"SharedPopulation.from", false, 7, kMonth},
    {"Scheme.id", true, limits::kSchemeIdCharacters, kSlug},
    {"Scheme.name", true, limits::kNameCharacters},
    {"Scheme.statuses", true, limits::kStatuses},
    {"Scheme.directions", true, limits::kDirectionRules},
    {"Status.id", true, limits::kStatusIdCharacters, kSlug},
    {"Status.label", true, limits::kStatusLabelCharacters},
    {"Status.colour", true, 7, kColour},
    {"Status.shape", true, limits::kShapeCharacters},
    {"Status.meaning", false, limits::kStatusMeaningCharacters},
    {"Status.any_of", true, limits::kStatuses},
    {"Status.synonyms", false, limits::kSynonyms, kAny, limits::kPublishedStatusCharacters},
    {"DirectionRule.judgement", true, 0},
    {"DirectionRule.arrow", false, limits::kSchemeArrowCharacters},
    {"DirectionRule.synonyms", false, limits::kSynonyms, kAny, limits::kArrowCharacters},
    {"Access.contact", false, limits::kIdCharacters},
    {"TokenIssuer.issuer", true, limits::kReasonCharacters},
    {"TokenIssuer.audience", true, limits::kReasonCharacters},
    {"TokenIssuer.keys", true, limits::kReasonCharacters},
    {"KnownPrincipal.name", true, limits::kIdCharacters, kPrincipal},
    {"KnownPrincipal.key_sha256", false, 10, kDigest, 64},
    {"KnownPrincipal.reader", false, 256},
    {"Role.name", true, 64, kSlug},
    {"Role.actions", true, 20},
    {"Grant.role", true, 64, kSlug},
    {"Grant.councils", false, 10'000, kCouncil, 9},
    {"Grant.refs", false, 10'000, kRef, 32},
};

const Rule* RuleOf(const FieldDescriptor& field) {
  const std::string name = absl::StrCat(field.containing_type()->name(), ".", field.name());
  const auto* const found =
      std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& r) { return r.field == name; });
  return found == std::end(kRules) ? nullptr : found;
}

std::string CommentOf(const std::string& full_name) {
  const auto* const found = std::find_if(std::begin(kComments), std::end(kComments),
                                         [&](const auto& comment) { return comment.first == full_name; });
  return found == std::end(kComments) ? "" : std::string(found->second);
}

void AddPattern(const Rule& rule, Json* text) {
  if (rule.pattern.empty()) return;
  (*text)["pattern"] = rule.required || rule.characters_of_each > 0 ? "^" + std::string(rule.pattern) + "$"
                                                                    : "^(" + std::string(rule.pattern) + ")?$";
}

Json SchemaOfType(const FieldDescriptor& field, std::set<const Descriptor*>* used) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsDecimal(*field.message_type()))
        return {{"type", {"number", "string"}}, {"pattern", "^-?[0-9]+([.][0-9]+)?$"}};
      used->insert(field.message_type());
      return {{"$ref", absl::StrCat("#/$defs/", field.message_type()->name())}};
    case FieldDescriptor::CPPTYPE_BOOL:
      if (field.real_containing_oneof() != nullptr) return {{"const", true}};  // Stated, or not there.
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"minimum", 0}};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {{"enum", EnumChoices(*field.enum_type())}};
    default:
      return {{"type", {"string", "number"}}};
  }
}

Json SchemaOfField(const FieldDescriptor& field, std::set<const Descriptor*>* used) {
  Json value = SchemaOfType(field, used);
  const Rule* rule = RuleOf(field);
  if (field.is_repeated()) {
    if (rule != nullptr && rule->characters_of_each > 0) {
      value["minLength"] = 1;
      value["maxLength"] = rule->characters_of_each;
      AddPattern(*rule, &value);
    }
    value = {{"type", "array"}, {"items", value}};
    if (rule != nullptr && rule->required) value["minItems"] = 1;
    if (rule != nullptr) value["maxItems"] = rule->most;
  } else if (rule != nullptr && field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    if (rule->required) value["minLength"] = 1;
    value["maxLength"] = rule->most;
    AddPattern(*rule, &value);
  } else if (rule != nullptr && field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    value["maximum"] = rule->most;
  }
  if (const std::string comment = CommentOf(field.full_name()); !comment.empty()) value["description"] = comment;
  return value;
}

Json SchemaOfMessage(const Descriptor& type, std::set<const Descriptor*>* used) {
  Json properties;
  Json required = Json::array();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    properties[field.name()] = SchemaOfField(field, used);
    if (const Rule* rule = RuleOf(field); rule != nullptr && rule->required) required.push_back(field.name());
  }
  Json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", properties}};
  if (const std::string comment = CommentOf(type.full_name()); !comment.empty()) schema["description"] = comment;
  if (!required.empty()) schema["required"] = required;
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {  // Of each exactly one is set.
    for (int j = 0; j < type.oneof_decl(i)->field_count(); ++j) {
      schema["oneOf"].push_back({{"required", {type.oneof_decl(i)->field(j)->name()}}});
    }
  }
  return schema;
}

}  // namespace

std::string SchemaOf(const Descriptor& type, std::string_view title) {
  std::set<const Descriptor*> used;
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  schema.update(SchemaOfMessage(type, &used));
  std::map<std::string, Json> definitions;
  while (true) {
    std::set<const Descriptor*> more;
    for (const Descriptor* part : used) {
      if (definitions.count(part->name()) == 0) definitions[part->name()] = SchemaOfMessage(*part, &more);
    }
    if (more.empty()) break;
    used = more;
  }
  schema["$defs"] = definitions;
  return schema.dump(2) + "\n";
}

}  // namespace bellwether::yaml
