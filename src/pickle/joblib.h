#pragma once

// joblib's own format: a pickle in which large arrays are not pickled but follow in the stream,
// raw, right after the BUILD of a `joblib.numpy_pickle.NumpyArrayWrapper`; the whole possibly
// compressed (decompress.h). The unpickler recognises the wrapper wherever it appears and replaces
// it by a kRawArray.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/ndarray.h"
#include "pickle/value.h"

namespace clairscore::pickle {

/// An array that followed in the stream. `data` views the source (the mapped file when the file is
/// not compressed). An array that holds objects is a nested pickle instead: `objects` is its root,
/// a numpy array as numpy pickles it.
struct RawArray {
  Dtype dtype;
  std::vector<std::size_t> shape;
  bool fortran_order = false;
  ByteSpan data;
  std::optional<NodeId> objects;
};

/// What a NumpyArrayWrapper says of the bytes that follow it.
struct ArrayWrapper {
  Dtype dtype;
  std::vector<std::size_t> shape;
  bool fortran_order = false;
  bool padded = false;  // one byte n, then n bytes, come before the data
};

/// True for the class that joblib 0.10 and later wrap arrays in.
bool is_array_wrapper(const Value& object);

/// Errors: kInput or kLimit with the offset.
Result<ArrayWrapper> read_array_wrapper(const Value& object);

}  // namespace clairscore::pickle
