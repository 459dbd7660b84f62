#include "base/clock.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(ClockTest, WritesUtc) {
  const std::chrono::system_clock::time_point time{std::chrono::microseconds(1795389568000123)};
  EXPECT_EQ(iso8601_utc(time), "2026-11-22T23:19:28.000123+00:00");
  EXPECT_EQ(http_date(time), "Sun, 22 Nov 2026 23:19:28 GMT");
}

TEST(ClockTest, ReadsUtc) {
  using namespace std::chrono_literals;
  const auto second = std::chrono::sys_days(2024y / 2 / 29) + 23h + 59min + 58s;
  EXPECT_EQ(parse_utc("2024-02-29T23:59:58Z"), second);
  EXPECT_EQ(parse_utc("2024-02-29T23:59:58.000Z"), second);
  EXPECT_EQ(parse_utc("2024-02-29T23:59:58.25Z"), second + 250ms);
  EXPECT_EQ(parse_utc("2024-02-29T23:59:58.123456789Z"), second + 123456us);
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00Z"), std::chrono::system_clock::time_point());
  for (const char* bad :
       {"", "Z", "2024-02-29", "2024-02-29T23:59:58", "2024-02-29T23:59:58.Z",
        "2024-02-29T23:59:58.xZ", "2024-02-29T23:59:58,5Z", "2024-02-29T23:59:58+00:00",
        "2024-02-29 23:59:58Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-00-10T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:61Z", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z",
        "-024-01-01T00:00:00Z", "2024-1-001T00:00:00Z"}) {
    EXPECT_EQ(parse_utc(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace clairscore
