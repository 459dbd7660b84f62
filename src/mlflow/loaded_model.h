#pragma once

// A model file or MLflow folder -> the pipeline that scores and what is known about it.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/pipeline.h"

namespace clairscore {

/// Column types of an MLflow signature.
enum class SignatureType {
  kBoolean,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kString,
  kBinary,
  kDatetime,
  kTensor
};

struct SignatureColumn {
  std::string name;
  SignatureType type = SignatureType::kDouble;
  bool required = true;
  bool is_text() const { return type == SignatureType::kString; }
};

struct Signature {
  std::vector<SignatureColumn> inputs;
  /// The model was fitted without column names: those above are made up (x0, x1, …), and columns of
  /// other names are taken in their order.
  bool by_position = false;
};

/// What the folder says about itself, for the model card and `inspect`; empty where it is silent.
struct ModelCard {
  std::string path;    // as given
  std::string file;    // the model file within it, "model.pkl"
  std::string sha256;  // of the model file
  std::uint64_t size_bytes = 0;
  std::string flavor;  // "sklearn"
  std::string mlflow_version;
  std::string predict_fn;       // what MLflow answers with: "predict", "predict_proba", …
  std::string library_version;  // of the flavour's library, "1.6.1"
  std::string python_version;
  std::string serialization_format;
  std::string run_id;
  std::string model_uuid;
  std::string utc_time_created;
  std::vector<std::string> other_files;  // conda.yaml, code/…: listed, never read or run
};

/// Immutable; shared by everything that serves.
struct LoadedModel {
  ModelCard card;
  Signature signature;
  Pipeline pipeline;
  /// Decision threshold on the probability of the positive class: metadata.optimal_threshold of
  /// MLmodel, else that of a TunedThresholdClassifierCV or FixedThresholdClassifier, else 0.5.
  double threshold = 0.5;
  bool threshold_from_model = false;
  /// recipe.yaml beside MLmodel, when there is one.
  std::optional<std::filesystem::path> recipe_path = std::nullopt;
  /// dictionary.yaml beside MLmodel, when there is one.
  std::optional<std::filesystem::path> dictionary_path = std::nullopt;
};

/// Reads an MLflow folder (one that holds MLmodel) or a single model file (.pkl, .joblib).
/// A single file has no signature of its own: one is made from feature_names_in_ (types from the
/// transformers that use the columns: those that an encoder reads are text).
/// Errors: kNotFound, kInput, kUnsupported, kLimit; each names the file, the step or class, and
/// the byte offset where there is one. An MLmodel without a signature is refused.
Result<std::shared_ptr<const LoadedModel>> load_model(const std::filesystem::path& path);

}  // namespace clairscore
