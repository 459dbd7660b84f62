#include "base/clock.h"

#include <fmt/format.h>

#include <array>

namespace clairscore {

namespace {

struct Fields {
  int year;
  unsigned month, day, weekday;
  long hour, minute, second, microsecond;
};

Fields utc_fields(std::chrono::system_clock::time_point time) {
  using std::chrono::duration_cast;
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::weekday weekday(day);
  const std::chrono::hh_mm_ss rest(duration_cast<std::chrono::microseconds>(time - day));
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday.c_encoding(),
          rest.hours().count(),
          rest.minutes().count(),
          rest.seconds().count(),
          rest.subseconds().count()};
}

}  // namespace

std::string iso8601_utc(std::chrono::system_clock::time_point time) {
  const Fields f = utc_fields(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00", f.year, f.month, f.day,
                     f.hour, f.minute, f.second, f.microsecond);
}

std::string http_date(std::chrono::system_clock::time_point time) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Fields f = utc_fields(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[f.weekday], f.day,
                     kMonths[f.month - 1], f.year, f.hour, f.minute, f.second);
}

}  // namespace clairscore
