#pragma once

// The commands. Each runs to its end and returns the process's exit code through its Result: an
// Error is one line on standard error and the code of exit_code().

#include "base/error.h"
#include "cli/command_line.h"

namespace clairscore {

Result<void> run_score(const ScoreCommand& command);
Result<void> run_explain(const ExplainCommand& command);
Result<void> run_transform(const TransformCommand& command);
Result<void> run_inspect(const InspectCommand& command);
Result<void> run_synth(const SynthCommand& command);
Result<void> run_hub(const HubCommand& command);
Result<void> run_hub_prepare(const HubPrepareCommand& command);
Result<void> run_health(const HealthCommand& command);
/// Until SIGTERM or SIGINT.
Result<void> run_serve(const ServeCommand& command);
Result<void> run_demo(const DemoCommand& command);

}  // namespace clairscore
