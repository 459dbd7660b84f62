#pragma once

// Models of LightGBM and XGBoost: pickled, alone or as a step, and in the files that the libraries
// save themselves.

#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "sklearn/model_reader.h"

namespace clairscore::sklearn {

/// True for bytes that begin as a model file of LightGBM (text) or XGBoost (JSON, UBJSON) does.
bool is_booster_file(ByteSpan bytes);

/// Such a file as a model without steps. `name` stands for it in errors.
Result<ReadModel> read_booster_file(ByteSpan bytes, const std::string& name);

}  // namespace clairscore::sklearn
