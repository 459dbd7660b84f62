#pragma once

// Text from a file, fit for a message. Thread-safe.

#include <string>
#include <string_view>

namespace clairscore {

/// The text in single quotes, cut to about 60 bytes at the end of a character: what came from a
/// file has no length that can be trusted. "'Core staff'", "'abc…'".
std::string quote_excerpt(std::string_view text);

}  // namespace clairscore
