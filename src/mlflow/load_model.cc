#include <set>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/bytes.h"
#include "base/sha256.h"
#include "mlflow/folder.h"
#include "mlflow/loaded_model.h"
#include "mlflow/mlmodel.h"
#include "mlflow/signature.h"
#include "pickle/unpickle.h"
#include "sklearn/booster_models.h"
#include "sklearn/model_reader.h"

namespace clairscore {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxMlModelBytes = std::uint64_t{10} << 20U;

std::vector<std::string> names_of(const Signature& signature) {
  std::vector<std::string> names;
  names.reserve(signature.inputs.size());
  for (const SignatureColumn& column : signature.inputs) names.push_back(column.name);
  return names;
}

/// Reads the model file and fills in what the card says of its bytes.
Result<sklearn::ReadModel> read_model_file(const fs::path& path, ModelCard& card) {
  ASSIGN_OR_RETURN(MappedFile opened, MappedFile::open(path));
  const auto file = std::make_shared<const MappedFile>(std::move(opened));
  card.size_bytes = file->bytes().size();
  card.sha256 = sha256_hex(file->bytes());
  if (sklearn::is_booster_file(file->bytes())) {
    ASSIGN_OR_RETURN(sklearn::ReadModel model,
                     sklearn::read_booster_file(file->bytes(), path.string()));
    if (card.library_version.empty()) card.library_version = model.library_version;
    return model;
  }
  ASSIGN_OR_RETURN(const auto graph, pickle::unpickle(file->bytes(), file, path.string()));
  ASSIGN_OR_RETURN(sklearn::ReadModel model, sklearn::read_model(pickle::root(*graph)));
  if (card.library_version.empty()) card.library_version = model.library_version;
  return model;
}

/// A model that was fitted with names takes its columns by name: the signature must have those it
/// uses. Columns it was fitted on but drops may be missing from the signature.
Result<Pipeline> build_named(sklearn::ReadModel& model, const Signature& signature,
                             const std::string& where) {
  std::unordered_set<std::string_view> known;
  for (const SignatureColumn& column : signature.inputs) known.insert(column.name);
  std::vector<std::string> names;
  std::string missing;
  for (const std::string& name : model.input_names) {
    if (known.count(name) > 0) {
      names.push_back(name);
    } else if (missing.empty()) {
      missing = name;
    }
  }
  const std::vector<std::string> fitted = model.input_names;
  auto pipeline = sklearn::build_pipeline(model, std::move(names));
  if (pipeline || missing.empty()) return pipeline;
  // With every column it was fitted on, does it build? Then it is the signature that lacks some.
  if (!sklearn::build_pipeline(model, fitted)) return pipeline;
  return fail(ErrorCode::kInput, "the model needs a column that the signature lacks",
              where + ", column " + missing, "a signature with all inputs of the model");
}

Result<Pipeline> build_for_signature(sklearn::ReadModel& model, Signature& signature,
                                     const std::string& where) {
  if (model.names_are_positions) model.input_names.clear();
  const std::size_t fitted = model.input_names.size();
  if (fitted > 0 && is_unnamed(signature) && signature.inputs.size() == fitted) {
    for (std::size_t i = 0; i < fitted; ++i) signature.inputs[i].name = model.input_names[i];
  }
  if (fitted > 0) return build_named(model, signature, where);
  if (!model.inputs.empty() && model.inputs.size() != signature.inputs.size()) {
    return fail(ErrorCode::kInput,
                "a signature of " + std::to_string(signature.inputs.size()) + " columns", where,
                std::to_string(model.inputs.size()) + " columns, as the model was fitted on");
  }
  return sklearn::build_pipeline(model, names_of(signature));
}

/// The inputs that some feature is made from.
std::vector<std::string> used_inputs(const Pipeline& pipeline) {
  std::set<std::size_t> positions;
  for (const OutputColumn& feature : pipeline.features()) {
    positions.insert(feature.inputs.begin(), feature.inputs.end());
  }
  std::vector<std::string> names;
  names.reserve(positions.size());
  for (const std::size_t position : positions) names.push_back(pipeline.input_names()[position]);
  return names;
}

/// For a model file alone: the columns it uses of those it was fitted with, or x0, x1, … when it
/// was fitted without names; texts where an encoder of texts reads the column.
Result<Pipeline> build_alone(sklearn::ReadModel& model, const std::string& where,
                             Signature& signature) {
  std::vector<std::string> names = model.input_names;
  const std::size_t count = model.inputs.empty() && model.estimator && model.steps.empty()
                                ? model.estimator->features()
                                : model.inputs.size();
  for (std::size_t i = names.size(); i < count; ++i) {
    names.push_back(std::string("x").append(std::to_string(i)));
  }
  if (names.empty()) {
    return fail(ErrorCode::kUnsupported, "a model that does not say which columns it needs", where,
                "an MLflow folder with a signature");
  }
  const bool named = !model.input_names.empty();
  signature.by_position = !named;
  ASSIGN_OR_RETURN(Pipeline pipeline, sklearn::build_pipeline(model, std::move(names)));
  if (named) {
    // Not always possible: a column can be needed for a feature that was dropped.
    auto smaller = sklearn::build_pipeline(model, used_inputs(pipeline));
    if (smaller) pipeline = std::move(*smaller);
  }
  for (std::size_t i = 0; i < pipeline.input_names().size(); ++i) {
    const bool text = model.inputs[i].type == sklearn::InputUse::Type::kText;
    signature.inputs.push_back(
        {pipeline.input_names()[i], text ? SignatureType::kString : SignatureType::kDouble, false});
  }
  return pipeline;
}

Result<std::shared_ptr<const LoadedModel>> load_file(const fs::path& path, ModelCard card) {
  ASSIGN_OR_RETURN(sklearn::ReadModel model, read_model_file(path, card));
  card.file = path.filename().string();
  card.flavor = model.library == "LightGBM"   ? "lightgbm"
                : model.library == "XGBoost"  ? "xgboost"
                : model.library == "CatBoost" ? "catboost"
                                              : "sklearn";
  Signature signature;
  ASSIGN_OR_RETURN(Pipeline pipeline, build_alone(model, path.string(), signature));
  LoadedModel loaded{
      .card = std::move(card), .signature = std::move(signature), .pipeline = std::move(pipeline)};
  loaded.threshold = model.threshold.value_or(loaded.threshold);
  loaded.threshold_from_model = model.threshold.has_value();
  return std::make_shared<const LoadedModel>(std::move(loaded));
}

Result<std::shared_ptr<const LoadedModel>> load_folder(const fs::path& folder, ModelCard card) {
  ASSIGN_OR_RETURN(const std::string yaml, read_text_file(folder / "MLmodel", kMaxMlModelBytes));
  const std::string name = (folder / "MLmodel").string();
  ASSIGN_OR_RETURN(MlModel description, parse_mlmodel(yaml, name));
  description.card.path = std::move(card.path);
  card = std::move(description.card);
  ASSIGN_OR_RETURN(const std::string file, std::move(description.model_file));
  ASSIGN_OR_RETURN(Signature signature, std::move(description.signature));
  ASSIGN_OR_RETURN(const std::optional<double> threshold, std::move(description.threshold));
  ASSIGN_OR_RETURN(sklearn::ReadModel model, read_model_file(folder / file, card));
  card.file = file;
  ASSIGN_OR_RETURN(Pipeline pipeline, build_for_signature(model, signature, name));
  card.other_files = list_other_files(folder, file);

  LoadedModel loaded{
      .card = std::move(card), .signature = std::move(signature), .pipeline = std::move(pipeline)};
  const std::optional<double> own = threshold ? threshold : model.threshold;
  loaded.threshold = own.value_or(loaded.threshold);
  loaded.threshold_from_model = own.has_value();
  std::error_code ignored;
  if (fs::exists(folder / "recipe.yaml", ignored)) loaded.recipe_path = folder / "recipe.yaml";
  if (fs::exists(folder / "dictionary.yaml", ignored)) {
    loaded.dictionary_path = folder / "dictionary.yaml";
  }
  return std::make_shared<const LoadedModel>(std::move(loaded));
}

}  // namespace

Result<std::shared_ptr<const LoadedModel>> load_model(const fs::path& path) {
  ASSIGN_OR_RETURN(const ModelPath found, find_model(path));
  ModelCard card;
  card.path = path.string();
  auto loaded = found.is_folder ? load_folder(found.path, std::move(card))
                                : load_file(found.path, std::move(card));
  if (loaded) return loaded;
  Error error = std::move(loaded.error());
  // Parts that are read without knowing where they come from.
  if (error.where.find(found.path.string()) == std::string::npos) {
    error.where = found.path.string() + (error.where.empty() ? "" : ", " + error.where);
  }
  if (error.accepted.empty()) {
    error.accepted =
        "a model of scikit-learn, LightGBM, XGBoost or CatBoost as mlflow, joblib, pickle or the "
        "library saves "
        "it";
  }
  return fail(std::move(error));
}

}  // namespace clairscore
