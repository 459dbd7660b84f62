#include "sklearn/encoder_tables.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <unordered_map>
#include <utility>

#include "sklearn/pandas_objects.h"
#include "transform/chain.h"
#include "transform/columnwise.h"
#include "transform/lookup_encoder.h"

namespace clairscore::sklearn {

namespace {

using pickle::Label;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// A key of a dict: a text, a number, or None.
Result<Label> label_of(const Value& key) {
  Label label;
  if (key.is_none()) return label;
  if (const auto text = key.string()) {
    label.kind = Label::Kind::kText;
    label.text = std::string(*text);
    return label;
  }
  ASSIGN_OR_RETURN(label.number, pickle::to_double(key));
  label.kind = Label::Kind::kFloat;
  return label;
}

Category category_of(const Label& label) {
  switch (label.kind) {
    case Label::Kind::kText:
      return Category::of_text(label.text);
    case Label::Kind::kInteger:
      return Category::of_number(static_cast<double>(label.integer));
    case Label::Kind::kBoolean:
      return Category::of_boolean(label.integer != 0);
    case Label::Kind::kFloat:
      return Category::of_number(label.number);
    case Label::Kind::kNone:
    case Label::Kind::kNan:
      break;
  }
  return Category::nan();
}

Result<OrdinalCodes> read_codes(const Value& mapping, ReadContext& context) {
  Series series;
  if (mapping.kind() == Kind::kDict) {  // as the user gave it
    for (std::size_t i = 0; i < mapping.entry_count(); ++i) {
      const auto [key, code] = mapping.entry(i);
      ASSIGN_OR_RETURN(Label label, label_of(key));
      series.index.push_back(std::move(label));
      ASSIGN_OR_RETURN(const double value, pickle::to_double(code));
      series.values.push_back(value);
    }
    RETURN_IF_ERROR(context.spend(series.index.size() * sizeof(Label), mapping));
  } else {
    ASSIGN_OR_RETURN(series, read_series(mapping, context));
  }
  OrdinalCodes codes;
  for (std::size_t i = 0; i < series.index.size(); ++i) {
    if (is_missing(series.index[i])) {
      codes.missing = series.values[i];
      continue;
    }
    codes.categories.push_back(std::move(series.index[i]));
    codes.codes.push_back(series.values[i]);
  }
  return codes;
}

/// `cols`, of an encoder that keeps no other names: it must have been fitted on nothing else.
Result<std::vector<std::string>> encoded_columns(const Value& object, std::size_t encoded) {
  const auto count = present(object, "_dim");
  const auto columns = present(object, "cols");
  const auto all = count ? pickle::to_integer(*count) : Result<std::int64_t>(-1);
  if (!columns || !all || *all != static_cast<std::int64_t>(encoded)) {
    return ReadContext::refuse(
        object, ErrorCode::kUnsupported,
        short_class_name(object) + " that does not say which columns it was fitted on",
        "one of category_encoders 2.3 or later");
  }
  ASSIGN_OR_RETURN(const std::vector<Label> labels, pickle::to_labels(*columns));
  std::vector<std::string> names;
  for (const Label& label : labels) names.push_back(pickle::to_text(label));
  return names;
}

/// The names of the columns it was fitted on. Before 2.6 only the outputs were kept: the columns
/// are then those, with the outputs of an encoded column taken together.
Result<std::vector<std::string>> fitted_names(const Value& object, const ColumnCodes& codes,
                                              const std::vector<std::string>& dropped) {
  std::vector<std::string> names;
  const auto own = present(object, "feature_names_in_");
  auto kept = own ? own : present(object, "feature_names_out_");
  if (!kept) kept = present(object, "feature_names");
  if (!kept) return encoded_columns(object, codes.size());
  ASSIGN_OR_RETURN(const std::vector<Label> labels, pickle::to_labels(*kept));
  if (own) {
    for (const Label& label : labels) names.push_back(pickle::to_text(label));
    return names;
  }
  if (!dropped.empty()) {
    return ReadContext::refuse(object, ErrorCode::kUnsupported,
                               short_class_name(object) +
                                   " that dropped columns and does not say "
                                   "which it was fitted on",
                               "one of category_encoders 2.6 or later");
  }
  std::unordered_map<std::string, std::string> made;
  for (const auto& [name, code] : codes) {
    for (const std::string& output : code.names) made.emplace(output, name);
  }
  for (const Label& label : labels) {
    const std::string name = pickle::to_text(label);
    const auto from = made.find(name);
    if (from == made.end()) {
      names.push_back(name);
    } else if (names.empty() || names.back() != from->second) {
      names.push_back(from->second);
    }
  }
  return names;
}

Result<std::vector<std::string>> dropped_columns(const Value& object) {
  auto attribute = present(object, "invariant_cols");
  if (!attribute) attribute = present(object, "drop_cols");  // before 2.5
  std::vector<std::string> names;
  ASSIGN_OR_RETURN(const bool drops, bool_attribute(object, "drop_invariant", false));
  if (!attribute || !drops) return names;
  ASSIGN_OR_RETURN(const std::vector<Label> labels, pickle::to_labels(*attribute));
  for (const Label& label : labels) names.push_back(pickle::to_text(label));
  return names;
}

Result<LookupEncoder::InputColumn> lookup_column(const Value& object, const std::string& name,
                                                 ColumnCode code, InputUse& use) {
  const std::size_t width = std::max<std::size_t>(code.names.size(), 1);
  std::vector<Category> categories;
  std::vector<double> values;
  const auto add = [&](Category category, const Encoded& encoded) {
    categories.push_back(std::move(category));
    // What the library refuses never comes out.
    for (std::size_t k = 0; k < width; ++k) values.push_back(encoded ? (*encoded)[k] : kNan);
  };
  bool text = false;
  for (std::size_t i = 0; i < code.categories.size(); ++i) {
    if (!code.values[i]) {
      return ReadContext::refuse(
          object, ErrorCode::kInput,
          short_class_name(object) + ": a category of column " + name + " without a value");
    }
    text = text || code.categories[i].kind == Label::Kind::kText;
    use.categories.push_back(pickle::to_text(code.categories[i]));
    add(category_of(code.categories[i]), code.values[i]);
  }
  if (!code.categories.empty()) {
    use.type = text ? InputUse::Type::kText : InputUse::Type::kNumber;
  }
  add(Category::nan(), code.missing);
  auto index = CategoryIndex::build(categories);
  if (!index) {
    return ReadContext::refuse(
        object, index.error().code,
        short_class_name(object) + ", column " + name + ": " + index.error().what);
  }
  LookupEncoder::InputColumn column{.categories = std::move(*index), .values = std::move(values)};
  column.unknown = std::move(code.unknown);
  column.missing_is_error = !code.missing.has_value();
  if (!code.names.empty()) {
    column.suffixes.clear();
    for (const std::string& output : code.names) {
      if (!output.starts_with(name)) {
        return ReadContext::refuse(object, ErrorCode::kUnsupported,
                                   short_class_name(object) + ": an output of column " + name +
                                       " that is called " + output,
                                   "names that begin with the column's");
      }
      column.suffixes.push_back(output.substr(name.size()));
    }
  }
  return column;
}

}  // namespace

bool is_missing(const Label& label) {
  return label.kind == Label::Kind::kNan || label.kind == Label::Kind::kNone ||
         (label.kind == Label::Kind::kFloat && std::isnan(label.number));
}

Result<std::string> column_name(const Value& value) {
  if (const auto text = value.string()) return std::string(*text);
  ASSIGN_OR_RETURN(const std::int64_t number, pickle::to_integer(value));
  return std::to_string(number);
}

Result<CellPolicy> policy_of(const Value& object, std::string_view attribute, const Value& value) {
  CellPolicy policy;
  if (value.is_none()) {
    policy.way = "return_nan";  // a CountEncoder before 2.3
    return policy;
  }
  if (const auto text = value.string()) {
    policy.way = std::string(*text);
    if (*text == "ignore") policy.way = "return_nan";
    if (*text == "count") policy.way = "value";  // what a CountEncoder before 2.3 called it
    if (policy.way == "value" || policy.way == "return_nan" || policy.way == "error" ||
        policy.way == "indicator") {
      return policy;
    }
  } else if (value.kind() != Kind::kGlobal) {
    if (const auto number = pickle::to_double(value)) {
      policy.number = *number;
      return policy;
    }
  }
  return refuse_attribute(ErrorCode::kUnsupported, object, attribute, value,
                          "'value', 'return_nan', 'error', 'indicator' or a number");
}

Result<CellPolicy> read_policy(const Value& object, std::string_view attribute) {
  const auto value = object.attribute(attribute);
  if (!value) return CellPolicy{"value", {}};
  return policy_of(object, attribute, *value);
}

Result<std::vector<NamedMapping>> read_mappings(const Value& object) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "mapping"));
  ASSIGN_OR_RETURN(const std::vector<Value> entries, elements(attribute));
  std::vector<NamedMapping> read;
  for (const Value& entry : entries) {
    const auto column = entry.get("col");
    const auto mapping = entry.get("mapping");
    if (!column || !mapping) {
      return ReadContext::refuse(entry, ErrorCode::kInput,
                                 short_class_name(object) + ": a mapping without col or mapping");
    }
    ASSIGN_OR_RETURN(std::string name, column_name(*column));
    read.push_back({std::move(name), *mapping});
  }
  return read;
}

Result<std::vector<OrdinalColumn>> read_ordinal(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const CellPolicy unknown, read_policy(object, "handle_unknown"));
  ASSIGN_OR_RETURN(const CellPolicy missing, read_policy(object, "handle_missing"));
  ASSIGN_OR_RETURN(const std::vector<NamedMapping> mappings, read_mappings(object));
  std::vector<OrdinalColumn> columns;
  for (const NamedMapping& mapping : mappings) {
    OrdinalColumn column{mapping.column, {}, {}, {}};
    ASSIGN_OR_RETURN(column.codes, read_codes(mapping.mapping, context));
    column.unknown = unknown.number           ? unknown.number
                     : unknown.way == "value" ? std::optional<double>(kUnknownCode)
                     : unknown.way == "error" ? std::nullopt
                                              : std::optional(kNan);
    // A missing cell without a code is an unknown one.
    column.missing = column.codes.missing ? column.codes.missing : column.unknown;
    if (column.missing && *column.missing == static_cast<double>(kMissingCode)) {
      if (missing.way == "return_nan") column.missing = kNan;
      if (missing.number) column.missing = missing.number;
    }
    if (missing.way == "error") column.missing = std::nullopt;
    columns.push_back(std::move(column));
  }
  return columns;
}

ColumnCode through_codes(const OrdinalColumn& column, const CellPolicy& unknown,
                         const CellPolicy& missing,
                         const std::function<std::vector<double>(double)>& row) {
  ColumnCode code;
  code.categories = column.codes.categories;
  const auto encoded = [&](std::optional<double> value) -> Encoded {
    if (!value) return std::nullopt;
    return row(*value);
  };
  for (const double value : column.codes.codes) code.values.push_back(encoded(value));
  code.missing = missing.way == "error" ? std::nullopt : encoded(column.missing);
  code.unknown = unknown.way == "error" ? std::nullopt : encoded(column.unknown);
  return code;
}

Result<void> add_group_members(const Value& object, const Value& groups, ColumnCode& code) {
  const auto value_of = [&](std::string_view name) -> Encoded {
    for (std::size_t i = 0; i < code.categories.size(); ++i) {
      if (code.categories[i].kind == Label::Kind::kText && code.categories[i].text == name) {
        return code.values[i];
      }
    }
    return code.unknown;
  };
  const std::size_t own = code.categories.size();
  for (std::size_t i = 0; i < groups.entry_count(); ++i) {
    const auto [key, group] = groups.entry(i);
    const auto name = group.string();
    if (!name) {
      return ReadContext::refuse(
          group, ErrorCode::kUnsupported,
          short_class_name(object) + ": a group of rare categories named " + describe(group),
          "a text");
    }
    const Encoded value = value_of(*name);
    ASSIGN_OR_RETURN(Label label, label_of(key));
    if (is_missing(label)) {
      code.missing = value;
      continue;
    }
    // A member is looked up before its own name would be.
    bool known = false;
    for (std::size_t c = 0; c < own && !known; ++c) {
      known = pickle::to_text(code.categories[c]) == pickle::to_text(label);
      if (known) code.values[c] = value;
    }
    if (known) continue;
    code.categories.push_back(std::move(label));
    code.values.push_back(value);
  }
  return {};
}

Result<ReadTransformer> finish_encoder(const Value& object, ColumnCodes codes,
                                       ReadContext& context) {
  if (const auto composite = present(object, "composite_members_");
      composite && composite->entry_count() > 0) {
    return refuse_attribute(ErrorCode::kUnsupported, object, "composite_cols", *composite, "None");
  }
  if (const auto groups = present(object, "min_group_lumping_")) {
    for (std::size_t i = 0; i < groups->entry_count(); ++i) {
      const auto [key, members] = groups->entry(i);
      ASSIGN_OR_RETURN(const std::string name, column_name(key));
      const auto code = codes.find(name);
      if (code != codes.end()) RETURN_IF_ERROR(add_group_members(object, members, code->second));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> dropped, dropped_columns(object));
  ReadTransformer read;
  read.rows = RowForm::kDense;
  ASSIGN_OR_RETURN(read.input_names, fitted_names(object, codes, dropped));
  RETURN_IF_ERROR(context.spend(read.input_names.size() * 128, object));
  read.inputs.resize(read.input_names.size());
  std::vector<std::optional<LookupEncoder::InputColumn>> columns(read.input_names.size());
  std::size_t replaced = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto code = codes.find(read.input_names[i]);
    if (code == codes.end()) continue;
    ASSIGN_OR_RETURN(columns[i],
                     lookup_column(object, code->first, std::move(code->second), read.inputs[i]));
    ++replaced;
  }
  if (replaced != codes.size()) {
    return ReadContext::refuse(object, ErrorCode::kInput,
                               short_class_name(object) + " encodes " +
                                   std::to_string(codes.size()) + " columns, of which " +
                                   std::to_string(replaced) + " are among those it was fitted on");
  }
  ASSIGN_OR_RETURN(read.transformer, LookupEncoder::build(std::move(columns)));
  if (dropped.empty()) return read;
  ASSIGN_OR_RETURN(const std::vector<OutputColumn> outputs,
                   read.transformer->outputs(read.input_names));
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool gone = std::find(dropped.begin(), dropped.end(), outputs[i].name) != dropped.end();
    if (!gone) kept.push_back(i);
  }
  ASSIGN_OR_RETURN(TransformerPtr subset, ColumnSubset::build(std::move(kept), outputs.size()));
  read.transformer = std::make_shared<const Chain>(std::vector<Chain::Step>{
      {"encode", std::move(read.transformer)}, {"drop_invariant", std::move(subset)}});
  return read;
}

Result<std::vector<NamedMapping>> read_column_tables(const Value& object) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "mapping"));
  if (attribute.kind() != Kind::kDict) {
    return refuse_attribute(ErrorCode::kInput, object, "mapping", attribute, "a dict by column");
  }
  std::vector<NamedMapping> read;
  for (std::size_t i = 0; i < attribute.entry_count(); ++i) {
    const auto [key, value] = attribute.entry(i);
    ASSIGN_OR_RETURN(std::string name, column_name(key));
    read.push_back({std::move(name), value});
  }
  return read;
}

}  // namespace clairscore::sklearn
