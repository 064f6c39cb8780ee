// The councils, findings, keys, the accessibility statement, and what is said where there is no page.
#include "absl/strings/str_cat.h"
#include "bellwether/report/pages.h"
#include "parts.h"

namespace bellwether::report {

using markup::Action;
using markup::Address;
using markup::El;
using markup::Href;
using markup::Markup;
using markup::Void;

std::string FindingsPage(const Site& site, const v1::GetReportResponse& report,
                         const std::vector<v1::Finding>& findings) {
  const std::string period = PeriodName(report.period());
  Markup main = El("h1", {}, absl::StrCat("What does not add up, ", period));
  main += El("p", {{"class", "lead"}},
             "A finding says where published figures contradict one another, or the key by which they are rated. It "
             "never changes a figure.");
  main += findings.empty()
              ? El("p", {}, "Nothing was found.")
              : FindingsTable(site, findings,
                              absl::StrCat(findings.size(), findings.size() == 1 ? " finding" : " findings",
                                           " in the report of ", period));
  return Document(site, absl::StrCat("Findings, ", period), Place::kFindings, report.period(), main,
                  MadeFrom(report.position()));
}

std::string KeysPage(const Site& site, const v1::GetReportResponse& report) {
  const Markup main = StatusMarks(report.schemes()) + El("h1", {}, "Keys and terminology") + Keys(report.schemes());
  return Document(site, "Keys and terminology", Place::kKeys, report.period(), main, MadeFrom(report.position()));
}

std::string CouncilsPage(const std::vector<CouncilEntry>& councils, const std::string& contact) {
  Markup main = El("h1", {}, "Performance reports");
  Markup items;
  for (const CouncilEntry& c : councils) {
    const std::string name = c.name.empty() ? c.code : c.name;
    Markup state = c.problem.empty()
                       ? El("p", {{"class", "beside"}}, absl::StrCat("Newest report: ", PeriodName(c.period)))
                       : El("p", {{"class", "beside"}}, c.problem);
    items += El("li", {}, El("a", {Href(Address::Of({c.code}))}, name), state);
  }
  if (!items.empty()) main += El("ul", {{"class", "councils"}}, items);
  main += El("h2", {}, items.empty() ? "Open a council’s report" : "Another council");
  main += El("form", {{"method", "get"}, Action(HomeAddress())},
             El("label", {{"for", "council"}}, "Its nine-character code, such as E06000061"),
             Void("input", {{"id", "council"},
                            {"name", "council"},
                            {"type", "text"},
                            {"required", ""},
                            {"maxlength", 9},
                            {"pattern", "[EWSNewsn][0-9]{8}"},
                            {"autocomplete", "off"},
                            {"spellcheck", "false"}}),
             El("button", {{"type", "submit"}}, "Open"));
  return Document({"", "", contact, false}, "Councils", Place::kCouncils, "", main, {});
}

std::string AccessibilityPage(const std::string& contact) {
  Markup main = El("h1", {}, "Accessibility statement");
  main += El("p", {{"class", "lead"}},
             "These pages are meant to be read by everybody: by eye, by ear, by keyboard alone, on paper.");
  main += El("h2", {}, "How accessible they are");
  main += El("p", {},
             "They are built to the Web Content Accessibility Guidelines version 2.2, level AA, as the Public Sector "
             "Bodies (Websites and Mobile Applications) Accessibility Regulations 2018 ask. Each status is told by a "
             "word, a shape and a colour. Charts have a title that says what is seen, and their figures stand in a "
             "table. Nothing needs a script, a pointer, or a colour. Pages fit a width of 320 pixels and follow the "
             "settings of your device for dark or light, for high contrast and for print.");
  main += El("h2", {}, "What is known not to be");
  main += El(
      "ul", {},
      El("li", {}, "Comments and descriptions are shown as councils wrote them; their wording has not been checked."),
      El("li", {}, "CSV files hold no marks of headings; the pages hold the same figures with them."),
      El("li", {},
         "The arrows of a council’s own key are read by some screen readers as “upwards arrow”; the words beside them "
         "say the same."));
  main += El("h2", {}, "How this was tested");
  main += El("p", {},
             "Every kind of page is tested by axe-core in Chromium, in light and in dark, with each change of the "
             "program. No person who uses assistive technology has tested it yet.");
  main += El("h2", {}, "Tell us what is wrong");
  main += contact.empty()
              ? El("p", {},
                   "Whoever publishes this report has not said here how to be reached. The council’s own website does.")
              : El("p", {}, "Tell: ", El("strong", {}, contact), ".");
  main += El("p", {},
             "If you are not content with the answer, the Equality Advisory and Support Service advises you; the "
             "Equality and Human Rights Commission enforces the regulations.");
  return Document({"", "", contact, false}, "Accessibility statement", Place::kNone, "", main, {});
}

std::string ProblemPage(const Site& site, const Problem& problem) {
  const Markup main =
      El("h1", {}, problem.heading) + El("p", {{"class", "lead"}}, problem.matter) + El("p", {}, problem.remedy) +
      (site.council.empty() ? Markup()
                            : El("p", {}, El("a", {Href(Address::Of({site.council}))}, "The newest report"))) +
      El("p", {}, El("a", {Href(HomeAddress())}, "All councils"));
  return Document(site, problem.heading, Place::kNone, "", main, {});
}

}  // namespace bellwether::report
