#include "config/settings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "base/bytes.h"
#include "base/numbers.h"

namespace clairscore {

namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 20U;
constexpr std::int64_t kMaxCount = 1'000'000'000;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::string joined(const std::vector<std::string_view>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// The value in its canonical form, or what would be accepted.
tl::expected<std::string, std::string> canonical(const SettingSpec& spec,
                                                 const std::string& value) {
  switch (spec.kind) {
    case SettingKind::kText:
      return value;
    case SettingKind::kPort: {
      const auto number = parse_integer(value);
      if (number && *number >= 0 && *number <= 65535) return std::to_string(*number);
      return tl::unexpected<std::string>("a port from 0 to 65535");
    }
    case SettingKind::kCount: {
      const auto number = parse_integer(value);
      if (number && *number >= 0 && *number <= kMaxCount) return std::to_string(*number);
      return tl::unexpected("a whole number from 0 to " + std::to_string(kMaxCount));
    }
    case SettingKind::kFlag: {
      const std::string word = lower(value);
      if (word == "1" || word == "true" || word == "yes" || word == "on") return "true";
      if (word == "0" || word == "false" || word == "no" || word == "off") return "false";
      return tl::unexpected<std::string>("true or false");
    }
    case SettingKind::kChoice:
      if (std::find(spec.choices.begin(), spec.choices.end(), value) != spec.choices.end()) {
        return value;
      }
      return tl::unexpected("one of " + joined(spec.choices));
  }
  return tl::unexpected<std::string>("another value");
}

struct FileValue {
  std::string value;
  std::string where;
};

Result<std::map<std::string, FileValue>> read_settings_file(const std::vector<SettingSpec>& specs,
                                                            const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, read_text_file(path, kMaxFileBytes));
  std::map<std::string, FileValue> values;
  const auto at_line = [&](const YAML::Mark& mark) {
    return path + ":" + std::to_string(mark.line + 1);
  };
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return values;
    if (!root.IsMap()) {
      return fail(ErrorCode::kUsage, "a settings file that is not a map", at_line(root.Mark()),
                  "lines of the form `key: value`");
    }
    for (const auto& item : root) {
      const auto key = item.first.as<std::string>();
      const std::string where = at_line(item.first.Mark());
      const bool known = std::any_of(specs.begin(), specs.end(),
                                     [&](const SettingSpec& spec) { return spec.key == key; });
      if (!known) {
        std::vector<std::string_view> keys;
        keys.reserve(specs.size());
        for (const SettingSpec& spec : specs) keys.push_back(spec.key);
        return fail(ErrorCode::kUsage, "unknown setting " + key, where, "one of " + joined(keys));
      }
      if (!item.second.IsScalar()) {
        return fail(ErrorCode::kUsage, "setting " + key + " is not a single value", where,
                    "a text, a number, true or false");
      }
      if (!values.emplace(key, FileValue{item.second.Scalar(), where}).second) {
        return fail(ErrorCode::kUsage, "setting " + key + " is given twice", where,
                    "each setting once");
      }
    }
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kUsage, "a settings file that is not YAML: " + error.msg,
                at_line(error.mark));
  }
  return values;
}

}  // namespace

const std::vector<SettingSpec>& serve_settings() {
  static const std::vector<SettingSpec> kSpecs = {
      {"model",
       SettingKind::kText,
       "",
       "The model: an MLflow folder, the folder that holds one, a model file, or a repository of "
       "the "
       "Hub (org/name)",
       {},
       "HF_MODEL_REPO_ID"},
      {"data",
       SettingKind::kText,
       "",
       "The applicants: a CSV file, a folder with application_test.csv, shap/ and plots/, or a "
       "dataset repository of the Hub (org/name)",
       {},
       "HF_DATA_REPO_ID"},
      {"host", SettingKind::kText, "127.0.0.1", "The address to listen on"},
      {"port", SettingKind::kPort, "7860", "The port of the screen"},
      {"api_port", SettingKind::kPort, "8000", "The port of the API"},
      {"open", SettingKind::kFlag, "false",
       "Allow an address beyond this machine without tokens or a trusted proxy"},
      {"demo_without_assets", SettingKind::kFlag, "false",
       "Serve the demonstration when neither a model nor data are given"},
      {"on_bad_row",
       SettingKind::kChoice,
       "refuse",
       "What to do with a row that cannot be read or prepared",
       {"refuse", "skip"}},
      {"recipe", SettingKind::kText, "",
       "How rows are prepared: a recipe file, a built-in name, or none (default: the model's own)"},
      {"explanation_background", SettingKind::kText, "",
       "A CSV of rows that live contributions are measured against, all of them (interventional "
       "SHAP); without it they follow the model's training (path-dependent SHAP)"},
      {"explanations",
       SettingKind::kChoice,
       "auto",
       "Which contributions are served: computed live, those of the shipped file, or what a "
       "comparison of both decides",
       {"auto", "live", "file"}},
      {"points_at_threshold", SettingKind::kCount, "500", "Points of a score at the threshold"},
      {"points_doubling", SettingKind::kCount, "20",
       "Points between a score and one of twice the odds, at least 1"},
      {"points_review", SettingKind::kCount, "20",
       "Points on both sides of the threshold within which a person should look again"},
      {"hub_model_revision", SettingKind::kText, "main",
       "The branch, tag or commit of the model repository"},
      {"hub_data_revision", SettingKind::kText, "main",
       "The branch, tag or commit of the data repository"},
      {"hub_model_subfolder", SettingKind::kText, "",
       "The folder of the model repository that holds MLmodel (default: gradient_boosting, else "
       "the "
       "only one that holds it)"},
      {"hub_poll_seconds", SettingKind::kCount, "40",
       "Seconds between looks for a new commit of the repositories (0: never)"},
      {"hub_webhook_secret",
       SettingKind::kText,
       "",
       "The secret of the Hub's webhook, which tells of new commits at once (none: no webhook)",
       {},
       {},
       true},
      {"tokens",
       SettingKind::kText,
       "",
       "Who may call: ROLE:SECRET, several with commas; the roles are reader, scorer and operator "
       "(none: everyone reads and scores, nobody operates)",
       {},
       {},
       true},
      {"tokens_file", SettingKind::kText, "", "A file of such tokens, one a line"},
      {"trusted_proxy_header", SettingKind::kText, "",
       "A header that a trusted proxy sets to the caller's name, and takes from everyone else"},
      {"cors_origins", SettingKind::kText, "",
       "Origins whose pages may read answers in a browser (https://apps.example.org, several with "
       "commas, or *; none: no other origin)"},
      {"access_log", SettingKind::kFlag, "true", "Write a line for every answer"},
      {"log_ids",
       SettingKind::kChoice,
       "hashed",
       "How log lines name customers",
       {"hashed", "plain"}},
      {"drain_seconds", SettingKind::kCount, "0",
       "Seconds between a signal to end and the closing of the ports, with /readyz at 503"},
      {"connections", SettingKind::kCount, "1024",
       "Open connections; beyond them the one idle for longest makes room for a new one"},
      {"body_mib", SettingKind::kCount, "256",
       "MiB of request bodies and of answers on their way that all connections may hold together, "
       "at least 64; beyond them 503 and Retry-After (those up to 64 KiB do not count)"},
      {"threads", SettingKind::kCount, "0", "Threads for loading and serving (0: one a processor)"},
      {"log_format", SettingKind::kChoice, "text", "The form of log lines", {"text", "json"}},
      {"log_level",
       SettingKind::kChoice,
       "info",
       "The least serious log lines that are written",
       {"debug", "info", "warning", "error"}},
  };
  return kSpecs;
}

std::string option_name(std::string_view key) {
  std::string name = "--" + std::string(key);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string variable_name(std::string_view key) {
  std::string name = "CLAIRSCORE_" + std::string(key);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return name;
}

std::string settings_markdown(const std::vector<SettingSpec>& specs) {
  std::string text =
      "| setting (key in the file) | option | variable | default | what it does |\n"
      "|---|---|---|---|---|\n";
  for (const SettingSpec& spec : specs) {
    std::string variables = "`" + variable_name(spec.key) + "`";
    if (!spec.legacy_variable.empty()) {
      variables += ", `" + std::string(spec.legacy_variable) + "`";
    }
    std::string help(spec.help);
    const char* before = ": ";
    for (const std::string_view choice : spec.choices) {
      help.append(before).append(choice);
      before = ", ";
    }
    const std::string value =
        spec.default_value.empty() ? "" : "`" + std::string(spec.default_value) + "`";
    text.append("| `").append(spec.key).append("` | `").append(option_name(spec.key));
    text.append("` | ").append(variables).append(" | ").append(value).append(" | ");
    text.append(help).append(" |\n");
  }
  return text;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
}

Result<Settings> Settings::resolve(const std::vector<SettingSpec>& specs,
                                   const std::map<std::string, std::string>& command_line,
                                   const Environment& environment,
                                   const std::optional<std::string>& file) {
  std::map<std::string, FileValue> from_file;
  if (file) {
    ASSIGN_OR_RETURN(from_file, read_settings_file(specs, *file));
  }
  Settings settings;
  for (const SettingSpec& spec : specs) {
    Entry entry{std::string(spec.key), std::string(spec.default_value), "default", spec.secret};
    const auto given = command_line.find(entry.key);
    const auto variable = environment(variable_name(spec.key));
    const auto legacy = spec.legacy_variable.empty()
                            ? std::nullopt
                            : environment(std::string(spec.legacy_variable));
    const auto in_file = from_file.find(entry.key);
    if (given != command_line.end()) {
      entry.value = given->second;
      entry.source = option_name(spec.key);
    } else if (variable) {
      entry.value = *variable;
      entry.source = variable_name(spec.key);
    } else if (legacy) {
      entry.value = *legacy;
      entry.source = spec.legacy_variable;
    } else if (in_file != from_file.end()) {
      entry.value = in_file->second.value;
      entry.source = in_file->second.where;
    }
    auto value = canonical(spec, entry.value);
    if (!value) {
      const std::string shown = spec.secret ? "(hidden)" : "'" + entry.value + "'";
      return fail(ErrorCode::kUsage, "setting " + entry.key + " is " + shown, entry.source,
                  value.error());
    }
    entry.value = std::move(*value);
    settings.entries_.push_back(std::move(entry));
  }
  return settings;
}

const Settings::Entry& Settings::entry(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return entry;
  }
  throw std::out_of_range("no setting " + std::string(key));
}

std::uint16_t Settings::port(std::string_view key) const {
  return static_cast<std::uint16_t>(*parse_integer(entry(key).value));
}

std::size_t Settings::count(std::string_view key) const {
  return static_cast<std::size_t>(*parse_integer(entry(key).value));
}

std::string Settings::print() const {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  const auto shown = [](const Entry& entry) {
    if (entry.secret && !entry.value.empty()) return std::string("********");
    return entry.value.empty() ? std::string("(none)") : entry.value;
  };
  for (const Entry& entry : entries_) {
    key_width = std::max(key_width, entry.key.size());
    value_width = std::max(value_width, shown(entry).size());
  }
  std::string text;
  for (const Entry& entry : entries_) {
    text += fmt::format("{:<{}}  {:<{}}  {}\n", entry.key, key_width, shown(entry), value_width,
                        entry.source);
  }
  return text;
}

}  // namespace clairscore
