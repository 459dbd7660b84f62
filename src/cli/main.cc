// Entry point: command line -> command -> exit code. The commands wire the libraries together.

#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"

namespace clairscore {
namespace {

/// Runs the alternative of the variant.
struct Run {
  Result<void> operator()(const PrintCommand& command) const {
    std::fputs(command.text.c_str(), stdout);
    return {};
  }
  Result<void> operator()(const ServeCommand& command) const { return run_serve(command); }
  Result<void> operator()(const DemoCommand& command) const { return run_demo(command); }
  Result<void> operator()(const ScoreCommand& command) const { return run_score(command); }
  Result<void> operator()(const ExplainCommand& command) const { return run_explain(command); }
  Result<void> operator()(const TransformCommand& command) const { return run_transform(command); }
  Result<void> operator()(const InspectCommand& command) const { return run_inspect(command); }
  Result<void> operator()(const SynthCommand& command) const { return run_synth(command); }
  Result<void> operator()(const HubCommand& command) const { return run_hub(command); }
  Result<void> operator()(const HubPrepareCommand& command) const {
    return run_hub_prepare(command);
  }
  Result<void> operator()(const HealthCommand& command) const { return run_health(command); }
};

int report(const Error& error) {
  std::fputs(("clairscore: " + to_string(error) + "\n").c_str(), stderr);
  return exit_code(error.code);
}

int run(const std::vector<std::string>& arguments) {
  const auto command = parse_command_line(arguments);
  if (!command) return report(command.error());
  const auto done = std::visit(Run{}, *command);
  return done ? 0 : report(done.error());
}

}  // namespace
}  // namespace clairscore

int main(int argc, char** argv) {
  try {
    return clairscore::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    return clairscore::report({clairscore::ErrorCode::kInternal, error.what(), {}, {}});
  }
}
