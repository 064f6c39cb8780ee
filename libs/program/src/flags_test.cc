#include "bellwether/program/flags.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace bellwether::program {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A program with one flag and one command.
struct Program {
  Program() {
    AddProgramFlags(app, flags);
    app.add_option("--seconds", seconds, "How long")
        ->envname("BELLWETHER_TIMEOUT")
        ->check(CLI::Range(1, 10))
        ->capture_default_str();
    app.add_subcommand("do", "Does it")->add_flag("--again", again, "Once more");
  }
  std::optional<int> Parse(std::vector<const char*> words) {
    words.insert(words.begin(), "/somewhere/program");
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const std::optional<int> code = ParseFlags(app, static_cast<int>(words.size()), words.data(), flags);
    out = ::testing::internal::GetCapturedStdout();
    err = ::testing::internal::GetCapturedStderr();
    return code;
  }
  std::optional<int> End(std::vector<std::string> mistakes) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const std::optional<int> code = EndOfChecks(app, flags, std::move(mistakes));
    out = ::testing::internal::GetCapturedStdout();
    err = ::testing::internal::GetCapturedStderr();
    return code;
  }

  CLI::App app{"A program", "program"};
  ProgramFlags flags;
  int seconds = 5;
  bool again = false;
  std::string out;
  std::string err;
};

// Sets a variable for one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(ProgramTest, AFlagThatIsWrongIsOneLineAndCodeTwo) {
  for (const auto& [words, says] : std::vector<std::pair<std::vector<const char*>, std::string>>{
           {{"--no-such"}, "--no-such"}, {{"--seconds", "eleven"}, "--seconds"}, {{"--seconds", "11"}, "--seconds"}}) {
    Program program;
    EXPECT_EQ(program.Parse(words), 2);
    EXPECT_THAT(program.err, ::testing::StartsWith("program: "));
    EXPECT_THAT(program.err, HasSubstr(says));
    EXPECT_EQ(std::count(program.err.begin(), program.err.end(), '\n'), 1) << program.err;
  }
}

TEST(ProgramTest, AVariableThatIsWrongIsOneLineAndCodeTwo) {
  const Variable wrong("BELLWETHER_TIMEOUT", "soon");
  Program program;
  EXPECT_EQ(program.Parse({}), 2);
  EXPECT_EQ(std::count(program.err.begin(), program.err.end(), '\n'), 1) << program.err;
}

TEST(ProgramTest, GoesOnWhereNothingIsWrong) {
  Program program;
  EXPECT_EQ(program.Parse({"--seconds", "7"}), std::nullopt);
  EXPECT_EQ(program.seconds, 7);
  EXPECT_EQ(program.End({}), std::nullopt);
  EXPECT_EQ(program.End({"--seconds: too few", "--other: too many"}), 2);
  EXPECT_EQ(program.err, "program: --seconds: too few\nprogram: --other: too many\n");
}

TEST(ProgramTest, ChecksTheConfigurationAndEnds) {
  Program program;
  EXPECT_EQ(program.Parse({"--check-config"}), std::nullopt);
  EXPECT_EQ(program.End({}), 0);
  EXPECT_EQ(program.out, "program: the configuration is good\n");
  const Variable misspelt("BELLWETHER_KAFAK", "broker:9092");
  EXPECT_EQ(program.End({}), 2);
  EXPECT_EQ(program.err, "program: BELLWETHER_KAFAK: there is no such variable\n");
}

TEST(ProgramTest, KnowsTheVariablesOfAllPrograms) {
  EXPECT_THAT(UnknownVariables(), IsEmpty()) << "those of this test run";
  const Variable of_query("BELLWETHER_HOLE_TIMEOUT", "30");
  const Variable of_tests("BELLWETHER_REQUIRE_KAFKA", "1");
  const Variable of_others("KAFKA_HEAP_OPTS", "-Xmx1g");
  const Variable misspelt("BELLWETHER_COUNCILS", "E06000061");
  EXPECT_THAT(UnknownVariables(), ElementsAre("BELLWETHER_COUNCILS"));
}

TEST(ProgramTest, PrintsItsFlags) {
  Program program;
  EXPECT_EQ(program.Parse({"--print-flags"}), 0);
  EXPECT_THAT(program.out, HasSubstr("| `--seconds` | `BELLWETHER_TIMEOUT` | `5` | How long |\n"));
  EXPECT_THAT(program.out, HasSubstr("| `do --again` |  |  | Once more |\n"));
  EXPECT_THAT(program.out, HasSubstr("`--check-config`"));
  EXPECT_THAT(program.out, Not(HasSubstr("print-flags")));
  EXPECT_THAT(program.out, Not(HasSubstr("--help")));
}

}  // namespace
}  // namespace bellwether::program
