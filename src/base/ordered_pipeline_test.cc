#include "base/ordered_pipeline.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <stdexcept>

namespace clairscore {
namespace {

using Numbers = OrderedPipeline<int, int>;

/// 0, 1, …, count - 1.
std::function<Result<std::optional<int>>()> numbers_below(int count) {
  return [next = 0, count]() mutable -> Result<std::optional<int>> {
    if (next == count) return std::nullopt;
    return next++;
  };
}

RC_GTEST_PROP(OrderedPipelineProperty, ResultsComeInOrderAndFewAreOnTheirWay, ()) {
  const int count = *rc::gen::inRange(0, 200);
  const auto workers = *rc::gen::inRange<std::size_t>(1, 5);
  const auto in_flight = *rc::gen::inRange<std::size_t>(1, 8);
  std::atomic<int> made = 0;
  std::atomic<int> begun = 0;
  std::vector<int> taken;
  std::size_t most = 0;
  auto source = numbers_below(count);
  const Numbers::Stages stages{.produce =
                                   [&] {
                                     ++made;
                                     return source();
                                   },
                               .work =
                                   [&](int item, std::size_t index) {
                                     ++begun;
                                     return static_cast<int>(index) == item ? item * 3 : -1;
                                   },
                               .consume = [&](int done) -> Result<void> {
                                 most = std::max(
                                     most, static_cast<std::size_t>(begun.load()) - taken.size());
                                 taken.push_back(done);
                                 return {};
                               },
                               .interrupt = {}};
  RC_ASSERT(Numbers::run(stages, workers, in_flight).has_value());
  RC_ASSERT(made == count + 1);
  RC_ASSERT(most <= in_flight);
  RC_ASSERT(taken.size() == static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) RC_ASSERT(taken[static_cast<std::size_t>(i)] == i * 3);
}

TEST(OrderedPipelineTest, AnErrorOfTheSourceComesAfterWhatItMadeBefore) {
  int taken = 0;
  int next = 0;
  const Numbers::Stages stages{.produce = [&]() -> Result<std::optional<int>> {
                                 if (next == 10) return fail(ErrorCode::kInput, "broken");
                                 return next++;
                               },
                               .work = [](int item, std::size_t) { return item; },
                               .consume = [&](int) -> Result<void> {
                                 ++taken;
                                 return {};
                               },
                               .interrupt = {}};
  const auto done = Numbers::run(stages, 3, 4);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "broken");
  EXPECT_EQ(taken, 10);
}

TEST(OrderedPipelineTest, AnErrorOfTheSinkStopsASourceThatWaits) {
  std::atomic<bool> interrupted = false;
  int next = 0;
  const Numbers::Stages stages{
      .produce = [&]() -> Result<std::optional<int>> {
        if (next < 1) return next++;
        interrupted.wait(false);  // for ever, if nobody interrupts
        return std::nullopt;
      },
      .work = [](int item, std::size_t) { return item; },
      .consume = [](int) -> Result<void> { return fail(ErrorCode::kInternal, "full"); },
      .interrupt =
          [&] {
            interrupted = true;
            interrupted.notify_all();
          }};
  const auto done = Numbers::run(stages, 2, 4);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "full");
  EXPECT_TRUE(interrupted);
}

TEST(OrderedPipelineTest, ExceptionsComeThrough) {
  const Numbers::Stages stages{.produce = numbers_below(100),
                               .work = [](int item, std::size_t) -> int {
                                 if (item == 20) throw std::runtime_error("twenty");
                                 return item;
                               },
                               .consume = [](int) -> Result<void> { return {}; },
                               .interrupt = {}};
  EXPECT_THROW(static_cast<void>(Numbers::run(stages, 2, 4)), std::runtime_error);
}

}  // namespace
}  // namespace clairscore
