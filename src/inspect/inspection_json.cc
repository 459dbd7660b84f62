#include "base/json_writer.h"
#include "inspect/inspection.h"

namespace clairscore {

namespace {

/// A member whose empty text is null.
void text_or_null(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.string(text);
  }
}

void write_object(JsonWriter& json, const ObjectTree& tree) {
  json.begin_object();
  if (!tree.name.empty()) json.member("name", tree.name);
  json.member("class", tree.class_name);
  json.member("offset", tree.offset);
  json.member("supported", tree.supported);
  json.key("parameters").begin_object();
  for (const auto& [name, value] : tree.parameters) json.member(name, value);
  json.end_object();
  json.key("steps").begin_array();
  for (const ObjectTree& child : tree.children) write_object(json, child);
  json.end_array();
  json.end_object();
}

void write_file(JsonWriter& json, const Inspection& inspection) {
  const ModelCard& card = inspection.card;
  json.key("file").begin_object();
  text_or_null(json, "name", card.file);
  json.member("bytes", card.size_bytes);
  text_or_null(json, "sha256", card.sha256);
  text_or_null(json, "container", inspection.container);
  json.key("protocol");
  if (inspection.protocol) {
    json.integer(*inspection.protocol);
  } else {
    json.null();
  }
  json.member("pickle_bytes", inspection.pickle_bytes);
  json.member("pickle_values", inspection.pickle_values);
  json.key("stopped_at");
  if (inspection.stopped_at) {
    json.integer(static_cast<std::int64_t>(*inspection.stopped_at));
  } else {
    json.null();
  }
  json.end_object();
}

void write_mlflow(JsonWriter& json, const Inspection& inspection) {
  json.key("mlflow");
  if (!inspection.is_folder) {
    json.null();
    return;
  }
  const ModelCard& card = inspection.card;
  json.begin_object();
  json.key("flavors").strings(inspection.flavors);
  text_or_null(json, "mlflow_version", card.mlflow_version);
  text_or_null(json, "serialization_format", card.serialization_format);
  text_or_null(json, "run_id", card.run_id);
  text_or_null(json, "model_uuid", card.model_uuid);
  text_or_null(json, "utc_time_created", card.utc_time_created);
  json.end_object();
}

void write_model(JsonWriter& json, const Inspection& inspection) {
  json.key("estimator");
  if (inspection.estimator.empty()) {
    json.null();
  } else {
    json.begin_object().member("class", inspection.estimator);
    json.key("classes").strings(inspection.classes);
    json.member("scale", inspection.scale);
    json.key("base_values").numbers(inspection.base_values);
    if (inspection.trees) {
      json.key("trees").begin_object();
      json.member("count", inspection.trees->trees);
      json.member("nodes", inspection.trees->nodes);
      json.member("leaves", inspection.trees->leaves);
      json.member("depth", inspection.trees->depth);
      json.member("categorical_splits", inspection.trees->categorical_splits);
      json.end_object();
    }
    json.end_object();
  }
  json.key("features").strings(inspection.features);
  json.key("inputs").begin_array();
  for (const InspectedInput& input : inspection.inputs) {
    json.begin_object().member("name", input.name).member("type", input.type);
    json.member("required", input.required).member("used", input.used);
    json.key("categories").strings(input.categories).end_object();
  }
  json.end_array();
}

void write_globals(JsonWriter& json, const Inspection& inspection) {
  json.key("globals").begin_array();
  for (const InspectedGlobal& global : inspection.globals) {
    json.begin_object().member("module", global.module).member("name", global.name);
    json.member("offset", global.offset).member("called", global.called);
    json.member("listed", global.listed).end_object();
  }
  json.end_array();
}

}  // namespace

std::string to_json(const Inspection& inspection) {
  JsonWriter json;
  json.begin_object();
  json.member("path", inspection.card.path);
  json.member("verdict", inspection.refusal ? "refused" : "accepted");
  json.key("reason");
  if (inspection.refusal) {
    const Error& error = *inspection.refusal;
    json.begin_object().member("what", error.what).member("where", error.where);
    json.member("accepted", error.accepted).end_object();
  } else {
    json.null();
  }
  json.member("scores", inspection.scores).member("explains", inspection.explains);
  text_or_null(json, "why_not_explained", inspection.why_not_explained);
  write_file(json, inspection);
  text_or_null(json, "library", inspection.card.flavor);
  text_or_null(json, "library_version", inspection.card.library_version);
  text_or_null(json, "python_version", inspection.card.python_version);
  write_mlflow(json, inspection);
  json.member("threshold", inspection.threshold);
  json.member("threshold_from_model", inspection.threshold_from_model);
  write_model(json, inspection);
  json.key("objects");
  if (inspection.objects) {
    write_object(json, *inspection.objects);
  } else {
    json.null();
  }
  write_globals(json, inspection);
  json.key("other_files").strings(inspection.card.other_files);
  json.end_object();
  return json.take() + "\n";
}

}  // namespace clairscore
