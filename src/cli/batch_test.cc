// score, explain and transform as a shell user meets them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/bytes.h"
#include "base/numbers.h"
#include "cli/process_test_util.h"

namespace clairscore {
namespace {

using testing::HasSubstr;

const std::filesystem::path kReference =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";
const std::string kModel = (kReference / "hub/model").string();
const std::string kData = (kReference / "hub/data/application_test.csv").string();

using Table = std::vector<std::vector<std::string>>;

/// Splits CSV whose quoted fields hold no quotes.
Table table_of(const std::string& csv) {
  Table table;
  std::stringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    auto& row = table.emplace_back(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        row.emplace_back();
      } else {
        row.back() += c;
      }
    }
  }
  return table;
}

double sum_from(const std::vector<std::string>& row, std::size_t first) {
  double sum = 0;
  for (std::size_t i = first; i < row.size(); ++i) sum += *parse_double(row[i]);
  return sum;
}

class BatchTest : public testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("batch_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    ASSERT_EQ(parser_.load((kReference / "hub/expected.json").string()).get(expected_),
              simdjson::SUCCESS);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string run(const std::vector<std::string>& arguments, const std::string& input = {}) const {
    const Finished ended = run_clairscore(arguments, input);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
    return ended.out;
  }

  simdjson::dom::parser parser_;
  simdjson::dom::element expected_;
};

TEST_F(BatchTest, ScoreWritesWhatScikitLearnAnswers) {
  const Table table = table_of(run({"score", "--model", kModel, "--data", kData}));
  ASSERT_EQ(table.size(), 1501U);
  EXPECT_EQ(table[0], (std::vector<std::string>{"SK_ID_CURR", "raw_score", "probability_pos",
                                                "threshold", "decision"}));
  for (std::size_t r = 0; r < 1500; ++r) {
    const auto& row = table[r + 1];
    ASSERT_EQ(row[0], std::to_string(expected_["ids"].at(r).get_int64().value()));
    ASSERT_EQ(row[1], double_to_text(expected_["raw"].at(r).get_double().value()));
    const double probability = *parse_double(row[2]);
    ASSERT_NEAR(probability, expected_["probability_pos"].at(r).get_double().value(), 1e-15);
    ASSERT_EQ(row[3], "0.5064");
    ASSERT_EQ(row[4], probability >= 0.5064 ? "refused" : "accepted");
  }
}

TEST_F(BatchTest, TheAnswerDoesNotDependOnThreadsOrOnWhereRowsComeFrom) {
  const std::string one = run({"score", "--model", kModel, "--data", kData, "--threads", "1"});
  EXPECT_EQ(run({"score", "--model", kModel, "--data", kData, "--threads", "3"}), one);
  EXPECT_EQ(
      run({"score", "--model", kModel, "--data", "-"}, read_text_file(kData, 1 << 22).value()),
      one);
  const auto output = (folder_ / "scores.csv").string();
  EXPECT_EQ(run({"score", "--model", kModel, "--data", kData, "--output", output}), "");
  EXPECT_EQ(read_text_file(output, 1 << 22).value(), one);
}

TEST_F(BatchTest, JsonLinesHoldTheSameNumbers) {
  const std::string text = run({"score", "--model", kModel, "--data", kData, "--format", "jsonl"});
  simdjson::dom::parser parser;
  simdjson::dom::document_stream lines;
  const simdjson::padded_string padded(text);
  ASSERT_EQ(parser.parse_many(padded).get(lines), simdjson::SUCCESS);
  std::size_t r = 0;
  for (const simdjson::dom::element line : lines) {
    ASSERT_EQ(line["SK_ID_CURR"].get_int64().value(), expected_["ids"].at(r).get_int64().value());
    ASSERT_EQ(line["raw_score"].get_double().value(), expected_["raw"].at(r).get_double().value());
    ++r;
  }
  EXPECT_EQ(r, 1500U);
}

TEST_F(BatchTest, ExplanationsAddUpByFeatureAndByInput) {
  const Table features = table_of(run({"explain", "--model", kModel, "--data", kData}));
  const Table inputs = table_of(run({"explain", "--model", kModel, "--data", kData, "--by-input"}));
  ASSERT_EQ(features.size(), 1501U);
  ASSERT_EQ(inputs.size(), 1501U);
  EXPECT_EQ(features[0].size(), 165U);
  EXPECT_EQ(features[0][1], "base_value");
  EXPECT_EQ(inputs[0].size(), 58U);
  EXPECT_EQ(inputs[0][2], "NAME_CONTRACT_TYPE");
  EXPECT_EQ(inputs[0].back(), "CREDIT_PER_PERSON");
  for (std::size_t r = 1; r <= 1500; ++r) {
    const double raw = expected_["raw"].at(r - 1).get_double().value();
    ASSERT_NEAR(sum_from(features[r], 1), raw, 1e-9);
    ASSERT_NEAR(sum_from(inputs[r], 1), raw, 1e-9);
  }
}

TEST_F(BatchTest, ExplainsAgainstABackground) {
  const Table against =
      table_of(run({"explain", "--model", kModel, "--data", kData, "--background", kData}));
  const Table trained = table_of(run({"explain", "--model", kModel, "--data", kData}));
  const Table scores = table_of(run({"score", "--model", kModel, "--data", kData}));
  ASSERT_EQ(against.size(), scores.size());
  EXPECT_EQ(against[0], trained[0]);
  double mean = 0;
  for (std::size_t r = 1; r < scores.size(); ++r) {
    const double raw = *parse_double(scores[r][1]);
    mean += raw / static_cast<double>(scores.size() - 1);
    EXPECT_NEAR(sum_from(against[r], 1), raw, 1e-9);
  }
  EXPECT_NEAR(*parse_double(against[1][1]), mean, 1e-9);
  EXPECT_NE(against[1][1], trained[1][1]);
}

TEST_F(BatchTest, SaysThatABackgroundIsMissing) {
  const Finished ended = run_clairscore(
      {"explain", "--model", kModel, "--data", kData, "--background", "/no/rows.csv"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.err, HasSubstr("/no/rows.csv"));
}

TEST_F(BatchTest, ExplainsInteractions) {
  for (const bool by_input : {false, true}) {
    std::vector<std::string> words{"explain", "--model", kModel, "--data", kData};
    if (by_input) words.emplace_back("--by-input");
    const Table plain = table_of(run(words));
    words.emplace_back("--interactions");
    const Table pairs = table_of(run(words));
    ASSERT_EQ(pairs.size(), plain.size());
    const std::size_t singles = plain[0].size();
    ASSERT_GT(pairs[0].size(), singles);
    for (std::size_t r = 1; r < pairs.size(); ++r) {
      // A feature's own value and all pairs it is part of add up to its contribution.
      std::map<std::string, double> sums;
      for (std::size_t c = 2; c < singles; ++c) sums[pairs[0][c]] = *parse_double(pairs[r][c]);
      for (std::size_t c = singles; c < pairs[0].size(); ++c) {
        const std::string& name = pairs[0][c];
        const auto star = name.find('*');
        ASSERT_NE(star, std::string::npos) << name;
        sums.at(name.substr(0, star)) += *parse_double(pairs[r][c]);
        sums.at(name.substr(star + 1)) += *parse_double(pairs[r][c]);
      }
      for (std::size_t c = 2; c < singles; ++c) {
        EXPECT_NEAR(sums.at(plain[0][c]), *parse_double(plain[r][c]), 1e-12);
      }
    }
  }
}

TEST_F(BatchTest, PreparedRowsScoreTheSameWithoutARecipe) {
  const std::string prepared =
      run({"transform", "--model", kModel, "--data", kData, "--stage", "prepared"});
  EXPECT_THAT(prepared, HasSubstr("PAYMENT_RATE"));
  const Table direct = table_of(run({"score", "--model", kModel, "--data", kData}));
  const Table again =
      table_of(run({"score", "--model", kModel, "--data", "-", "--recipe", "none"}, prepared));
  ASSERT_EQ(again.size(), direct.size());
  EXPECT_EQ(again[0][0], "SK_ID_CURR");
  for (std::size_t r = 1; r < again.size(); ++r) {
    ASSERT_EQ(again[r][0], direct[r][0]);
    ASSERT_EQ(again[r][1], direct[r][1]);
  }
}

TEST_F(BatchTest, TransformWritesTheFeaturesTheModelSees) {
  const Table table = table_of(run({"transform", "--model", kModel, "--data", kData}));
  ASSERT_EQ(table.size(), 1501U);
  ASSERT_EQ(table[0].size(), 164U);
  std::size_t f = 1;
  for (const simdjson::dom::element name : expected_["feature_names"].get_array()) {
    EXPECT_EQ(table[0][f++], name.get_string().value());
  }
}

TEST_F(BatchTest, StatsTellWhereTheTimeWent) {
  const auto path = (folder_ / "stats.json").string();
  run({"explain", "--model", kModel, "--data", kData, "--threads", "2", "--stats", path});
  simdjson::dom::parser parser;
  const simdjson::dom::element stats = parser.load(path);
  EXPECT_EQ(stats["rows"].get_int64().value(), 1500);
  EXPECT_EQ(stats["threads"].get_int64().value(), 2);
  EXPECT_GT(stats["peak_rss_bytes"].get_int64().value(), 1 << 20);
  double parts = 0;
  for (const char* key :
       {"load_model_s", "read_s", "prepare_s", "score_s", "explain_s", "write_s"}) {
    parts += stats[key].get_double().value();
  }
  EXPECT_GT(parts, 0);
  EXPECT_LE(parts, stats["total_s"].get_double().value());
}

TEST_F(BatchTest, ARefusalLeavesNoOutput) {
  const auto output = (folder_ / "scores.csv").string();
  std::string text = read_text_file(kData, 1 << 22).value();
  text += "1,2,3\n100001,";
  const Finished ended =
      run_clairscore({"score", "--model", kModel, "--data", "-", "--output", output}, text);
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(BatchTest, AFullDiskIsAnError) {
  const Finished ended =
      run_clairscore({"score", "--model", kModel, "--data", kData, "--output", "/dev/full"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("No space left on device, /dev/full"));
}

TEST(CommandLineTest, HelpsAndRefuses) {
  const Finished help = run_clairscore({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* command :
       {"serve", "demo", "score", "explain", "transform", "inspect", "synth"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
    const Finished one = run_clairscore({command, "--help"});
    EXPECT_EQ(one.exit_code, 0);
    EXPECT_THAT(one.out, HasSubstr(std::string("Usage: clairscore ") + command));
  }
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {},
           {"conquer"},
           {"score"},
           {"score", "--model", "m", "--data", "d", "--format", "xml"},
           {"score", "--model", "m", "--data", "d", "--format", "1"},
           {"score", "--model", "m", "--data", "d", "--threads", "many"},
           {"score", "--model", "m", "--data", "d", "--threads", "-1"},
           {"score", "--model", "m", "--data", "d", "--stats", "-"},
           {"explain", "--model", "m", "--data", "d", "--background", "b", "--interactions"},
           {"synth", "--rows", "1", "--seed", "-1", "--output", "-"},
           {"synth", "--rows", "1", "--seed", "18446744073709551616", "--output", "-"},
           {"synth", "--rows", "0", "--seed", "1", "--output", "-"},
           {"serve", "--port", "70000"}}) {
    const Finished ended = run_clairscore(wrong);
    EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(wrong);
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  }
  EXPECT_THAT(run_clairscore({"--version"}).out, testing::StartsWith("clairscore "));
}

TEST(CommandLineTest, AFlagCanBeTakenBack) {
  const auto open = [](const std::string& flag) {
    const Finished ended = run_clairscore({"serve", flag, "--print-config"}, {}, {});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    const std::size_t line = ended.out.find("\nopen ");
    return ended.out.substr(line, ended.out.find('\n', line + 1) - line);
  };
  EXPECT_THAT(open("--open"), HasSubstr("true"));
  EXPECT_THAT(open("--open=true"), HasSubstr("true"));
  EXPECT_THAT(open("--open=false"), HasSubstr("false"));
  EXPECT_THAT(open("--open=0"), HasSubstr("false"));
}

TEST(CommandLineTest, OptionsCanBeVariables) {
  const Finished ended = run_clairscore({"score", "--data", kData}, {},
                                        {"CLAIRSCORE_MODEL=" + kModel, "CLAIRSCORE_THREADS=1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

}  // namespace
}  // namespace clairscore
