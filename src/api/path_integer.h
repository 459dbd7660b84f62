#pragma once

// Integers in a path, read as the original's framework reads them (pydantic 2): surrounding white
// space, a sign, leading zeros, single underscores between digits and a fraction of zeros are
// accepted; any number of digits up to 4,300 is an integer. Pure, thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clairscore::api {

struct PathInteger {
  enum class Kind { kInteger, kNotAnInteger, kTooManyDigits };
  Kind kind = Kind::kNotAnInteger;
  std::string text;                   // kInteger: as Python writes it ("100285", "-5")
  std::optional<std::int64_t> value;  // kInteger: when it fits
};

PathInteger parse_path_integer(std::string_view text);

}  // namespace clairscore::api
