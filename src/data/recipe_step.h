#pragma once

// The steps of a recipe: each changes a frame of columns as the same pandas expression would.
// Values, immutable once parsed; applying them is safe from any number of threads. docs/recipe.md
// says what each does in the words of who writes recipes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "frame/frame.h"

namespace clairscore {

/// Where column types come from: all cells of the file, as pandas types it, or the recipe and the
/// signature (raw_types), so that no row depends on another.
enum class ColumnTyping { kWholeFile, kDeclared };

/// A value written in a recipe: an integer, a decimal, or text.
using RecipeValue = std::variant<std::int64_t, double, std::string>;

/// Cells equal to one of the markers become missing; text markers only in text columns, numbers
/// only in columns of numbers. An integer column without a marker stays one.
struct MissingMarkersStep {
  std::string column;
  std::vector<RecipeValue> markers;
};

/// Missing cells become the value. A text value fills text columns and columns without any value
/// (which become text); a number fills columns of numbers. Error: a column of the other sort with
/// missing cells.
struct FillMissingStep {
  std::string column;
  RecipeValue value;
};

/// Absolute values of a column of numbers. The least 64-bit integer stays, as in numpy.
struct AbsoluteStep {
  std::string column;
};

/// Numbers equal to the first become the second; others stay. An integer column stays one when all
/// replacements are integers.
struct ReplaceStep {
  std::string column;
  std::vector<std::pair<RecipeValue, RecipeValue>> replacements;
};

/// Values become text by a table; a value outside the table stays as it is (an integer as its
/// text). Integer keys apply only to a column of integers, text keys only to a text column; any
/// other column, and an integer column none of whose values is a key, stays untouched. With
/// declared types an integer column always becomes text.
struct MapStep {
  std::string column;
  bool integer_keys = false;
  std::vector<std::pair<RecipeValue, std::string>> values;
};

/// A new column of doubles: numerator / denominator, missing where the denominator is 0 or either
/// is missing.
struct RatioStep {
  std::string column;
  std::string numerator;
  std::string denominator;
};

/// The columns, or when there are none every integer and double column, become doubles.
struct ToDoubleStep {
  std::vector<std::string> columns;
};

/// Only these columns stay, in this order.
struct KeepStep {
  std::vector<std::string> columns;
};

struct DropStep {
  std::vector<std::string> columns;
};

struct RenameStep {
  std::string from;
  std::string to;
};

struct RecipeStep {
  std::variant<MissingMarkersStep, FillMissingStep, AbsoluteStep, ReplaceStep, MapStep, RatioStep,
               ToDoubleStep, KeepStep, DropStep, RenameStep>
      action;
  std::size_t line = 0;  // of the recipe file
};

/// Changes the frame. Errors kInput: a column that is not there, text in a column of numbers (the
/// row and the value are named). The frame is then in an unspecified state.
Result<void> apply_step(const RecipeStep& step, Frame& frame, const RowSource& source,
                        ColumnTyping typing);

}  // namespace clairscore
