#include "engine/row_encoder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "engine/test_support.h"

namespace clairscore {
namespace {

using testing::Random;
using testing::Shape;

RC_GTEST_PROP(RowEncoderTest, EveryTestOfEveryNodeSurvivesTheCodes, (std::uint64_t seed)) {
  Random random(seed);
  const Shape shape = testing::random_shape(random);
  const TreeEnsemble ensemble = random.ensemble(shape);
  const auto encoder = RowEncoder::build(ensemble);
  RC_ASSERT(encoder.has_value());
  constexpr std::size_t kRows = 70;
  const auto columns = random.columns(shape, kRows);
  const auto rows = encoder->open(testing::pointers(columns), kRows);
  std::vector<std::uint8_t> codes(encoder->columns() * kRows);
  for (const InstructionSet set : testing::instruction_sets()) {
    std::vector<std::uint8_t> again(codes.size());
    RC_ASSERT(encoder->encode(rows, 0, kRows, again.data(), kRows, kernels(set)));
    RC_ASSERT(set == InstructionSet::kPortable || again == codes);
    codes = again;
  }
  for (std::size_t t = 0; t < ensemble.trees().size(); ++t) {
    for (std::size_t n = 0; n < ensemble.trees()[t].size(); ++n) {
      const TreeNode& node = ensemble.trees()[t][n];
      if (node.kind == TreeNode::Kind::kLeaf) continue;
      const auto test = encoder->test(t, n);
      for (std::size_t r = 0; r < kRows; ++r) {
        const std::uint8_t code = codes[test.column * kRows + r];
        RC_ASSERT(code < encoder->codes(test.column) || code == 255);
        RC_ASSERT(encoder->sets()[test.left].contains(code) ==
                  ensemble.goes_left(node, columns[node.feature][r]));
      }
    }
  }
}

/// Stumps on one feature, a tree for each threshold.
TreeEnsemble stumps(const std::vector<double>& thresholds) {
  TreeEnsemble::Parts parts;
  parts.features = 1;
  parts.baseline = {0};
  for (const double threshold : thresholds) {
    Tree tree(3);
    tree[0].kind = TreeNode::Kind::kNumeric;
    tree[0].threshold = threshold;
    tree[0].left = 1;
    tree[0].right = 2;
    tree[0].cover = 2;
    tree[1].cover = tree[2].cover = 1;
    parts.trees.push_back(tree);
  }
  return TreeEnsemble::build(std::move(parts)).value();
}

/// All thresholds, the numbers next to them, and the ends of the line.
void expect_exact(const std::vector<double>& thresholds) {
  const TreeEnsemble ensemble = stumps(thresholds);
  const auto encoder = RowEncoder::build(ensemble).value();
  std::vector<double> values{NAN, HUGE_VAL, -HUGE_VAL, 0.0, -0.0, 1e308, -1e308, 5e-324};
  for (const double t : thresholds) {
    values.insert(values.end(), {t, std::nextafter(t, HUGE_VAL), std::nextafter(t, -HUGE_VAL)});
  }
  const double* column = values.data();
  const auto rows = encoder.open(std::span(&column, 1), values.size());
  std::vector<std::uint8_t> codes(encoder.columns() * values.size());
  for (const InstructionSet set : testing::instruction_sets()) {
    ASSERT_TRUE(encoder.encode(rows, 0, values.size(), codes.data(), values.size(), kernels(set)));
    for (std::size_t t = 0; t < thresholds.size(); ++t) {
      const auto test = encoder.test(t, 0);
      for (std::size_t r = 0; r < values.size(); ++r) {
        ASSERT_EQ(encoder.sets()[test.left].contains(codes[test.column * values.size() + r]),
                  values[r] <= thresholds[t])
            << values[r] << " <= " << thresholds[t] << ", " << to_string(set);
      }
    }
  }
}

TEST(RowEncoderTest, ThresholdsFarApartAndCloseTogetherAreComparedExactly) {
  expect_exact({0.5});
  expect_exact({-0.0, 0.0, 5e-324, -5e-324});
  expect_exact({-1.7e308, 1.7e308, 0, 1});
  expect_exact({-HUGE_VAL, HUGE_VAL});
  expect_exact({1e-300, 1.0, 1e300, HUGE_VAL});
  std::vector<double> crowded{1e9};
  for (int i = 0; i < 200; ++i) crowded.push_back(std::nextafter(1.0, 2.0) + i * 1e-15);
  expect_exact(crowded);
  std::vector<double> many;
  for (int i = 0; i < 1000; ++i) many.push_back(std::sinh(i * 0.01 - 5));
  expect_exact(many);
}

TEST(RowEncoderTest, ColumnsAreSplitWhereAByteDoesNotCountTheThresholds) {
  std::vector<double> thresholds;
  for (int i = 0; i < 509; ++i) thresholds.push_back(i);
  EXPECT_EQ(RowEncoder::build(stumps(thresholds))->columns(), 3U);
  thresholds.resize(254);
  EXPECT_EQ(RowEncoder::build(stumps(thresholds))->columns(), 1U);
}

/// Categories a, b, c, and texts that start with x refused.
class Letters final : public CellCategories {
 public:
  std::size_t size() const override { return 3; }
  std::int32_t of_missing() const override { return kUnknownCategory; }
  std::int32_t of_text(std::string_view text) const override {
    if (text.starts_with('x')) return kRefused;
    return text == "a" ? 0 : text == "b" ? 1 : text == "c" ? 2 : kUnknownCategory;
  }
  std::int32_t of_number(double) const override { return kRefused; }
};

TEST(RowEncoderTest, FeaturesOfOneInputShareItsCategories) {
  TreeEnsemble::Parts parts;
  parts.features = 3;  // is a, is b, is c
  parts.baseline = {0};
  for (std::uint32_t f = 0; f < 2; ++f) {
    Tree tree(3);
    tree[0].kind = TreeNode::Kind::kNumeric;
    tree[0].feature = f;
    tree[0].threshold = 0.5;
    tree[0].left = 1;
    tree[0].right = 2;
    tree[0].cover = 2;
    tree[1].cover = tree[2].cover = 1;
    parts.trees.push_back(tree);
  }
  const TreeEnsemble ensemble = TreeEnsemble::build(std::move(parts)).value();
  const Letters letters;
  std::vector<CellRule> rules(3);
  for (std::int32_t f = 0; f < 3; ++f) {
    auto& rule = rules[static_cast<std::size_t>(f)];
    rule.categories = &letters;
    rule.value = [f](std::int32_t code) { return code == f ? 1.0 : 0.0; };
  }
  const auto encoder = RowEncoder::build(ensemble, rules).value();
  ASSERT_EQ(encoder.columns(), 1U);
  EXPECT_EQ(encoder.codes(0), 3U) << "c and unknown texts are the same to every tree";
  const char* texts[] = {"a", "b", "c", "d", nullptr};
  const Column column = Column::of_strings("letter", texts);
  const Column* input = &column;
  for (const std::size_t begin : {0U, 2U}) {
    const auto rows = encoder.open(std::span(&input, 1), column.size()).value();
    std::uint8_t codes[5];
    ASSERT_TRUE(encoder.encode(rows, begin, 5 - begin, codes, 5, kernels(best_instruction_set())));
    for (std::size_t r = begin; r < 5; ++r) {
      for (std::size_t t = 0; t < 2; ++t) {
        EXPECT_EQ(encoder.sets()[encoder.test(t, 0).left].contains(codes[r - begin]), r != t);
      }
    }
  }
}

TEST(RowEncoderTest, RefusesCellsOnlyWhereARowUsesThem) {
  const TreeEnsemble ensemble = stumps({0.5});
  const Letters letters;
  std::vector<CellRule> rules(1);
  rules[0].categories = &letters;
  rules[0].value = [](std::int32_t code) { return code; };
  const char* texts[] = {"a", "x1", "b"};
  const Column column = Column::of_strings("letter", texts);
  const Column* input = &column;
  std::uint8_t codes[3];
  for (const bool unknown_is_error : {false, true}) {
    rules[0].unknown_is_error = unknown_is_error;
    const auto encoder = RowEncoder::build(ensemble, rules).value();
    const auto rows = encoder.open(std::span(&input, 1), 3).value();
    EXPECT_TRUE(encoder.encode(rows, 0, 1, codes, 1, kernels(best_instruction_set())));
    EXPECT_FALSE(encoder.encode(rows, 1, 1, codes, 1, kernels(best_instruction_set())));
    EXPECT_TRUE(encoder.encode(rows, 2, 1, codes, 1, kernels(best_instruction_set())));
    EXPECT_FALSE(encoder.encode(rows, 0, 3, codes, 3, kernels(best_instruction_set())));
    const char* strangers[] = {"a", nullptr, "d"};
    const Column other = Column::of_strings("letter", strangers);
    const Column* strange = &other;
    const auto strange_rows = encoder.open(std::span(&strange, 1), 3).value();
    EXPECT_TRUE(encoder.encode(strange_rows, 0, 1, codes, 1, kernels(best_instruction_set())));
    EXPECT_EQ(encoder.encode(strange_rows, 1, 1, codes, 1, kernels(best_instruction_set())),
              !unknown_is_error);
    EXPECT_EQ(encoder.encode(strange_rows, 2, 1, codes, 1, kernels(best_instruction_set())),
              !unknown_is_error);
  }
}

TEST(RowEncoderTest, TextAmongNumbersIsNotTaken) {
  const TreeEnsemble ensemble = stumps({0.5});
  const auto encoder = RowEncoder::build(ensemble).value();
  const char* texts[] = {"a"};
  const Column column = Column::of_strings("letter", texts);
  const Column* input = &column;
  EXPECT_FALSE(encoder.open(std::span(&input, 1), 1).has_value());
  const Column integers = Column::of_integers("n", {1});
  input = &integers;
  const auto rows = encoder.open(std::span(&input, 1), 1).value();
  std::uint8_t code = 9;
  ASSERT_TRUE(encoder.encode(rows, 0, 1, &code, 1, kernels(best_instruction_set())));
  EXPECT_EQ(code, 1);
}

}  // namespace
}  // namespace clairscore
