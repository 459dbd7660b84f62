// Any bytes as an MLmodel: read without a crash, or refused with what and where.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "mlflow/mlmodel.h"
#include "mlflow/signature.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

template <typename T>
void must_say_why(const clairscore::Result<T>& result) {
  must(result || (!result.error().what.empty() && result.error().where.starts_with("fuzz")));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const clairscore::ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto model = clairscore::parse_mlmodel(clairscore::as_text(bytes), "fuzz");
  must_say_why(model);
  if (model) {
    must_say_why(model->model_file);
    must_say_why(model->signature);
    must_say_why(model->threshold);
    if (model->threshold && *model->threshold) {
      must(**model->threshold > 0 && **model->threshold < 1);
    }
    if (model->signature) must(!model->signature->inputs.empty());
  }
  // The JSON inside it by itself, which YAML quoting would hide from the fuzzer.
  must_say_why(clairscore::parse_signature(clairscore::as_text(bytes), "fuzz"));
  return 0;
}
