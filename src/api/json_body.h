#pragma once

// JSON of a request body, as Python's json module reads it: what MLflow's own clients send holds
// NaN and Infinity, which are no JSON. Bounded in depth; the body is bounded by the server.
// One document, one thread at a time.

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace clairscore::api {

/// Arrays and objects within each other.
inline constexpr std::size_t kMaxJsonDepth = 64;

class JsonBody {
 public:
  /// NaN, Infinity and -Infinity read as texts that special_number() knows. A byte order mark is
  /// skipped. Errors kInput: no JSON, text that is not UTF-8, a number that no double holds;
  /// kLimit: nested deeper than kMaxJsonDepth.
  Result<void> parse(std::string_view text);

  /// Valid until the next parse().
  simdjson::dom::element root() const { return root_; }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

/// The number that a text of a parsed body stands for where the body held a bare NaN or Infinity.
std::optional<double> special_number(std::string_view text);

/// The last member of that name, as Python takes it; nothing when there is none.
std::optional<simdjson::dom::element> member(const simdjson::dom::object& object,
                                             std::string_view name);

}  // namespace clairscore::api
