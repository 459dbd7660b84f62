#include "http/trace.h"

#include <algorithm>

namespace clairscore::http {

namespace {

constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kLength = 2 + 1 + kTraceDigits + 1 + kSpanDigits + 1 + 2;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

}  // namespace

std::string TraceContext::text() const {
  return "00-" + trace_id + "-" + span_id + "-" + flags;
}

std::optional<TraceContext> parse_traceparent(std::string_view header) {
  if (header.size() < kLength) return std::nullopt;
  const std::string_view version = header.substr(0, 2);
  if (!is_hex(version) || version == "ff") return std::nullopt;
  // Later versions may add to the end, after a dash.
  if (header.size() > kLength && (version == "00" || header[kLength] != '-')) return std::nullopt;
  const std::string_view trace = header.substr(3, kTraceDigits);
  const std::string_view span = header.substr(3 + kTraceDigits + 1, kSpanDigits);
  const std::string_view flags = header.substr(kLength - 2, 2);
  const bool dashes =
      header[2] == '-' && header[3 + kTraceDigits] == '-' && header[kLength - 3] == '-';
  if (!dashes || !is_hex(trace) || !is_hex(span) || !is_hex(flags) || is_zero(trace) ||
      is_zero(span)) {
    return std::nullopt;
  }
  return TraceContext{std::string(trace), std::string(span), std::string(flags)};
}

bool is_request_id(std::string_view text) {
  constexpr std::size_t kMost = 128;
  constexpr std::string_view kMarks = "-_.:/+";
  return !text.empty() && text.size() <= kMost && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
std::uint64_t TraceIds::next() {
  state_ += 0x9E37'79B9'7F4A'7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBULL;
  return z ^ (z >> 31U);
}

std::string TraceIds::hex(std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kPerNumber = 16;
  std::string text(digits, '0');
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (i % kPerNumber == 0) number = next() | 1U;  // never all zero
    text[i] = kDigits[number & 0xFU];
    number >>= 4U;
  }
  return text;
}

TraceContext TraceIds::continue_trace(std::string_view header) {
  if (auto caller = parse_traceparent(header)) {
    caller->span_id = hex(kSpanDigits);
    return *caller;
  }
  return {hex(kTraceDigits), hex(kSpanDigits), "01"};
}

}  // namespace clairscore::http
