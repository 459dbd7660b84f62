#include "hub/fnmatch.h"

#include <cstddef>

namespace clairscore::hub {

namespace {

/// Matches one byte against the set that begins after '[' at `at`; moves `at` past its ']'.
/// Returns -1 when there is no ']': the bracket is an ordinary character then.
int match_set(char c, std::string_view pattern, std::size_t& at) {
  std::size_t i = at;
  const bool negated = i < pattern.size() && pattern[i] == '!';
  if (negated) ++i;
  const std::size_t first = i;
  std::size_t end = first;
  if (end < pattern.size() && pattern[end] == ']') ++end;  // a ']' that comes first is a member
  while (end < pattern.size() && pattern[end] != ']') ++end;
  if (end >= pattern.size()) return -1;
  bool found = false;
  const auto byte = static_cast<unsigned char>(c);
  while (i < end) {
    const auto low = static_cast<unsigned char>(pattern[i]);
    if (i + 2 < end && pattern[i + 1] == '-') {
      const auto high = static_cast<unsigned char>(pattern[i + 2]);
      found = found || (low <= byte && byte <= high);
      i += 3;
    } else {
      found = found || low == byte;
      ++i;
    }
  }
  at = end + 1;
  return found != negated ? 1 : 0;
}

/// Matches one byte against the pattern's item at `at` (not '*'); moves `at` past it.
bool match_one(char c, std::string_view pattern, std::size_t& at) {
  const char p = pattern[at++];
  if (p == '?') return true;
  if (p == '[') {
    const int in_set = match_set(c, pattern, at);
    if (in_set >= 0) return in_set == 1;
  }
  return p == c;
}

}  // namespace

bool matches_pattern(std::string_view path, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;  // after the last '*' met
  std::size_t retry = 0;                      // where it would match one byte more
  while (at < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      retry = at;
      continue;
    }
    std::size_t next = p;
    if (p < pattern.size() && match_one(path[at], pattern, next)) {
      p = next;
      ++at;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star;
    at = ++retry;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace clairscore::hub
