#include "base/version.h"

namespace clairscore {

std::string_view version() {
  return CLAIRSCORE_VERSION;
}

}  // namespace clairscore
