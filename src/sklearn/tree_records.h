#pragma once

// What the readers of tree models share: nodes as packed records, fitted classes, limits.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/tree_ensemble.h"
#include "pickle/ndarray.h"
#include "pickle/value.h"
#include "sklearn/read_context.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

/// One field of every record of a structured array; layouts changed over the versions, so fields
/// are found by name in the dtype that the file itself holds.
class FieldReader {
 public:
  FieldReader(const pickle::NdArray& records, const pickle::Dtype::Field& field)
      : first_(records.data.data() + field.offset),
        stride_(records.dtype.item_size),
        dtype_(field.dtype) {}

  double operator[](std::size_t record) const {
    return pickle::element_to_double(dtype_, first_ + record * stride_);
  }
  bool is_set(std::size_t record) const { return (*this)[record] != 0; }

 private:
  const std::byte* first_;
  std::size_t stride_;
  pickle::Dtype dtype_;
};

/// Errors kInput: no numeric field of that name.
Result<FieldReader> field_reader(const pickle::NdArray& nodes, const pickle::Value& at,
                                 std::string_view name);

/// A count or an index: a non-negative whole number below `limit`.
Result<std::uint32_t> whole(double number, double limit, std::string_view what,
                            const pickle::Value& at);

/// classes_ as text. Errors kUnsupported: fewer than two.
Result<std::vector<std::string>> read_classes(const pickle::Value& object);

TreeStatistics statistics_of(const TreeEnsemble& ensemble);

/// Pays for the paths from root to leaf that explaining keeps. kLimit: trees too deep or too many.
Result<void> spend_paths(const TreeEnsemble& ensemble, const pickle::Value& at,
                         ReadContext& context);

/// feature_names_in_, and one InputUse of numbers a feature. Errors kInput: not fitted, or another
/// number of names than of features.
Result<ReadEstimator> read_numeric_inputs(const pickle::Value& object, ReadContext& context);

/// True when the version of scikit-learn that wrote the object is at least that; the newest is
/// assumed where the object does not say.
bool version_at_least(const pickle::Value& object, int major, int minor);

/// An error of a model's part, told at the object it was read from.
tl::unexpected<Error> at_object(Error error, const pickle::Value& object);

}  // namespace clairscore::sklearn
