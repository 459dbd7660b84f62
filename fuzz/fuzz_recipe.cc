// Any text as a recipe; one that is accepted is applied to a few rows, which it may refuse.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/csv.h"
#include "data/recipe.h"

using namespace clairscore;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto recipe = Recipe::parse({reinterpret_cast<const char*>(data), size}, "recipe.yaml");
  if (!recipe) return 0;
  auto table = read_csv(as_bytes("id,a,b,c,d\n1,-1,x,1,0.5\n2,0,XNA,0,\n3,7,,1,0\n"), "f.csv", {});
  if (!table) std::abort();
  const auto frame = (*recipe)->apply(std::move(table->frame));
  if (!frame) return 0;
  for (const Column& column : frame->columns()) {
    if (column.size() != frame->rows()) std::abort();
  }
  return 0;
}
