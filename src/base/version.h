#pragma once

#include <string_view>

namespace clairscore {

/// "0.1.0", from the project's CMake file.
std::string_view version();

}  // namespace clairscore
