#include "hub/header_values.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace clairscore::hub {

namespace {

/// Waits beyond a day are cut to one: nobody waits so long, and sums stay far from overflow.
constexpr std::uint64_t kMostSeconds = 86'400;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::chrono::seconds bounded(std::uint64_t seconds) {
  return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, kMostSeconds)));
}

/// The next element of a list separated by `separator`, which counts neither within quotes nor
/// within angle brackets.
std::string_view take_element(std::string_view& rest, char separator) {
  bool quoted = false;
  bool bracketed = false;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    const char c = rest[end];
    if (c == '"' && !bracketed) quoted = !quoted;
    if (c == '<' && !quoted) bracketed = true;
    if (c == '>' && !quoted) bracketed = false;
    if (c == separator && !quoted && !bracketed) break;
  }
  const std::string_view element = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(element);
}

/// "t=55" or "t = 55" -> 55, when the name is `name`.
std::optional<std::uint64_t> parameter(std::string_view text, std::string_view name) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || trimmed(text.substr(0, equals)) != name) {
    return std::nullopt;
  }
  return whole_number(trimmed(text.substr(equals + 1)));
}

}  // namespace

std::optional<std::string> content_etag(std::string_view value) {
  value = trimmed(value);
  if (value.starts_with("W/")) value.remove_prefix(2);
  while (!value.empty() && value.front() == '"') value.remove_prefix(1);
  while (!value.empty() && value.back() == '"') value.remove_suffix(1);
  const bool digits = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (!digits || (value.size() != 40 && value.size() != 64)) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> next_link(std::string_view value) {
  while (!value.empty()) {
    std::string_view link = take_element(value, ',');
    const std::string_view target = take_element(link, ';');
    if (target.size() < 3 || target.front() != '<' || target.back() != '>') continue;
    while (!link.empty()) {
      const std::string_view attribute = take_element(link, ';');
      if (attribute == "rel=\"next\"" || attribute == "rel=next") {
        return std::string(target.substr(1, target.size() - 2));
      }
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> whole_number(std::string_view value) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  if (read.ec != std::errc() || read.ptr != value.data() + value.size()) return std::nullopt;
  return number;
}

std::optional<std::chrono::seconds> rate_limit_reset(std::string_view value) {
  // A structured list: each policy a quoted name with parameters. One without remainder is enough.
  while (!value.empty()) {
    std::string_view policy = take_element(value, ',');
    std::optional<std::uint64_t> remaining;
    std::optional<std::uint64_t> reset;
    while (!policy.empty()) {
      const std::string_view element = take_element(policy, ';');
      if (const auto r = parameter(element, "r")) remaining = r;
      if (const auto t = parameter(element, "t")) reset = t;
    }
    if (remaining == 0U && reset) return bounded(*reset);
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> retry_after(std::string_view value,
                                                std::chrono::system_clock::time_point now) {
  value = trimmed(value);
  if (const auto seconds = whole_number(value)) return bounded(*seconds);
  // An HTTP date has a month in letters; curl_getdate would take much else for a date, too.
  if (value.size() < 20 || value.size() > 40 || value.find(' ') == std::string_view::npos) {
    return std::nullopt;
  }
  const std::time_t date = curl_getdate(std::string(value).c_str(), nullptr);
  if (date == -1) return std::nullopt;
  // In whole seconds: a date of the year 5515 has no place on the clock's own scale.
  const std::time_t wait = date - std::chrono::system_clock::to_time_t(now);
  return bounded(static_cast<std::uint64_t>(std::max<std::time_t>(wait, 0)));
}

std::optional<ContentRange> content_range(std::string_view value) {
  value = trimmed(value);
  if (!value.starts_with("bytes ")) return std::nullopt;
  value.remove_prefix(6);
  const std::size_t dash = value.find('-');
  const std::size_t slash = value.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) {
    return std::nullopt;
  }
  const auto first = whole_number(value.substr(0, dash));
  const auto last = whole_number(value.substr(dash + 1, slash - dash - 1));
  const std::string_view total_text = value.substr(slash + 1);
  const auto total = whole_number(total_text);
  if (!first || !last || *first > *last || (!total && total_text != "*")) return std::nullopt;
  if (total && *last >= *total) return std::nullopt;
  return ContentRange{*first, *last, total};
}

}  // namespace clairscore::hub
