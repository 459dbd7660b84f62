#pragma once

// Secrets that callers present.

#include <string_view>

namespace clairscore {

/// Whether both are the same, in a time that tells nothing of where they differ or how long the
/// expected one is: their SHA-256 are compared without a branch.
bool same_secret(std::string_view presented, std::string_view expected);

}  // namespace clairscore
