#pragma once

// The classes that can be read: each name under every module path it has had, and its reader. A new
// family of estimators is one file with a reader and one line in registry.cc.

#include <string>
#include <string_view>

#include "base/error.h"
#include "pickle/value.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

/// nullptr when the value is no object of a class in the table.
TransformerReader find_transformer_reader(const pickle::Value& object);
EstimatorReader find_estimator_reader(const pickle::Value& object);
bool is_pipeline(const pickle::Value& object);

/// Reads a transformer of any class in the table, or a pipeline of them; the strings "passthrough"
/// and None (older pipelines) pass columns through. Errors kUnsupported naming the class, those of
/// the nearest names that are read, and where all are listed.
Result<ReadTransformer> read_transformer(const pickle::Value& object, ReadContext& context);
/// `what` is what a message calls the object: "the estimator", "the model".
Result<ReadEstimator> read_estimator(const pickle::Value& object, ReadContext& context,
                                     std::string_view what);

/// True for names that a pickle of a supported model may hold: the classes read, and what their
/// attributes are made of (numpy arrays and random states, loss functions, slices…). Everything
/// else is shown by `inspect` as not on the list. Being on it gives no name any power: nothing is
/// ever imported or called.
bool is_listed_global(std::string_view module, std::string_view name);

}  // namespace clairscore::sklearn
