#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

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

std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  // The clock counts nanoseconds from 1970 in 64 bits, which end in the year 2262.
  constexpr int kLastYear = 2261;
  if (text.size() <= kForm.size() || text.back() != 'Z') return std::nullopt;
  std::string_view fraction = text.substr(kForm.size(), text.size() - kForm.size() - 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return std::nullopt;
  }
  if (!fraction.empty()) {
    if (fraction.size() < 2 || fraction.front() != '.') return std::nullopt;
    fraction.remove_prefix(1);
    if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  const bool in_range = number(0, 4) >= 1970 && number(0, 4) <= kLastYear && date.ok() &&
                        hour < 24 && minute < 60 && second < 61;
  if (!in_range) return std::nullopt;
  long microseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    microseconds = 10 * microseconds + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::microseconds(microseconds);
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
