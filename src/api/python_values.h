#pragma once

// How Python reads and prints the values of a JSON document: what MLflow's coercion and its
// messages are made of. Pure, thread-safe.

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace clairscore::api {

/// What Python raises.
struct PythonError {
  std::string type;  // "ValueError"
  std::string message;
};

/// float(value), None being NaN as in numpy: texts of numbers count, spaces around them and single
/// underscores between their digits too.
tl::expected<double, PythonError> python_float(simdjson::dom::element value);

/// int(value) for a number that is one: 1.5 and what needs more than 64 bits are errors, which
/// Python would cut or wrap.
tl::expected<std::int64_t, PythonError> python_int(simdjson::dom::element value);

/// str(value) of a value that is neither list nor dictionary: "None", "True", "1.5".
std::string python_str(simdjson::dom::element value);

/// type(value).__name__.
std::string_view python_type(simdjson::dom::element value);

/// repr of a text: in single quotes, or in double quotes where it has single ones. Cut when long.
std::string python_repr(std::string_view text);
/// repr of an exception: "ValueError('…')".
std::string python_repr(const PythonError& error);
/// repr of a list of texts: "['A', 'B']".
std::string python_list(const std::vector<std::string>& texts);

}  // namespace clairscore::api
