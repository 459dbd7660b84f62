#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "base/version.h"

namespace clairscore {

namespace {

constexpr const char* kFooter =
    "Every option can also be given as an environment variable: --api-port as\n"
    "CLAIRSCORE_API_PORT, and so on. Exit codes: 0 done, 1 internal error or port in use,\n"
    "2 usage, 3 input refused or not found, 4 Hub or network.";

/// An option and the variable that stands in for it.
template <typename T>
CLI::Option* add_option(CLI::App* app, const std::string& name, T& value, const std::string& help) {
  return app->add_option(name, value, help)->envname(variable_name([&] {
    std::string key = name.substr(2);
    std::replace(key.begin(), key.end(), '-', '_');
    return key;
  }()));
}

/// A check that a value is a whole number in a range, without wrapping or rounding.
std::function<std::string(const std::string&)> whole_number(std::uint64_t least,
                                                            std::uint64_t most) {
  return [least, most](const std::string& text) -> std::string {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size() && value >= least &&
        value <= most) {
      return {};
    }
    return text + " is not a whole number from " + std::to_string(least) + " to " +
           std::to_string(most);
  };
}

constexpr std::uint64_t kMostThreads = 1024;

void add_batch_options(CLI::App* app, BatchOptions& batch) {
  add_option(app, "--model", batch.model,
             "The model: an MLflow folder, the folder that holds one, or a model file")
      ->required();
  add_option(app, "--data", batch.data,
             "The rows: a CSV file (gzip too) of any size, or - for standard input")
      ->required();
  add_option(
      app, "--output", batch.output,
      "Where the answer goes: a file, which is there only when all rows were good, or - (the "
      "default), where the rows before a bad one stand");
  add_option(app, "--recipe", batch.recipe,
             "How rows are prepared: a recipe file, a built-in name, or none (default: the one "
             "beside the model, else the built-in one whose columns match, else none)");
  add_option(app, "--on-bad-row", batch.on_bad_row,
             "A row that cannot be read or prepared: refuse the file (the default), or skip it")
      ->check(CLI::IsMember({"refuse", "skip"}));
  add_option(app, "--threads", batch.threads, "Threads (default 0: one a processor)")
      ->check(whole_number(0, kMostThreads), "");
  add_option(app, "--stats", batch.stats,
             "Write rows, seconds a step (steps that overlap share the time) and peak memory as "
             "JSON here")
      ->check(
          [](const std::string& path) {
            return path == "-" ? std::string("standard output is for the rows; a file")
                               : std::string();
          },
          "");
}

void add_format(CLI::App* app, std::string& format) {
  app->add_option("--format", format, "csv (the default) or jsonl: one JSON object a line")
      ->check(CLI::IsMember({"csv", "jsonl"}), "")
      ->envname("CLAIRSCORE_FORMAT")
      ->option_text("csv|jsonl");
}

RowFormat row_format(const std::string& format) {
  return format == "jsonl" ? RowFormat::kJsonLines : RowFormat::kCsv;
}

/// One option a setting, kept as text: config/ checks values, wherever they come from.
void add_settings(CLI::App* app, std::map<std::string, std::string>& given,
                  const std::vector<std::string_view>& only) {
  for (const SettingSpec& spec : serve_settings()) {
    if (!only.empty() && std::find(only.begin(), only.end(), spec.key) == only.end()) continue;
    const std::string key(spec.key);
    std::string help(spec.help);
    if (!spec.default_value.empty() && spec.kind != SettingKind::kFlag) {
      help += " (default " + std::string(spec.default_value) + ")";
    }
    if (spec.kind == SettingKind::kFlag) {
      app->add_flag_function(
          option_name(key),
          // --flag counts 1, --flag=false -1.
          [&given, key](std::int64_t count) { given[key] = count > 0 ? "true" : "false"; }, help);
      continue;
    }
    std::string shape = "TEXT";
    if (spec.kind == SettingKind::kPort) shape = "PORT";
    if (spec.kind == SettingKind::kCount) shape = "N";
    if (spec.kind == SettingKind::kChoice) {
      shape.clear();
      for (const std::string_view choice : spec.choices) {
        shape += (shape.empty() ? "" : "|") + std::string(choice);
      }
    }
    app->add_option_function<std::string>(
           option_name(key), [&given, key](const std::string& value) { given[key] = value; }, help)
        ->option_text(shape);
  }
}

/// `clairscore hub …`: the commands, each with the settings that say which repositories.
CLI::App* add_hub(CLI::App& app, HubCommand& hub, HubPrepareCommand& prepare,
                  std::string& config_file) {
  CLI::App* group = app.add_subcommand(
      "hub", "Work with the Hugging Face Hub and its cache, without serving anything");
  group->require_subcommand(1);
  group->footer(
      "The model and data repositories come from --model and --data (HF_MODEL_REPO_ID,\n"
      "HF_DATA_REPO_ID). The cache is shared with the Python client and takes its variables:\n"
      "HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and so on; without\n"
      "HF_HOME, /data/.huggingface is used where /data is writable.");
  const auto add = [&](const char* name, HubAction action, const char* help) {
    CLI::App* command = group->add_subcommand(name, help);
    add_settings(command, hub.given,
                 {"model", "data", "hub_model_revision", "hub_data_revision", "hub_model_subfolder",
                  "log_level"});
    command->add_option("--config", config_file, "A YAML file of these settings")
        ->envname("CLAIRSCORE_CONFIG");
    command->add_option("--only", hub.only, "One of the two repositories")
        ->check(CLI::IsMember({"model", "data"}), "")
        ->option_text("model|data");
    command->add_flag("--json", hub.json, "Answer in JSON");
    command->callback([&hub, action] { hub.action = action; });
    return command;
  };
  add("sync", HubAction::kSync, "Download what would be served, verified, into the cache");
  add("status", HubAction::kStatus,
      "What the cache holds, how fresh it is, and which commits were served; asks nobody");
  add("verify", HubAction::kVerify,
      "Hash every cached file again and name each that is not what the Hub named");
  CLI::App* rollback =
      add("rollback", HubAction::kRollback,
          "Serve the commit that was served well before, until told otherwise: the "
          "last change is undone, or that of --only");
  rollback->add_option("--to", hub.to, "A commit of the cache instead of the one before")
      ->option_text("COMMIT");
  rollback->add_flag("--undo", hub.undo, "Follow the revision again");
  CLI::App* prepare_app =
      group->add_subcommand("prepare",
                            "Tell whether a model and its data will serve, before they are "
                            "uploaded; write the histograms "
                            "and the picture that are missing, and say how to upload");
  prepare_app
      ->add_option("folder", prepare.folder,
                   "A folder with an MLflow folder and a folder with application_test.csv")
      ->required();
  prepare_app->add_flag_function(
      "--dry-run", [&prepare](std::int64_t count) { prepare.write = count <= 0; }, "Write nothing");
  return prepare_app;
}

}  // namespace

Result<Command> parse_command_line(const std::vector<std::string>& arguments) {
  CLI::App app(
      "Clairscore: credit decisions that are advised, explained and exact.\n"
      "Serves and runs scikit-learn models from MLflow folders, without Python.",
      "clairscore");
  app.footer(kFooter);
  app.set_version_flag("--version", "clairscore " + std::string(version()));
  app.require_subcommand(1);
  app.fallthrough(false);

  ServeCommand serve;
  DemoCommand demo;
  ScoreCommand score;
  ExplainCommand explain;
  TransformCommand transform;
  InspectCommand inspect;
  SynthCommand synth;
  HubCommand hub;
  HubPrepareCommand prepare;
  HealthCommand health;
  std::string format = "csv";
  std::string stage = "model";

  CLI::App* serve_app =
      app.add_subcommand("serve", "Serve the screen and the API for a model and its applicants");
  add_settings(serve_app, serve.given, {});
  std::string config_file;
  serve_app->add_option("--config", config_file, "A YAML file of these settings")
      ->envname("CLAIRSCORE_CONFIG");
  serve_app->add_flag("--print-config", serve.print_config,
                      "Show each setting, its value and where it came from, and leave");

  CLI::App* demo_app = app.add_subcommand(
      "demo", "Serve a complete demonstration: made-up applicants and a model trained on such");
  add_option(demo_app, "--rows", demo.rows, "Applicants (default 48744)")
      ->check(whole_number(1, 10'000'000), "");
  add_settings(demo_app, demo.given,
               {"host", "port", "api_port", "open", "threads", "log_format", "log_level"});

  CLI::App* score_app = app.add_subcommand(
      "score", "Score the rows of a CSV file: raw score, probability, threshold and decision");
  add_batch_options(score_app, score.batch);
  add_format(score_app, format);

  CLI::App* explain_app = app.add_subcommand(
      "explain", "Explain the scores of a CSV file: SHAP contributions of every feature");
  add_batch_options(explain_app, explain.batch);
  add_format(explain_app, format);
  explain_app
      ->add_flag("--by-input", explain.by_input,
                 "Sum one-hot and encoded columns into the input they come from")
      ->envname("CLAIRSCORE_BY_INPUT");
  CLI::Option* background = add_option(
      explain_app, "--background", explain.background,
      "Measure contributions against the rows of this CSV file, all of them (interventional SHAP); "
      "without it they follow the rows the model was trained on (path-dependent SHAP)");
  explain_app
      ->add_flag(
          "--interactions", explain.interactions,
          "Write interaction values: a column for what each feature does by itself, then one "
          "for each pair of features that a tree tests together, named A*B. A pair's value is "
          "half of what both do together (as in shap's symmetric matrix), so base_value + "
          "features + 2 * pairs is the raw score")
      ->envname("CLAIRSCORE_INTERACTIONS")
      ->excludes(background);

  CLI::App* transform_app = app.add_subcommand(
      "transform", "Write the rows after the recipe, or as the final estimator sees them");
  add_batch_options(transform_app, transform.batch);
  transform_app
      ->add_option("--stage", stage,
                   "prepared: the model's inputs after the recipe; model (the default): one column "
                   "a transformed feature")
      ->check(CLI::IsMember({"prepared", "model"}), "")
      ->envname("CLAIRSCORE_STAGE")
      ->option_text("prepared|model");

  CLI::App* inspect_app = app.add_subcommand(
      "inspect", "Tell what a model file or folder holds, without executing anything of it");
  inspect_app->add_option("path", inspect.path, "The folder or file")->required();
  inspect_app->add_flag("--json", inspect.json, "Answer in JSON");

  CLI::App* synth_app = app.add_subcommand(
      "synth", "Write made-up, Home-Credit-shaped applicants as CSV; the same bytes for a seed");
  add_option(synth_app, "--rows", synth.rows, "How many applicants")
      ->required()
      ->check(whole_number(1, 1'000'000'000), "");
  add_option(synth_app, "--seed", synth.seed, "Which applicants: any number from 0 to 2^64 - 1")
      ->required()
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()), "");
  add_option(synth_app, "--output", synth.output, "A file, or - for standard output")->required();
  synth_app->add_flag("--with-target", synth.with_target,
                      "Add the column TARGET: 1 for an applicant with payment difficulties");
  add_option(synth_app, "--threads", synth.threads, "Threads (default 0: one a processor)")
      ->check(whole_number(0, kMostThreads), "");

  const CLI::App* const prepare_app = add_hub(app, hub, prepare, config_file);

  CLI::App* health_app = app.add_subcommand(
      "health", "Ask a server on this machine whether it is ready: 0 when it is, else 1");
  health_app->add_option("--port", health.port, "Its API port (default 8000)")
      ->envname(variable_name("api_port"))
      ->check(whole_number(1, 65'535), "");
  health_app->add_flag("--live", health.live, "Ask only whether it answers at all");

  const std::vector<CLI::App*> commands = app.get_subcommands([](CLI::App*) { return true; });
  if (!arguments.empty() && !arguments.front().starts_with('-') &&
      std::none_of(commands.begin(), commands.end(), [&](const CLI::App* command) {
        return command->get_name() == arguments.front();
      })) {
    return fail(ErrorCode::kUsage, "no such command: " + arguments.front(), "clairscore",
                "serve, demo, score, explain, transform, inspect, synth, hub or health");
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    if (chosen.empty()) return PrintCommand{app.help()};
    const auto below = chosen.front()->get_subcommands();
    if (below.empty()) return PrintCommand{chosen.front()->help("clairscore")};
    return PrintCommand{below.front()->help("clairscore " + chosen.front()->get_name())};
  } catch (const CLI::CallForAllHelp&) {
    return PrintCommand{app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::CallForVersion&) {
    return PrintCommand{"clairscore " + std::string(version()) + "\n"};
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    std::string command = chosen.empty() ? "" : " " + chosen.front()->get_name();
    if (!chosen.empty() && !chosen.front()->get_subcommands().empty()) {
      command += " " + chosen.front()->get_subcommands().front()->get_name();
    }
    std::string what = error.what();
    if (const auto end = what.find('\n'); end != std::string::npos) what.resize(end);
    return fail(ErrorCode::kUsage, std::move(what), "clairscore" + command,
                "what `clairscore" + command + " --help` lists");
  }

  if (serve_app->parsed()) {
    if (!config_file.empty()) serve.config_file = config_file;
    return serve;
  }
  score.format = row_format(format);
  explain.format = row_format(format);
  transform.stage = stage == "prepared" ? TransformStage::kPrepared : TransformStage::kModel;
  if (demo_app->parsed()) return demo;
  if (score_app->parsed()) return score;
  if (explain_app->parsed()) return explain;
  if (transform_app->parsed()) return transform;
  if (inspect_app->parsed()) return inspect;
  if (synth_app->parsed()) return synth;
  if (health_app->parsed()) return health;
  if (prepare_app->parsed()) return prepare;
  if (!config_file.empty()) hub.config_file = config_file;
  return hub;
}

}  // namespace clairscore
