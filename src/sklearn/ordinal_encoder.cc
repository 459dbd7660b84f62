#include "sklearn/ordinal_encoder.h"

#include <cmath>
#include <limits>
#include <optional>

#include "sklearn/categories.h"
#include "sklearn/infrequent.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

namespace {

/// The numpy type codes are stored in before anyone reads them as doubles.
struct CodeType {
  char kind = 'f';  // numpy's: f i u
  std::size_t size = 8;
};

std::optional<CodeType> parse_code_type(std::string_view name) {
  if (name == "float64" || name == "double" || name == "float" || name == "<f8" || name == "f8") {
    return CodeType{'f', 8};
  }
  if (name == "float32" || name == "single" || name == "<f4" || name == "f4") {
    return CodeType{'f', 4};
  }
  if (name == "int" || name == "int64" || name == "intp" || name == "<i8") return CodeType{'i', 8};
  if (name == "int32" || name == "<i4") return CodeType{'i', 4};
  if (name == "int16") return CodeType{'i', 2};
  if (name == "int8") return CodeType{'i', 1};
  if (name == "uint64") return CodeType{'u', 8};
  if (name == "uint32") return CodeType{'u', 4};
  if (name == "uint16") return CodeType{'u', 2};
  if (name == "uint8") return CodeType{'u', 1};
  return std::nullopt;
}

/// dtype: a numpy scalar class, a Python type, a name or a numpy dtype.
Result<CodeType> read_code_type(const Value& object) {
  const auto value = object.attribute("dtype");
  if (!value) return CodeType{};
  std::optional<CodeType> type;
  if (value->kind() == Kind::kGlobal &&
      (value->module() == "numpy" || value->module() == "builtins")) {
    type = parse_code_type(value->name());
  } else if (const auto name = value->string()) {
    type = parse_code_type(*name);
  } else if (value->kind() == Kind::kObject) {
    ASSIGN_OR_RETURN(const pickle::Dtype dtype, pickle::read_dtype(*value));
    const bool integer = dtype.kind == 'i' || dtype.kind == 'u';
    if (integer || (dtype.kind == 'f' && (dtype.item_size == 4 || dtype.item_size == 8))) {
      type = CodeType{dtype.kind, dtype.item_size};
    }
  }
  if (type) return *type;
  return refuse_attribute(ErrorCode::kUnsupported, object, "dtype", *value,
                          "float64, float32 or an integer type");
}

/// A code as that type holds it, or nothing when it does not.
std::optional<double> stored(double code, CodeType type) {
  if (type.kind == 'f') {
    return type.size == 4 ? static_cast<double>(static_cast<float>(code)) : code;
  }
  const double whole = std::trunc(code);  // numpy cuts a fraction off
  const int bits = static_cast<int>(type.size) * 8 - (type.kind == 'i' ? 1 : 0);
  const double end = std::ldexp(1.0, bits);
  const bool fits = whole < end && whole >= (type.kind == 'i' ? -end : 0.0);
  return fits ? std::optional(whole + 0.0) : std::nullopt;
}

/// _missing_indices: {column: position of NaN among its categories}.
Result<std::vector<std::optional<std::size_t>>> read_missing(
    const Value& object, const std::vector<ReadCategories>& all) {
  std::vector<std::optional<std::size_t>> missing(all.size());
  const auto attribute = present(object, "_missing_indices");
  if (!attribute) return missing;
  for (std::size_t i = 0; i < attribute->entry_count(); ++i) {
    const auto [key, value] = attribute->entry(i);
    const auto column = pickle::to_integer(key);
    const auto position = pickle::to_integer(value);
    const bool fits = column && position && *column >= 0 &&
                      *column < static_cast<std::int64_t>(all.size()) && *position >= 0 &&
                      static_cast<std::size_t>(*position) + 1 ==
                          all[static_cast<std::size_t>(*column)].categories.size();
    if (!fits) {
      return refuse_attribute(ErrorCode::kInput, object, "_missing_indices", *attribute,
                              "the position of the last category of a column");
    }
    missing[static_cast<std::size_t>(*column)] = static_cast<std::size_t>(*position);
  }
  return missing;
}

struct SpecialCodes {
  std::optional<double> unknown;  // absent: an unknown category is an error
  double missing = std::numeric_limits<double>::quiet_NaN();
};

Result<double> read_code(const Value& object, std::string_view attribute, CodeType type) {
  ASSIGN_OR_RETURN(const Value value, required(object, attribute));
  const auto number = pickle::to_double(value);
  const auto code = number ? stored(*number, type) : std::nullopt;
  if (code) return *code;
  return refuse_attribute(ErrorCode::kInput, object, attribute, value,
                          "a number that the encoder's dtype holds");
}

}  // namespace

Result<OrdinalTables> read_ordinal_tables(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::string handling, text_attribute(object, "handle_unknown", "error"));
  if (handling != "error" && handling != "use_encoded_value") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "handle_unknown",
                            *object.attribute("handle_unknown"), "'error' or 'use_encoded_value'");
  }
  ASSIGN_OR_RETURN(const CodeType type, read_code_type(object));
  ASSIGN_OR_RETURN(std::vector<ReadCategories> all, read_all_categories(object, context));
  ASSIGN_OR_RETURN(const auto missing, read_missing(object, all));
  std::vector<std::size_t> counts;
  bool any_missing = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    counts.push_back(all[i].categories.size() - (missing[i] ? 1 : 0));
    any_missing = any_missing || missing[i].has_value();
  }
  ASSIGN_OR_RETURN(const auto grouped, read_infrequent(object, counts));

  SpecialCodes special;
  if (handling == "use_encoded_value") {
    ASSIGN_OR_RETURN(special.unknown, read_code(object, "unknown_value", type));
  }
  if (any_missing && object.attribute("encoded_missing_value")) {
    ASSIGN_OR_RETURN(special.missing, read_code(object, "encoded_missing_value", type));
  }

  OrdinalTables tables;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSIGN_OR_RETURN(CategoryIndex index, index_categories(all[i], i, object));
    LookupEncoder::InputColumn column{std::move(index), {""}, {}, std::nullopt};
    for (std::size_t c = 0; c < all[i].categories.size(); ++c) {
      if (missing[i] == c) {
        column.values.push_back(special.missing);
        continue;
      }
      const std::size_t rank = grouped[i] ? grouped[i]->position[c] : c;
      const auto code = stored(static_cast<double>(rank), type);
      if (!code) {
        return refuse_attribute(ErrorCode::kUnsupported, object, "dtype",
                                *object.attribute("dtype"),
                                "a type that holds " + std::to_string(rank));
      }
      column.values.push_back(*code);
    }
    if (special.unknown) column.unknown = {*special.unknown};
    tables.columns.push_back(std::move(column));
    tables.inputs.push_back(std::move(all[i].use));
  }
  return tables;
}

Result<ReadTransformer> read_ordinal_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(OrdinalTables tables, read_ordinal_tables(object, context));
  ReadTransformer read;
  ASSIGN_OR_RETURN(read.input_names, feature_names(object));
  read.inputs = std::move(tables.inputs);
  std::vector<std::optional<LookupEncoder::InputColumn>> columns;
  columns.reserve(tables.columns.size());
  for (LookupEncoder::InputColumn& column : tables.columns) columns.emplace_back(std::move(column));
  ASSIGN_OR_RETURN(read.transformer, LookupEncoder::build(std::move(columns)));
  read.rows = RowForm::kDense;
  return read;
}

Result<ReadTransformer> read_label_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value classes, required(object, "classes_"));
  ASSIGN_OR_RETURN(ReadCategories categories, read_categories(classes, context));
  ASSIGN_OR_RETURN(CategoryIndex index, index_categories(categories, 0, object));
  LookupEncoder::InputColumn column{.categories = std::move(index)};
  for (std::size_t c = 0; c < categories.categories.size(); ++c) {
    column.values.push_back(static_cast<double>(c));
  }
  ReadTransformer read;
  read.inputs.push_back(std::move(categories.use));
  std::vector<std::optional<LookupEncoder::InputColumn>> columns;
  columns.emplace_back(std::move(column));
  ASSIGN_OR_RETURN(read.transformer, LookupEncoder::build(std::move(columns)));
  read.rows = RowForm::kDense;
  return read;
}

}  // namespace clairscore::sklearn
