#pragma once

// The body of an Open Inference Protocol v2 request, with the binary tensor data extension -> the
// rows of a model's signature. Pure; thread-safe.
//
// One tensor per input of the signature, of shape [n] or [n, 1]: BYTES for text (UTF-8), else BOOL,
// a sized integer, FP32 or FP64. What is missing is NaN, null in JSON, or the empty BYTES.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "mlflow/loaded_model.h"

namespace clairscore::api {

struct RequestedOutput {
  std::string name;
  bool binary = false;
};

struct InferenceRequest {
  std::string id;  // empty: none
  Frame inputs;    // in the signature's order
  /// Empty: every output, in binary where binary_by_default.
  std::vector<RequestedOutput> outputs;
  bool binary_by_default = false;
};

/// `header_length`: the value of Inference-Header-Content-Length, the length of the JSON that the
/// binary tensors follow; nothing when the body is JSON alone. Errors kInput, kLimit.
Result<InferenceRequest> parse_inference_request(std::string_view body,
                                                 std::optional<std::size_t> header_length,
                                                 const Signature& signature, std::size_t max_rows);

/// The tensor datatype of an input: BYTES, FP64, …
std::string_view tensor_datatype(SignatureType type);

}  // namespace clairscore::api
