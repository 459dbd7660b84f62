#pragma once

// What the Hub says in header values, which are untrusted text. Pure functions, any thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clairscore::hub {

/// An ETag without W/ and quotes; nothing when what remains is not 40 or 64 lower-case hexadecimal
/// digits: only those are names of content (and of files in the cache).
std::optional<std::string> content_etag(std::string_view value);

/// The address with rel="next" of a Link header: `<https://…>; rel="next", <…>; rel="last"`.
std::optional<std::string> next_link(std::string_view value);

/// A non-negative whole number, with nothing after it.
std::optional<std::uint64_t> whole_number(std::string_view value);

/// `RateLimit: "resolvers";r=0;t=55` -> 55 s where nothing remains (r=0); nothing else.
std::optional<std::chrono::seconds> rate_limit_reset(std::string_view value);

/// `Retry-After`: seconds, or an HTTP date after `now` (one in the past is 0 s).
std::optional<std::chrono::seconds> retry_after(std::string_view value,
                                                std::chrono::system_clock::time_point now);

struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;  // nothing for "*"
};
/// "bytes 5-9/10".
std::optional<ContentRange> content_range(std::string_view value);

}  // namespace clairscore::hub
