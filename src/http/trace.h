#pragma once

// Which request a log line and an answer belong to: a request id, and the W3C trace context
// (https://www.w3.org/TR/trace-context/, version 00), so that the lines of several services can be
// put together.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clairscore::http {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hexadecimal digits, not all zero
  std::string span_id;   // 16 of them, not all zero
  std::string flags;     // 2
  /// "00-<trace>-<span>-<flags>"
  std::string text() const;
};

/// The header's parts; nothing when it is not one of version 00 to fe as the recommendation has it.
std::optional<TraceContext> parse_traceparent(std::string_view header);

/// What a client may call its request: 1 to 128 letters, digits, '-', '_', '.', ':', '/' or '+'.
bool is_request_id(std::string_view text);

/// Identifiers that do not repeat, for one thread. Not secret, and not meant to be.
class TraceIds {
 public:
  explicit TraceIds(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::string hex(std::size_t digits);

  /// The context of our own part in the caller's trace, or of a new trace.
  TraceContext continue_trace(std::string_view header);

 private:
  std::uint64_t state_;
};

}  // namespace clairscore::http
