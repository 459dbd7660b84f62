#include "sklearn/categories.h"

#include <array>
#include <charconv>
#include <cmath>

#include "pickle/ndarray.h"
#include "sklearn/objects.h"

namespace clairscore::sklearn {

namespace {

using pickle::Label;

/// numpy's str() of a float32: the shortest digits that read back to it, positional from 1e-4 to
/// 1e16 with zeros for the digits that do not matter.
std::string float32_to_text(float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                     std::chars_format::scientific);
  std::string scientific(buffer.data(), written.ptr);
  const float magnitude = std::fabs(value);
  if (magnitude != 0 && (magnitude < 1e-4F || magnitude >= 1e16F)) return scientific;

  const std::size_t e = scientific.find('e');
  std::string digits;
  for (const char c : scientific.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  int exponent = 0;
  const char* const first = scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1);
  std::from_chars(first, scientific.data() + scientific.size(), exponent);
  std::string text = std::signbit(value) ? "-" : "";
  if (exponent < 0) {
    text += "0." + std::string(static_cast<std::size_t>(-exponent) - 1, '0') + digits;
    return text;
  }
  const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  text += digits.substr(0, whole) + ".";
  text += digits.size() > whole ? digits.substr(whole) : "0";
  return text;
}

Category category_of(const Label& label) {
  switch (label.kind) {
    case Label::Kind::kNone:
      return Category::none();
    case Label::Kind::kNan:
      return Category::nan();
    case Label::Kind::kText:
      return Category::of_text(label.text);
    case Label::Kind::kInteger:
      return Category::of_number(static_cast<double>(label.integer));
    case Label::Kind::kFloat:
      return Category::of_number(label.number);
    case Label::Kind::kBoolean:
      return Category::of_boolean(label.integer != 0);
  }
  return Category::none();
}

/// What a CSV column of these categories is read as: pandas keeps a column with texts, or with
/// booleans and missing cells, as objects.
InputUse::Type type_of(const std::vector<Label>& labels) {
  bool text = false;
  bool boolean = false;
  bool missing = false;
  bool number = false;
  for (const Label& label : labels) {
    text = text || label.kind == Label::Kind::kText;
    boolean = boolean || label.kind == Label::Kind::kBoolean;
    missing = missing || label.kind == Label::Kind::kNone || label.kind == Label::Kind::kNan;
    number = number || label.kind == Label::Kind::kInteger || label.kind == Label::Kind::kFloat;
  }
  if (text || (boolean && missing)) return InputUse::Type::kText;
  return boolean || number ? InputUse::Type::kNumber : InputUse::Type::kAny;
}

}  // namespace

Result<ReadCategories> read_categories(const Value& array, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<Label> labels, pickle::to_labels(array));
  std::uint64_t bytes = 0;
  for (const Label& label : labels) bytes += 8 * (label.text.size() + sizeof(Category));
  RETURN_IF_ERROR(context.spend(bytes, array));

  bool single = false;
  if (pickle::is_ndarray(array)) {
    ASSIGN_OR_RETURN(const pickle::NdArray elements, pickle::read_ndarray(array));
    single = elements.dtype.kind == 'f' && elements.dtype.item_size == 4;
    if (elements.dtype.kind == 'f' && elements.dtype.item_size < 4) {
      return ReadContext::refuse(array, ErrorCode::kUnsupported, "categories of dtype float16",
                                 "float32 or float64");
    }
  }
  ReadCategories read;
  for (const Label& label : labels) {
    read.categories.push_back(category_of(label));
    read.object_names.push_back(pickle::to_text(label));
    read.names.push_back(single && label.kind == Label::Kind::kFloat
                             ? float32_to_text(static_cast<float>(label.number))
                             : read.object_names.back());
  }
  read.use = {type_of(labels), read.names};
  return read;
}

Result<std::vector<ReadCategories>> read_all_categories(const Value& encoder,
                                                        ReadContext& context) {
  ASSIGN_OR_RETURN(const Value list, required(encoder, "categories_"));
  ASSIGN_OR_RETURN(const std::vector<Value> arrays, elements(list));
  std::vector<ReadCategories> columns;
  columns.reserve(arrays.size());
  for (const Value& array : arrays) {
    ASSIGN_OR_RETURN(ReadCategories column, read_categories(array, context));
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<CategoryIndex> index_categories(const ReadCategories& categories, std::size_t column,
                                       const Value& encoder) {
  auto index = CategoryIndex::build(categories.categories);
  if (!index) {
    return fail(index.error().code,
                short_class_name(encoder) + ", column " + std::to_string(column) + ": " +
                    index.error().what,
                encoder.where(), index.error().accepted);
  }
  return index;
}

}  // namespace clairscore::sklearn
