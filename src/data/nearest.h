#pragma once

// Names in messages: lists of them, and the one that was probably meant. Pure, thread-safe.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clairscore {

/// The name that differs least from the one written (insertions, deletions, replacements; case
/// counts half), when it is near enough to be meant; the first of equals.
std::optional<std::string> nearest_name(std::string_view written,
                                        std::span<const std::string> names);

/// " (nearest: NAME)", or nothing when no name is near.
std::string suggestion(std::string_view written, std::span<const std::string> names);

/// "A, B and C"; after the eighth, "and 12 more".
std::string list_of_names(std::span<const std::string> names);

}  // namespace clairscore
