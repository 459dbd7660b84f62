#pragma once

// A log that remembers what it was told, one line a message: "warning the message". Thread-safe.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace clairscore {

class MemoryLog final : public Log {
 public:
  void write(LogLevel level, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(name(level)).append(" ").append(message);
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines()) all.append(line).append("\n");
    return all;
  }

 private:
  static std::string_view name(LogLevel level) {
    switch (level) {
      case LogLevel::kDebug:
        return "debug";
      case LogLevel::kInfo:
        return "info";
      case LogLevel::kWarning:
        return "warning";
      case LogLevel::kError:
        break;
    }
    return "error";
  }

  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace clairscore
