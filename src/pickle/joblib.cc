#include "pickle/joblib.h"

#include <utility>

namespace clairscore::pickle {

namespace {

// joblib writes seven attributes. A lookup in a dict that is still being built is a scan.
constexpr std::size_t kMaxAttributes = 32;

}  // namespace

bool is_array_wrapper(const Value& object) {
  const Value called = object.callable();
  return called.name() == "NumpyArrayWrapper" &&
         (called.module() == "joblib.numpy_pickle" ||
          called.module() == "sklearn.externals.joblib.numpy_pickle");
}

Result<ArrayWrapper> read_array_wrapper(const Value& object) {
  const auto state = object.state();
  if (!state || state->kind() != Kind::kDict || state->entry_count() > kMaxAttributes) {
    return fail(ErrorCode::kInput, "a joblib array without its description", object.where());
  }
  const auto shape = object.attribute("shape");
  const auto dtype = object.attribute("dtype");
  const auto order = object.attribute("order");
  if (!shape || !dtype || !order) {
    return fail(ErrorCode::kInput, "a joblib array without shape, dtype or order", object.where());
  }
  ArrayWrapper wrapper;
  ASSIGN_OR_RETURN(wrapper.shape, read_shape(*shape));
  ASSIGN_OR_RETURN(wrapper.dtype, read_dtype(*dtype));
  wrapper.fortran_order = order->string() == "F";
  const auto alignment = object.attribute("numpy_array_alignment_bytes");
  wrapper.padded = alignment && !alignment->is_none();
  return wrapper;
}

}  // namespace clairscore::pickle
