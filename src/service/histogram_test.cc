#include "service/histogram.h"

#include <gtest/gtest.h>

#include <cmath>

namespace clairscore {
namespace {

using Counts = std::vector<std::int64_t>;

TEST(HistogramTest, CountsAsNumpyDoes) {
  // numpy.histogram([1, 2, 2, 4, 5, nan], bins=4) without the missing value.
  const auto made = make_histogram("x", std::vector<double>{1, 2, 2, 4, 5, NAN, INFINITY}, 4);
  EXPECT_EQ(made.counts, (Counts{1, 2, 0, 2}));
  EXPECT_EQ(made.bin_edges, (std::vector<double>{1, 2, 3, 4, 5}));
  EXPECT_EQ(made.median, 2);
  EXPECT_EQ(to_json(made),
            R"({"feature":"x","counts":[1,2,0,2],"bin_edges":[1.0,2.0,3.0,4.0,5.0],"median":2.0})");
}

TEST(HistogramTest, OneValueAndNone) {
  const auto one = make_histogram("x", std::vector<double>{3, 3}, 2);
  EXPECT_EQ(one.bin_edges, (std::vector<double>{2.5, 3, 3.5}));
  EXPECT_EQ(one.counts, (Counts{0, 2}));
  const auto none = make_histogram("x", std::vector<double>{NAN}, 2);
  EXPECT_EQ(none.bin_edges, (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(to_json(none),
            R"({"feature":"x","counts":[0,0],"bin_edges":[0.0,0.5,1.0],"median":null})");
}

TEST(HistogramTest, MedianOfAnEvenNumber) {
  EXPECT_EQ(make_histogram("x", std::vector<double>{4, 1, 3, 2}, 1).median, 2.5);
}

TEST(HistogramTest, ChecksWhatIsShipped) {
  EXPECT_EQ(check_histogram_json(
                R"({"feature": "A", "counts": [1], "bin_edges": [0, 1], "median": 0.5})", "f")
                .value(),
            "A");
  const auto refusal = [](std::string_view json) {
    const auto checked = check_histogram_json(json, "plots/A.json");
    EXPECT_FALSE(checked);
    EXPECT_EQ(checked.error().where, "plots/A.json");
    return checked.error().what;
  };
  EXPECT_EQ(refusal("{"), "a histogram that is not JSON");
  EXPECT_EQ(refusal("[]"), "a histogram without feature, counts or bin_edges");
  EXPECT_EQ(refusal(R"({"feature": "A", "counts": [1], "bin_edges": [0]})"),
            "a histogram of 1 counts and 1 edges");
  EXPECT_EQ(refusal(R"({"feature": "A", "counts": [1], "bin_edges": [1, 1]})"),
            "a histogram whose edges do not ascend");
  EXPECT_EQ(refusal(R"({"feature": "A", "counts": ["a"], "bin_edges": [0, 1]})"),
            "a histogram with a count that is not a number of rows");
}

}  // namespace
}  // namespace clairscore
