#include "bellwether/rpc/tls.h"

#include <gmock/gmock.h>
#include <netinet/in.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "absl/time/clock.h"
#include "bellwether/rpc/server.h"
#include "bellwether/telemetry/metrics.h"
#include "bellwether/testing/status_matchers.h"
#include "port_watch.h"

namespace bellwether::rpc {
namespace {

namespace fs = std::filesystem;
using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two pairs in a folder, made with openssl.
class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "bellwether-tls-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    for (const char* name : {"a", "b"}) {
      const std::string command =
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=" +
          std::string(name) + " -keyout " + Key(name) + " -out " + Certificate(name) + " 2>/dev/null";
      ASSERT_EQ(std::system(command.c_str()), 0) << command;
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Certificate(const std::string& name) const { return (folder_ / (name + ".pem")).string(); }
  std::string Key(const std::string& name) const { return (folder_ / (name + ".key")).string(); }
  static std::vector<std::string> Check(const TlsFiles& files, const std::string& address, bool plaintext = false) {
    return CheckListen({files, plaintext, {"", true}}, "--listen", address);
  }

  fs::path folder_;
};

TEST_F(TlsTest, PlaintextIsForLoopbackOrBehindAProxy) {
  for (const char* address : {"127.0.0.1:1", "127.1.2.3:1", "localhost:1", "[::1]:1"}) {
    EXPECT_THAT(Check({}, address), IsEmpty()) << address;
  }
  for (const char* address : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "host:1", "127.example:1", "localhost.example:1"}) {
    EXPECT_THAT(Check({}, address), ElementsAre(HasSubstr("can be reached from other machines"))) << address;
    EXPECT_THAT(Check({}, address, /*plaintext=*/true), IsEmpty()) << address;
    EXPECT_THAT(ClientCredentials({}, address), IsError(absl::StatusCode::kInvalidArgument, "give --tls-ca"))
        << address;
    EXPECT_THAT(ClientCredentials({{}, true}, address), IsOk()) << address;
  }
  EXPECT_THAT(Check({Certificate("a"), Key("a"), ""}, "0.0.0.0:1"), IsEmpty());
  EXPECT_THAT(Check({Certificate("a"), Key("a"), ""}, "0.0.0.0:1", true), ElementsAre(HasSubstr("not together")));
}

TEST_F(TlsTest, SaysWhatIsWrongWithFiles) {
  const std::string nothing = (folder_ / "nothing").string();
  const std::vector<std::pair<TlsFiles, std::string>> cases = {
      {{Certificate("a"), Key("b"), ""}, "is not the private key of the certificate"},
      {{Certificate("a"), "", ""}, "give both"},
      {{nothing, Key("a"), ""}, nothing},
      {{Key("a"), Key("a"), ""}, "holds no PEM certificate"},
      {{Certificate("a"), Certificate("a"), ""}, "holds no PEM private key"},
      {{Certificate("a"), Key("a"), Key("b")}, "holds no PEM certificate"},
      {{"", "", Certificate("a")}, "needs --tls-certificate"},
  };
  for (const auto& [files, words] : cases) {
    EXPECT_THAT(Check(files, "127.0.0.1:1"), ElementsAre(HasSubstr(words)));
    EXPECT_THAT(ServerCertificate::Load(files), IsError(absl::StatusCode::kInvalidArgument, words));
  }
}

double MetricOf(const std::string& name) {
  const std::string page = telemetry::MetricsText();
  const size_t at = page.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

bool Soon(const std::function<bool()>& condition) {
  for (const absl::Time end = absl::Now() + absl::Seconds(30); absl::Now() < end;
       absl::SleepFor(absl::Milliseconds(20))) {
    if (condition()) return true;
  }
  return false;
}

TEST_F(TlsTest, TakesNewFilesOnlyWhereTheyFit) {
  const std::string usable = "bellwether_tls_certificate_usable";
  const TlsFiles files = {Certificate("served"), Key("served"), ""};
  fs::copy(Certificate("a"), files.certificate);
  fs::copy(Key("a"), files.key);
  const auto certificate = ServerCertificate::Load(files);
  ASSERT_THAT(certificate, IsOk());
  EXPECT_EQ(MetricOf(usable), 1);
  EXPECT_NEAR(MetricOf("bellwether_tls_certificate_expiry_timestamp_seconds"),
              absl::ToDoubleSeconds(absl::Now() + absl::Hours(24 * 30) - absl::UnixEpoch()), 3600);
  fs::copy(Key("b"), files.key, fs::copy_options::overwrite_existing);
  EXPECT_TRUE(Soon([&] { return MetricOf(usable) == 0; }));
  fs::copy(Certificate("b"), files.certificate, fs::copy_options::overwrite_existing);
  EXPECT_TRUE(Soon([&] { return MetricOf(usable) == 1; }));
  fs::remove(files.certificate);
  EXPECT_TRUE(Soon([&] { return MetricOf(usable) == 0; }));
}

// As the server asks itself: it has no certificate to show, so no handshake is brought to its end.
TEST_F(TlsTest, TheServersOwnQuestionIsAnsweredWithAndWithoutClientsCertificates) {
  for (const std::string& authority : {std::string(), Certificate("b")}) {
    ServerOptions options;
    options.tls = {Certificate("a"), Key("a"), authority};
    const auto server = Server::Start(options, {}, {});
    ASSERT_THAT(server, IsOk());
    sockaddr_storage address{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v4.sin_port = htons(static_cast<in_port_t>((*server)->port()));
    const auto nothing = [](const sockaddr_storage&) {};
    EXPECT_THAT(AskPort(address, sizeof(v4), /*tls=*/true, std::chrono::seconds(30), nothing), IsOk());
    EXPECT_THAT(AskPort(address, sizeof(v4), /*tls=*/false, std::chrono::seconds(30), nothing),
                IsError(absl::StatusCode::kUnavailable, ""));
    (*server)->Shutdown(absl::Seconds(1));
  }
}

}  // namespace
}  // namespace bellwether::rpc
