#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace clairscore {
namespace {

TEST(ParallelTest, VisitsEveryRowOnce) {
  for (const std::size_t count : {0U, 1U, 7U, 1000U}) {
    for (const std::size_t threads : {0U, 1U, 2U, 5U}) {
      std::vector<std::atomic<int>> seen(count);
      parallel_blocks(count, 3, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++seen[i];
      });
      for (const auto& times : seen) EXPECT_EQ(times, 1);
    }
  }
}

TEST(ParallelTest, RethrowsWhatTheBodyThrew) {
  EXPECT_THROW(parallel_blocks(100, 1, 4,
                               [](std::size_t begin, std::size_t) {
                                 if (begin == 50) throw std::runtime_error("row 50");
                               }),
               std::runtime_error);
}

}  // namespace
}  // namespace clairscore
