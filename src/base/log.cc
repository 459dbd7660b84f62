#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <string>

namespace clairscore {

namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

class StderrLog final : public Log {
 public:
  explicit StderrLog(LogLevel level)
      : logger_("clairscore", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    auto formatter =
        std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc, "\n");
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v");
    logger_.set_formatter(std::move(formatter));
    logger_.set_level(to_spdlog(level));
    logger_.flush_on(spdlog::level::debug);
  }

  void write(LogLevel level, std::string_view message) override {
    const auto native = to_spdlog(level);
    if (!logger_.should_log(native)) return;
    std::string line(message);
    for (char& c : line) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte == 0x7F) c = '?';
    }
    logger_.log(native, spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  spdlog::logger logger_;  // its sink has a lock of its own
};

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  return std::nullopt;
}

std::unique_ptr<Log> make_stderr_log(LogLevel level) {
  return std::make_unique<StderrLog>(level);
}

}  // namespace clairscore
