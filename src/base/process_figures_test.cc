#include "base/process_figures.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

namespace clairscore {
namespace {

TEST(ProcessFiguresTest, AreThoseOfThisProcess) {
  const ProcessFigures figures = read_process_figures();
  EXPECT_GT(figures.resident_bytes, 1'000'000U);
  EXPECT_GE(figures.virtual_bytes, figures.resident_bytes);
  EXPECT_GE(figures.threads, 1U);
  EXPECT_GE(figures.open_files, 3U);
  EXPECT_GE(figures.most_files, figures.open_files);
  EXPECT_GE(figures.cpu_seconds, 0);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(figures.start_seconds, now, 600) << "this test began a moment ago";
}

}  // namespace
}  // namespace clairscore
