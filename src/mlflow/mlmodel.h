#pragma once

// The text of an MLmodel file: what kind of model, in which file, with which inputs and threshold.
//
// YAML, with the signature as JSON inside a YAML string. Every part that can be wrong is a Result
// of its own, so that `inspect` can show the rest of a file that `load_model` refuses.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "mlflow/loaded_model.h"

namespace clairscore {

struct MlModel {
  /// Fields that come from this file; path, sha256, size and other files are the folder's.
  ModelCard card;
  std::vector<std::string> flavors;  // in the file's order
  /// The model's file within the folder: a relative path that stays inside it.
  Result<std::string> model_file;
  Result<Signature> signature;
  /// metadata.optimal_threshold; nothing when there is none.
  Result<std::optional<double>> threshold;
};

/// `name` stands for the file in messages. Errors: kInput with "name:line" for text that is no YAML
/// mapping; kLimit for more than 10 MiB or for aliases (which MLflow has no use for).
Result<MlModel> parse_mlmodel(std::string_view yaml, const std::string& name);

}  // namespace clairscore
