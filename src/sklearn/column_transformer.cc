// ColumnTransformer: its fitted parts in the order of transformers_, each with the columns that
// scikit-learn resolved at fit.

#include "transform/column_transformer.h"

#include <optional>
#include <string>

#include "sklearn/column_selection.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/registry.h"
#include "transform/passthrough.h"

namespace clairscore::sklearn {

namespace {

/// What is put around the name of an output column.
struct NameFormat {
  bool with_transformer = true;
  std::string before;  // between the transformer's name, or the start, and the feature's
  std::string prefix;  // before the transformer's name
  std::string suffix;
};

constexpr std::string_view kTransformer = "{transformer_name}";
constexpr std::string_view kFeature = "{feature_name}";

/// verbose_feature_names_out: True is "{transformer_name}__{feature_name}", False the bare name, a
/// string (1.6) a format of those two.
Result<NameFormat> read_name_format(const Value& object) {
  const auto value = object.attribute("verbose_feature_names_out");
  if (!value) return NameFormat{true, "__", "", ""};
  const auto format = value->string();
  if (!format) {
    if (value->kind() != Kind::kBool) {
      return refuse_attribute(ErrorCode::kUnsupported, object, "verbose_feature_names_out", *value,
                              "True, False or a format string");
    }
    return *value->boolean() ? NameFormat{true, "__", "", ""} : NameFormat{false, "", "", ""};
  }
  const std::size_t feature = format->find(kFeature);
  const std::size_t transformer = format->find(kTransformer);
  NameFormat read;
  read.with_transformer = transformer != std::string_view::npos;
  if (feature != std::string_view::npos && (!read.with_transformer || transformer < feature)) {
    const std::size_t begin = read.with_transformer ? transformer + kTransformer.size() : 0;
    read.prefix = format->substr(0, read.with_transformer ? transformer : 0);
    read.before = format->substr(begin, feature - begin);
    read.suffix = format->substr(feature + kFeature.size());
    if ((read.prefix + read.before + read.suffix).find_first_of("{}") == std::string::npos) {
      return read;
    }
  }
  return refuse_attribute(ErrorCode::kUnsupported, object, "verbose_feature_names_out", *value,
                          "a format like '{transformer_name}__{feature_name}'");
}

Result<std::optional<double>> read_weight(const Value& object, std::string_view name) {
  const auto weights = present(object, "transformer_weights");
  const auto weight = weights ? weights->get(name) : std::nullopt;
  if (!weight || weight->is_none()) return std::nullopt;
  ASSIGN_OR_RETURN(const double number, pickle::to_double(*weight));
  return number;
}

/// The more that is known about a column wins: a column may be encoded in one part and passed
/// through in another.
void merge(InputUse& known, InputUse use) {
  if (known.type == InputUse::Type::kAny && known.categories.empty()) known = std::move(use);
}

class Reader {
 public:
  Reader(const Value& object, ReadContext& context) : object_(object), context_(context) {}

  Result<ReadTransformer> read() {
    ASSIGN_OR_RETURN(const Value transformers, required(object_, "transformers_"));
    ASSIGN_OR_RETURN(const std::vector<Value> entries, elements(transformers));
    ASSIGN_OR_RETURN(format_, read_name_format(object_));
    ASSIGN_OR_RETURN(read_.input_names, feature_names(object_));
    ASSIGN_OR_RETURN(const auto count, feature_count(object_));
    if (!count) {
      return ReadContext::refuse(object_, ErrorCode::kInput,
                                 "ColumnTransformer without n_features_in_",
                                 "a fitted ColumnTransformer of scikit-learn 0.24 to 1.9");
    }
    RETURN_IF_ERROR(context_.spend(*count * sizeof(InputUse), object_));
    read_.inputs.resize(*count);
    for (const Value& entry : entries) {
      const auto name =
          entry.kind() == Kind::kTuple && entry.size() == 3 ? entry.at(0).string() : std::nullopt;
      if (!name) {
        return ReadContext::refuse(entry, ErrorCode::kInput,
                                   "ColumnTransformer: a part that is " + describe(entry),
                                   "(name, transformer, columns)");
      }
      RETURN_IF_ERROR(context_.in_step(
          *name, entry, [&] { return read_part(std::string(*name), entry.at(1), entry.at(2)); }));
    }
    auto transformer = ColumnTransformer::build({*count, read_.input_names, std::move(parts_)});
    if (!transformer) {
      Error error = std::move(transformer.error());
      error.where = object_.where() + (error.where.empty() ? "" : ", " + error.where);
      return fail(std::move(error));
    }
    read_.transformer = std::move(*transformer);
    ASSIGN_OR_RETURN(const bool sparse, bool_attribute(object_, "sparse_output_", false));
    read_.rows = sparse ? RowForm::kSparse : RowForm::kDense;
    return std::move(read_);
  }

 private:
  /// The positions resolved at fit; older versions only keep what was asked for.
  Result<std::vector<std::size_t>> columns_of(std::string_view name, const Value& selection) {
    if (const auto resolved = present(object_, "_transformer_to_input_indices")) {
      if (const auto positions = resolved->get(name)) {
        return indices(*positions, read_.inputs.size());
      }
    }
    return select_columns(selection, read_.input_names, read_.inputs.size());
  }

  Result<void> read_part(const std::string& name, const Value& transformer,
                         const Value& selection) {
    if (transformer.string() == "drop") return {};
    ColumnTransformer::Part part;
    part.name = name;
    ASSIGN_OR_RETURN(part.columns, columns_of(name, selection));
    if (part.columns.empty()) return {};
    RETURN_IF_ERROR(context_.spend(part.columns.size() * 64, transformer));
    ASSIGN_OR_RETURN(ReadTransformer inner, read_transformer(transformer, context_));
    if (!inner.inputs.empty() && inner.inputs.size() != part.columns.size()) {
      return ReadContext::refuse(transformer, ErrorCode::kInput,
                                 short_class_name(transformer) + " fitted on " +
                                     std::to_string(inner.inputs.size()) + " columns for " +
                                     std::to_string(part.columns.size()),
                                 "as many columns as it was fitted on");
    }
    for (std::size_t i = 0; i < inner.inputs.size(); ++i) {
      merge(read_.inputs[part.columns[i]], std::move(inner.inputs[i]));
    }
    part.transformer = std::move(inner.transformer);
    ASSIGN_OR_RETURN(part.weight, read_weight(object_, name));
    part.prefix = format_.prefix + (format_.with_transformer ? name : "") + format_.before;
    part.suffix = format_.suffix;
    parts_.push_back(std::move(part));
    return {};
  }

  const Value& object_;
  ReadContext& context_;
  NameFormat format_;
  ReadTransformer read_;
  std::vector<ColumnTransformer::Part> parts_;
};

}  // namespace

Result<ReadTransformer> read_column_transformer(const Value& object, ReadContext& context) {
  return Reader(object, context).read();
}

}  // namespace clairscore::sklearn
