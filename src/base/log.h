#pragma once

// The program's log: lines on stderr with time and level. Passed to what needs it, never global.
// Implementations are thread-safe. A message is one line; control characters in it are replaced.

#include <memory>
#include <optional>
#include <string_view>

namespace clairscore {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// "debug", "info", "warning", "error", or nothing.
std::optional<LogLevel> parse_log_level(std::string_view text);

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view message) = 0;

  void debug(std::string_view message) { write(LogLevel::kDebug, message); }
  void info(std::string_view message) { write(LogLevel::kInfo, message); }
  void warning(std::string_view message) { write(LogLevel::kWarning, message); }
  void error(std::string_view message) { write(LogLevel::kError, message); }
};

/// Lines of `level` and above on stderr: "2026-11-22T23:19:28.123Z warning message".
std::unique_ptr<Log> make_stderr_log(LogLevel level);

}  // namespace clairscore
