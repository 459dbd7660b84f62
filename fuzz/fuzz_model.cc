// Any bytes as a model file: pickle, pipeline, and a row scored, or a refusal with what and where.
// What inspect shows of it is made too.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "frame/frame.h"
#include "inspect/object_tree.h"
#include "read_graph.h"
#include "sklearn/model_reader.h"

namespace {

using clairscore::Column;
using clairscore::Frame;
using clairscore::pickle::must;
using clairscore::sklearn::InputUse;

/// A row of what an encoder knows, a row of what it does not, and one of missing cells.
Column rows_of(const std::string& name, const InputUse& use) {
  if (use.type == InputUse::Type::kText) {
    const std::string first = use.categories.empty() ? "" : use.categories.front();
    return Column::of_strings(name, std::vector<const char*>{first.c_str(), "none such", nullptr});
  }
  return Column::of_doubles(name, {1, -1e300, std::nan("")});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clairscore;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto graph = pickle::unpickle(bytes, nullptr, "fuzz", pickle::fuzz_limits());
  if (!graph) return 0;  // fuzz_pickle looks at these
  const pickle::Value root = pickle::root(**graph);
  must(!describe_object(root).class_name.empty());

  auto model = sklearn::read_model(root, {.max_model_bytes = std::uint64_t{64} << 20U});
  if (!model) {
    must(!model.error().what.empty() && model.error().where.starts_with("fuzz"));
    return 0;
  }
  std::vector<std::string> names = model->input_names;
  for (std::size_t i = names.size(); i < model->inputs.size(); ++i) {
    names.push_back(std::string("x").append(std::to_string(i)));
  }
  const auto pipeline = sklearn::build_pipeline(*model, names);
  if (!pipeline) return 0;
  Frame rows(3);
  for (std::size_t i = 0; i < names.size(); ++i) {
    must(rows.add(rows_of(names[i], model->inputs[i])).has_value());
  }
  const auto features = pipeline->transform(rows);
  if (features) {
    must(features->rows() == 3 && features->columns().size() == pipeline->features().size());
  }
  if (!pipeline->estimator()) return 0;
  const auto scores = pipeline->raw_scores(rows, 1);
  must(!scores || scores->size() == 3 * pipeline->estimator()->outputs());
  return 0;
}
