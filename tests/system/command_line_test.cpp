// SPDX-License-Identifier: GPL-3.0-or-later
// What the command line promises: names, exit statuses, and errors that say what to do.
#include <sys/stat.h>

#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CommandLineTest : public GatewayTest {};

TEST_F(CommandLineTest, WrongUseIs64AndHelpAndVersionAreFine) {
  struct Row {
    std::vector<std::string> arguments;
    int status;
    std::string says;
  };
  const std::vector<Row> rows{
      {{}, 64, "subcommand"},
      {{"fly"}, 64, "there is no command fly"},
      {{"chekc", "-c", "x"}, 64, "did you mean check?"},
      {{"config", "shwo"}, 64, "did you mean show?"},
      {{"--fly"}, 64, "edgeseal: there is no option --fly"},
      {{"--verison"}, 64, "edgeseal: there is no option --verison; did you mean --version?"},
      {{"--fly", "run", "-c", "x"}, 64, "edgeseal: there is no option --fly"},
      {{"run", "--cofnig", "x"}, 64, "run: there is no option --cofnig; did you mean --config?"},
      {{"check", "-c", "x", "--sett=a=b"}, 64, "check: there is no option --sett; did you mean --set?"},
      {{"seal", "--kye", "k", "f"}, 64, "seal: there is no option --kye; did you mean --key?"},
      {{"run"}, 64, "--config"},
      {{"run", "-c"}, 64, "--config"},
      {{"pin"}, 64, "FILE"},
      {{"seal", "--key", "k"}, 64, "FILE"},
      {{"seal", "--key", "k", "--kms-key", "a", "--raw", "b/c", "f"}, 64, "--raw"},
      {{"config"}, 64, "subcommand"},
      {{"config", "show", "--format", "xml", "-c", "x"}, 64, "xml"},
      {{"--help"}, 0, "run"},
      {{"run", "--help"}, 0, "--gateway"},
      {{"check", "--help"}, 0, "--all"},
      {{"seal", "--help"}, 0, "--context"},
      {{"status", "--help"}, 0, "--watch"},
      {{"--version"}, 0, "wolfCrypt"},
  };
  for (const Row& row : rows) {
    const Finished done = edgeseal(row.arguments);
    EXPECT_EQ(done.status, row.status) << ::testing::PrintToString(row.arguments) << done.err;
    EXPECT_THAT(done.out + done.err, HasSubstr(row.says)) << ::testing::PrintToString(row.arguments);
  }
}

// What follows the equals sign may be a password.
TEST_F(CommandLineTest, AnUnknownOptionIsNamedWithoutItsValue) {
  const Finished done = edgeseal({"check", "--sets=source.url=mqtt://u:s3cret@h"});
  EXPECT_EQ(done.status, 64);
  EXPECT_THAT(done.out + done.err, Not(HasSubstr("s3cret")));
}

TEST_F(CommandLineTest, VersionNamesLibrariesAndTheAesInUse) {
  const std::string version = edgeseal({"--version"}).out;
  EXPECT_THAT(version, AllOf(StartsWith("edgeseal 0."), HasSubstr("SQLite"), HasSubstr("Paho"), HasSubstr("libcurl"),
                             HasSubstr("zstd")));
}

TEST_F(CommandLineTest, AllThatIsWrongWithAConfigurationIsToldInOneGoWithPlaces) {
  configure("60", "sinks: {out: {colour: red}}\nsppol: {}\n");
  std::vector<std::string> arguments{"check"};
  for (const std::string& argument : config_arguments()) arguments.push_back(argument);
  for (const std::string command : {"check", "run"}) {
    arguments[0] = command;
    const Finished done = edgeseal(arguments);
    EXPECT_EQ(done.status, 78);
    EXPECT_THAT(done.err, AllOf(HasSubstr("gateway.yaml:11:"), HasSubstr("60s"), HasSubstr("more.yaml:1:"),
                                HasSubstr("colour"), HasSubstr("more.yaml:2:1"), HasSubstr("spool")));
  }
}

TEST_F(CommandLineTest, AKeyThatIsWrongStopsTheStartWith78) {
  struct Row {
    std::string key;
    std::string says;
  };
  const std::vector<Row> rows{
      {R"({file: ")" + key("rsa-2048.private.pem") + R"(", wrap: raw-rsa})", "private key"},
      {R"({file: ")" + key("rsa-1024.public.der") + R"(", wrap: raw-rsa})", "1024"},
      {R"({file: ")" + key("ec-p256.public.der") + R"(", wrap: raw-rsa})", "RSA"},
      {R"({file: "/nowhere/key.der", wrap: raw-rsa})", "/nowhere/key.der"},
      {R"({file: ")" + key("rsa-2048.public.der") + R"(", wrap: raw-rsa, pin: "sha256:)" + std::string(64, '0') +
           R"("})",
       "pinned"},
      {R"({file: ")" + key("rsa-2048.public.der") + R"("})", "kms_key"},
  };
  for (const Row& row : rows) {
    configure("1s", "keys:\n  owner: null\n  other: " + row.key + "\nroutes: {telemetry: {keys: [other]}}\n");
    for (const std::string command : {"check", "run"}) {
      std::vector<std::string> arguments{command};
      for (const std::string& argument : config_arguments()) arguments.push_back(argument);
      const Finished done = edgeseal(arguments);
      EXPECT_EQ(done.status, 78) << row.key;
      EXPECT_THAT(done.err, HasSubstr(row.says)) << row.key;
    }
  }
}

TEST_F(CommandLineTest, PinPrintsThePinOfEachKeyWithSizeAndKind) {
  const Finished done =
      edgeseal({"pin", key("rsa-2048.public.der"), key("rsa-2048.public.pem"), key("rsa-4096.public.der")});
  EXPECT_EQ(done.status, 0);
  const std::string expected = run({"sha256sum", key("rsa-2048.public.der")}).out.substr(0, 64);
  EXPECT_THAT(done.out, AllOf(StartsWith("sha256:" + expected), HasSubstr("RSA 2048, DER"), HasSubstr("RSA 2048, PEM"),
                              HasSubstr("RSA 4096, DER")));
  EXPECT_EQ(edgeseal({"pin", key("ec-p256.public.der")}).status, 78);
  EXPECT_EQ(edgeseal({"pin", "/nowhere"}).status, 78);
}

TEST_F(CommandLineTest, CheckLooksAtEveryGatewayOfAFleet) {
  configure("1s", "gateways:\n  good: {log: {level: info}}\n  bad: {spool: {max_bytes: lots}}\n");
  std::vector<std::string> arguments{"check", "--all"};
  for (const std::string& argument : config_arguments()) arguments.push_back(argument);
  const Finished done = edgeseal(arguments);
  EXPECT_EQ(done.status, 78);
  EXPECT_THAT(done.out, HasSubstr("good: fine"));
  EXPECT_THAT(done.err, AllOf(HasSubstr("lots"), HasSubstr("bad: not fine")));
}

TEST_F(CommandLineTest, CheckOfAllWithoutGatewaysSaysSo) {
  configure();
  std::vector<std::string> arguments{"check", "--all"};
  for (const std::string& argument : config_arguments()) arguments.push_back(argument);
  const Finished done = edgeseal(arguments);
  EXPECT_EQ(done.status, 78);
  EXPECT_THAT(done.err, AllOf(HasSubstr("names no gateway"), HasSubstr("nothing was checked")));
}

TEST_F(CommandLineTest, ConfigShowPrintsWhatIsInEffectAndWhereItComesFrom) {
  configure();
  std::vector<std::string> arguments{"config", "show", "--origins", "--set", "spool.max_bytes=1GiB"};
  for (const std::string& argument : config_arguments()) arguments.push_back(argument);
  const Finished done = edgeseal(arguments);
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("1GiB"), HasSubstr("--set"), HasSubstr("gateway.yaml:")));
  EXPECT_EQ(edgeseal({"config", "schema"}).status, 0);
}

TEST_F(CommandLineTest, SealIsOpenedByTheOpenerAndLeavesNothingHalfDone) {
  const std::string plain = folder_.write("plain.bin", std::string(200'000, 'x') + "end").string();
  const std::vector<std::string> seal{"seal", "--key", key("rsa-2048.public.pem"), "--raw", "mine/owner"};
  const auto with = [&](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  ASSERT_EQ(edgeseal(with(seal, {"--context", "purpose=test", plain})).status, 0);
  const std::string sealed = plain + ".esdk";
  const Finished opened = open({"--private-key", key("rsa-2048.private.pem"), "--format", "message", sealed});
  EXPECT_EQ(opened.status, 0) << opened.err;
  EXPECT_EQ(opened.out, read_file(plain));

  const Finished piped = edgeseal(with(seal, {"-o", "-", "-"}), "from standard input");
  ASSERT_EQ(piped.status, 0);
  const std::string piped_file = folder_.write("piped.esdk", piped.out).string();
  EXPECT_EQ(open({"--private-key", key("rsa-2048.private.pem"), "--format", "message", piped_file}).out,
            "from standard input");

  const Finished missing = edgeseal(with(seal, {"-o", (folder_ / "never.esdk").string(), "/nowhere/file"}));
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("/nowhere/file"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "never.esdk"));
  EXPECT_EQ(edgeseal(with(seal, {"-o", "one", plain, plain})).status, 64);
  EXPECT_EQ(edgeseal({"seal", "--key", key("rsa-2048.public.pem"), plain}).status, 78) << "neither --kms-key nor --raw";
  EXPECT_EQ(edgeseal(with(seal, {"--context", "aws-crypto-x=1", plain})).status, 78);
}

TEST_F(CommandLineTest, StatusWithoutADaemonIs1) {
  const Finished done = edgeseal({"status", "--socket", (folder_ / "nobody.sock").string()});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, AllOf(HasSubstr("nobody.sock"), HasSubstr("fix:")));
}

}  // namespace
}  // namespace edgeseal::test
