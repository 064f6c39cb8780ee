#include "bellwether/codec/catalogue.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/predecessor.h"
#include "bellwether/rating/wordings.h"
#include "definition_parts.h"

namespace bellwether::codec {
namespace {

namespace limits = core::limits;
using Schemes = std::map<std::string, std::shared_ptr<const rating::Scheme>>;

Schemes ReadSchemes(const v1::Catalogue& proto, Checker& check) {
  Schemes schemes;
  const int scheme_count = check.Size("schemes", proto.schemes_size(), core::limits::kSchemesPerCatalogue);
  for (int i = 0; i < scheme_count; ++i) {
    const std::string path = At("schemes", i);
    Parsed<rating::Scheme> scheme = FromProto(proto.schemes(i));
    check.AddAll(Under(path, std::move(scheme.violations)));
    const std::string id = scheme.value.id;
    if (!schemes.emplace(id, std::make_shared<rating::Scheme>(std::move(scheme.value))).second) {
      check.Add(Join(path, "id"), Reason::kDuplicate,
                absl::StrCat(Quoted(id), " is the id of an earlier scheme: ids are unique"));
    }
  }
  return schemes;
}

void CheckSchemeId(const std::string& path, const std::string& id, const Schemes& schemes, Checker& check) {
  if (schemes.contains(id)) return;
  std::string known;
  for (const auto& [name, scheme] : schemes) absl::StrAppend(&known, known.empty() ? "" : ", ", name);
  check.Add(path, Reason::kUnknownScheme,
            absl::StrCat(Quoted(id), " is not the id of a scheme of this catalogue",
                         known.empty() ? ": it has none" : absl::StrCat(": it has ", known)));
}

void CheckDefaults(const v1::CatalogueDefaults& proto, const Schemes& schemes, Checker& check) {
  const int owner_count =
      check.Size("defaults.scoped_owners", proto.scoped_owners_size(), limits::kScopedSchemesPerCatalogue);
  for (int i = 0; i < owner_count; ++i) {
    const v1::ScopedOwner& scoped = proto.scoped_owners(i);
    const std::string path = At("defaults.scoped_owners", i);
    if (scoped.directorate().empty() && scoped.service().empty()) {
      check.Required(path, "say for which directorate or service, or use defaults.owner");
    }
    if (scoped.owner().name().empty()) check.Required(Join(path, "owner.name"), "say who owes the readings");
  }
  if (!proto.scheme_id().empty()) CheckSchemeId("defaults.scheme_id", proto.scheme_id(), schemes, check);
  const int scoped_count =
      check.Size("defaults.scoped_schemes", proto.scoped_schemes_size(), core::limits::kScopedSchemesPerCatalogue);
  for (int i = 0; i < scoped_count; ++i) {
    const v1::ScopedScheme& scoped = proto.scoped_schemes(i);
    const std::string path = At("defaults.scoped_schemes", i);
    CheckSchemeId(Join(path, "scheme_id"), scoped.scheme_id(), schemes, check);
    if (scoped.directorate().empty() && scoped.service().empty()) {
      check.Required(path, "say for which directorate or service, or use defaults.scheme_id");
    }
  }
}

// The first of the list that is for the indicator's directorate and service. Null: none.
template <typename Scoped>
const Scoped* FirstFor(const google::protobuf::RepeatedPtrField<Scoped>& list,
                       const v1::IndicatorDefinition& indicator) {
  for (const Scoped& scoped : list) {
    const bool directorate = scoped.directorate().empty() || scoped.directorate() == indicator.directorate();
    const bool service = scoped.service().empty() || scoped.service() == indicator.service();
    if (directorate && service) return &scoped;
  }
  return nullptr;
}

template <typename E>
E FirstStated(E own, E fallback, E last) {
  if (own != E{}) return own;
  return fallback != E{} ? fallback : last;
}

// The ways in which people write the unit percent.
bool IsPercentWord(const std::string& unit) {
  const std::string word = absl::AsciiStrToLower(unit);
  return word == "%" || word == "percent" || word == "per cent" || word == "percentage";
}

// Fills in what the indicator leaves to the defaults.
void Complete(const v1::Catalogue& catalogue, int place, v1::IndicatorDefinition& indicator) {
  const v1::CatalogueDefaults& defaults = catalogue.defaults();
  if (indicator.council().empty()) indicator.set_council(catalogue.council());
  if (indicator.report_position() == 0) indicator.set_report_position(static_cast<uint32_t>(place + 1));
  if (indicator.scheme_id().empty()) {
    const v1::ScopedScheme* scoped = FirstFor(defaults.scoped_schemes(), indicator);
    indicator.set_scheme_id(scoped != nullptr ? scoped->scheme_id() : defaults.scheme_id());
  }
  if (!indicator.has_owner()) {
    const v1::ScopedOwner* scoped = FirstFor(defaults.scoped_owners(), indicator);
    if (scoped != nullptr) {
      *indicator.mutable_owner() = scoped->owner();
    } else if (defaults.has_owner()) {
      *indicator.mutable_owner() = defaults.owner();
    }
  }
  indicator.set_frequency(FirstStated(indicator.frequency(), defaults.frequency(), v1::FREQUENCY_MONTHLY));
  indicator.set_year_basis(FirstStated(indicator.year_basis(), defaults.year_basis(), v1::YEAR_BASIS_FINANCIAL));
  indicator.set_reporting_year(
      FirstStated(indicator.reporting_year(), defaults.reporting_year(), v1::REPORTING_YEAR_FINANCIAL));
  if (!indicator.has_days_until_due()) indicator.set_days_until_due(defaults.days_until_due());
  if (!indicator.has_reporting_lag_periods()) indicator.set_reporting_lag_periods(defaults.reporting_lag_periods());
  if (!indicator.has_decimal_places()) indicator.set_decimal_places(defaults.decimal_places());
  if (indicator.key_commitment().empty()) indicator.set_key_commitment(defaults.key_commitment());
  if (indicator.unit().empty()) indicator.set_unit(defaults.unit());
  indicator.set_quarter_rule(
      FirstStated(indicator.quarter_rule(), defaults.quarter_rule(), v1::ROLL_UP_RULE_UNSPECIFIED));
  indicator.set_year_to_date_rule(
      FirstStated(indicator.year_to_date_rule(), defaults.year_to_date_rule(), v1::ROLL_UP_RULE_UNSPECIFIED));
  if (IsPercentWord(indicator.unit())) indicator.set_unit("percent");
  if (!indicator.has_ratio_multiplier()) {
    indicator.mutable_ratio_multiplier()->set_value(indicator.unit() == "percent" ? "100" : "1");
  }
}

// Where the indicators stand, by ref; the first of each.
std::map<std::string, int> PlacesOf(const v1::Catalogue& catalogue) {
  std::map<std::string, int> places;
  for (int i = 0; i < catalogue.indicators_size(); ++i) places.emplace(catalogue.indicators(i).ref(), i);
  return places;
}

void CheckOtherRefs(const rating::Definition& definition, const std::map<std::string, int>& places,
                    const FindDefinition& in_force, Checker& check) {
  for (size_t i = 0; i < definition.checks.size(); ++i) {
    const auto* shared = std::get_if<rating::SharedPopulation>(&definition.checks[i]);
    if (shared == nullptr || shared->other_ref.empty() || places.contains(shared->other_ref)) continue;
    if (in_force && in_force(shared->other_ref) != nullptr) continue;
    check.Add(Join(At("checks", static_cast<int>(i)), "shared_population.other_ref"), Reason::kUnknownRef,
              absl::StrCat(Quoted(shared->other_ref),
                           " is neither in this catalogue nor defined already: correct it, or define it first"));
  }
}

// Percentage points are of percentages, whether a target or its scheme speaks of them.
void CheckDefaultTolerance(const rating::Definition& definition, Checker& check) {
  const std::optional<rating::Tolerance>& tolerance = definition.scheme->default_tolerance;
  if (!tolerance.has_value() || definition.unit == "percent") return;
  const auto in_points = [](const std::optional<rating::ToleranceLimit>& limit) {
    return limit.has_value() && limit->kind == rating::ToleranceLimit::Kind::kPoints;
  };
  if (!in_points(tolerance->shortfall) && !in_points(tolerance->low) && !in_points(tolerance->high)) return;
  for (size_t i = 0; i < definition.targets.size(); ++i) {
    const rating::Target& target = definition.targets[i];
    if (target.tolerance.has_value() || std::holds_alternative<rating::TrackingOnly>(target.kind) ||
        std::holds_alternative<rating::UnderReview>(target.kind)) {
      continue;
    }
    check.Add(Join(At("targets", static_cast<int>(i)), "tolerance"), Reason::kContradiction,
              absl::StrCat("is left to the scheme ", Quoted(definition.scheme->id),
                           ", whose default is in percentage points, which need the unit \"percent\", not ",
                           Quoted(definition.unit), ": state a tolerance here, or name another scheme"));
  }
}

// A range that is open on the side that can be missed is met by every figure.
void CheckRanges(const rating::Definition& definition, Checker& check) {
  const bool higher = definition.polarity == rating::Polarity::kHigher;
  if (!higher && definition.polarity != rating::Polarity::kLower) return;
  for (size_t i = 0; i < definition.targets.size(); ++i) {
    const auto* range = std::get_if<rating::Range>(&definition.targets[i].kind);
    if (range == nullptr || (higher ? range->low : range->high).has_value()) continue;
    check.Add(Join(At("targets", static_cast<int>(i)), "range"), Reason::kContradiction,
              absl::StrCat("has no ", higher ? "low" : "high", " end, which alone can be missed where ",
                           higher ? "higher" : "lower", " is better, so every figure would be on target: state ",
                           higher ? "low" : "high", ", or another polarity"));
  }
}

// What roll-ups would add up, though it does not add up.
void CheckRollUps(const rating::Definition& definition, Checker& check) {
  if (const std::string_view rule = rating::ContradictoryRule(definition); !rule.empty()) {
    const std::string other = rule == "quarter_rule" ? "year_to_date_rule" : "quarter_rule";
    check.Add(rule, Reason::kContradiction,
              absl::StrCat("adds up months, but by ", other,
                           ", cumulative, each reading is the year so far already: say cumulative, latest, supplied or "
                           "not-shown here, or another rule there"));
  }
  const bool has_sum =
      definition.year_to_date_rule == rating::RollUpRule::kSum && definition.frequency != rating::Frequency::kYearly;
  const bool has_quarter_sum =
      definition.quarter_rule == rating::RollUpRule::kSum && definition.frequency == rating::Frequency::kMonthly;
  const bool is_bounded = definition.allowed_values.has_value() && definition.allowed_values->high.has_value();
  if (definition.unit != "percent" || is_bounded || (!has_sum && !has_quarter_sum)) return;
  check.Add(has_sum ? "year_to_date_rule" : "quarter_rule", Reason::kContradiction,
            "adds percentages up, which soon gives more than 100%: say ratio, weighted-mean, mean or latest; or, where "
            "they are shares of one whole, state allowed_values with a high end");
}

// Alternate refs are taken wherever a ref is: each names one indicator. Told of the later one.
void CheckAlternateRefs(const v1::IndicatorDefinition& own, int place, const std::map<std::string, int>& refs,
                        const std::map<std::string, int>& alternates, Checker& check) {
  for (int i = 0; i < own.alternate_refs_size(); ++i) {
    const std::string& alternate = own.alternate_refs(i);
    const auto ref = refs.find(alternate);
    const int other = ref != refs.end() && ref->second != place ? ref->second : alternates.at(alternate);
    if (other == place) continue;
    check.Add(At("alternate_refs", i), Reason::kDuplicate,
              absl::StrCat(Quoted(alternate), " names indicators[", other,
                           "] as well: refs and alternate refs are unique in the body"));
  }
}

ResolvedIndicator Resolve(const v1::Catalogue& catalogue, int place, const Schemes& schemes,
                          const std::map<std::string, int>& places, const std::map<std::string, int>& alternates,
                          const FindDefinition& in_force) {
  Checker check;
  v1::IndicatorDefinition proto = catalogue.indicators(place);
  if (!proto.council().empty() && proto.council() != catalogue.council()) {
    check.Add("council", Reason::kContradiction,
              absl::StrCat(Quoted(proto.council()), " is not the catalogue's council: leave it out"));
  }
  if (proto.has_scheme()) {
    check.Add("scheme", Reason::kContradiction,
              "is set: put the scheme among the catalogue's, and name it by scheme_id");
    proto.clear_scheme();
  }
  if (!proto.earlier().empty()) {
    check.Add("earlier", Reason::kContradiction,
              "is set: what was applied before stays in force for the months before effective_from; leave it out");
    proto.clear_earlier();
  }
  if (places.at(proto.ref()) != place) {
    check.Add(
        "ref", Reason::kDuplicate,
        absl::StrCat(Quoted(proto.ref()), " is the ref of indicators[", places.at(proto.ref()), "]: refs are unique"));
  }
  CheckAlternateRefs(catalogue.indicators(place), place, places, alternates, check);
  Complete(catalogue, place, proto);
  std::shared_ptr<const rating::Scheme> scheme = std::make_shared<rating::Scheme>();
  if (proto.scheme_id().empty()) {
    check.Required("scheme_id", "name a scheme, here or in the defaults");
  } else if (const auto found = schemes.find(proto.scheme_id()); found != schemes.end()) {
    scheme = found->second;
  } else {
    CheckSchemeId("scheme_id", proto.scheme_id(), schemes, check);
  }
  auto definition = std::make_shared<rating::Definition>(ReadDefinition(proto, std::move(scheme), check));
  CheckOtherRefs(*definition, places, in_force, check);
  CheckDefaultTolerance(*definition, check);
  CheckRanges(*definition, check);
  CheckRollUps(*definition, check);
  ResolvedIndicator resolved{proto.ref(), nullptr, {}, {}};
  if (const auto before = in_force ? in_force(proto.ref()) : nullptr; before != nullptr && check.ok()) {
    const std::optional<core::Month> from = definition->effective_from;
    if (from) CheckWordings(rating::InForceIn(*before, *from - 1), *definition, "", check);
    if (check.ok()) {
      resolved.replaced = rating::Replaced(*before, *definition);
      *definition = rating::Amended(*before, std::move(*definition));
    }
    // Each wording was in order when it was applied; beside this one it need not be.
    if (!definition->earlier.empty()) check.AddAll(FromProto(ToProto(*definition, WithScheme::kYes)).violations);
  } else {
    definition->effective_from.reset();  // Nothing was before.
  }
  resolved.violations = check.Take();
  if (resolved.violations.empty()) resolved.definition = std::move(definition);
  return resolved;
}

// What keeps figures from going on. Empty: nothing.
std::string WhyFiguresEnd(const rating::Definition& before, const rating::Definition& definition) {
  const core::Month begin = *definition.active_from;
  if (before.retired_from < begin) {
    return absl::StrCat(" is retired from ", before.retired_from->ToString(), " on, and this begins in ",
                        begin.ToString(), ": let one begin where the other ends");
  }
  if (rating::PeriodContaining(definition, begin).first() != begin) {
    return absl::StrCat(" ends within ", rating::PeriodContaining(definition, begin).ToString(),
                        ": let this begin with a period of its own");
  }
  const rating::Definition& last = rating::InForceIn(before, begin - 1);
  const rating::Definition& first = rating::InForceIn(definition, begin);
  std::string_view field = rating::UndatedDifference(before, definition);
  if (field.empty() && last.polarity != first.polarity) field = "polarity";
  if (!field.empty()) {
    return absl::StrCat(" has another ", core::ToAbsl(field), ", so figures do not compare: correct it");
  }
  if (last.scheme->id == first.scheme->id && *last.scheme != *first.scheme) {
    return absl::StrCat(" is rated by other rules under the same scheme id, ", Quoted(first.scheme->id),
                        ": give the changed scheme an id of its own");
  }
  return "";
}

// What is wrong with the indicator's predecessor, `before`.
void CheckPredecessor(const rating::Definition& before, const rating::Definition& definition, Checker& check) {
  const std::string name = Quoted(definition.predecessor);
  if (!definition.active_from) {
    return check.Required("active_from", absl::StrCat("say from which month on it continues ", name));
  }
  const std::string begin = definition.active_from->ToString();
  const auto contradicts = [&](const std::string& what) {
    check.Add("predecessor", Reason::kContradiction, name + what);
  };
  if (before.active_from >= definition.active_from) {
    contradicts(absl::StrCat(" begins in ", before.active_from->ToString(), ", and this in ", begin,
                             ": an indicator continues one that began before it"));
  } else if (!before.retired_from || *before.retired_from > *definition.active_from) {
    contradicts(absl::StrCat(before.retired_from ? " is retired only from " + before.retired_from->ToString() + " on"
                                                 : std::string(" is not retired"),
                             ", and this begins in ", begin, ": months would have both; say `retired_from: ", begin,
                             "` of it"));
  } else if (rating::TakesOver(definition)) {
    const std::string why = WhyFiguresEnd(before, definition);
    if (!why.empty()) contradicts(absl::StrCat(why, ", or say `breaks: [", begin, "]` here"));
  }
}

// What is wrong with the indicator whose figures the chart shows as well, `other`.
void CheckChartedWith(const rating::Definition& other, const rating::Definition& definition, Checker& check) {
  if (rating::CanShareAChart(definition, other)) return;
  check.Add("charted_with", Reason::kContradiction,
            absl::StrCat(Quoted(other.ref), " has another unit, ", Quoted(other.unit), ", and this ",
                         Quoted(definition.unit), ": one chart has one axis; name one of the same unit"));
}

// The others that each names, as they come out of the whole catalogue.
void CheckNamed(const std::map<std::string, int>& places, const FindDefinition& in_force, ResolvedCatalogue* resolved) {
  std::vector<Checker> checks(resolved->indicators.size());
  std::map<std::string, std::string> continued;  // By whom, first.
  // Null: none is named, or one that is wrong, which is told there or of the field.
  const auto find = [&](std::string_view field, const std::string& ref, Checker& check) {
    std::shared_ptr<const rating::Definition> other;
    if (ref.empty()) return other;
    const auto place = places.find(ref);
    if (place != places.end() && static_cast<size_t>(place->second) < resolved->indicators.size()) {
      other = resolved->indicators[static_cast<size_t>(place->second)].definition;
    }
    if (other == nullptr && in_force) other = in_force(ref);
    if (other == nullptr && place == places.end()) {
      check.Add(field, Reason::kUnknownRef,
                absl::StrCat(Quoted(ref),
                             " is neither in this catalogue nor defined already: correct it, or define it first"));
    }
    return other;
  };
  for (size_t i = 0; i < resolved->indicators.size(); ++i) {
    if (resolved->indicators[i].definition == nullptr) continue;
    const rating::Definition& definition = *resolved->indicators[i].definition;
    if (const auto other = find("charted_with", definition.charted_with, checks[i])) {
      CheckChartedWith(*other, definition, checks[i]);
    }
    const auto before = find("predecessor", definition.predecessor, checks[i]);
    if (before == nullptr) continue;
    CheckPredecessor(*before, definition, checks[i]);
    if (!checks[i].ok() || !rating::TakesOver(definition)) continue;
    const auto [other, is_first] = continued.emplace(definition.predecessor, definition.ref);
    if (is_first) continue;
    checks[i].Add("predecessor", Reason::kContradiction, TwoContinue(definition, other->second));
  }
  for (size_t i = 0; i < checks.size(); ++i) {
    if (checks[i].ok()) continue;
    resolved->indicators[i].violations = checks[i].Take();
    resolved->indicators[i].definition = nullptr;
  }
}

}  // namespace

std::string TwoContinue(const rating::Definition& definition, std::string_view other) {
  return absl::StrCat(Quoted(definition.predecessor), " goes on in ", core::ToAbsl(other),
                      " already, and its figures cannot go on in two: say `breaks: [",
                      definition.active_from->ToString(), "]` in one of them, whose figures do not compare with it");
}

Violations ResolvedCatalogue::All() const {
  Violations all = violations;
  for (size_t i = 0; i < indicators.size(); ++i) {
    for (Violation& v : Under(At("indicators", static_cast<int>(i)), indicators[i].violations)) {
      all.push_back(std::move(v));
    }
  }
  return all;
}

ResolvedCatalogue ResolveCatalogue(const v1::Catalogue& catalogue, const FindDefinition& in_force) {
  Checker check;
  ResolvedCatalogue resolved;
  resolved.council = catalogue.council();
  check.Council("council", catalogue.council());
  const Schemes schemes = ReadSchemes(catalogue, check);
  CheckDefaults(catalogue.defaults(), schemes, check);
  const int indicator_count = check.Size("indicators", catalogue.indicators_size(), limits::kIndicatorsPerCatalogue);
  if (catalogue.indicators().empty()) check.Required("indicators", "a catalogue has at least one");
  const std::map<std::string, int> places = PlacesOf(catalogue);
  std::map<std::string, int> alternates;  // The first of each.
  for (int i = 0; i < catalogue.indicators_size(); ++i) {
    for (const std::string& alternate : catalogue.indicators(i).alternate_refs()) alternates.emplace(alternate, i);
  }
  for (int i = 0; i < indicator_count; ++i) {
    resolved.indicators.push_back(Resolve(catalogue, i, schemes, places, alternates, in_force));
  }
  CheckNamed(places, in_force, &resolved);
  resolved.violations = check.Take();
  const bool council_is_wrong = std::any_of(resolved.violations.begin(), resolved.violations.end(),
                                            [](const Violation& v) { return v.field == "council"; });
  for (ResolvedIndicator& indicator : resolved.indicators) {
    if (!resolved.violations.empty()) indicator.definition = nullptr;
    if (!council_is_wrong) continue;  // Said once, not of each indicator that takes it from the catalogue.
    std::erase_if(indicator.violations,
                  [](const Violation& v) { return v.field == "council" && v.reason != Reason::kContradiction; });
  }
  return resolved;
}

}  // namespace bellwether::codec
