#include "synth/profile.h"

#include <gtest/gtest.h>

#include <string>

#include "synth/applicant.h"

namespace clairscore::synth {
namespace {

TEST(Profile, TheEmbeddedOneIsRead) {
  const Result<Profile> profile = home_credit_profile();
  ASSERT_TRUE(profile) << to_string(profile.error());
  EXPECT_EQ(profile->columns.size(), 121U);
  EXPECT_EQ(profile->columns[0].kind, ProfileColumn::Kind::kIdentifier);
  EXPECT_EQ(profile->bad_rate, 0.0772);
  const Result<std::size_t> credit = profile->column("AMT_CREDIT");
  ASSERT_TRUE(credit);
  EXPECT_EQ(profile->columns[*credit].quantiles.size(), 41U);
  EXPECT_EQ(profile->columns[*credit].quantiles.front(), 45000.0);
  EXPECT_EQ(profile->correlated.size(), 14U);
  const Result<std::size_t> gender = profile->column("CODE_GENDER");
  ASSERT_TRUE(gender);
  EXPECT_EQ(profile->columns[*gender].categories[0].value, "F");
  EXPECT_EQ(profile->column("NOPE").error().code, ErrorCode::kNotFound);
}

std::string with_columns(const std::string& columns) {
  return R"({"bad_rate": 0.1, "columns": [)" + columns +
         R"(], "rank_correlation": {"columns": [], "matrix": []}, "log_odds_per_rank": {}})";
}

constexpr const char* kNumber =
    R"({"name":"A","kind":"number","missing":0.1,"integer":true,"decimals":0,"quantiles":[1,2,3]})";

TEST(Profile, ASmallOneIsRead) {
  const Result<Profile> profile = parse_profile(with_columns(kNumber));
  ASSERT_TRUE(profile) << to_string(profile.error());
  EXPECT_EQ(profile->columns[0].missing, 0.1);
  EXPECT_TRUE(profile->columns[0].integer);
}

TEST(Profile, EveryRefusalNamesTheColumn) {
  struct Case {
    std::string columns;
    std::string where;
  };
  const std::string number(kNumber);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = number;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const Case cases[] = {
      {changed("[1,2,3]", "[1,3,2]"), "A"},
      {changed("[1,2,3]", "[1]"), "A"},
      {changed("[1,2,3]", "[1,\"x\"]"), "A"},
      {changed("[1,2,3]", "[1,1e300]"), "A"},
      {changed("\"decimals\":0", "\"decimals\":16"), "A"},
      {changed("\"missing\":0.1", "\"missing\":1.5"), "A"},
      {changed("\"kind\":\"number\"", "\"kind\":\"other\""), "A"},
      {R"({"kind":"id"})", "columns"},
      {number + "," + number, "A"},
      {R"({"name":"B","kind":"category","missing":0,"frequency":{},"bad_rate":{}})", "B"},
      {R"({"name":"B","kind":"category","missing":0,"frequency":{"x":1},"bad_rate":{}})", "B"},
      {R"({"name":"B","kind":"category","missing":0,"frequency":{"x":1},"bad_rate":{"x":0}})", "B"},
      {R"({"name":"B","kind":"category","missing":0,"frequency":{"x":-1},"bad_rate":{"x":0.1}})",
       "B"},
  };
  for (const Case& bad : cases) {
    const Result<Profile> profile = parse_profile(with_columns(bad.columns));
    ASSERT_FALSE(profile) << bad.columns;
    EXPECT_EQ(profile.error().code, ErrorCode::kInput);
    EXPECT_EQ(profile.error().where, "profile, " + bad.where) << bad.columns;
  }
}

TEST(Profile, TextThatIsNotAProfileIsRefused) {
  for (const char* text : {"", "{", "[]", "{\"bad_rate\": 2}", "{\"bad_rate\": 0.1}"}) {
    EXPECT_FALSE(parse_profile(text)) << text;
  }
}

TEST(ApplicantGenerator, AProfileWithoutTheColumnsOfARuleIsRefused) {
  const Result<Profile> profile = parse_profile(with_columns(kNumber));
  ASSERT_TRUE(profile);
  const Result<ApplicantGenerator> generator = ApplicantGenerator::create(*profile);
  ASSERT_FALSE(generator);
  EXPECT_EQ(generator.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace clairscore::synth
