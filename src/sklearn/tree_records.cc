#include "sklearn/tree_records.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "engine/tree_estimator.h"
#include "sklearn/objects.h"

namespace clairscore::sklearn {

namespace {

/// What explaining a row costs grows with the depth. Trees that learnt from data are a few dozen
/// tests deep; ones that are made to be deep would take time without end.
constexpr std::size_t kMaxDepth = 512;

}  // namespace

Result<FieldReader> field_reader(const pickle::NdArray& nodes, const Value& at,
                                 std::string_view name) {
  const pickle::Dtype::Field* field = nodes.dtype.field(name);
  if (field == nullptr || !pickle::is_numeric(field->dtype)) {
    return ReadContext::refuse(at, ErrorCode::kInput,
                               "tree nodes without a numeric field " + std::string(name),
                               "the node records of scikit-learn 0.24 to 1.9");
  }
  return FieldReader(nodes, *field);
}

Result<std::uint32_t> whole(double number, double limit, std::string_view what, const Value& at) {
  if (number >= 0 && number < limit && number == std::trunc(number)) {
    return static_cast<std::uint32_t>(number);
  }
  return ReadContext::refuse(at, ErrorCode::kInput,
                             "a tree node whose " + std::string(what) + " is out of range");
}

Result<std::vector<std::string>> read_classes(const Value& object) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "classes_"));
  ASSIGN_OR_RETURN(const std::vector<pickle::Label> labels, pickle::to_labels(attribute));
  std::vector<std::string> classes;
  classes.reserve(labels.size());
  for (const pickle::Label& label : labels) classes.push_back(pickle::to_text(label));
  if (classes.size() < 2) {
    return refuse_attribute(ErrorCode::kUnsupported, object, "classes_", attribute,
                            "two classes or more");
  }
  return classes;
}

TreeStatistics statistics_of(const TreeEnsemble& ensemble) {
  TreeStatistics statistics;
  statistics.trees = ensemble.trees().size();
  statistics.depth = ensemble.max_depth();
  for (const Tree& tree : ensemble.trees()) {
    statistics.nodes += tree.size();
    for (const TreeNode& node : tree) {
      if (node.kind == TreeNode::Kind::kLeaf) ++statistics.leaves;
      if (node.kind == TreeNode::Kind::kCategorical) ++statistics.categorical_splits;
    }
  }
  return statistics;
}

Result<void> spend_paths(const TreeEnsemble& ensemble, const Value& at, ReadContext& context) {
  if (ensemble.max_depth() > kMaxDepth) {
    return ReadContext::refuse(at, ErrorCode::kLimit,
                               "a tree " + std::to_string(ensemble.max_depth()) + " tests deep",
                               "up to " + std::to_string(kMaxDepth));
  }
  return context.spend(kept_path_bytes(ensemble), at);
}

Result<ReadEstimator> read_numeric_inputs(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const auto count, feature_count(object));
  // Before 0.24 some classes had n_features_ only.
  std::optional<std::size_t> features = count;
  if (!features) {
    const auto older = present(object, "n_features_");
    const auto number = older ? pickle::to_integer(*older) : Result<std::int64_t>(0);
    if (number && *number > 0 && *number < 1'000'000) {
      features = static_cast<std::size_t>(*number);
    }
  }
  if (!features) {
    return ReadContext::refuse(object, ErrorCode::kInput,
                               short_class_name(object) + " without n_features_in_",
                               "a fitted estimator of scikit-learn 0.24 to 1.9");
  }
  RETURN_IF_ERROR(context.spend(*features * sizeof(InputUse), object));
  ReadEstimator read;
  read.inputs.resize(*features);
  for (InputUse& input : read.inputs) input.type = InputUse::Type::kNumber;
  ASSIGN_OR_RETURN(read.input_names, feature_names(object));
  if (!read.input_names.empty() && read.input_names.size() != *features) {
    return ReadContext::refuse(object, ErrorCode::kInput,
                               short_class_name(object) + " with " +
                                   std::to_string(read.input_names.size()) + " names for " +
                                   std::to_string(*features) + " features");
  }
  return read;
}

bool version_at_least(const Value& object, int major, int minor) {
  const std::string version = library_version(object);
  int parts[2] = {0, 0};
  const char* at = version.data();
  const char* const end = at + version.size();
  for (int& part : parts) {
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc()) return version.empty();
    at = next < end ? next + 1 : next;
  }
  return parts[0] > major || (parts[0] == major && parts[1] >= minor);
}

tl::unexpected<Error> at_object(Error error, const Value& object) {
  error.where = object.where() + (error.where.empty() ? "" : ", " + error.where);
  return fail(std::move(error));
}

}  // namespace clairscore::sklearn
