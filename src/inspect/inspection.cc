#include "inspect/inspection.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/bytes.h"
#include "base/sha256.h"
#include "mlflow/folder.h"
#include "mlflow/mlmodel.h"
#include "mlflow/signature.h"
#include "pickle/decompress.h"
#include "pickle/skops.h"
#include "pickle/unpickle.h"
#include "sklearn/booster_models.h"
#include "sklearn/model_reader.h"
#include "sklearn/objects.h"
#include "sklearn/registry.h"

namespace clairscore {

namespace {

namespace fs = std::filesystem;
using pickle::Kind;
using pickle::Value;

constexpr std::uint64_t kMaxMlModelBytes = std::uint64_t{10} << 20U;
constexpr std::byte kProtocolOpcode{0x80};

/// Every name in the file once, in the order of first use.
std::vector<InspectedGlobal> list_globals(const pickle::Graph& graph) {
  std::vector<InspectedGlobal> globals;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  const auto note = [&](const Value& global) -> InspectedGlobal& {
    std::pair<std::string, std::string> key(global.module(), global.name());
    const auto [entry, added] = known.emplace(std::move(key), globals.size());
    if (added) {
      const auto& [module, name] = entry->first;
      globals.push_back(
          {module, name, global.offset(), false, sklearn::is_listed_global(module, name)});
    }
    return globals[entry->second];
  };
  const std::size_t count = pickle::value_count(graph);
  for (std::size_t id = 0; id < count; ++id) {
    const Value value(graph, static_cast<pickle::NodeId>(id));
    if (value.kind() == Kind::kGlobal) note(value);
    if (value.kind() != Kind::kObject) continue;
    const Value callable = value.callable();
    if (callable.kind() == Kind::kGlobal) note(callable).called = true;
  }
  return globals;
}

/// Container, protocol, names and objects of a model file. Errors: bytes that are no pickle, or one
/// that is refused; what it named before that is told all the same.
Result<std::shared_ptr<const pickle::Graph>> read_pickle(const fs::path& path,
                                                         Inspection& inspection) {
  ASSIGN_OR_RETURN(MappedFile opened, MappedFile::open(path));
  const auto file = std::make_shared<const MappedFile>(std::move(opened));
  inspection.card.size_bytes = file->bytes().size();
  inspection.card.sha256 = sha256_hex(file->bytes());
  pickle::OwnedBytes content{file->bytes(), file};
  inspection.container = "pickle";
  if (const auto compression = pickle::detect_compression(content.bytes)) {
    inspection.container = "pickle in " + std::string(pickle::to_string(*compression));
    ASSIGN_OR_RETURN(content, pickle::decompress(content.bytes, *compression, path.string(), {}));
  }
  inspection.pickle_bytes = content.bytes.size();
  const bool archive = pickle::is_zip(content.bytes);
  if (archive) inspection.container = "skops archive";
  const bool marked = content.bytes.size() > 1 && content.bytes[0] == kProtocolOpcode;
  if (!archive) inspection.protocol = marked ? std::to_integer<int>(content.bytes[1]) : 0;
  auto read = pickle::unpickle_so_far(content.bytes, content.owner, path.string());
  if (read.graph) {
    inspection.globals = list_globals(*read.graph);
    inspection.pickle_values = pickle::value_count(*read.graph);
  }
  if (read.error) {
    if (!read.recognized) inspection.container.clear();
    inspection.stopped_at = read.stopped_at;
    return fail(std::move(*read.error));
  }
  inspection.objects = describe_object(pickle::root(*read.graph));
  return std::move(read.graph);
}

/// A model file of a boosting library: nothing in it names anything to import. Nothing for a file
/// of another kind.
Result<std::optional<sklearn::ReadModel>> read_booster(const fs::path& path,
                                                       Inspection& inspection) {
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::open(path));
  if (!sklearn::is_booster_file(file.bytes())) return std::nullopt;
  inspection.card.size_bytes = file.bytes().size();
  inspection.card.sha256 = sha256_hex(file.bytes());
  const std::string_view begin = as_text(file.bytes());
  const bool lightgbm = begin.starts_with("tree");
  const bool catboost = begin.starts_with("CBM1");
  inspection.container = lightgbm   ? "LightGBM text"
                         : catboost ? "CatBoost document"
                                    : "XGBoost document";
  inspection.card.flavor = lightgbm ? "lightgbm" : catboost ? "catboost" : "xgboost";
  auto model = sklearn::read_booster_file(file.bytes(), path.string());
  if (!model) return std::optional<sklearn::ReadModel>(sklearn::ReadModel{});
  inspection.card.library_version = model->library_version;
  return std::optional<sklearn::ReadModel>(std::move(*model));
}

/// What the signature says of inputs that no model is known for.
void add_signature(const Signature& signature, Inspection& inspection) {
  for (const SignatureColumn& column : signature.inputs) {
    inspection.inputs.push_back(
        {column.name, std::string(to_string(column.type)), column.required, true, {}});
  }
}

void add_model(const LoadedModel& model, const sklearn::ReadModel& read, Inspection& inspection) {
  inspection.card = model.card;
  inspection.threshold = model.threshold;
  inspection.threshold_from_model = model.threshold_from_model;
  for (const OutputColumn& feature : model.pipeline.features()) {
    inspection.features.push_back(feature.name);
  }
  std::map<std::string_view, const sklearn::InputUse*> uses;
  for (std::size_t i = 0; i < read.input_names.size() && i < read.inputs.size(); ++i) {
    uses.emplace(read.input_names[i], &read.inputs[i]);
  }
  std::set<std::string_view> used;
  for (const OutputColumn& feature : model.pipeline.features()) {
    for (const std::size_t input : feature.inputs) {
      used.insert(model.pipeline.input_names()[input]);
    }
  }
  inspection.inputs.clear();
  add_signature(model.signature, inspection);
  for (InspectedInput& input : inspection.inputs) {
    input.used = used.count(input.name) > 0;
    const auto use = uses.find(input.name);
    if (use != uses.end()) input.categories = use->second->categories;
  }
  const EstimatorPtr& estimator = model.pipeline.estimator();
  if (!estimator) return;
  inspection.estimator = estimator->kind();
  inspection.classes = estimator->classes();
  inspection.trees = read.trees;
  inspection.scores = true;
  inspection.scale = std::string(to_string(estimator->raw_scale()));
  inspection.explains = estimator->explainable();
  if (inspection.explains) {
    inspection.base_values.assign(estimator->base_values().begin(), estimator->base_values().end());
  } else {
    inspection.why_not_explained = estimator->why_not();
  }
}

/// The file within a folder that MLmodel names, or an error that says why there is none to read.
Result<fs::path> describe_folder(const fs::path& folder, Inspection& inspection) {
  const fs::path file = folder / "MLmodel";
  ASSIGN_OR_RETURN(const std::string yaml, read_text_file(file, kMaxMlModelBytes));
  ASSIGN_OR_RETURN(MlModel description, parse_mlmodel(yaml, file.string()));
  inspection.is_folder = true;
  description.card.path = inspection.card.path;
  inspection.card = std::move(description.card);
  inspection.flavors = std::move(description.flavors);
  inspection.card.file = description.model_file.value_or("");
  inspection.card.other_files = list_other_files(folder, inspection.card.file);
  if (description.signature) add_signature(*description.signature, inspection);
  if (description.threshold && *description.threshold) {
    inspection.threshold = **description.threshold;
    inspection.threshold_from_model = true;
  }
  return folder / inspection.card.file;
}

}  // namespace

Result<Inspection> inspect_path(const fs::path& path) {
  ASSIGN_OR_RETURN(const ModelPath found, find_model(path));
  Inspection inspection;
  inspection.card.path = path.string();
  fs::path file = found.path;
  if (found.is_folder) {
    ASSIGN_OR_RETURN(file, describe_folder(found.path, inspection));
  } else {
    inspection.card.file = file.filename().string();
  }

  std::optional<sklearn::ReadModel> read;
  if (!inspection.card.file.empty()) {
    auto booster = read_booster(file, inspection);
    if (booster) read = std::move(*booster);
  }
  if (!inspection.card.file.empty() && !read) {
    auto graph = read_pickle(file, inspection);
    const bool no_model = inspection.container.empty() || inspection.card.size_bytes == 0;
    if (!graph && no_model && !found.is_folder) return fail(std::move(graph.error()));
    if (graph) {
      const std::string version = sklearn::library_version(pickle::root(**graph));
      if (!version.empty()) {
        if (inspection.card.flavor.empty()) inspection.card.flavor = "sklearn";
        inspection.card.library_version = version;
      }
      auto model = sklearn::read_model(pickle::root(**graph));
      if (model) read = std::move(*model);
    }
  }
  // What counts is what loading says.
  const auto loaded = load_model(path);
  if (!loaded) {
    inspection.refusal = loaded.error();
  } else if (read) {
    // Completes what is known about the inputs.
    const auto pipeline = sklearn::build_pipeline(*read, (*loaded)->pipeline.input_names());
    if (pipeline) add_model(**loaded, *read, inspection);
  }
  return inspection;
}

}  // namespace clairscore
