#include "pickle/ndarray.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/numbers.h"
#include "pickle/graph.h"
#include "pickle/joblib.h"
#include "pickle/text_forms.h"

namespace clairscore::pickle {

namespace {

constexpr std::size_t kMaxDimensions = 64;  // numpy's own
constexpr int kMaxDtypeDepth = 4;
constexpr std::size_t kMaxFields = 128;  // in all, however they nest
constexpr std::size_t kMaxFieldName = 256;
/// Of the labels of one array together. A file may name one long string a million times; labels are
/// copies.
constexpr std::size_t kMaxLabelText = std::size_t{64} << 20U;

bool is_multiarray(std::string_view module) {
  return module == "numpy.core.multiarray" || module == "numpy._core.multiarray" ||
         module == "numpy.multiarray";
}
bool is_numeric_module(std::string_view module) {
  return module == "numpy.core.numeric" || module == "numpy._core.numeric";
}

bool is_reconstruct(const Value& value) {
  const Value called = value.callable();
  return is_multiarray(called.module()) && called.name() == "_reconstruct";
}
bool is_from_buffer(const Value& value) {
  const Value called = value.callable();
  return is_numeric_module(called.module()) && called.name() == "_frombuffer";
}
bool is_scalar(const Value& value) {
  const Value called = value.callable();
  return value.kind() == Kind::kObject && is_multiarray(called.module()) &&
         called.name() == "scalar" && value.arguments().size() >= 1;
}

tl::unexpected<Error> refuse(const Value& at, std::string what, std::string accepted = {}) {
  return fail(ErrorCode::kInput, std::move(what), at.where(), std::move(accepted));
}

template <typename T>
T load(const std::byte* item, bool big_endian) {
  std::array<std::byte, sizeof(T)> bytes{};
  if (big_endian == (std::endian::native == std::endian::big)) {
    std::copy_n(item, sizeof(T), bytes.begin());
  } else {
    std::reverse_copy(item, item + sizeof(T), bytes.begin());
  }
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

double half_to_double(std::uint16_t half) {
  const int exponent = half >> 10U & 0x1F;
  const int fraction = half & 0x3FF;
  double magnitude = 0;
  if (exponent == 0x1F) {
    magnitude = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else {
    magnitude = std::ldexp(fraction + 0x400, exponent - 25);
  }
  return (half & 0x8000U) != 0 ? -magnitude : magnitude;
}

/// "f8", "<U12", "V64", "O": kind and item size. Nothing when it is not one of those.
struct DtypeText {
  char kind;
  std::size_t item_size;
  std::optional<bool> big_endian;
};
std::optional<DtypeText> parse_dtype_text(std::string_view text) {
  DtypeText parsed{};
  if (!text.empty() && std::string_view("<>=|").find(text.front()) != std::string_view::npos) {
    if (text.front() == '<' || text.front() == '>') parsed.big_endian = text.front() == '>';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  parsed.kind = text.front();
  if (parsed.kind == '?')
    return text.size() == 1 ? std::optional(DtypeText{'b', 1, {}}) : std::nullopt;
  if (std::string_view("biufcSUOVMm").find(parsed.kind) == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  // "M8[ns]": the unit is not part of the size.
  text = text.substr(0, text.find('['));
  if (text.empty()) {
    if (parsed.kind != 'O') return std::nullopt;
    parsed.item_size = 8;
    return parsed;
  }
  const auto size = parse_integer(text);
  if (!size || *size < 0 || *size > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  parsed.item_size = static_cast<std::size_t>(*size);
  if (parsed.kind == 'U') parsed.item_size *= 4;
  if (parsed.kind == 'O') parsed.item_size = 8;
  return parsed;
}

bool is_fixed_size(char kind, std::size_t size) {
  switch (kind) {
    case 'b':
      return size == 1;
    case 'i':
    case 'u':
      return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f':
      return size == 2 || size == 4 || size == 8 || size == 12 || size == 16;
    case 'c':
      return size == 8 || size == 16 || size == 24 || size == 32;
    case 'M':
    case 'm':
      return size == 8;
    default:
      return size >= 1;
  }
}

Result<Dtype> read_dtype_within(const Value& value, int depth, std::size_t& fields_left);

// names: a tuple of strings; fields: {name: (dtype, offset)}, perhaps with a title as third.
Result<void> read_fields(const Value& names, const Value& fields, int depth,
                         std::size_t& fields_left, Dtype& dtype) {
  // Once under its name and perhaps once under its title.
  if (fields.entry_count() > 2 * names.size()) {
    return refuse(fields, "a dtype whose fields are not those it names");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (fields_left-- == 0) {
      return fail(ErrorCode::kLimit, "a dtype of too many fields", names.where(),
                  fmt::format("up to {}", kMaxFields));
    }
    const auto name = names.at(i).string();
    const auto entry = name ? fields.get(*name) : std::nullopt;
    if (!entry || entry->kind() != Kind::kTuple || entry->size() < 2) {
      return refuse(fields, "a dtype whose fields are not (dtype, offset)");
    }
    if (name->size() > kMaxFieldName) return refuse(names, "a dtype with an endless field name");
    const auto offset = entry->at(1).integer();
    ASSIGN_OR_RETURN(Dtype field, read_dtype_within(entry->at(0), depth + 1, fields_left));
    if (!offset || *offset < 0 || static_cast<std::uint64_t>(*offset) > dtype.item_size ||
        field.item_size > dtype.item_size - static_cast<std::size_t>(*offset)) {
      return refuse(fields, fmt::format("a dtype whose field '{}' is not within its item", *name));
    }
    dtype.fields.push_back(
        {std::string(*name), static_cast<std::size_t>(*offset), std::move(field)});
  }
  return {};
}

Result<Dtype> read_dtype_within(const Value& value, int depth, std::size_t& fields_left) {
  if (depth > kMaxDtypeDepth) {
    return fail(ErrorCode::kLimit, "a dtype nested too deeply", value.where(),
                fmt::format("up to {} levels", kMaxDtypeDepth));
  }
  const Value arguments = value.arguments();
  if (value.kind() != Kind::kObject || !value.callable().is_global("numpy", "dtype") ||
      arguments.size() < 1) {
    return refuse(value, value.describe() + " where a numpy dtype was expected");
  }
  const auto text = arguments.at(0).string();
  const auto parsed = text ? parse_dtype_text(*text) : std::nullopt;
  if (!parsed) {
    return refuse(value,
                  fmt::format("an unknown numpy dtype '{}'", text.value_or("?").substr(0, 40)),
                  "bool, integers, floats, text, bytes, objects or structures of them");
  }
  Dtype dtype;
  dtype.kind = parsed->kind;
  dtype.item_size = parsed->item_size;
  dtype.big_endian = parsed->big_endian.value_or(false);
  // (version, byte order, (base, shape) of a sub-array, names, fields, item size, ...)
  if (const auto state = value.state()) {
    if (state->kind() != Kind::kTuple || state->size() < 7) {
      return refuse(value, "a numpy dtype with an unknown state");
    }
    if (const auto order = state->at(1).string()) dtype.big_endian = *order == ">";
    if (dtype.kind == 'V' || dtype.kind == 'S' || dtype.kind == 'U') {
      const auto item_size = state->at(5).integer();
      if (item_size && *item_size > 0) {
        if (*item_size > std::numeric_limits<std::int32_t>::max()) {
          return refuse(value, "a numpy dtype with an impossible item size");
        }
        dtype.item_size = static_cast<std::size_t>(*item_size);
      }
    }
    if (const Value part = state->at(2); part.kind() == Kind::kTuple && part.size() == 2) {
      ASSIGN_OR_RETURN(const Dtype base, read_dtype_within(part.at(0), depth + 1, fields_left));
      if (holds_objects(base)) return refuse(value, "a numpy dtype of sub-arrays of objects");
    }
    const Value names = state->at(3);
    if (dtype.kind == 'V' && names.kind() == Kind::kTuple) {
      RETURN_IF_ERROR(read_fields(names, state->at(4), depth, fields_left, dtype));
    }
  }
  if (!is_fixed_size(dtype.kind, dtype.item_size) ||
      (dtype.kind == 'U' && dtype.item_size % 4 != 0)) {
    return refuse(value, fmt::format("a numpy dtype of kind '{}' with items of {} bytes",
                                     dtype.kind, dtype.item_size));
  }
  return dtype;
}

/// The index in the stored order of each element in C order; calls visit(stored) for each.
template <typename Visit>
void for_each_in_c_order(const std::vector<std::size_t>& shape, bool fortran_order, Visit visit) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  if (!fortran_order || shape.size() < 2) {
    for (std::size_t i = 0; i < count; ++i) visit(i);
    return;
  }
  std::vector<std::size_t> strides(shape.size());
  std::size_t stride = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    strides[d] = stride;
    stride *= shape[d];
  }
  std::vector<std::size_t> index(shape.size());
  std::size_t stored = 0;
  for (std::size_t i = 0; i < count; ++i) {
    visit(stored);
    for (std::size_t d = shape.size(); d-- > 0;) {
      stored += strides[d];
      if (++index[d] < shape[d]) break;
      stored -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

// Checks what every array must hold: as many bytes as its shape asks for.
Result<void> check_size(const Value& value, const NdArray& array) {
  const auto expected = byte_size(array.shape, array.dtype.item_size);
  if (!expected || *expected != array.data.size()) {
    return refuse(value, fmt::format("a numpy array with {} bytes that do not fill its shape",
                                     array.data.size()));
  }
  return {};
}

// The objects of an array as pickled: a list, in C order whatever the order of the array.
Result<void> read_objects(const Value& value, const Value& list, NdArray& array) {
  const auto count = byte_size(array.shape, 1);
  if (list.kind() != Kind::kList || !count || *count != list.size()) {
    return refuse(value, "an object array whose list does not fill its shape");
  }
  array.objects.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) array.objects.push_back(list.at(i).id());
  array.fortran_order = false;
  return {};
}

// _reconstruct(type, (0,), b'b'), then the state (version, shape, dtype, is Fortran, bytes or
// list).
Result<NdArray> read_reconstructed(const Value& value) {
  const auto state = value.state();
  if (!state || state->kind() != Kind::kTuple || state->size() != 5) {
    return refuse(value, "a numpy array without its state");
  }
  NdArray array;
  ASSIGN_OR_RETURN(array.shape, read_shape(state->at(1)));
  ASSIGN_OR_RETURN(array.dtype, read_dtype(state->at(2)));
  array.fortran_order = state->at(3).integer().value_or(0) != 0;
  if (array.dtype.kind == 'O') {
    RETURN_IF_ERROR(read_objects(value, state->at(4), array));
    return array;
  }
  if (holds_objects(array.dtype)) return refuse(value, "a structured array that holds objects");
  const Value data = state->at(4);
  if (const auto text = data.string(); text && text->empty()) {
    array.data = {};
  } else if (const auto bytes = data.bytes(); bytes && data.kind() == Kind::kBytes) {
    array.data = *bytes;
  } else {
    return refuse(value, "a numpy array whose data is " + data.describe(), "a byte string");
  }
  RETURN_IF_ERROR(check_size(value, array));
  return array;
}

// _frombuffer(bytes, dtype, shape, 'C' or 'F')
Result<NdArray> read_from_buffer(const Value& value) {
  const Value arguments = value.arguments();
  if (arguments.size() != 4) return refuse(value, "a numpy array without its buffer");
  NdArray array;
  const auto bytes = arguments.at(0).bytes();
  if (!bytes || arguments.at(0).kind() != Kind::kBytes) {
    return refuse(value, "a numpy array whose data is " + arguments.at(0).describe(),
                  "a byte string");
  }
  array.data = *bytes;
  ASSIGN_OR_RETURN(array.dtype, read_dtype(arguments.at(1)));
  ASSIGN_OR_RETURN(array.shape, read_shape(arguments.at(2)));
  array.fortran_order = arguments.at(3).string() == "F";
  if (holds_objects(array.dtype)) return refuse(value, "an array of objects in a buffer");
  RETURN_IF_ERROR(check_size(value, array));
  return array;
}

}  // namespace

const Dtype::Field* Dtype::field(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

// These recurse as deep as read_dtype lets structures nest.

std::size_t field_count(const Dtype& dtype) {
  std::size_t count = dtype.fields.size();
  for (const Dtype::Field& field : dtype.fields) count += field_count(field.dtype);
  return count;
}

bool holds_objects(const Dtype& dtype) {
  return dtype.kind == 'O' ||
         std::any_of(dtype.fields.begin(), dtype.fields.end(),
                     [](const Dtype::Field& field) { return holds_objects(field.dtype); });
}

std::size_t NdArray::size() const {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  return count;
}

std::optional<std::uint64_t> byte_size(const std::vector<std::size_t>& shape,
                                       std::size_t item_size) {
  if (std::find(shape.begin(), shape.end(), 0U) != shape.end()) return 0;
  std::uint64_t size = item_size;
  for (const std::size_t extent : shape) {
    if (__builtin_mul_overflow(size, extent, &size)) return std::nullopt;
  }
  return size;
}

bool is_ndarray(const Value& value) {
  return value.kind() == Kind::kRawArray ||
         (value.kind() == Kind::kObject && (is_reconstruct(value) || is_from_buffer(value)));
}

Result<std::vector<std::size_t>> read_shape(const Value& value) {
  if (value.kind() != Kind::kTuple || value.size() > kMaxDimensions) {
    return refuse(value, value.describe() + " where the shape of an array was expected",
                  "a tuple of up to 64 sizes");
  }
  std::vector<std::size_t> shape;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto extent = value.at(i).integer();
    if (!extent || *extent < 0) return refuse(value, "an array with a size that is not a count");
    shape.push_back(static_cast<std::size_t>(*extent));
  }
  return shape;
}

Result<Dtype> read_dtype(const Value& value) {
  std::size_t fields_left = kMaxFields;
  return read_dtype_within(value, 0, fields_left);
}

Result<NdArray> read_ndarray(const Value& value) {
  if (const RawArray* raw = value.raw_array()) {
    if (raw->objects) {
      const Value objects(value.graph(), *raw->objects);
      // A nested pickle holds no raw arrays, so this goes one level deep.
      if (objects.kind() != Kind::kRawArray) return read_ndarray(objects);
      return refuse(value, "an array of objects that is not a numpy array");
    }
    NdArray array;
    array.dtype = raw->dtype;
    array.shape = raw->shape;
    array.fortran_order = raw->fortran_order;
    array.data = raw->data;
    return array;
  }
  if (value.kind() == Kind::kObject && is_reconstruct(value)) return read_reconstructed(value);
  if (value.kind() == Kind::kObject && is_from_buffer(value)) return read_from_buffer(value);
  return refuse(value, value.describe() + " where a numpy array was expected");
}

bool is_numeric(const Dtype& dtype) {
  return dtype.kind == 'b' || dtype.kind == 'i' || dtype.kind == 'u' ||
         (dtype.kind == 'f' && dtype.item_size <= 8);
}

double element_to_double(const Dtype& dtype, const std::byte* item) {
  const bool big = dtype.big_endian;
  switch (dtype.kind) {
    case 'b':
      return *item != std::byte{0} ? 1 : 0;
    case 'i':
      switch (dtype.item_size) {
        case 1:
          return load<std::int8_t>(item, big);
        case 2:
          return load<std::int16_t>(item, big);
        case 4:
          return load<std::int32_t>(item, big);
        default:
          return static_cast<double>(load<std::int64_t>(item, big));
      }
    case 'u':
      switch (dtype.item_size) {
        case 1:
          return load<std::uint8_t>(item, big);
        case 2:
          return load<std::uint16_t>(item, big);
        case 4:
          return load<std::uint32_t>(item, big);
        default:
          return static_cast<double>(load<std::uint64_t>(item, big));
      }
    case 'f':
      switch (dtype.item_size) {
        case 2:
          return half_to_double(load<std::uint16_t>(item, big));
        case 4:
          return static_cast<double>(load<float>(item, big));
        case 8:
          return load<double>(item, big);
        default:
          break;
      }
      break;
    default:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

Result<std::vector<double>> to_doubles(const Value& value) {
  std::vector<double> numbers;
  if (value.kind() == Kind::kList || value.kind() == Kind::kTuple) {
    numbers.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      ASSIGN_OR_RETURN(const double number, to_double(value.at(i)));
      numbers.push_back(number);
    }
    return numbers;
  }
  ASSIGN_OR_RETURN(const NdArray array, read_ndarray(value));
  numbers.reserve(array.dtype.kind == 'O' ? array.objects.size() : array.size());
  if (array.dtype.kind == 'O') {
    for (const NodeId id : array.objects) {
      ASSIGN_OR_RETURN(const double number, to_double(Value(value.graph(), id)));
      numbers.push_back(number);
    }
    return numbers;
  }
  if (!is_numeric(array.dtype)) {
    return refuse(
        value, fmt::format("an array of kind '{}' where numbers were expected", array.dtype.kind),
        "bool, integers or floats of up to 8 bytes");
  }
  for_each_in_c_order(array.shape, array.fortran_order, [&](std::size_t stored) {
    numbers.push_back(
        element_to_double(array.dtype, array.data.data() + stored * array.dtype.item_size));
  });
  return numbers;
}

namespace {

/// The one element of a numpy scalar or of an array of one, as an array; or what is wrong.
Result<NdArray> read_single(const Value& value) {
  if (is_scalar(value)) {
    const Value arguments = value.arguments();
    NdArray array;
    ASSIGN_OR_RETURN(array.dtype, read_dtype(arguments.at(0)));
    if (arguments.size() < 2) return refuse(value, "a numpy scalar without a value");
    if (array.dtype.kind == 'O') {
      array.objects.push_back(arguments.at(1).id());
      return array;
    }
    const auto bytes = arguments.at(1).bytes();
    if (!bytes) return refuse(value, "a numpy scalar without a value");
    array.data = *bytes;
    RETURN_IF_ERROR(check_size(value, array));
    return array;
  }
  if (!is_ndarray(value)) return refuse(value, value.describe() + " where a number was expected");
  ASSIGN_OR_RETURN(NdArray array, read_ndarray(value));
  if (array.size() != 1) {
    return refuse(value, fmt::format("an array of {} where one number was expected", array.size()));
  }
  return array;
}

}  // namespace

Result<double> to_double(const Value& value) {
  if (const auto number = value.number()) return *number;
  ASSIGN_OR_RETURN(const NdArray array, read_single(value));
  if (array.dtype.kind == 'O') {
    if (const auto number = Value(value.graph(), array.objects.front()).number()) return *number;
  } else if (is_numeric(array.dtype)) {
    return element_to_double(array.dtype, array.data.data());
  }
  return refuse(value, value.describe() + " that does not hold a number");
}

Result<std::int64_t> to_integer(const Value& value) {
  if (const auto integer = value.integer()) return *integer;
  if (value.kind() == Kind::kFloat) return refuse(value, "a float where an integer was expected");
  ASSIGN_OR_RETURN(const NdArray array, read_single(value));
  const Dtype& dtype = array.dtype;
  if (dtype.kind == 'O') {
    if (const auto integer = Value(value.graph(), array.objects.front()).integer()) return *integer;
  } else if (dtype.kind == 'i' || dtype.kind == 'u') {
    if (dtype.item_size < 8) {
      return static_cast<std::int64_t>(element_to_double(dtype, array.data.data()));
    }
    const auto bits = load<std::uint64_t>(array.data.data(), dtype.big_endian);
    if (dtype.kind == 'i' || bits <= std::numeric_limits<std::int64_t>::max()) {
      return static_cast<std::int64_t>(bits);
    }
    return refuse(value, "an integer over 63 bits");
  } else if (dtype.kind == 'b') {
    return array.data.front() != std::byte{0} ? 1 : 0;
  }
  return refuse(value, value.describe() + " that does not hold an integer");
}

// ---- Labels

namespace {

Label label_of(double number) {
  Label label;
  label.kind = std::isnan(number) ? Label::Kind::kNan : Label::Kind::kFloat;
  if (label.kind == Label::Kind::kFloat) label.number = number;
  return label;
}

Label label_of(std::int64_t integer) {
  Label label;
  label.kind = Label::Kind::kInteger;
  label.integer = integer;
  return label;
}

Label label_of(std::string text) {
  Label label;
  label.kind = Label::Kind::kText;
  label.text = std::move(text);
  return label;
}

Label label_of(bool boolean) {
  Label label;
  label.kind = Label::Kind::kBoolean;
  label.integer = boolean ? 1 : 0;
  return label;
}

/// UTF-8 of fixed-width UCS4; the zeros that fill it up are not part of it.
std::optional<std::string> ucs4_to_utf8(const Dtype& dtype, const std::byte* item) {
  std::size_t length = dtype.item_size / 4;
  while (length != 0 && load<std::uint32_t>(item + (length - 1) * 4, dtype.big_endian) == 0) {
    --length;
  }
  std::string text;
  for (std::size_t i = 0; i < length; ++i) {
    const auto code_point = load<std::uint32_t>(item + i * 4, dtype.big_endian);
    if (code_point > 0x10FFFF) return std::nullopt;
    append_utf8(text, code_point);
  }
  return text;
}

/// Keeps the text of labels within its limit.
class LabelText {
 public:
  Result<void> add(const Value& at, const Label& label) {
    size_ += label.text.size();
    if (size_ <= kMaxLabelText) return {};
    return fail(ErrorCode::kLimit, "labels that are too long", at.where(),
                fmt::format("up to {} bytes of text", kMaxLabelText));
  }

 private:
  std::size_t size_ = 0;
};

/// One element that is not an object, or nothing when its dtype has no labels.
std::optional<Label> element_label(const Dtype& dtype, const std::byte* item) {
  switch (dtype.kind) {
    case 'b':
      return label_of(*item != std::byte{0});
    case 'U': {
      auto text = ucs4_to_utf8(dtype, item);
      if (!text) return std::nullopt;
      return label_of(std::move(*text));
    }
    case 'u':
      if (dtype.item_size == 8 &&
          load<std::uint64_t>(item, dtype.big_endian) >
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
      }
      [[fallthrough]];
    case 'i':
      return label_of(dtype.item_size == 8
                          ? static_cast<std::int64_t>(load<std::uint64_t>(item, dtype.big_endian))
                          : static_cast<std::int64_t>(element_to_double(dtype, item)));
    case 'f':
      if (!is_numeric(dtype)) return std::nullopt;
      return label_of(element_to_double(dtype, item));
    default:
      return std::nullopt;
  }
}

Result<Label> object_label(const Value& value) {
  switch (value.kind()) {
    case Kind::kNone:
      return Label{};
    case Kind::kBool:
      return label_of(*value.boolean());
    case Kind::kInteger:
      return label_of(*value.integer());
    case Kind::kFloat:
      return label_of(*value.number());
    case Kind::kString:
      return label_of(std::string(*value.string()));
    default:
      break;
  }
  if (is_scalar(value)) {
    ASSIGN_OR_RETURN(const NdArray single, read_single(value));
    if (single.dtype.kind != 'O') {
      if (auto label = element_label(single.dtype, single.data.data())) return std::move(*label);
    }
  }
  return refuse(value, value.describe() + " where a category or a label was expected",
                "a string, a number, a boolean, None or NaN");
}

}  // namespace

std::string to_text(const Label& label) {
  switch (label.kind) {
    case Label::Kind::kNone:
      return "None";
    case Label::Kind::kNan:
      return "nan";
    case Label::Kind::kText:
      return label.text;
    case Label::Kind::kInteger:
      return std::to_string(label.integer);
    case Label::Kind::kFloat:
      return double_to_text(label.number);
    case Label::Kind::kBoolean:
      return label.integer != 0 ? "True" : "False";
  }
  return {};
}

Result<std::vector<Label>> to_labels(const Value& value) {
  std::vector<Label> labels;
  LabelText text;
  if (value.kind() == Kind::kList || value.kind() == Kind::kTuple) {
    labels.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      ASSIGN_OR_RETURN(Label label, object_label(value.at(i)));
      RETURN_IF_ERROR(text.add(value, label));
      labels.push_back(std::move(label));
    }
    return labels;
  }
  ASSIGN_OR_RETURN(const NdArray array, read_ndarray(value));
  if (array.dtype.kind == 'O') {
    labels.reserve(array.objects.size());
    for (const NodeId id : array.objects) {
      ASSIGN_OR_RETURN(Label label, object_label(Value(value.graph(), id)));
      RETURN_IF_ERROR(text.add(value, label));
      labels.push_back(std::move(label));
    }
    return labels;
  }
  labels.reserve(array.size());
  bool all_known = true;
  for_each_in_c_order(array.shape, array.fortran_order, [&](std::size_t stored) {
    auto label = element_label(array.dtype, array.data.data() + stored * array.dtype.item_size);
    all_known = all_known && label;
    if (label) labels.push_back(std::move(*label));
  });
  if (!all_known) {
    return refuse(value,
                  fmt::format("an array of kind '{}' where labels were expected", array.dtype.kind),
                  "text, numbers, booleans or objects");
  }
  return labels;
}

}  // namespace clairscore::pickle
