// Any bytes as a LightGBM model: an estimator that scores a row, or a refusal with what and where.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "boosters/lightgbm.h"
#include "score_booster.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clairscore;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  fuzz::score_booster(read_lightgbm(as_text(bytes), "fuzz", size % 3));
  return 0;
}
