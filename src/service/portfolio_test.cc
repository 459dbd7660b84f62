#include "service/portfolio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace clairscore {
namespace {

using testing::ElementsAre;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
const Score kAccepted{-1, 0.2, false};
const Score kRefused{1, 0.8, true};

Frame frame() {
  const std::vector<const char*> jobs = {"cook", "poet", "poet", nullptr, "cook", "cook"};
  std::vector<Column> columns;
  columns.push_back(Column::of_doubles("AGE", {30, 40, kMissing, 60, 20, 20}));
  columns.push_back(Column::of_strings("JOB", jobs));
  return {6, std::move(columns)};
}

TEST(References, AreOfAcceptedApplicants) {
  const std::vector<Score> scores = {kAccepted, kAccepted, kAccepted,
                                     kAccepted, kRefused,  kRefused};
  const auto references = make_references(frame(), scores, 2);
  EXPECT_EQ(references[0].number, 40);
  EXPECT_EQ(references[1].text, "poet");
}

TEST(References, OfNobodyAcceptedAreOfAll) {
  const std::vector<Score> scores(6, kRefused);
  const auto references = make_references(frame(), scores, 1);
  EXPECT_EQ(references[0].number, 30);
  EXPECT_EQ(references[1].text, "cook");
  const auto of_two =
      make_references(Frame(2, {Column::of_doubles("A", {1, 4})}), std::vector<Score>(2), 1);
  EXPECT_EQ(of_two[0].number, 2.5);
  const auto of_none =
      make_references(Frame(1, {Column::of_doubles("A", {kMissing})}), std::vector<Score>(1), 1);
  EXPECT_FALSE(of_none[0].number || of_none[0].text);
}

TEST(Distribution, OneMillionaireDoesNotPressEverybodyIntoOneBin) {
  std::vector<double> values(1000);
  std::iota(values.begin(), values.end(), 0.0);
  values.push_back(1e9);
  values.push_back(kMissing);
  const std::vector<Score> scores(values.size(), kAccepted);
  const NumberDistribution found = distribution_of(values, scores, 10);
  EXPECT_EQ(found.missing, 1U);
  EXPECT_EQ(found.maximum, 1e9);
  EXPECT_EQ(found.edges.front(), 0);
  EXPECT_LT(found.edges.back(), 1001);
  EXPECT_EQ(found.below, 0U);
  EXPECT_GE(found.above, 1U);
  EXPECT_EQ(found.percentiles.size(), 101U);
  EXPECT_EQ(found.percentiles[50], 500);
}

RC_GTEST_PROP(Distribution, EveryValueIsCountedOnce, ()) {
  const auto numbers =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-50, 50)));
  const std::vector<double> values(numbers.begin(), numbers.end());
  std::vector<Score> scores;
  for (const int number : numbers) scores.push_back(number % 3 == 0 ? kRefused : kAccepted);
  const NumberDistribution found = distribution_of(values, scores, 7);
  const auto sum = [](const std::vector<std::size_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  };
  RC_ASSERT(sum(found.counts) + found.below + found.above == values.size());
  RC_ASSERT(sum(found.accepted_counts) <= found.accepted);
  for (std::size_t i = 0; i < found.counts.size(); ++i) {
    RC_ASSERT(found.accepted_counts[i] <= found.counts[i]);
  }
  RC_ASSERT(std::is_sorted(found.percentiles.begin(), found.percentiles.end()));
}

TEST(Distribution, OfTextsCountsCategories) {
  const std::vector<Score> scores = {kAccepted, kRefused, kAccepted,
                                     kAccepted, kRefused, kAccepted};
  const TextDistribution found = distribution_of(frame().columns()[1], scores);
  EXPECT_EQ(found.missing, 1U);
  ASSERT_EQ(found.categories.size(), 2U);
  EXPECT_EQ(found.categories[0].value, "cook");
  EXPECT_EQ(found.categories[0].count, 3U);
  EXPECT_EQ(found.categories[0].accepted, 2U);
  EXPECT_EQ(found.categories[1].accepted, 1U);
}

TEST(Contributions, AreSummedToTheColumnTheyComeFrom) {
  const std::vector<std::optional<std::size_t>> columns = {1, 0, 1, std::nullopt};
  const InputContributions sums =
      sum_by_input(columns, 2, std::vector<double>{0.5, 2.0, 0.25, -1.0});
  EXPECT_THAT(sums.values, ElementsAre(2.0, 0.75));
  EXPECT_EQ(sums.shared, -1.0);
}

RC_GTEST_PROP(FeatureContributions, AreReadAsTheyWereAppended, ()) {
  const std::size_t features = *rc::gen::inRange<std::size_t>(1, 6);
  FeatureContributions kept;
  std::vector<double> all;
  std::size_t room = 0;
  for (int block = 0; block < 3; ++block) {
    const std::size_t rows = *rc::gen::inRange<std::size_t>(1, 5);
    const auto values = *rc::gen::container<std::vector<double>>(
        rows * features, rc::gen::element(0.0, -0.0, 0.0, 1.5, -2.25));
    kept.append(values, features);
    all.insert(all.end(), values.begin(), values.end());
    room += rows * features * sizeof(double) + features * sizeof(std::uint32_t);
  }
  RC_ASSERT(kept.rows() == all.size() / features);
  RC_ASSERT(kept.bytes() <= room);
  for (std::size_t row = 0; row < kept.rows(); ++row) {
    std::vector<double> read(features, 7.0);
    kept.read(row, read);
    RC_ASSERT(std::memcmp(read.data(), &all[row * features], features * sizeof(double)) == 0);
  }
}

TEST(ContributionTable, NearestAreByDistanceAndSayWhatDiffers) {
  const ContributionTable table({{0, 3, 0.5F, 0, 9}, {0, 4, 0, 1, 9}});
  const auto found = table.nearest(0, 3);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].row, 2U);
  EXPECT_EQ(found[1].row, 3U);
  EXPECT_EQ(found[2].row, 1U);
  EXPECT_NEAR(found[2].distance, 5, 1e-6);
  EXPECT_EQ(found[0].differs_most, 0U);
  EXPECT_EQ(found[1].differs_most, 1U);
  EXPECT_EQ(table.nearest(4, 10).size(), 4U);
  EXPECT_THAT(table.mean_sizes(), ElementsAre(2.5, 2.8));
}

}  // namespace
}  // namespace clairscore
