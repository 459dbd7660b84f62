#include "sklearn/model_reader.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "sklearn/objects.h"

namespace clairscore::sklearn {

namespace {

/// What is known about each input of a pipeline whose inputs may be fewer or in another order than
/// the fitted ones. A text that an estimator encodes itself reaches it through steps that pass it
/// on: such an input is a text too.
std::vector<InputUse> uses_of_inputs(const ReadModel& model, const Pipeline& pipeline) {
  const std::vector<std::string>& names = pipeline.input_names();
  std::vector<InputUse> uses(names.size());
  std::unordered_map<std::string_view, std::size_t> fitted;
  for (std::size_t i = 0; i < model.input_names.size(); ++i) {
    fitted.emplace(model.input_names[i], i);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = fitted.find(names[i]);
    const std::size_t position = found == fitted.end() ? i : found->second;
    if (position < model.inputs.size()) uses[i] = model.inputs[position];
  }
  const auto& features = pipeline.features();
  for (std::size_t f = 0; f < features.size() && f < model.features.size(); ++f) {
    if (features[f].inputs.size() != 1) continue;
    InputUse& input = uses[features[f].inputs.front()];
    if (input.type == InputUse::Type::kAny) input = model.features[f];
  }
  return uses;
}

}  // namespace

Result<ReadModel> read_model(const Value& root, const ReadLimits& limits) {
  if (root.kind() != Kind::kObject || pickle::is_ndarray(root)) {
    return ReadContext::refuse(root, ErrorCode::kInput,
                               "the file holds " + describe(root) + ", which is no model",
                               "a fitted scikit-learn Pipeline or estimator");
  }
  ReadContext context(limits);
  ASSIGN_OR_RETURN(ReadSteps read, read_steps(root, context));
  ReadModel model;
  model.library = "scikit-learn";
  model.library_version = library_version(root);
  model.threshold = read.threshold;
  for (ReadSteps::Step& step : read.steps) {
    if (model.steps.empty()) {
      model.input_names = std::move(step.transformer.input_names);
      model.inputs = std::move(step.transformer.inputs);
    }
    model.steps.push_back({std::move(step.name), std::move(step.transformer.transformer)});
  }
  if (read.estimator) take_estimator(std::move(*read.estimator), model);
  return model;
}

void take_estimator(ReadEstimator read, ReadModel& model) {
  if (model.steps.empty()) {
    model.input_names = std::move(read.input_names);
    model.inputs = read.inputs;
    model.names_are_positions = read.names_are_positions;
    if (!read.library.empty()) {
      model.library = read.library;
      model.library_version = read.library_version;
    }
  }
  model.features = std::move(read.inputs);
  model.estimator = std::move(read.estimator);
  model.trees = read.trees;
}

Result<Pipeline> build_pipeline(ReadModel& model, std::vector<std::string> input_names) {
  ASSIGN_OR_RETURN(Pipeline pipeline,
                   Pipeline::build(std::move(input_names), model.steps, model.estimator));
  model.inputs = uses_of_inputs(model, pipeline);
  model.input_names = pipeline.input_names();
  return pipeline;
}

}  // namespace clairscore::sklearn
