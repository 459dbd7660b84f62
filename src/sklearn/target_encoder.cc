// TargetEncoder: each category the (smoothed) mean of the target among its rows, one column for a
// binary or continuous target and one a class for more; what is not known gets the target's mean.

#include <optional>

#include "sklearn/categories.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "transform/lookup_encoder.h"

namespace clairscore::sklearn {

namespace {

/// "" for one output, "_CLASS" a class for a target of several classes.
Result<std::vector<std::string>> read_suffixes(const Value& object) {
  ASSIGN_OR_RETURN(const std::string target, text_attribute(object, "target_type_", ""));
  if (target == "binary" || target == "continuous") return std::vector<std::string>{""};
  if (target != "multiclass") {
    ASSIGN_OR_RETURN(const Value value, required(object, "target_type_"));
    return refuse_attribute(ErrorCode::kUnsupported, object, "target_type_", value,
                            "'binary', 'continuous' or 'multiclass'");
  }
  ASSIGN_OR_RETURN(const Value attribute, required(object, "classes_"));
  ASSIGN_OR_RETURN(const std::vector<pickle::Label> classes, pickle::to_labels(attribute));
  std::vector<std::string> suffixes;
  suffixes.reserve(classes.size());
  for (const pickle::Label& label : classes)
    suffixes.push_back(std::string("_").append(pickle::to_text(label)));
  return suffixes;
}

}  // namespace

Result<ReadTransformer> read_target_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<std::string> suffixes, read_suffixes(object));
  ASSIGN_OR_RETURN(std::vector<ReadCategories> all, read_all_categories(object, context));
  ASSIGN_OR_RETURN(const Value mean_attribute, required(object, "target_mean_"));
  std::vector<double> means;
  if (pickle::is_ndarray(mean_attribute)) {
    ASSIGN_OR_RETURN(means, pickle::to_doubles(mean_attribute));
  } else {
    ASSIGN_OR_RETURN(const double mean, pickle::to_double(mean_attribute));
    means = {mean};
  }
  ASSIGN_OR_RETURN(const Value encodings_attribute, required(object, "encodings_"));
  ASSIGN_OR_RETURN(const std::vector<Value> encodings, elements(encodings_attribute));
  const std::size_t width = suffixes.size();
  if (means.size() != width || encodings.size() != all.size() * width) {
    return ReadContext::refuse(
        object, ErrorCode::kInput,
        "TargetEncoder: " + std::to_string(encodings.size()) + " encodings and " +
            std::to_string(means.size()) + " means for " + std::to_string(all.size()) + " columns",
        std::to_string(all.size() * width) + " encodings and " + std::to_string(width) + " means");
  }
  ReadTransformer read;
  ASSIGN_OR_RETURN(read.input_names, feature_names(object));
  std::vector<std::optional<LookupEncoder::InputColumn>> columns;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSIGN_OR_RETURN(CategoryIndex index, index_categories(all[i], i, object));
    const std::size_t count = all[i].categories.size();
    LookupEncoder::InputColumn column{std::move(index), suffixes, {}, means};
    RETURN_IF_ERROR(context.spend(count * width * sizeof(double), object));
    column.values.resize(count * width);
    for (std::size_t k = 0; k < width; ++k) {
      const Value& array = encodings[i * width + k];
      ASSIGN_OR_RETURN(const std::vector<double> values, pickle::to_doubles(array));
      if (values.size() != count) {
        return ReadContext::refuse(array, ErrorCode::kInput,
                                   "TargetEncoder: " + std::to_string(values.size()) +
                                       " encodings for the categories of column " +
                                       std::to_string(i),
                                   std::to_string(count) + " encodings");
      }
      for (std::size_t c = 0; c < count; ++c) column.values[c * width + k] = values[c];
    }
    columns.emplace_back(std::move(column));
    read.inputs.push_back(std::move(all[i].use));
  }
  ASSIGN_OR_RETURN(read.transformer, LookupEncoder::build(std::move(columns)));
  read.rows = RowForm::kDense;
  return read;
}

}  // namespace clairscore::sklearn
