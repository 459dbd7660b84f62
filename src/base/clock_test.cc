#include "base/clock.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(ClockTest, WritesUtc) {
  const std::chrono::system_clock::time_point time{std::chrono::microseconds(1795389568000123)};
  EXPECT_EQ(iso8601_utc(time), "2026-11-22T23:19:28.000123+00:00");
  EXPECT_EQ(http_date(time), "Sun, 22 Nov 2026 23:19:28 GMT");
}

}  // namespace
}  // namespace clairscore
