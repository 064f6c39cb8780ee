// Targets: proto <-> domain.
#include <algorithm>
#include <set>

#include "bellwether/codec/scheme.h"
#include "bellwether/core/limits.h"
#include "definition_parts.h"
#include "tolerance.h"

namespace bellwether::codec {
namespace {

namespace limits = core::limits;

rating::Profile ReadProfile(const v1::Profile& proto, const std::string& path, Checker& check) {
  rating::Profile profile;
  const std::string points = Join(path, "points");
  if (proto.points().empty()) check.Required(points, "a profile has a value for at least one month");
  const int point_count = check.Size(points, proto.points_size(), limits::kProfilePoints);
  std::set<core::Month> months;
  for (int i = 0; i < point_count; ++i) {
    const v1::ProfilePoint& point = proto.points(i);
    const std::string place = At(points, i);
    const std::optional<core::Month> month = check.Month(Join(place, "month"), point.month());
    if (point.month().empty()) check.Required(Join(place, "month"), "write it like 2022-02");
    if (month.has_value() && !months.insert(*month).second) {
      check.Add(Join(place, "month"), Reason::kDuplicate,
                absl::StrCat(point.month(), " has a value already: one value a month"));
    }
    if (!point.has_value()) check.Required(Join(place, "value"), "state the value to have reached");
    const core::Decimal value = point.has_value() ? check.Number(Join(place, "value"), point.value()) : core::Decimal();
    if (month.has_value()) profile.points.push_back({*month, value});
  }
  std::sort(profile.points.begin(), profile.points.end(),
            [](const rating::ProfilePoint& a, const rating::ProfilePoint& b) { return a.month < b.month; });
  return profile;
}

rating::MonthlyShare ReadShare(const v1::MonthlyShare& proto, const std::string& path, Checker& check) {
  rating::MonthlyShare share;
  if (!proto.has_value()) check.Required(Join(path, "value"), "state what a month is rated against");
  if (!proto.has_annual()) check.Required(Join(path, "annual"), "state the annual target that it is a share of");
  if (proto.has_value()) share.value = check.Number(Join(path, "value"), proto.value());
  if (proto.has_annual()) share.annual = check.Number(Join(path, "annual"), proto.annual());
  return share;
}

void ReadKind(const v1::Target& proto, const std::string& path, rating::Target& target, Checker& check) {
  switch (proto.kind_case()) {
    case v1::Target::kValue:
      target.kind = check.Number(Join(path, "value"), proto.value());
      break;
    case v1::Target::kRange:
      target.kind = ReadRange(proto.range(), Join(path, "range"), check);
      break;
    case v1::Target::kProfile:
      target.kind = ReadProfile(proto.profile(), Join(path, "profile"), check);
      break;
    case v1::Target::kMonthlyShare:
      target.kind = ReadShare(proto.monthly_share(), Join(path, "monthly_share"), check);
      break;
    case v1::Target::kTracking:
      check.AlwaysTrue(Join(path, "tracking"), proto.tracking());
      target.kind = rating::TrackingOnly{};
      break;
    case v1::Target::kUnderReview:
      check.AlwaysTrue(Join(path, "under_review"), proto.under_review());
      target.kind = rating::UnderReview{};
      break;
    case v1::Target::KIND_NOT_SET:
      check.Required(path, "state value, range, profile, monthly_share, tracking or under_review");
      break;
  }
}

void CheckPoints(const std::optional<rating::ToleranceLimit>& limit, const std::string& path, const std::string& unit,
                 Checker& check) {
  if (limit.has_value() && limit->kind == rating::ToleranceLimit::Kind::kPoints && unit != "percent") {
    check.Add(Join(path, "points"), Reason::kContradiction,
              absl::StrCat("percentage points need the unit \"percent\", not ", Quoted(unit), ": state absolute"));
  }
}

}  // namespace

rating::Range ReadRange(const v1::Range& proto, const std::string& path, Checker& check) {
  rating::Range range;
  if (proto.has_low()) range.low = check.Number(Join(path, "low"), proto.low());
  if (proto.has_high()) range.high = check.Number(Join(path, "high"), proto.high());
  if (!proto.has_low() && !proto.has_high()) check.Required(path, "state low, high or both");
  if (range.low.has_value() && range.high.has_value() && core::Compare(*range.high, *range.low) < 0) {
    check.Add(Join(path, "high"), Reason::kContradiction,
              absl::StrCat(range.high->ToString(), " is below low, ", range.low->ToString(), ": swap them"));
  }
  return range;
}

rating::Target ReadTarget(const v1::Target& proto, const std::string& path, const std::string& unit, Checker& check) {
  rating::Target target;
  target.effective_from = check.Month(Join(path, "effective_from"), proto.effective_from());
  ReadKind(proto, path, target, check);
  if (proto.has_tolerance()) {
    const std::string place = Join(path, "tolerance");
    target.tolerance = ReadTolerance(proto.tolerance(), place, check);
    CheckPoints(target.tolerance->shortfall, Join(place, "shortfall"), unit, check);
    CheckPoints(target.tolerance->low, Join(place, "low"), unit, check);
    CheckPoints(target.tolerance->high, Join(place, "high"), unit, check);
  }
  std::set<int> cells;
  const int cell_count =
      check.Size(Join(path, "cells"), proto.cells_size(), limits::kStatuses);  // More than there are.
  for (int i = 0; i < cell_count; ++i) {
    const std::string place = At(Join(path, "cells"), i);
    const rating::CellKind cell = check.Code(place, proto.cells(i));
    if (cell == rating::CellKind::kPrevious) {
      check.Add(place, Reason::kContradiction, "the previous cell takes the target of the current one: leave it out");
    }
    if (!cells.insert(proto.cells(i)).second) check.Add(place, Reason::kDuplicate, "stands in the list twice");
    target.cells.push_back(cell);
  }
  std::sort(target.cells.begin(), target.cells.end());
  check.Text(Join(path, "wording"), proto.wording(), limits::kNameCharacters);
  target.wording = proto.wording();
  return target;
}

v1::Target TargetToProto(const rating::Target& target) {
  v1::Target proto;
  if (target.effective_from.has_value()) proto.set_effective_from(target.effective_from->ToString());
  if (const auto* value = std::get_if<core::Decimal>(&target.kind)) {
    *proto.mutable_value() = ToProto(*value);
  } else if (const auto* range = std::get_if<rating::Range>(&target.kind)) {
    *proto.mutable_range() = ToProto(*range);
  } else if (const auto* profile = std::get_if<rating::Profile>(&target.kind)) {
    for (const rating::ProfilePoint& p : profile->points) {
      v1::ProfilePoint* point = proto.mutable_profile()->add_points();
      point->set_month(p.month.ToString());
      *point->mutable_value() = ToProto(p.value);
    }
  } else if (const auto* share = std::get_if<rating::MonthlyShare>(&target.kind)) {
    *proto.mutable_monthly_share()->mutable_value() = ToProto(share->value);
    *proto.mutable_monthly_share()->mutable_annual() = ToProto(share->annual);
  } else if (std::holds_alternative<rating::TrackingOnly>(target.kind)) {
    proto.set_tracking(true);
  } else {
    proto.set_under_review(true);
  }
  if (target.tolerance.has_value()) *proto.mutable_tolerance() = ToProto(*target.tolerance);
  for (const rating::CellKind c : target.cells) proto.add_cells(ToProto(c));
  proto.set_wording(target.wording);
  return proto;
}

}  // namespace bellwether::codec
