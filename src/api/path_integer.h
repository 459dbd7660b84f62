#pragma once

// Integers in paths, read as the original's framework (pydantic 2) reads them: spaces around, one
// sign, leading zeros, single underscores between digits and decimals of zero ("1_000.0") are all
// accepted, and numbers may be as long as Python lets them. Compared with pydantic itself in
// tests/fixtures/api/fastapi.json. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace clairscore::api {

struct PathInteger {
  std::string text;                   // as Python prints it: "-12"
  std::optional<std::int64_t> value;  // nothing when it needs more than 64 bits
};

enum class PathIntegerFault {
  kMalformed,
  kTooLong,  // a plain integer of more digits than Python reads (4300)
};

tl::expected<PathInteger, PathIntegerFault> parse_path_integer(std::string_view text);

}  // namespace clairscore::api
