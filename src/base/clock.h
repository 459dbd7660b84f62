#pragma once

// Time, injectable: code that needs the time takes a Clock, tests give it a fixed one.
// Implementations are thread-safe.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace clairscore {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::now();
  }
};

/// ISO 8601 in UTC with microseconds, as Python's datetime.isoformat:
/// 2026-11-22T23:19:28.000123+00:00
std::string iso8601_utc(std::chrono::system_clock::time_point time);

/// What "2024-02-19T10:57:45Z" says, with a fraction of a second or without, in the years that the
/// clock can hold; nothing for any other text.
std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text);

/// RFC 9110 date: "Sun, 22 Nov 2026 23:19:28 GMT".
std::string http_date(std::chrono::system_clock::time_point time);

}  // namespace clairscore
