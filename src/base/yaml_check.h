#pragma once

// What a YAML file must be before yaml-cpp builds its nodes: one document without aliases.
//
// An alias names one node from many places, so a short text may stand for a very large one; and the
// loops that read one document after another never end on some texts that are no YAML, as yaml-cpp
// 0.7 does not move on from a stray comma. Thread-safe.

#include <string>
#include <string_view>

#include "base/error.h"

namespace clairscore {

/// Errors kInput with "name:line": no YAML, a second document (or text after the first that is
/// none), an alias. An empty text is a document of nothing.
Result<void> check_yaml(std::string_view text, const std::string& name);

}  // namespace clairscore
