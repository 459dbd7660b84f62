// Pipeline: steps in order, the last one an estimator or one more transformer.

#include <optional>

#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/registry.h"
#include "transform/chain.h"

namespace clairscore::sklearn {

namespace {

struct NamedStep {
  std::string name;
  Value object;
};

Result<std::vector<NamedStep>> read_named_steps(const Value& pipeline) {
  ASSIGN_OR_RETURN(const Value attribute, required(pipeline, "steps"));
  ASSIGN_OR_RETURN(const std::vector<Value> entries, elements(attribute));
  std::vector<NamedStep> steps;
  for (const Value& entry : entries) {
    const bool pair = entry.kind() == Kind::kTuple && entry.size() == 2;
    const auto name = pair ? entry.at(0).string() : std::nullopt;
    if (!name) {
      return ReadContext::refuse(entry, ErrorCode::kInput,
                                 "Pipeline: a step that is " + describe(entry),
                                 "(name, transformer or estimator)");
    }
    steps.push_back({std::string(*name), entry.at(1)});
  }
  if (steps.empty()) {
    return ReadContext::refuse(pipeline, ErrorCode::kInput, "a Pipeline without steps",
                               "at least one step");
  }
  return steps;
}

bool is_skipped(const Value& step) {
  return step.is_none() || step.string() == "passthrough";
}

/// Samplers of imblearn change the rows of a fit; rows that are scored pass by them.
bool is_sampler(const Value& step) {
  const std::string name = step.qualified_name();
  return name.starts_with("imblearn.over_sampling.") ||
         name.starts_with("imblearn.under_sampling.") || name.starts_with("imblearn.combine.") ||
         name == "imblearn.base.FunctionSampler";
}

/// What the rows that a step of a pipeline hands on are in Python.
bool is_sparse_after(const ReadTransformer& transformer, bool before) {
  return transformer.rows == RowForm::kAsInput ? before : transformer.rows == RowForm::kSparse;
}

/// Puts back what an outer pipeline said of its rows.
class SparseRows {
 public:
  explicit SparseRows(ReadContext& context) : context_(context), before_(context.sparse_rows()) {}
  ~SparseRows() { context_.set_sparse_rows(before_); }
  SparseRows(const SparseRows&) = delete;
  SparseRows& operator=(const SparseRows&) = delete;

 private:
  ReadContext& context_;
  bool before_;
};

Result<void> append_steps(const Value& pipeline, const std::string& prefix, ReadSteps& read,
                          ReadContext& context);

/// Appends what ends a pipeline: another pipeline, an estimator, one more transformer, or something
/// around one of these.
Result<void> append_last(const Value& object, const std::string& name, const std::string& prefix,
                         std::string_view what, ReadSteps& read, ReadContext& context) {
  if (is_pipeline(object)) return append_steps(object, prefix, read, context);
  ASSIGN_OR_RETURN(const std::optional<Wrapper> wrapper, read_wrapper(object));
  if (wrapper) {
    if (!read.threshold) read.threshold = wrapper->threshold;
    return context.in_step(wrapper->attribute, object, [&] {
      return append_last(wrapper->inner, name, prefix, what, read, context);
    });
  }
  if (find_transformer_reader(object) == nullptr) {
    ASSIGN_OR_RETURN(read.estimator, read_estimator(object, context, what));
    return {};
  }
  ASSIGN_OR_RETURN(ReadTransformer transformer, read_transformer(object, context));
  read.steps.push_back({name, std::move(transformer)});
  return {};
}

/// Appends the steps of a pipeline, and of the one it may end with; prefix goes before names.
Result<void> append_steps(const Value& pipeline, const std::string& prefix, ReadSteps& read,
                          ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<NamedStep> steps, read_named_steps(pipeline));
  const SparseRows put_back(context);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& [name, object] = steps[i];
    const bool last = i + 1 == steps.size();
    if (is_skipped(object) || (!last && is_sampler(object))) continue;
    RETURN_IF_ERROR(context.in_step(name, object, [&]() -> Result<void> {
      if (last) {
        const std::string inner = is_pipeline(object) ? prefix + name + "." : prefix;
        return append_last(object, prefix + name, inner, "the estimator", read, context);
      }
      ASSIGN_OR_RETURN(ReadTransformer transformer, read_transformer(object, context));
      context.set_sparse_rows(is_sparse_after(transformer, context.sparse_rows()));
      read.steps.push_back({prefix + name, std::move(transformer)});
      return {};
    }));
  }
  return {};
}

}  // namespace

Result<ReadSteps> read_steps(const Value& object, ReadContext& context) {
  ReadSteps read;
  RETURN_IF_ERROR(append_last(object, short_class_name(object), "", "the model", read, context));
  return read;
}

Result<ReadTransformer> read_pipeline_as_transformer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<NamedStep> steps, read_named_steps(object));
  ReadTransformer read;
  std::vector<Chain::Step> chain;
  for (const NamedStep& step : steps) {
    if (is_skipped(step.object) || is_sampler(step.object)) continue;
    ASSIGN_OR_RETURN(ReadTransformer transformer, context.in_step(step.name, step.object, [&] {
      return read_transformer(step.object, context);
    }));
    if (chain.empty()) {
      read.input_names = std::move(transformer.input_names);
      read.inputs = std::move(transformer.inputs);
    }
    if (transformer.rows != RowForm::kAsInput) read.rows = transformer.rows;
    chain.push_back({step.name, std::move(transformer.transformer)});
  }
  read.transformer = std::make_shared<const Chain>(std::move(chain));
  return read;
}

}  // namespace clairscore::sklearn
