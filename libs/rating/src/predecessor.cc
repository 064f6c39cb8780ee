#include "bellwether/rating/predecessor.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace bellwether::rating {
namespace {

// Oldest first, each without the others.
std::vector<Definition> WordingsOf(const Definition& definition) {
  std::vector<Definition> wordings;
  wordings.reserve(definition.earlier.size() + 1);
  for (const auto& earlier : definition.earlier) wordings.push_back(*earlier);
  wordings.push_back(definition);
  wordings.back().earlier.clear();
  return wordings;
}

// Those of `before` that hold before `own` begins, and the own ones from then on.
Definition JoinedDefinition(const Definition& own, const Definition& before) {
  const core::Month begin = *own.active_from;
  std::vector<Definition> wordings = WordingsOf(before);
  std::erase_if(wordings, [&](const Definition& w) { return w.effective_from && *w.effective_from >= begin; });
  std::vector<Definition> own_wordings = WordingsOf(own);
  std::erase_if(own_wordings, [&, holds = InForceIn(own, begin).effective_from](const Definition& w) {
    return w.effective_from < holds;  // Absent is before every month.
  });
  own_wordings.front().effective_from = begin;
  std::move(own_wordings.begin(), own_wordings.end(), std::back_inserter(wordings));

  std::vector<core::Month> breaks;
  std::set_union(before.breaks.begin(), before.breaks.end(), own.breaks.begin(), own.breaks.end(),
                 std::back_inserter(breaks));
  for (Definition& wording : wordings) {
    wording.active_from = before.active_from;
    wording.breaks = breaks;
  }
  Definition joined = std::move(wordings.back());
  wordings.pop_back();
  for (Definition& wording : wordings) joined.earlier.push_back(std::make_shared<const Definition>(std::move(wording)));
  return joined;
}

Slots JoinedSlots(const Slots& own, const Slots& before, core::Month begin) {
  Slots joined;
  joined.reserve(own.size() + before.size());
  for (const auto& [period, slot] : before) {
    if (period.last() < begin) joined.emplace_hint(joined.end(), period, slot);
  }
  for (const auto& [period, slot] : own) {
    // One that was withdrawn from before the beginning is of nothing that the other has.
    if (slot.reading || period.last() >= begin) {
      joined.insert_or_assign(period, slot);
    } else {
      joined.emplace(period, slot);
    }
  }
  return joined;
}

}  // namespace

bool Follows(const Definition& definition, const Definition& before) {
  return definition.predecessor == before.ref && definition.active_from &&
         (!before.active_from || *before.active_from < *definition.active_from);
}

bool TakesOver(const Definition& definition) {
  const std::vector<core::Month>& breaks = definition.breaks;
  return !definition.predecessor.empty() && definition.active_from &&
         std::find(breaks.begin(), breaks.end(), *definition.active_from) == breaks.end();
}

bool GoesOn(const Definition& definition, const Definition& before) {
  return Follows(definition, before) && TakesOver(definition) && UndatedDifference(definition, before).empty();
}

Series Joined(const Subject& own, const Subject& before) {
  return {JoinedDefinition(*own.definition, *before.definition),
          std::max(own.definition_recorded, before.definition_recorded,
                   [](const RecordedAt& a, const RecordedAt& b) { return a.offset < b.offset; }),
          JoinedSlots(*own.slots, *before.slots, *own.definition->active_from)};
}

}  // namespace bellwether::rating
