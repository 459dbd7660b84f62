#include "cli/commands.h"
namespace clairscore {
Result<void> run_inspect(const InspectCommand&) { return fail(ErrorCode::kUnsupported, "later"); }
}  // namespace clairscore
