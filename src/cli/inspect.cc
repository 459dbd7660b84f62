#include "inspect/inspection.h"

#include "base/output.h"
#include "cli/commands.h"

namespace clairscore {

Result<void> run_inspect(const InspectCommand& command) {
  ASSIGN_OR_RETURN(const Inspection inspection, inspect_path(command.path));
  ASSIGN_OR_RETURN(OutputFile output, OutputFile::open("-"));
  RETURN_IF_ERROR(output.write(command.json ? to_json(inspection) : to_text(inspection)));
  RETURN_IF_ERROR(output.commit());
  // Described all the same; the exit code says that nothing else will accept it.
  if (inspection.refusal) return fail(*inspection.refusal);
  return {};
}

}  // namespace clairscore
