#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <mutex>
#include <string>

#include "base/json_writer.h"
#include "base/line_writer.h"

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

/// One line whatever the message holds.
std::string one_line(std::string_view message) {
  std::string line(message);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  return line;
}

std::string with_fields(std::string_view message, std::span<const LogField> fields) {
  std::string text(message);
  for (const LogField& field : fields) {
    text.append(" ").append(field.name).append("=");
    if (field.value.find_first_of(" \"=") == std::string::npos && !field.value.empty()) {
      text += field.value;
    } else {
      append_json_string(text, field.value);
    }
  }
  return text;
}

std::string json_message(std::string_view message) {
  std::string line = "\"message\":";
  append_json_string(line, message);
  return line;
}

/// Hands formatted lines to the writer, and says how many were lost once there is room again.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(LogFormat format) : format_(format), writer_(STDERR_FILENO) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (lost_ > 0 && put(lost_message(message.time))) lost_ = 0;
    if (!put(message)) ++lost_;
  }
  void flush_() override {}

 private:
  bool put(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    return writer_.write({line.data(), line.size()}, message.level >= spdlog::level::warn);
  }
  spdlog::details::log_msg lost_message(spdlog::log_clock::time_point time) {
    lost_text_ = std::to_string(lost_) + " log lines were lost: they were not taken in time";
    if (format_ == LogFormat::kJson) lost_text_ = json_message(lost_text_);
    return {time, {}, "clairscore", spdlog::level::warn, lost_text_};
  }

  LogFormat format_;
  std::size_t lost_ = 0;
  std::string lost_text_;  // a message views it
  LineWriter writer_;
};

class StderrLog final : public Log {
 public:
  StderrLog(LogLevel level, LogFormat format)
      : format_(format), logger_("clairscore", std::make_shared<LineSink>(format)) {
    auto formatter =
        std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc, "\n");
    formatter->set_pattern(format == LogFormat::kJson
                               ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                               : "%Y-%m-%dT%H:%M:%S.%eZ %l %v");
    logger_.set_formatter(std::move(formatter));
    logger_.set_level(to_spdlog(level));
    logger_.set_error_handler([](const std::string&) {});  // there is nowhere to say it
  }

  void write(LogLevel level, std::string_view message) override { write_with(level, message, {}); }

  void write_with(LogLevel level, std::string_view message,
                  std::span<const LogField> fields) override {
    const auto native = to_spdlog(level);
    if (!logger_.should_log(native)) return;
    std::string line;
    if (format_ == LogFormat::kJson) {
      line = json_message(message);
      for (const LogField& field : fields) {
        line += ',';
        append_json_string(line, field.name);
        line += ':';
        if (field.is_number) {
          line += field.value;
        } else {
          append_json_string(line, field.value);
        }
      }
    } else {
      line = one_line(with_fields(message, fields));
    }
    logger_.log(native, spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  LogFormat format_;
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

void Log::write_with(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  write(level, with_fields(message, fields));
}

std::unique_ptr<Log> make_stderr_log(LogLevel level, LogFormat format) {
  return std::make_unique<StderrLog>(level, format);
}

}  // namespace clairscore
