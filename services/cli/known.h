// What is defined and in force, as the reading of a file needs it.
#ifndef BELLWETHER_SERVICES_CLI_KNOWN_H_
#define BELLWETHER_SERVICES_CLI_KNOWN_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "bellwether/v1/definition.pb.h"
#include "bellwether/v1/query_service.pb.h"

namespace bellwether::cli {

// One period of one indicator.
struct Address {
  std::string council;
  std::string ref;
  std::string period;
  friend auto operator<=>(const Address&, const Address&) = default;
};

class Known {
 public:
  void Add(const std::string& council, v1::IndicatorDefinition definition);
  void Add(v1::ReadingInForce in_force);

  // Of a ref, an alternate ref, or either in other case or as a spreadsheet saves it ("9.1" of "9.10"), where one alone
  // can be meant. Null: none.
  const v1::IndicatorDefinition* Find(const std::string& council, const std::string& written) const;
  // The ref of another indicator that a spreadsheet would turn into `ref`; empty: none.
  std::string Disguised(const std::string& council, const std::string& ref) const;
  // The ref of the indicator that is so described; empty: none, or several.
  std::string RefOfDescription(const std::string& council, std::string_view description) const;
  // Null: nothing is in force.
  const v1::ReadingInForce* InForce(const Address& address) const;

 private:
  using Refs = std::map<std::string, std::set<std::string>>;  // By what they are called.
  struct Council {
    std::map<std::string, v1::IndicatorDefinition> definitions;  // By ref.
    Refs alternates;
    Refs any_case;   // Of refs and alternate refs, in small letters.
    Refs any_saved;  // The same as a spreadsheet saves them.
    Refs saved;      // Of refs alone.
    Refs descriptions;
  };
  std::map<std::string, Council> councils_;
  std::map<Address, v1::ReadingInForce> in_force_;
};

// What a spreadsheet saves of a ref: "9.1" of "9.10", "7" of "007". Of what it takes for a date, and of any other, the
// ref.
std::string RefAsSpreadsheetSaves(const std::string& ref);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_KNOWN_H_
