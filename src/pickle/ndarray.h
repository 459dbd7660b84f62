#pragma once

// numpy arrays inside a value graph: pickled by numpy (protocols 0 to 5), or raw bytes that joblib
// wrote into the stream.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/value.h"

namespace clairscore::pickle {

/// A numpy dtype: of a whole array, or of one field of a structured one. A field that is itself a
/// small array keeps its bytes but not its inner shape (kind 'V', no fields).
struct Dtype {
  char kind = 'V';            // numpy's: b i u f c S U O V M m
  std::size_t item_size = 0;  // bytes
  bool big_endian = false;
  struct Field;
  std::vector<Field> fields;  // kind 'V' with named fields, in the dtype's order
  /// The field of that name, or nullptr.
  const Field* field(std::string_view name) const;
};
struct Dtype::Field {
  std::string name;
  std::size_t offset = 0;  // offset + dtype.item_size is within the item
  Dtype dtype;
};
/// Fields, those of fields included.
std::size_t field_count(const Dtype& dtype);
/// True for kind 'O' and for structures with a field of it: their elements are not plain bytes.
bool holds_objects(const Dtype& dtype);

/// A view of an array's elements; valid while the Graph lives. For dtype 'O' the elements are
/// `objects` (in C order) and `data` is empty. Otherwise items are not empty and the data holds
/// exactly size() of them.
struct NdArray {
  Dtype dtype;
  std::vector<std::size_t> shape;  // () is one element
  bool fortran_order = false;
  ByteSpan data;  // unaligned, size() * item_size bytes in the stored order
  std::vector<NodeId> objects;
  std::size_t size() const;  // product of the shape
};

/// Bytes of an array of that shape, or nothing when they are more than 64 bits count.
std::optional<std::uint64_t> byte_size(const std::vector<std::size_t>& shape,
                                       std::size_t item_size);

/// True for values that read_ndarray may accept (by class name only).
bool is_ndarray(const Value& value);

/// Errors: kInput or kLimit with the offset (a shape that does not fit the bytes, an unknown
/// dtype).
Result<NdArray> read_ndarray(const Value& value);

/// A numpy dtype value. Its item size is at least 1.
Result<Dtype> read_dtype(const Value& value);
/// A tuple of sizes (at most 64).
Result<std::vector<std::size_t>> read_shape(const Value& value);

/// One element of a bool, integer or float dtype (f2, f4, f8) as a double; `item` points at its
/// dtype.item_size bytes. Integers above 2^53 are rounded as numpy's astype does. NaN for any other
/// dtype: ask is_numeric first.
double element_to_double(const Dtype& dtype, const std::byte* item);
bool is_numeric(const Dtype& dtype);

/// All elements as doubles, in C order, from any bool, integer or float dtype and either byte
/// order, or from an object array, list or tuple of numbers.
Result<std::vector<double>> to_doubles(const Value& array);

/// A number: a Python int, float or bool, a numpy scalar, or an array of one element.
Result<double> to_double(const Value& value);
Result<std::int64_t> to_integer(const Value& value);

/// What a category, a class label or a column name may be: numpy object, string or numeric arrays
/// and Python lists all give these.
struct Label {
  enum class Kind : std::uint8_t { kNone, kNan, kText, kInteger, kFloat, kBoolean };
  Kind kind = Kind::kNone;
  std::string text;          // kText
  std::int64_t integer = 0;  // kInteger, kBoolean
  double number = 0;         // kFloat
  friend bool operator==(const Label&, const Label&) = default;
};
/// Python's str() of it ("nan", "None", "1", "1.5", "True").
std::string to_text(const Label& label);
/// Elements of an array, list or tuple as labels, in C order. Byte strings, dates and objects are
/// refused.
Result<std::vector<Label>> to_labels(const Value& value);

}  // namespace clairscore::pickle
