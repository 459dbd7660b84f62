#include "config/settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "base/bytes.h"

namespace clairscore {
namespace {

Environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

class SettingsTest : public testing::Test {
 protected:
  std::string file(std::string_view text) const {
    const std::string path = testing::TempDir() + "/settings_test.yaml";
    EXPECT_TRUE(write_file_atomically(path, as_bytes(text)));
    return path;
  }
  void TearDown() override { std::filesystem::remove(testing::TempDir() + "/settings_test.yaml"); }
};

TEST_F(SettingsTest, CommandLineThenEnvironmentThenFileThenDefault) {
  const auto path = file("port: 1\napi_port: 2\nhost: '::1'\n");
  const auto settings =
      Settings::resolve(serve_settings(), {{"port", "4"}},
                        variables({{"CLAIRSCORE_PORT", "3"}, {"CLAIRSCORE_API_PORT", "5"}}), path)
          .value();
  EXPECT_EQ(settings.port("port"), 4);
  EXPECT_EQ(settings.port("api_port"), 5);
  EXPECT_EQ(settings.text("host"), "::1");
  EXPECT_EQ(settings.text("on_bad_row"), "refuse");
  EXPECT_FALSE(settings.flag("open"));
}

TEST_F(SettingsTest, TheOriginalsVariablesNameTheRepositories) {
  const auto settings = Settings::resolve(serve_settings(), {},
                                          variables({{"HF_MODEL_REPO_ID", "a/m"},
                                                     {"HF_DATA_REPO_ID", "a/d"},
                                                     {"CLAIRSCORE_DATA", "here.csv"}}),
                                          {})
                            .value();
  EXPECT_EQ(settings.text("model"), "a/m");
  EXPECT_EQ(settings.text("data"), "here.csv");
}

TEST_F(SettingsTest, PrintsValuesAndSources) {
  std::vector<SettingSpec> specs = {{"port", SettingKind::kPort, "1", ""},
                                    {"token", SettingKind::kText, "", "", {}, {}, true}};
  const auto path = file("token: hunter2\n");
  const auto text = Settings::resolve(specs, {}, variables({}), path).value().print();
  EXPECT_EQ(text, "port   1         default\ntoken  ********  " + path + ":1\n");
}

std::string refusal(const std::map<std::string, std::string>& given,
                    const std::optional<std::string>& path) {
  const auto settings = Settings::resolve(serve_settings(), given, variables({}), path);
  if (settings) return "accepted";
  EXPECT_EQ(settings.error().code, ErrorCode::kUsage);
  return to_string(settings.error());
}

TEST_F(SettingsTest, RefusalsSayWhereTheValueCameFrom) {
  EXPECT_EQ(refusal({{"port", "x"}}, {}), "setting port is 'x', --port, a port from 0 to 65535");
  EXPECT_EQ(refusal({{"open", "perhaps"}}, {}), "setting open is 'perhaps', --open, true or false");
  EXPECT_EQ(refusal({{"on_bad_row", "stop"}}, {}),
            "setting on_bad_row is 'stop', --on-bad-row, one of refuse, skip");
  auto path = file("host: a\nport: 70000\n");
  EXPECT_EQ(refusal({}, path), "setting port is '70000', " + path + ":2, a port from 0 to 65535");
  path = file("host: a\nportt: 7\n");
  EXPECT_EQ(refusal({}, path).substr(0, path.size() + 26),
            "unknown setting portt, " + path + ":2,");
  path = file("host: [a]\n");
  EXPECT_EQ(refusal({}, path),
            "setting host is not a single value, " + path + ":1, a text, a number, true or false");
  path = file("- a\n");
  EXPECT_EQ(refusal({}, path),
            "a settings file that is not a map, " + path + ":1, lines of the form `key: value`");
  path = file("port: [1\n");
  EXPECT_NE(refusal({}, path).find("a settings file that is not YAML"), std::string::npos);
  path = file("port: 1\nport: 2\n");
  EXPECT_EQ(refusal({}, path), "setting port is given twice, " + path + ":2, each setting once");
}

TEST_F(SettingsTest, AMissingFileIsNamed) {
  const auto settings = Settings::resolve(serve_settings(), {}, variables({}), "/none.yaml");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().where, "/none.yaml");
}

TEST(SettingsTableTest, TheDocumentedTableIsThisOne) {
  const auto path = std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "docs/settings.md";
  const auto page = read_text_file(path, std::uint64_t{1} << 20U);
  ASSERT_TRUE(page) << to_string(page.error());
  const std::string table = settings_markdown(serve_settings());
  EXPECT_NE(page->find(table), std::string::npos) << "docs/settings.md is to hold this table:\n"
                                                  << table;
}

}  // namespace
}  // namespace clairscore
