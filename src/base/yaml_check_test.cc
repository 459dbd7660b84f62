#include "base/yaml_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clairscore {
namespace {

std::string refusal(std::string_view text) {
  const auto checked = check_yaml(text, "f.yaml");
  return checked ? "accepted" : to_string(checked.error());
}

TEST(YamlCheckTest, TakesOneDocument) {
  EXPECT_EQ(refusal(""), "accepted");
  EXPECT_EQ(refusal("a: [1, {b: c}]\n"), "accepted");
  EXPECT_EQ(refusal("---\na: 1\n...\n"), "accepted");
  EXPECT_EQ(refusal("a: &x 1\n"), "accepted") << "an anchor that nothing names is harmless";
}

TEST(YamlCheckTest, RefusesTheRest) {
  EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"), "more than one YAML document, f.yaml, one document");
  EXPECT_EQ(refusal("a: &x 1\nb: *x\n"), "a YAML alias, f.yaml:2, YAML without aliases");
  EXPECT_THAT(refusal("a: [1\nb: 2\n"), testing::StartsWith("no YAML ("));
  EXPECT_THAT(refusal(std::string(100'000, '[')), testing::StartsWith("no YAML ("));
}

TEST(YamlCheckTest, EndsOnTextsThatYamlCppReadsForEver) {
  for (const char* text : {",", ", : ratio: ", "- b: (x\n\"c\",\n  )\n", "{:", "[:", "[[:"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
}

}  // namespace
}  // namespace clairscore
