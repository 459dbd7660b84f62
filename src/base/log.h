#pragma once

// The program's log: lines on stderr with time and level. Passed to what needs it, never global.
// Implementations are thread-safe. A message is one line; control characters in it are replaced.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clairscore {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

/// "debug", "info", "warning", "error", or nothing.
std::optional<LogLevel> parse_log_level(std::string_view text);

/// What a line says beside its message.
struct LogField {
  std::string_view name;
  std::string value;
  bool is_number = false;  // `value` is one in JSON, too
};

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view message) = 0;
  /// With fields: " name=value" after the message, or members of their own in JSON.
  virtual void write_with(LogLevel level, std::string_view message,
                          std::span<const LogField> fields);

  void debug(std::string_view message) { write(LogLevel::kDebug, message); }
  void info(std::string_view message) { write(LogLevel::kInfo, message); }
  void warning(std::string_view message) { write(LogLevel::kWarning, message); }
  void error(std::string_view message) { write(LogLevel::kError, message); }
};

/// Lines of `level` and above on stderr: "TIME warning message name=value", or JSON objects with
/// members time, level, message and name. A thread of its own writes them: lines that nobody takes
/// (a full disk, a pipe that is not read) are lost and counted; the last come before the log ends.
std::unique_ptr<Log> make_stderr_log(LogLevel level, LogFormat format = LogFormat::kText);

}  // namespace clairscore
