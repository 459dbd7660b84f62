// Any bytes as a CatBoost model: an estimator that scores a row, or a refusal with what and where.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "boosters/catboost.h"
#include "score_booster.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clairscore;
  std::vector<std::string> labels;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  fuzz::score_booster(read_catboost(bytes, "fuzz", labels));
  return 0;
}
