#include "shap/shap_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

namespace clairscore {

namespace {

using pickle::Kind;
using pickle::NdArray;
using pickle::Value;

constexpr std::string_view kAccepted =
    "a shap.Explanation, or an array (rows, features), one for each of two classes, or a dict with "
    "values and base_values";

std::string shape_text(const std::vector<std::size_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

/// The parts of whatever form the file has.
struct Parts {
  std::optional<Value> values;
  std::optional<Value> base_values;
  std::optional<Value> feature_names;
};

bool is_present(const std::optional<Value>& value) {
  return value && !value->is_none();
}

/// A field of a shap.Explanation: `_s._objects[name].o`, else `_s._aliases[name].o`; before shap
/// 0.36, a plain attribute.
std::optional<Value> explanation_field(const Value& explanation, std::string_view name) {
  const auto slicer = explanation.attribute("_s");
  if (!slicer) return explanation.attribute(name);
  for (const std::string_view place : {"_objects", "_aliases"}) {
    const auto fields = slicer->attribute(place);
    const auto field = fields ? fields->get(name) : std::nullopt;
    const auto content = field ? field->attribute("o") : std::nullopt;
    if (is_present(content)) return content;
  }
  return std::nullopt;
}

/// shap._explanation.Explanation; the module's name has changed before.
bool is_explanation(const Value& value) {
  const Value made = value.callable();
  return value.kind() == Kind::kObject && made.name() == "Explanation" &&
         (made.module() == "shap" || made.module().starts_with("shap."));
}

bool is_sequence(const Value& value) {
  return value.kind() == Kind::kList || value.kind() == Kind::kTuple;
}

Result<Parts> find_parts(const Value& root) {
  Parts parts;
  if (pickle::is_ndarray(root) || is_sequence(root)) {
    parts.values = root;
  } else if (is_explanation(root)) {
    parts.values = explanation_field(root, "values");
    parts.base_values = explanation_field(root, "base_values");
    parts.feature_names = explanation_field(root, "feature_names");
  } else if (root.kind() == Kind::kDict) {
    parts.values = root.get("values");
    if (!parts.values) parts.values = root.get("shap_values");
    parts.base_values = root.get("base_values");
    if (!parts.base_values) parts.base_values = root.get("expected_value");
    parts.feature_names = root.get("feature_names");
  } else {
    return fail(ErrorCode::kUnsupported, root.describe() + " where SHAP values were expected",
                root.where(), std::string(kAccepted));
  }
  if (!is_present(parts.values)) {
    return fail(ErrorCode::kInput, root.describe() + " without values", root.where(),
                std::string(kAccepted));
  }
  return parts;
}

/// Two dimensions of an array, taken from its two or three.
struct Table {
  NdArray array;
  std::size_t outputs = 1;  // of the file, not of this table
  std::size_t offset = 0;   // bytes to the first element
  std::size_t row_stride = 0;
  std::size_t feature_stride = 0;
};

Result<NdArray> read_numbers(const Value& value) {
  ASSIGN_OR_RETURN(NdArray array, pickle::read_ndarray(value));
  if (!pickle::is_numeric(array.dtype)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("SHAP values in an array of kind '{}'", array.dtype.kind),
                value.where(), "bool, integers or floats of up to 8 bytes");
  }
  return array;
}

Result<Table> read_table(const Value& value) {
  Table table;
  ASSIGN_OR_RETURN(table.array, read_numbers(value));
  const std::vector<std::size_t>& shape = table.array.shape;
  if (shape.size() < 2 || shape.size() > 3 ||
      (shape.size() == 3 && (shape[2] < 1 || shape[2] > 2))) {
    return fail(ErrorCode::kUnsupported, "SHAP values of shape " + shape_text(shape), value.where(),
                "(rows, features), or (rows, features, 2) for two classes");
  }
  const std::size_t item = table.array.dtype.item_size;
  const std::size_t outputs = shape.size() == 3 ? shape[2] : 1;
  if (table.array.fortran_order) {
    table.row_stride = item;
    table.feature_stride = item * shape[0];
    table.offset = (outputs - 1) * item * shape[0] * shape[1];
  } else {
    table.row_stride = item * outputs * shape[1];
    table.feature_stride = item * outputs;
    table.offset = (outputs - 1) * item;
  }
  table.outputs = outputs;
  return table;
}

/// A list or tuple: one array per class (the last is the positive one), or an array and its base
/// values. What it finds replaces parts.values and perhaps parts.base_values.
Result<std::size_t> take_from_sequence(Parts& parts) {
  const Value sequence = *parts.values;
  const auto refuse = [&](std::string what) {
    return fail(ErrorCode::kUnsupported, std::move(what), sequence.where(),
                "one array (rows, features) for each of two classes, or an array and its base "
                "values");
  };
  if (sequence.size() < 1 || sequence.size() > 2) {
    return refuse(fmt::format("a list of {} where SHAP values were expected", sequence.size()));
  }
  const Value first = sequence.at(0);
  const Value last = sequence.at(sequence.size() - 1);
  if (!pickle::is_ndarray(first)) {
    return refuse("a list of " + first.describe() + " where SHAP values were expected");
  }
  parts.values = last;
  if (sequence.size() == 1) return 1;
  ASSIGN_OR_RETURN(const NdArray negative, read_numbers(first));
  if (pickle::is_ndarray(last)) {
    ASSIGN_OR_RETURN(const NdArray positive, read_numbers(last));
    if (positive.shape.size() >= 2) {
      if (negative.shape != positive.shape) {
        return refuse("SHAP values of two shapes, " + shape_text(negative.shape) + " and " +
                      shape_text(positive.shape));
      }
      return 2;
    }
  }
  parts.values = first;
  if (!is_present(parts.base_values)) parts.base_values = last;
  return 1;
}

/// None, one, or one per row.
Result<std::vector<double>> read_base_values(const Value& value, std::size_t rows,
                                             std::size_t outputs) {
  ASSIGN_OR_RETURN(std::vector<double> numbers, is_sequence(value) || pickle::is_ndarray(value)
                                                    ? pickle::to_doubles(value)
                                                    : pickle::to_double(value).map([](double one) {
                                                        return std::vector<double>{one};
                                                      }));
  std::vector<std::size_t> shape = {numbers.size()};
  if (pickle::is_ndarray(value)) {
    ASSIGN_OR_RETURN(const NdArray array, pickle::read_ndarray(value));
    shape = array.shape;
  }
  const bool flat = shape.size() < 2;
  if (numbers.size() == 1 && (flat || rows == 1)) return numbers;
  if (outputs == 2 && flat && numbers.size() == 2) return std::vector<double>{numbers[1]};
  if (flat && numbers.size() == rows) return numbers;
  if (shape.size() == 2 && shape[0] == rows && (shape[1] == 1 || shape[1] == outputs)) {
    std::vector<double> chosen(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      chosen[row] = numbers[row * shape[1] + shape[1] - 1];
    }
    return chosen;
  }
  return fail(ErrorCode::kInput,
              fmt::format("base values of shape {} for {} rows and {} output{}", shape_text(shape),
                          rows, outputs, outputs == 1 ? "" : "s"),
              value.where(), "one number, one per row, or one per output");
}

/// Nothing when they are not a plain list of names (a pandas Index, names per row).
Result<std::optional<std::vector<std::string>>> read_names(const Value& value,
                                                           std::size_t features) {
  if (!is_sequence(value) && !pickle::is_ndarray(value)) return std::nullopt;
  const auto labels = pickle::to_labels(value);
  if (!labels) return std::nullopt;
  if (labels->size() != features) {
    return fail(
        ErrorCode::kInput,
        fmt::format("{} feature names for SHAP values of {} features", labels->size(), features),
        value.where());
  }
  std::vector<std::string> names;
  names.reserve(features);
  for (const pickle::Label& label : *labels) names.push_back(pickle::to_text(label));
  return names;
}

}  // namespace

Result<ShapFile> ShapFile::open(const std::filesystem::path& path, const pickle::Limits& limits) {
  ASSIGN_OR_RETURN(MappedFile mapped, MappedFile::open(path));
  auto file = std::make_shared<const MappedFile>(std::move(mapped));
  Result<ShapFile> shap = read(file->bytes(), file, path.string(), limits);
  if (shap) shap->file_ = std::move(file);
  return shap;
}

Result<ShapFile> ShapFile::read(ByteSpan bytes, std::shared_ptr<const void> owner,
                                const std::string& name, const pickle::Limits& limits) {
  ShapFile shap;
  ASSIGN_OR_RETURN(shap.graph_, pickle::unpickle(bytes, std::move(owner), name, limits));
  ASSIGN_OR_RETURN(Parts parts, find_parts(pickle::root(*shap.graph_)));
  std::size_t outputs = 1;
  if (is_sequence(*parts.values)) {
    ASSIGN_OR_RETURN(outputs, take_from_sequence(parts));
  }
  ASSIGN_OR_RETURN(const Table table, read_table(*parts.values));
  outputs = std::max(outputs, table.outputs);
  shap.dtype_ = table.array.dtype;
  shap.rows_ = table.array.shape[0];
  shap.features_ = table.array.shape[1];
  if (shap.rows_ == 0 || shap.features_ == 0) {
    return fail(ErrorCode::kInput, "SHAP values of shape " + shape_text(table.array.shape),
                parts.values->where(), "at least one row and one feature");
  }
  shap.values_ = table.array.data.subspan(table.offset);
  shap.row_stride_ = table.row_stride;
  shap.feature_stride_ = table.feature_stride;
  if (is_present(parts.base_values)) {
    ASSIGN_OR_RETURN(shap.base_values_, read_base_values(*parts.base_values, shap.rows_, outputs));
  }
  if (is_present(parts.feature_names)) {
    ASSIGN_OR_RETURN(shap.feature_names_, read_names(*parts.feature_names, shap.features_));
  }
  return shap;
}

void ShapFile::read_row(std::size_t row, std::span<double> out) const {
  const std::byte* const first = values_.data() + row * row_stride_;
  const bool as_stored = dtype_.kind == 'f' && dtype_.item_size == sizeof(double) &&
                         feature_stride_ == sizeof(double) &&
                         dtype_.big_endian == (std::endian::native == std::endian::big);
  if (as_stored) {
    std::memcpy(out.data(), first, features_ * sizeof(double));
    return;
  }
  for (std::size_t feature = 0; feature < features_; ++feature) {
    out[feature] = pickle::element_to_double(dtype_, first + feature * feature_stride_);
  }
}

std::vector<double> ShapFile::row(std::size_t row) const {
  std::vector<double> values(features_);
  read_row(row, values);
  return values;
}

std::optional<double> ShapFile::base_value(std::size_t row) const {
  if (base_values_.empty()) return std::nullopt;
  return base_values_.size() == 1 ? base_values_.front() : base_values_[row];
}

void ShapFile::release(std::size_t begin, std::size_t count) const {
  if (file_ == nullptr || begin >= rows_) return;
  const ByteSpan mapped = file_->bytes();
  // Bytes that were decompressed are not in the mapping, and are ours to keep.
  const std::less<const std::byte*> before;
  if (before(values_.data(), mapped.data()) ||
      !before(values_.data(), mapped.data() + mapped.size())) {
    return;
  }
  const auto offset = static_cast<std::size_t>(values_.data() - mapped.data());
  count = std::min(count, rows_ - begin);
  // In Fortran order the rows of any range are spread over all columns.
  const bool by_rows = feature_stride_ <= row_stride_;
  if (by_rows) {
    file_->release(offset + begin * row_stride_, count * row_stride_);
  } else {
    file_->release(offset, values_.size());
  }
}

}  // namespace clairscore
