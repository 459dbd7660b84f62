#pragma once

// New applications, as raw fields in a request -> the model's inputs, by the recipe that prepared
// the served applicants, with every problem of every field at once. Pure; thread-safe.
//
// A field has the type that a row read by itself has (raw_types()): a number is a JSON number,
// text is a JSON text, a value that is not known is null (or, for text, the empty text, as in a
// CSV). A field that is left out is a problem, because a misspelt name would else change a decision
// without a word. Fields that the recipe does not read are ignored.

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "service/assets.h"

namespace clairscore::api {

struct FieldProblem {
  std::size_t row = 0;  // from 0
  std::string field;    // empty: the row as a whole
  std::string what;
  std::string accepted;  // may be empty
};

/// Why rows cannot be scored: never empty, in the order of rows and fields.
struct ApplicationProblems {
  std::vector<FieldProblem> problems;
  bool complete = true;  // false: there are more than kMaxListedProblems
};
inline constexpr std::size_t kMaxListedProblems = 1000;

/// The first problem in one line, and how many there are.
std::string to_string(const ApplicationProblems& problems);

struct Applications {
  Frame inputs;  // the model's, in the signature's order
  /// What each row's identifier field holds, as JSON; "null" where a row has none.
  std::vector<std::string> identifiers;
};
using ApplicationsResult = tl::expected<Applications, ApplicationProblems>;

/// A list of objects.
ApplicationsResult prepare_applications(const simdjson::dom::array& rows, std::size_t max_rows,
                                        const Assets& assets);

/// Rows in one of MLflow's forms: {"columns", "data"}, a list of objects, or an object of lists.
ApplicationsResult prepare_application_payload(simdjson::dom::element data, std::size_t max_rows,
                                               const Assets& assets);

/// A CSV as `clairscore score` reads it, without compression.
Result<Frame> prepare_application_csv(std::string_view csv, std::size_t max_rows,
                                      const Assets& assets);

/// Raw fields that a row must have, with their types as JSON schemas, in the recipe's order.
struct RawField {
  std::string name;
  std::optional<ColumnType> type;  // nothing: any number or text
};
std::vector<RawField> raw_fields(const Recipe& recipe, const Signature& signature);

}  // namespace clairscore::api
