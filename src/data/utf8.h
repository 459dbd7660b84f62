#pragma once

// Text checks. Pure, thread-safe.

#include <string_view>

namespace clairscore {

/// Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing past
/// U+10FFFF) without NUL.
bool is_clean_utf8(std::string_view text);

}  // namespace clairscore
