#pragma once

// The command line -> one of the commands below, checked but not yet acted on.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "config/settings.h"

namespace clairscore {

enum class RowFormat { kCsv, kJsonLines };
enum class TransformStage { kPrepared, kModel };

/// What score, explain and transform have in common.
struct BatchOptions {
  std::string model;
  std::string data;          // a file, or "-"
  std::string output = "-";  // a file, or "-"
  std::string recipe;        // empty: as choose_recipe() decides
  std::string on_bad_row = "refuse";
  std::size_t threads = 0;  // 0: one a processor
  std::string stats;        // a file for --stats, or empty
  /// Bytes of the file that are worked on together; not on the command line, since no result
  /// depends on it.
  std::size_t block_bytes = std::size_t{1} << 20U;
};

struct ServeCommand {
  std::map<std::string, std::string> given;  // settings by key
  std::optional<std::string> config_file;
  bool print_config = false;
};

struct DemoCommand {
  std::map<std::string, std::string> given;
  std::size_t rows = 48'744;
};

struct ScoreCommand {
  BatchOptions batch;
  RowFormat format = RowFormat::kCsv;
};

struct ExplainCommand {
  BatchOptions batch;
  RowFormat format = RowFormat::kCsv;
  bool by_input = false;
  std::string background;  // a file, or empty: path-dependent contributions
  bool interactions = false;
};

struct TransformCommand {
  BatchOptions batch;
  TransformStage stage = TransformStage::kModel;
};

struct InspectCommand {
  std::string path;
  bool json = false;
};

struct SynthCommand {
  std::size_t rows = 0;
  std::uint64_t seed = 0;
  std::string output;
  bool with_target = false;
  std::size_t threads = 0;
};

enum class HubAction { kSync, kStatus, kVerify, kRollback };

struct HubCommand {
  HubAction action = HubAction::kStatus;
  std::map<std::string, std::string> given;  // settings by key
  std::optional<std::string> config_file;
  bool json = false;
  std::string only;   // "model", "data", or empty: both
  std::string to;     // rollback: a commit, or empty: the one before
  bool undo = false;  // rollback: follow the revision again
};

struct HubPrepareCommand {
  std::string folder;
  bool write = true;  // the histograms and the picture that are missing
};

struct HealthCommand {
  std::uint16_t port = 8000;
  bool live = false;  // ask whether the process answers, not whether it serves
};

/// Text to print and leave with 0: --help, --version.
struct PrintCommand {
  std::string text;
};

using Command = std::variant<PrintCommand, ServeCommand, DemoCommand, ScoreCommand, ExplainCommand,
                             TransformCommand, InspectCommand, SynthCommand, HubCommand,
                             HubPrepareCommand, HealthCommand>;

/// Options that are not given are taken from CLAIRSCORE_… variables, then their defaults. Errors
/// kUsage.
Result<Command> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace clairscore
