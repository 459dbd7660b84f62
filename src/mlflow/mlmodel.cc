#include "mlflow/mlmodel.h"

#include <yaml-cpp/yaml.h>

#include <cmath>
#include <filesystem>
#include <utility>

#include "base/excerpt.h"
#include "base/numbers.h"
#include "base/yaml_check.h"
#include "mlflow/signature.h"

namespace clairscore {

namespace {

constexpr std::size_t kMaxBytes = std::size_t{10} << 20U;

/// The child of that key; an undefined node when there is none.
YAML::Node child(const YAML::Node& node, const char* key) {
  return node.IsDefined() && node.IsMap() ? node[key] : YAML::Node(YAML::NodeType::Undefined);
}

/// The text of a scalar, empty for anything else.
std::string text(const YAML::Node& node) {
  return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string();
}

class Reader {
 public:
  Reader(const YAML::Node& root, const std::string& name) : root_(root), name_(name) {}

  MlModel read() const {
    const YAML::Node flavors = child(root_, "flavors");
    const YAML::Node python = child(flavors, "python_function");
    const YAML::Node sklearn = child(flavors, "sklearn");
    const YAML::Node booster = booster_flavor(flavors);
    MlModel model{{}, {}, model_file(sklearn, booster), signature(), threshold()};
    if (flavors.IsDefined() && flavors.IsMap()) {
      for (const auto& entry : flavors) model.flavors.push_back(text(entry.first));
    }
    ModelCard& card = model.card;
    for (const std::string& flavor : model.flavors) {
      if (card.flavor.empty() && flavor != "python_function") card.flavor = flavor;
    }
    if (card.flavor.empty()) card.flavor = text(child(python, "loader_module"));
    card.mlflow_version = text(child(root_, "mlflow_version"));
    card.predict_fn = text(child(python, "predict_fn"));
    card.library_version = text(child(sklearn, "sklearn_version"));
    if (card.library_version.empty()) card.library_version = text(child(booster, "lgb_version"));
    if (card.library_version.empty()) card.library_version = text(child(booster, "xgb_version"));
    if (card.library_version.empty()) {
      card.library_version = text(child(booster, "catboost_version"));
    }
    card.python_version = text(child(python, "python_version"));
    card.serialization_format = text(child(sklearn, "serialization_format"));
    card.run_id = text(child(root_, "run_id"));
    card.model_uuid = text(child(root_, "model_uuid"));
    if (card.model_uuid.empty()) card.model_uuid = text(child(root_, "model_id"));
    card.utc_time_created = text(child(root_, "utc_time_created"));
    return model;
  }

 private:
  std::string where(const YAML::Node& node) const {
    const YAML::Mark mark = node.IsDefined() ? node.Mark() : YAML::Mark::null_mark();
    return mark.is_null() ? name_ : name_ + ":" + std::to_string(mark.line + 1);
  }

  static YAML::Node booster_flavor(const YAML::Node& flavors) {
    for (const char* name : {"lightgbm", "xgboost", "catboost"}) {
      const YAML::Node flavor = child(flavors, name);
      if (flavor.IsDefined() && flavor.IsMap()) return flavor;
    }
    return YAML::Node(YAML::NodeType::Undefined);
  }

  Result<std::string> model_file(const YAML::Node& sklearn, const YAML::Node& booster) const {
    const bool has_sklearn = sklearn.IsDefined() && sklearn.IsMap();
    if (!has_sklearn && booster.IsDefined()) return inner_file(booster, "data");
    // Only the generic flavour: its loader says which library reads the file it names.
    const YAML::Node python = child(child(root_, "flavors"), "python_function");
    const std::string loader = text(child(python, "loader_module"));
    for (const char* known : {"sklearn", "lightgbm", "xgboost", "catboost"}) {
      if (has_sklearn || loader != std::string("mlflow.").append(known)) continue;
      const bool has_path = child(python, "model_path").IsDefined();
      if (has_path || child(python, "data").IsDefined()) {
        return inner_file(python, has_path ? "model_path" : "data");
      }
    }
    if (!has_sklearn) {
      std::string found;
      const YAML::Node flavors = child(root_, "flavors");
      if (flavors.IsDefined() && flavors.IsMap()) {
        for (const auto& entry : flavors) {
          if (!found.empty()) found += ", ";
          found += quote_excerpt(text(entry.first));
        }
      }
      return fail(ErrorCode::kUnsupported,
                  found.empty() ? "no flavors" : "the model's flavors are " + found, name_,
                  "the sklearn, lightgbm, xgboost or catboost flavor");
    }
    const std::string format = text(child(sklearn, "serialization_format"));
    if (!format.empty() && format != "pickle" && format != "cloudpickle" && format != "joblib" &&
        format != "skops") {
      return fail(ErrorCode::kUnsupported, "serialization_format is " + quote_excerpt(format),
                  where(child(sklearn, "serialization_format")),
                  "pickle, cloudpickle, joblib or skops");
    }
    return inner_file(sklearn, "pickled_model");
  }

  /// The file that a flavour names under a key: a relative path that stays inside the folder.
  Result<std::string> inner_file(const YAML::Node& flavor, const std::string& key) const {
    const YAML::Node file = child(flavor, key.c_str());
    std::string name = text(file);
    if (name.empty()) {
      return fail(ErrorCode::kInput, "the flavor has no " + key, where(flavor),
                  "the name of the model's file");
    }
    const std::filesystem::path path(name);
    bool inside = path.is_relative() && name.find('\0') == std::string::npos;
    for (const auto& part : path) inside = inside && part != "..";
    if (!inside) {
      return fail(ErrorCode::kInput, key + " " + quote_excerpt(name) + " leaves the folder",
                  where(file), "a file inside the folder");
    }
    return name;
  }

  Result<Signature> signature() const {
    const YAML::Node node = child(root_, "signature");
    const YAML::Node inputs = child(node, "inputs");
    if (!inputs.IsDefined() || inputs.IsNull()) {
      return fail(ErrorCode::kInput, "no signature", name_,
                  "signature.inputs as mlflow.models.infer_signature writes it (log the model "
                  "with signature= or input_example=)");
    }
    if (!inputs.IsScalar()) {
      return fail(ErrorCode::kInput, "signature.inputs is no text", where(inputs),
                  "JSON as mlflow writes it");
    }
    return parse_signature(inputs.Scalar(), where(inputs));
  }

  Result<std::optional<double>> threshold() const {
    const YAML::Node node = child(child(root_, "metadata"), "optimal_threshold");
    if (!node.IsDefined() || node.IsNull()) return std::nullopt;
    const std::optional<double> number =
        node.IsScalar() ? parse_double(node.Scalar()) : std::nullopt;
    if (number && *number > 0 && *number < 1) return number;
    return fail(ErrorCode::kInput,
                "metadata.optimal_threshold is " +
                    (node.IsScalar() ? quote_excerpt(node.Scalar()) : "no single value"),
                where(node), "a number between 0 and 1, both excluded");
  }

  const YAML::Node& root_;
  const std::string& name_;
};

}  // namespace

Result<MlModel> parse_mlmodel(std::string_view yaml, const std::string& name) {
  if (yaml.size() > kMaxBytes) {
    return fail(ErrorCode::kLimit, std::to_string(yaml.size()) + " bytes", name,
                "an MLmodel of at most 10 MiB");
  }
  RETURN_IF_ERROR(check_yaml(yaml, name));
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap()) {
      return fail(ErrorCode::kInput, "no YAML mapping", name, "an MLmodel as mlflow writes it");
    }
    return Reader(root, name).read();
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kInput, "no YAML (" + error.msg + ")",
                name + ":" + std::to_string(error.mark.line + 1), "an MLmodel as mlflow writes it");
  }
}

}  // namespace clairscore
