#pragma once

// Settings of the server: one table names each of them, and one rule says which value holds:
// command line, then environment (CLAIRSCORE_…), then YAML file, then default. A resolved Settings
// is immutable and safe from any number of threads.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clairscore {

enum class SettingKind { kText, kPort, kCount, kFlag, kChoice };

struct SettingSpec {
  std::string_view key;  // "api_port": --api-port, CLAIRSCORE_API_PORT, api_port in the file
  SettingKind kind;
  std::string_view default_value;
  std::string_view help;
  std::vector<std::string_view> choices = {};  // kChoice
  /// Another environment variable that is read when CLAIRSCORE_… is not set; may be empty.
  std::string_view legacy_variable = {};
  bool secret = false;  // masked wherever settings are shown
};

/// Every setting of `serve`, in the order of its help.
const std::vector<SettingSpec>& serve_settings();

/// "--api-port", "CLAIRSCORE_API_PORT".
std::string option_name(std::string_view key);
std::string variable_name(std::string_view key);

/// The table as Markdown, for the documentation.
std::string settings_markdown(const std::vector<SettingSpec>& specs);

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// The process's own environment.
Environment process_environment();

class Settings {
 public:
  /// `command_line`: key to value, of what was given. `file`: path of a YAML file of at most
  /// 1 MiB, a flat map of keys to scalars. Errors kUsage: a value that does not fit its kind, an
  /// unknown key in the file (with its line); each says where the value came from.
  static Result<Settings> resolve(const std::vector<SettingSpec>& specs,
                                  const std::map<std::string, std::string>& command_line,
                                  const Environment& environment,
                                  const std::optional<std::string>& file);

  /// The key must be in the table (else std::out_of_range, a bug).
  const std::string& text(std::string_view key) const { return entry(key).value; }
  bool flag(std::string_view key) const { return entry(key).value == "true"; }
  std::uint16_t port(std::string_view key) const;
  std::size_t count(std::string_view key) const;

  /// One line a setting: key, value (secrets masked) and where it came from.
  std::string print() const;

 private:
  struct Entry {
    std::string key;
    std::string value;
    std::string source;
    bool secret;
  };
  const Entry& entry(std::string_view key) const;
  std::vector<Entry> entries_;
};

}  // namespace clairscore
