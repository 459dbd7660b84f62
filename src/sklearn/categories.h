#pragma once

// The categories_ of an encoder: what each column may hold, and what the categories are called in
// the names of output columns.

#include <string>
#include <vector>

#include "base/error.h"
#include "pickle/value.h"
#include "sklearn/read_context.h"
#include "sklearn/readers.h"
#include "transform/category_index.h"

namespace clairscore::sklearn {

struct ReadCategories {
  std::vector<Category> categories;
  /// str() of each element of the array, and of each once the array was made one of objects (what
  /// scikit-learn does before it appends "infrequent_sklearn"): a float32 0.1 is "0.1" in the first
  /// and "0.10000000149011612" in the second.
  std::vector<std::string> names;
  std::vector<std::string> object_names;
  InputUse use;
};

/// Errors kInput or kUnsupported: elements that are no text, number, boolean, None or NaN.
Result<ReadCategories> read_categories(const pickle::Value& array, ReadContext& context);

/// The attribute categories_: one array a column.
Result<std::vector<ReadCategories>> read_all_categories(const pickle::Value& encoder,
                                                        ReadContext& context);

/// As read_all_categories with their index, naming the column in errors.
Result<CategoryIndex> index_categories(const ReadCategories& categories, std::size_t column,
                                       const pickle::Value& encoder);

}  // namespace clairscore::sklearn
