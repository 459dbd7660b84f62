#include "synth/synth.h"

#include <algorithm>

#include "base/output.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "cli/commands.h"

namespace clairscore {

Result<void> run_synth(const SynthCommand& command) {
  ASSIGN_OR_RETURN(OutputFile output, OutputFile::open(command.output));
  SynthOptions options;
  options.rows = command.rows;
  options.seed = command.seed;
  options.with_target = command.with_target;
  options.threads = command.threads == 0 ? available_threads() : command.threads;
  Progress progress("writing applicants", command.rows);
  RETURN_IF_ERROR(synthesize(options, [&](std::string_view csv) -> Result<void> {
    progress.advance(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')));
    return output.write(csv);
  }));
  return output.commit();
}

}  // namespace clairscore
