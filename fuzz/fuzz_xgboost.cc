// Any bytes as an XGBoost model, JSON or UBJSON: an estimator that scores a row, or a refusal.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "boosters/xgboost.h"
#include "score_booster.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clairscore;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  XgboostOptions options;
  options.cut_at_best = size % 2 == 0;
  if (size % 3 == 0) options.missing = -999;
  fuzz::score_booster(read_xgboost(bytes, "fuzz", options));
  return 0;
}
