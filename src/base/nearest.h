#pragma once

// Names in messages: lists of them, and the one that was probably meant. Pure, thread-safe.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clairscore {

/// The name that differs least from the one written (insertions, deletions, replacements; case
/// counts half), when it is near enough to be meant; the first of equals.
std::optional<std::string> nearest_name(std::string_view written,
                                        std::span<const std::string> names);

/// The `count` names that differ least, however much that is; nearest first, of equals the first.
std::vector<std::string> nearest_names(std::string_view written, std::span<const std::string> names,
                                       std::size_t count);

/// " (nearest: NAME)", or nothing when no name is near.
std::string suggestion(std::string_view written, std::span<const std::string> names);

/// "A, B and C"; after the eighth, "and 12 more".
std::string list_of_names(std::span<const std::string> names);

}  // namespace clairscore
