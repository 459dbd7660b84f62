#pragma once

// What a model file or folder holds, told without executing anything of it: for people
// (`clairscore inspect`) and as JSON. A file that is not accepted is described as far as it can be
// read, with the reason.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "inspect/object_tree.h"
#include "mlflow/loaded_model.h"
#include "sklearn/readers.h"

namespace clairscore {

/// A name that the pickle would make Python import.
struct InspectedGlobal {
  std::string module;
  std::string name;
  std::uint64_t offset = 0;  // of its first use
  bool called = false;       // an object is made by calling it; else it is only held
  bool listed = false;       // sklearn::is_listed_global
};

struct InspectedInput {
  std::string name;
  std::string type;  // of the signature: "double", "string"
  bool required = true;
  bool used = true;                     // by a step or by the estimator
  std::vector<std::string> categories;  // those its encoder knows, when it has one
};

struct Inspection {
  ModelCard card;  // of what could be read
  bool is_folder = false;
  std::vector<std::string> flavors;
  std::string container;           // "pickle", "pickle in zlib", "skops archive", "LightGBM text"
  std::optional<int> protocol;     // 0 to 5
  std::uint64_t pickle_bytes = 0;  // decompressed
  std::uint64_t pickle_values = 0;
  /// Where in them the reading of a damaged or hostile pickle stopped.
  std::optional<std::uint64_t> stopped_at;
  double threshold = 0.5;
  bool threshold_from_model = false;

  std::vector<InspectedGlobal> globals;
  std::optional<ObjectTree> objects;

  std::vector<InspectedInput> inputs;
  std::vector<std::string> features;  // what the estimator sees
  std::string estimator;              // its class; empty for a file of transformers
  std::vector<std::string> classes;
  std::optional<sklearn::TreeStatistics> trees;
  std::vector<double> base_values;

  bool scores = false;
  std::string scale;  // of raw scores, base values and contributions: "log-odds", "probability"
  bool explains = false;
  std::string why_not_explained;
  /// Why load_model() refuses it; nothing when it accepts it.
  std::optional<Error> refusal;
};

/// Errors: nothing there; a folder without a model, or with several; an MLmodel that is no YAML; a
/// single file that does not even begin as a model does. Anything else is described, with a
/// refusal: of a pickle that is damaged or hostile also what it names before the place where it is
/// refused.
Result<Inspection> inspect_path(const std::filesystem::path& path);

/// For a terminal: aligned, UTF-8, characters that a terminal would act on replaced.
std::string to_text(const Inspection& inspection);
/// One JSON object with a line end. docs: keys are those of the fields, `verdict` is "accepted" or
/// "refused".
std::string to_json(const Inspection& inspection);

}  // namespace clairscore
