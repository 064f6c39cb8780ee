#include "bellwether/codec/definition.h"

#include <algorithm>
#include <array>
#include <set>

#include "bellwether/codec/record.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "definition_parts.h"
#include "fields.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"

namespace bellwether::codec {
namespace {

namespace limits = core::limits;

// Texts and ranges of a definition that no other message has.

void ReadTexts(const v1::IndicatorDefinition& proto, rating::Definition& d, Checker& check) {
  check.Council("council", proto.council());
  check.Ref("ref", proto.ref());
  check.Text("description", proto.description(), limits::kDescriptionCharacters, 1, Lines::kMany);
  check.Text("directorate", proto.directorate(), limits::kNameCharacters);
  check.Text("service", proto.service(), limits::kNameCharacters);
  check.Text("unit", proto.unit(), limits::kUnitCharacters, 1);
  check.Text("key_commitment", proto.key_commitment(), limits::kNameCharacters);
  check.Text("geography", proto.geography(), limits::kReasonCharacters, 0, Lines::kMany);
  check.Text("coverage", proto.coverage(), limits::kDescriptionCharacters, 0, Lines::kMany);
  const int ref_count = check.Size("alternate_refs", proto.alternate_refs_size(), limits::kAlternateRefs);
  std::set<std::string> refs;
  for (int i = 0; i < ref_count; ++i) {
    const std::string place = At("alternate_refs", i);
    check.Text(place, proto.alternate_refs(i), limits::kAlternateRefCharacters, 1);
    if (!refs.insert(proto.alternate_refs(i)).second) check.Add(place, Reason::kDuplicate, "stands in the list twice");
  }
  const int note_count = check.Size("notes", proto.notes_size(), limits::kNotes);
  for (int i = 0; i < note_count; ++i) {
    check.Text(At("notes", i), proto.notes(i), limits::kNoteCharacters, 1, Lines::kMany);
  }
  if (!proto.predecessor().empty()) {
    check.Ref("predecessor", proto.predecessor());
    if (proto.predecessor() == proto.ref()) {
      check.Add("predecessor", Reason::kContradiction, "is the indicator's own ref: name the one that it continues");
    }
  }
  if (!proto.charted_with().empty()) {
    check.Ref("charted_with", proto.charted_with());
    if (proto.charted_with() == proto.ref()) {
      check.Add("charted_with", Reason::kContradiction,
                "is the indicator's own ref: name the other one that its chart is to show");
    }
  }
  d.council = proto.council();
  d.ref = proto.ref();
  d.description = proto.description();
  d.directorate = proto.directorate();
  d.service = proto.service();
  d.unit = proto.unit();
  d.key_commitment = proto.key_commitment();
  d.geography = proto.geography();
  d.coverage = proto.coverage();
  d.alternate_refs.assign(proto.alternate_refs().begin(), proto.alternate_refs().end());
  d.notes.assign(proto.notes().begin(), proto.notes().end());
  d.predecessor = proto.predecessor();
  d.charted_with = proto.charted_with();
}

void ReadSettings(const v1::IndicatorDefinition& proto, rating::Definition& d, Checker& check) {
  if (proto.report_position() == 0) check.Required("report_position", "places count from 1");
  d.report_position = proto.report_position();
  check.Within("decimal_places", proto.decimal_places(), 0, core::Decimal::kMaxScale);
  check.Within("reporting_lag_periods", proto.reporting_lag_periods(), 0, limits::kReportingLagPeriods);
  check.Within("days_until_due", proto.days_until_due(), 0, limits::kDaysUntilDue);
  d.decimal_places = static_cast<int>(proto.decimal_places());
  d.reporting_lag_periods = static_cast<int>(proto.reporting_lag_periods());
  d.days_until_due = static_cast<int>(proto.days_until_due());
  if (proto.has_ratio_multiplier()) {
    const size_t before = check.count();
    d.ratio_multiplier = check.Number("ratio_multiplier", proto.ratio_multiplier());
    if (check.count() == before && (d.ratio_multiplier.IsNegative() || d.ratio_multiplier.IsZero())) {
      check.Add("ratio_multiplier", Reason::kOutOfRange,
                absl::StrCat(d.ratio_multiplier.ToString(), " is not above zero: 100 makes a ratio a percentage"));
    }
  } else {
    check.Required("ratio_multiplier", "100 makes a ratio a percentage, 1 leaves it");
  }
  d.polarity = check.Code("polarity", proto.polarity());
  d.frequency = check.Code("frequency", proto.frequency());
  d.year_basis = check.Code("year_basis", proto.year_basis());
  d.reporting_year = check.Code("reporting_year", proto.reporting_year());
  d.quarter_rule = check.Code("quarter_rule", proto.quarter_rule());
  d.quarter_running = proto.quarter_running();
  d.year_to_date_rule = check.Code("year_to_date_rule", proto.year_to_date_rule());
  d.effective_from = check.Month("effective_from", proto.effective_from());
  d.active_from = check.Month("active_from", proto.active_from());
  d.retired_from = check.Month("retired_from", proto.retired_from());
  if (d.active_from && d.retired_from && *d.retired_from <= *d.active_from) {
    check.Add("retired_from", Reason::kContradiction,
              absl::StrCat(proto.retired_from(), " is not after active_from, ", proto.active_from(),
                           ": correct one of them"));
  }
  switch (proto.direction_basis()) {
    case v1::DIRECTION_BASIS_UNSPECIFIED:
    case v1::DIRECTION_BASIS_VALUE:
      d.direction_basis = rating::DirectionBasis::kValue;
      break;
    case v1::DIRECTION_BASIS_ATTAINMENT:
      d.direction_basis = rating::DirectionBasis::kAttainment;
      break;
    default:
      check.Add("direction_basis", Reason::kUnknownCode,
                absl::StrCat(proto.direction_basis(),
                             " is not one: say DIRECTION_BASIS_VALUE or "
                             "DIRECTION_BASIS_ATTAINMENT"));
  }
  if (proto.has_allowed_values()) d.allowed_values = ReadRange(proto.allowed_values(), "allowed_values", check);
}

rating::Owner ReadOwner(const v1::Owner& proto, Checker& check) {
  check.Text("owner.name", proto.name(), limits::kNameCharacters, 1);
  check.Text("owner.address", proto.address(), limits::kNameCharacters);
  return {proto.name(), proto.address()};
}

rating::Benchmark ReadBenchmark(const v1::Benchmark& proto, Checker& check) {
  rating::Benchmark benchmark;
  if (proto.has_value()) benchmark.value = check.Number("benchmark.value", proto.value());
  check.Text("benchmark.comparator", proto.comparator(), limits::kComparatorCharacters);
  check.Text("benchmark.period", proto.period(), limits::kBenchmarkPeriodCharacters);
  benchmark.comparator = proto.comparator();
  benchmark.period = proto.period();
  return benchmark;
}

std::vector<core::Month> ReadBreaks(const v1::IndicatorDefinition& proto, Checker& check) {
  const int break_count = check.Size("breaks", proto.breaks_size(), limits::kBreaks);
  std::set<core::Month> months;
  for (int i = 0; i < break_count; ++i) {
    const std::string place = At("breaks", i);
    if (proto.breaks(i).empty()) check.Required(place, "write the first month of the new series, like 2021-04");
    const std::optional<core::Month> month = check.Month(place, proto.breaks(i));
    if (month.has_value() && !months.insert(*month).second) {
      check.Add(place, Reason::kDuplicate, absl::StrCat(proto.breaks(i), " stands in the list twice"));
    }
  }
  return {months.begin(), months.end()};
}

rating::SharedPopulation ReadShared(const v1::SharedPopulation& proto, const std::string& ref, const std::string& path,
                                    Checker& check) {
  rating::SharedPopulation shared;
  shared.figure = check.Code(Join(path, "figure"), proto.figure());
  check.Ref(Join(path, "other_ref"), proto.other_ref());
  shared.other_ref = proto.other_ref();
  shared.other_figure = check.Code(Join(path, "other_figure"), proto.other_figure());
  shared.from = check.Month(Join(path, "from"), proto.from());
  if (proto.other_ref() == ref && proto.figure() == proto.other_figure()) {
    check.Add(Join(path, "other_ref"), Reason::kContradiction, "compares a figure with itself: name another indicator");
  }
  return shared;
}

std::vector<rating::Check> ReadChecks(const v1::IndicatorDefinition& proto, Checker& check) {
  const int check_count = check.Size("checks", proto.checks_size(), limits::kChecks);
  std::vector<rating::Check> checks;
  for (int i = 0; i < check_count; ++i) {
    const v1::Check& c = proto.checks(i);
    const std::string path = At("checks", i);
    switch (c.check_case()) {
      case v1::Check::kSharedPopulation:
        checks.emplace_back(ReadShared(c.shared_population(), proto.ref(), Join(path, "shared_population"), check));
        break;
      case v1::Check::kRunningAmount:
        check.AlwaysTrue(Join(path, "running_amount"), c.running_amount());
        checks.emplace_back(rating::RunningAmount{});
        break;
      case v1::Check::CHECK_NOT_SET:
        check.Required(path, "state shared_population or running_amount");
        continue;
    }
    if (std::find(checks.begin(), checks.end() - 1, checks.back()) != checks.end() - 1) {
      check.Add(path, Reason::kDuplicate, "says the same as an earlier check: remove one");
    }
  }
  return checks;
}

std::vector<rating::SilencedWarning> ReadSilenced(const v1::IndicatorDefinition& proto, Checker& check) {
  const int count = check.Size("silenced_warnings", proto.silenced_warnings_size(), limits::kChecks);
  std::vector<rating::SilencedWarning> silenced;
  for (int i = 0; i < count; ++i) {
    const v1::SilencedWarning& s = proto.silenced_warnings(i);
    const std::string path = At("silenced_warnings", i);
    const rating::WarningKind kind = check.Code(Join(path, "kind"), s.kind());
    check.Text(Join(path, "reason"), s.reason(), limits::kReasonCharacters, 1, Lines::kMany);
    if (std::any_of(silenced.begin(), silenced.end(), [&](const auto& other) { return other.kind == kind; })) {
      check.Add(Join(path, "kind"), Reason::kDuplicate, "stands in the list twice: remove one");
    }
    silenced.push_back({kind, s.reason()});
  }
  return silenced;
}

std::vector<rating::Target> ReadTargets(const v1::IndicatorDefinition& proto, Checker& check) {
  const int target_count = check.Size("targets", proto.targets_size(), limits::kTargets);
  std::vector<rating::Target> targets;
  for (int i = 0; i < target_count; ++i) {
    const std::string path = At("targets", i);
    rating::Target target = ReadTarget(proto.targets(i), path, proto.unit(), check);
    const bool compares = !std::holds_alternative<rating::TrackingOnly>(target.kind) &&
                          !std::holds_alternative<rating::UnderReview>(target.kind);
    if (compares && proto.polarity() == v1::POLARITY_NONE) {
      check.Add(path, Reason::kContradiction,
                "with polarity none neither side of a target is better: give a polarity, or {tracking: true}");
    }
    const bool twin = std::any_of(targets.begin(), targets.end(), [&target](const rating::Target& other) {
      return other.effective_from == target.effective_from && other.cells == target.cells;
    });
    if (twin) {
      check.Add(path, Reason::kDuplicate,
                "an earlier target has the same effective_from and cells: one of them has to give way");
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

v1::Check CheckToProto(const rating::Check& check) {
  v1::Check proto;
  if (const auto* shared = std::get_if<rating::SharedPopulation>(&check)) {
    v1::SharedPopulation* p = proto.mutable_shared_population();
    p->set_figure(ToProto(shared->figure));
    p->set_other_ref(shared->other_ref);
    p->set_other_figure(ToProto(shared->other_figure));
    if (shared->from.has_value()) p->set_from(shared->from->ToString());
  } else {
    proto.set_running_amount(true);
  }
  return proto;
}

}  // namespace

rating::Definition ReadDefinition(const v1::IndicatorDefinition& proto, std::shared_ptr<const rating::Scheme> scheme,
                                  Checker& check) {
  rating::Definition d;
  ReadTexts(proto, d, check);
  ReadSettings(proto, d, check);
  if (proto.has_benchmark()) d.benchmark = ReadBenchmark(proto.benchmark(), check);
  if (proto.has_owner()) d.owner = ReadOwner(proto.owner(), check);
  d.breaks = ReadBreaks(proto, check);
  d.checks = ReadChecks(proto, check);
  d.silenced = ReadSilenced(proto, check);
  d.targets = ReadTargets(proto, check);
  d.scheme = std::move(scheme);
  return d;
}

namespace {

// Each definition of the log holds its scheme whole, and a body has few: to read one anew takes longer than all else of
// a definition. So the last ones that a thread found right are kept, by their bytes.
class KeptSchemes {
 public:
  // Null: not kept.
  std::shared_ptr<const rating::Scheme> Find(std::string_view bytes) const {
    for (const auto& [known, scheme] : kept_) {
      if (scheme != nullptr && known == bytes) return scheme;
    }
    return nullptr;
  }
  void Keep(std::string bytes, std::shared_ptr<const rating::Scheme> scheme) {
    kept_[next_++ % kept_.size()] = {std::move(bytes), std::move(scheme)};
  }

  static KeptSchemes& OfThread() {
    thread_local KeptSchemes kept;
    return kept;
  }

 private:
  std::array<std::pair<std::string, std::shared_ptr<const rating::Scheme>>, 8> kept_;
  size_t next_ = 0;
};

std::shared_ptr<const rating::Scheme> ReadScheme(const v1::Scheme& proto, Checker& check) {
  std::string bytes = SerializeDeterministically(proto);
  KeptSchemes& kept = KeptSchemes::OfThread();
  if (std::shared_ptr<const rating::Scheme> known = kept.Find(bytes); known != nullptr) return known;
  Parsed<rating::Scheme> parsed = FromProto(proto);
  const bool right = parsed.ok();
  check.AddAll(Under("scheme", std::move(parsed.violations)));
  auto scheme = std::make_shared<const rating::Scheme>(std::move(parsed.value));
  if (right) kept.Keep(std::move(bytes), scheme);
  return scheme;
}

// A complete one, but for its earlier wordings. `scheme`: that of `proto`, which then lacks it; else null.
rating::Definition ReadComplete(const v1::IndicatorDefinition& proto, std::shared_ptr<const rating::Scheme> scheme,
                                Checker& check) {
  if (scheme == nullptr && !proto.has_scheme()) {
    check.Required("scheme", "a complete definition holds its scheme");
    return ReadDefinition(proto, std::make_shared<const rating::Scheme>(), check);
  }
  if (scheme == nullptr) scheme = ReadScheme(proto.scheme(), check);
  if (proto.scheme_id() != scheme->id) {
    check.Add("scheme_id", Reason::kContradiction,
              absl::StrCat(Quoted(proto.scheme_id()), " is not the id of the scheme, ", Quoted(scheme->id)));
  }
  return ReadDefinition(proto, std::move(scheme), check);
}

}  // namespace

void CheckWordings(const rating::Definition& before, const rating::Definition& after, const std::string& place,
                   Checker& check) {
  if (const std::string_view field = rating::UndatedDifference(before, after); !field.empty()) {
    check.Add(Join(place, field), Reason::kContradiction,
              "cannot change from a month on: figures would no longer compare; define another indicator, and name this "
              "one as its predecessor");
  }
  if (before.scheme->id == after.scheme->id && *before.scheme != *after.scheme) {
    check.Add(
        Join(place, "scheme_id"), Reason::kContradiction,
        absl::StrCat(Quoted(after.scheme->id),
                     " had other rules before, by which the months until then stay rated: give the changed scheme "
                     "an id of its own, since reports show both"));
  }
}

namespace {

// With its earlier wordings; as ReadComplete.
Parsed<rating::Definition> ReadWhole(const v1::IndicatorDefinition& proto,
                                     std::shared_ptr<const rating::Scheme> scheme) {
  Checker check;
  rating::Definition definition = ReadComplete(proto, std::move(scheme), check);
  const int earlier_count = check.Size("earlier", proto.earlier_size(), limits::kEarlierWordings);
  for (int i = 0; i < earlier_count; ++i) {
    Checker own;
    auto earlier = std::make_shared<rating::Definition>(ReadComplete(proto.earlier(i), nullptr, own));
    if (!proto.earlier(i).earlier().empty()) {
      own.Add("earlier", Reason::kContradiction, "is set: earlier wordings stand side by side");
    }
    check.AddAll(Under(At("earlier", i), own.Take()));
    definition.earlier.push_back(std::move(earlier));
  }
  std::vector<const rating::Definition*> wordings;
  for (const auto& earlier : definition.earlier) wordings.push_back(earlier.get());
  wordings.push_back(&definition);
  for (size_t i = 0; i + 1 < wordings.size(); ++i) {
    const std::string place = At("earlier", static_cast<int>(i));
    const std::optional<core::Month>& from = wordings[i]->effective_from;
    const std::optional<core::Month>& next = wordings[i + 1]->effective_from;
    if (!next || (from && *from >= *next)) {
      check.Add(Join(place, "effective_from"), Reason::kContradiction,
                "is not before that of the next: wordings are in the order of the months from which they hold");
    }
    // Of all later ones: a scheme may come back.
    for (size_t later = i + 1; later < wordings.size(); ++later)
      CheckWordings(*wordings[i], *wordings[later], place, check);
  }
  if (definition.earlier.empty() && definition.effective_from) {
    check.Add("effective_from", Reason::kContradiction, "is set, and there is nothing earlier: leave it out");
  }
  return {std::move(definition), check.Take()};
}

}  // namespace

Parsed<rating::Definition> FromProto(const v1::IndicatorDefinition& proto) { return ReadWhole(proto, nullptr); }

std::optional<Parsed<rating::Definition>> ReadOfKeptScheme(std::string_view bytes, v1::IndicatorDefinition* message) {
  std::shared_ptr<const rating::Scheme> scheme;
  std::string rest;
  Fields fields(bytes);
  while (const std::optional<Field> field = fields.Next()) {
    if (field->in_group || field->number != v1::IndicatorDefinition::kSchemeFieldNumber) continue;
    if (scheme != nullptr || field->type != WireType::kLength) return std::nullopt;
    scheme = KeptSchemes::OfThread().Find(field->content);
    if (scheme == nullptr) return std::nullopt;
    const std::string_view whole = fields.BytesOf(*field);
    rest = absl::StrCat(core::ToAbsl(bytes.substr(0, field->begin)),
                        core::ToAbsl(bytes.substr(field->begin + whole.size())));
  }
  if (!fields.AtEnd() || scheme == nullptr || !message->ParseFromString(rest)) return std::nullopt;
  return ReadWhole(*message, std::move(scheme));
}

v1::IndicatorDefinition ToProto(const rating::Definition& d, WithScheme with_scheme) {
  v1::IndicatorDefinition proto = WordingToProto(d);
  if (with_scheme == WithScheme::kYes) *proto.mutable_scheme() = ToProto(*d.scheme);
  for (const auto& earlier : d.earlier) *proto.add_earlier() = ToProto(*earlier, with_scheme);
  return proto;
}

v1::IndicatorDefinition WordingToProto(const rating::Definition& d) {
  v1::IndicatorDefinition proto;
  proto.set_council(d.council);
  proto.set_ref(d.ref);
  for (const std::string& ref : d.alternate_refs) proto.add_alternate_refs(ref);
  proto.set_description(d.description);
  proto.set_directorate(d.directorate);
  proto.set_service(d.service);
  proto.set_report_position(d.report_position);
  proto.set_unit(d.unit);
  proto.set_decimal_places(static_cast<uint32_t>(d.decimal_places));
  *proto.mutable_ratio_multiplier() = ToProto(d.ratio_multiplier);
  proto.set_polarity(ToProto(d.polarity));
  proto.set_frequency(ToProto(d.frequency));
  proto.set_reporting_lag_periods(static_cast<uint32_t>(d.reporting_lag_periods));
  proto.set_days_until_due(static_cast<uint32_t>(d.days_until_due));
  if (d.active_from.has_value()) proto.set_active_from(d.active_from->ToString());
  for (const rating::SilencedWarning& s : d.silenced) {
    v1::SilencedWarning* silenced = proto.add_silenced_warnings();
    silenced->set_kind(ToProto(s.kind));
    silenced->set_reason(s.reason);
  }
  if (d.retired_from.has_value()) proto.set_retired_from(d.retired_from->ToString());
  proto.set_year_basis(ToProto(d.year_basis));
  proto.set_reporting_year(ToProto(d.reporting_year));
  proto.set_quarter_rule(ToProto(d.quarter_rule));
  proto.set_quarter_running(d.quarter_running);
  proto.set_year_to_date_rule(ToProto(d.year_to_date_rule));
  proto.set_key_commitment(d.key_commitment);
  if (d.benchmark.has_value()) {
    v1::Benchmark* benchmark = proto.mutable_benchmark();
    if (d.benchmark->value.has_value()) *benchmark->mutable_value() = ToProto(*d.benchmark->value);
    benchmark->set_comparator(d.benchmark->comparator);
    benchmark->set_period(d.benchmark->period);
  }
  if (d.owner) {
    proto.mutable_owner()->set_name(d.owner->name);
    proto.mutable_owner()->set_address(d.owner->address);
  }
  for (const std::string& note : d.notes) proto.add_notes(note);
  proto.set_geography(d.geography);
  proto.set_coverage(d.coverage);
  proto.set_predecessor(d.predecessor);
  proto.set_charted_with(d.charted_with);
  for (const core::Month month : d.breaks) proto.add_breaks(month.ToString());
  for (const rating::Check& check : d.checks) *proto.add_checks() = CheckToProto(check);
  proto.set_direction_basis(d.direction_basis == rating::DirectionBasis::kAttainment ? v1::DIRECTION_BASIS_ATTAINMENT
                                                                                     : v1::DIRECTION_BASIS_VALUE);
  if (d.allowed_values.has_value()) *proto.mutable_allowed_values() = ToProto(*d.allowed_values);
  for (const rating::Target& target : d.targets) *proto.add_targets() = TargetToProto(target);
  proto.set_scheme_id(d.scheme->id);
  if (d.effective_from) proto.set_effective_from(d.effective_from->ToString());
  return proto;
}

std::vector<std::string> ChangedFields(const rating::Definition& before, const rating::Definition& after) {
  const v1::IndicatorDefinition a = ToProto(before, WithScheme::kYes);
  const v1::IndicatorDefinition b = ToProto(after, WithScheme::kYes);
  google::protobuf::util::MessageDifferencer differencer;
  const google::protobuf::Descriptor* type = v1::IndicatorDefinition::descriptor();
  std::vector<std::string> changed;
  for (int i = 0; i < type->field_count(); ++i) {
    if (!differencer.CompareWithFields(a, b, {type->field(i)}, {type->field(i)})) {
      changed.push_back(type->field(i)->name());
    }
  }
  return changed;
}

}  // namespace bellwether::codec
