#pragma once

// signature.inputs of an MLmodel: JSON text.

#include <string>
#include <string_view>

#include "base/error.h"
#include "mlflow/loaded_model.h"

namespace clairscore {

/// Columns with names and types, or one tensor of shape [-1, n], which gives n columns. Columns
/// without names are called x0, x1, … Errors: kInput (with `where`) for text that is no list of
/// columns, or a name that is there twice; kUnsupported for a type that is no column of a table.
Result<Signature> parse_signature(std::string_view json, const std::string& where);

/// True when every column is called by its position (x0, x1, …).
bool is_unnamed(const Signature& signature);

std::string_view to_string(SignatureType type);

}  // namespace clairscore
