#pragma once

// Python's fnmatch.fnmatchcase, which the Hub's clients match paths with. Pure, any thread.

#include <string_view>

namespace clairscore::hub {

/// '*' matches anything ('/' too), '?' one byte, "[a-c]" and "[!a-c]" one of a set; a '[' without
/// ']' is itself. Time is at most the product of the lengths.
bool matches_pattern(std::string_view path, std::string_view pattern);

}  // namespace clairscore::hub
