#include "services/cli/known.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/text.h"
#include "bellwether/report/printed.h"

namespace bellwether::cli {

using report::AsSpreadsheetShows;
using report::SpreadsheetChanges;

void Known::Add(const std::string& council, v1::IndicatorDefinition definition) {
  const std::string ref = definition.ref();
  Council& of_council = councils_[council];
  of_council.descriptions[absl::AsciiStrToLower(definition.description())].insert(ref);
  of_council.saved[RefAsSpreadsheetSaves(ref)].insert(ref);
  std::vector<std::string> names(definition.alternate_refs().begin(), definition.alternate_refs().end());
  for (const std::string& alternate : names) of_council.alternates[alternate].insert(ref);
  names.push_back(ref);
  for (const std::string& name : names) {
    of_council.any_case[absl::AsciiStrToLower(name)].insert(ref);
    of_council.any_saved[RefAsSpreadsheetSaves(name)].insert(ref);
  }
  of_council.definitions.insert_or_assign(ref, std::move(definition));
}

void Known::Add(v1::ReadingInForce in_force) {
  Address address = in_force.has_reading()
                        ? Address{in_force.reading().council(), in_force.reading().ref(), in_force.reading().period()}
                        : Address{in_force.comment().council(), in_force.comment().ref(), in_force.comment().period()};
  in_force_.insert_or_assign(std::move(address), std::move(in_force));
}

const v1::IndicatorDefinition* Known::Find(const std::string& council, const std::string& written) const {
  const auto of_council = councils_.find(council);
  if (of_council == councils_.end() || written.empty()) return nullptr;
  const Council& known = of_council->second;
  if (const auto it = known.definitions.find(written); it != known.definitions.end()) return &it->second;
  // What is nearest first.
  for (const auto& [names, name] :
       {std::pair(&known.alternates, written), std::pair(&known.any_case, absl::AsciiStrToLower(written)),
        std::pair(&known.any_saved, written)}) {
    const auto it = names->find(name);
    if (it == names->end()) continue;
    return it->second.size() == 1 ? &known.definitions.at(*it->second.begin()) : nullptr;
  }
  return nullptr;
}

std::string Known::Disguised(const std::string& council, const std::string& ref) const {
  const auto of_council = councils_.find(council);
  if (of_council == councils_.end()) return "";
  const auto it = of_council->second.saved.find(ref);
  if (it == of_council->second.saved.end()) return "";
  const auto other = std::find_if(it->second.begin(), it->second.end(), [&](const std::string& r) { return r != ref; });
  return other == it->second.end() ? "" : *other;
}

std::string Known::RefOfDescription(const std::string& council, std::string_view description) const {
  const auto of_council = councils_.find(council);
  if (of_council == councils_.end()) return "";
  const auto it = of_council->second.descriptions.find(absl::AsciiStrToLower(core::ToAbsl(description)));
  return it == of_council->second.descriptions.end() || it->second.size() > 1 ? "" : *it->second.begin();
}

const v1::ReadingInForce* Known::InForce(const Address& address) const {
  const auto it = in_force_.find(address);
  return it == in_force_.end() ? nullptr : &it->second;
}

std::string RefAsSpreadsheetSaves(const std::string& ref) {
  if (!SpreadsheetChanges(ref)) return ref;
  const size_t zeros = std::min(ref.find_first_not_of('0'), ref.size() - 1);
  const std::string number = ref[zeros] == '.' ? "0" + ref.substr(zeros) : ref.substr(zeros);
  return core::Decimal::Parse(number).ok() ? AsSpreadsheetShows(number) : ref;
}

}  // namespace bellwether::cli
