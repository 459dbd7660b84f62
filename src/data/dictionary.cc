#include "data/dictionary.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "base/excerpt.h"
#include "base/nearest.h"
#include "base/yaml_check.h"
#include "data/text_table.h"
#include "data/utf8.h"

// NOLINTBEGIN(readability-identifier-naming)
extern "C" {
extern const char clairscore_dictionary_home_credit_begin[];
extern const char clairscore_dictionary_home_credit_end[];
}
// NOLINTEND(readability-identifier-naming)

namespace clairscore {

namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::string_view kLanguageVersion = "1";

template <typename Enum, std::size_t kCount>
using NameTable = std::array<std::pair<Enum, std::string_view>, kCount>;

constexpr NameTable<ValueFormat, 10> kFormats = {{{ValueFormat::kNumber, "number"},
                                                  {ValueFormat::kCount, "count"},
                                                  {ValueFormat::kMoney, "money"},
                                                  {ValueFormat::kMoneyYearly, "money_a_year"},
                                                  {ValueFormat::kShare, "share"},
                                                  {ValueFormat::kScore, "score"},
                                                  {ValueFormat::kDays, "days"},
                                                  {ValueFormat::kYears, "years"},
                                                  {ValueFormat::kHour, "hour"},
                                                  {ValueFormat::kText, "text"}}};
constexpr NameTable<Direction, 3> kDirections = {{{Direction::kNone, "none"},
                                                  {Direction::kHigherIsBetter, "higher_is_better"},
                                                  {Direction::kLowerIsBetter, "lower_is_better"}}};
constexpr NameTable<Review, 3> kReviews = {{{Review::kNone, "none"},
                                            {Review::kProtected, "protected"},
                                            {Review::kUnrelated, "unrelated"}}};

template <typename Enum, std::size_t kCount>
std::string_view name_of(const NameTable<Enum, kCount>& table, Enum wanted) {
  for (const auto& [value, name] : table) {
    if (value == wanted) return name;
  }
  return {};
}

void write_words(JsonWriter& json, std::string_view key, const Words& words) {
  json.key(key).begin_object().member("fr", words.fr).member("en", words.en).end_object();
}

void write_words(JsonWriter& json, std::string_view key, const std::optional<Words>& words) {
  if (words) {
    write_words(json, key, *words);
  } else {
    json.key(key).null();
  }
}

void write_entry(JsonWriter& json, const InputEntry& entry) {
  write_words(json, "label", entry.label);
  json.member("format", to_string(entry.format)).member("direction", to_string(entry.direction));
  write_words(json, "definition", entry.definition);
  json.member("review", to_string(entry.review)).member("changeable", entry.changeable);
  write_words(json, "low", entry.low);
  write_words(json, "high", entry.high);
  write_words(json, "missing", entry.missing);
  json.key("values").begin_object();
  for (const auto& [value, words] : entry.values) write_words(json, value, words);
  json.end_object();
}

}  // namespace

std::string_view to_string(ValueFormat format) {
  return name_of(kFormats, format);
}
std::string_view to_string(Direction direction) {
  return name_of(kDirections, direction);
}
std::string_view to_string(Review review) {
  return name_of(kReviews, review);
}

/// Reads one document. Failures are values; what yaml-cpp throws, InputDictionary::parse catches.
class DictionaryParser {
 public:
  explicit DictionaryParser(std::string file) : file_(std::move(file)) {}

  Result<InputDictionaryPtr> read(const YAML::Node& root);

 private:
  using Entry = std::pair<std::string, YAML::Node>;

  tl::unexpected<Error> refuse(const YAML::Node& node, std::string what,
                               std::string accepted) const;
  /// The entries of a table, each key once and, where `known` names any, one of those.
  Result<std::vector<Entry>> table(const YAML::Node& node, const std::string& what,
                                   const std::vector<std::string>& known = {}) const;
  Result<std::string> text(const YAML::Node& node, const std::string& what) const;
  Result<Words> words(const YAML::Node& node, const std::string& what) const;
  Result<bool> flag(const YAML::Node& node, const std::string& what) const;
  template <typename Enum, std::size_t kCount>
  Result<Enum> choice(const YAML::Node& node, const std::string& what,
                      const NameTable<Enum, kCount>& names) const;
  Result<InputEntry> input(const YAML::Node& node, const std::string& name) const;
  Result<void> read_part(InputEntry& entry, const Entry& part, const std::string& what) const;

  std::string file_;
};

tl::unexpected<Error> DictionaryParser::refuse(const YAML::Node& node, std::string what,
                                               std::string accepted) const {
  const int line = std::max(node.Mark().line, 0) + 1;
  return fail(ErrorCode::kInput, std::move(what), file_ + ":" + std::to_string(line),
              std::move(accepted));
}

Result<std::vector<DictionaryParser::Entry>> DictionaryParser::table(
    const YAML::Node& node, const std::string& what, const std::vector<std::string>& known) const {
  if (!node.IsMap()) return refuse(node, what + " is no table", "a table of key: value");
  std::vector<Entry> entries;
  std::set<std::string> seen;
  for (const auto& item : node) {
    if (!item.first.IsScalar() || item.first.Scalar().empty()) {
      return refuse(item.first, "a key of " + what + " is no text", "a name");
    }
    const std::string& key = item.first.Scalar();
    if (!known.empty() && std::ranges::find(known, key) == known.end()) {
      return refuse(item.first, "unknown key " + quote_excerpt(key) + " in " + what,
                    list_of_names(known) + suggestion(key, known));
    }
    if (!seen.insert(key).second) {
      return refuse(item.first, quote_excerpt(key) + " stands twice in " + what, "each key once");
    }
    entries.emplace_back(key, item.second);
  }
  return entries;
}

Result<std::string> DictionaryParser::text(const YAML::Node& node, const std::string& what) const {
  if (!node.IsScalar() || node.Scalar().empty()) {
    return refuse(node, what + " is no text", "text (quote one like null)");
  }
  return node.Scalar();
}

Result<Words> DictionaryParser::words(const YAML::Node& node, const std::string& what) const {
  ASSIGN_OR_RETURN(const auto entries, table(node, what, {"fr", "en"}));
  Words words;
  for (const auto& [language, value] : entries) {
    ASSIGN_OR_RETURN((language == "fr" ? words.fr : words.en), text(value, what));
  }
  if (words.fr.empty() || words.en.empty()) {
    return refuse(node, what + " is not there in " + (words.fr.empty() ? "French" : "English"),
                  "{fr: …, en: …}");
  }
  return words;
}

Result<bool> DictionaryParser::flag(const YAML::Node& node, const std::string& what) const {
  const std::string value = node.IsScalar() ? node.Scalar() : std::string();
  if (value != "true" && value != "false") {
    return refuse(node, what + " is neither true nor false", "true or false");
  }
  return value == "true";
}

template <typename Enum, std::size_t kCount>
Result<Enum> DictionaryParser::choice(const YAML::Node& node, const std::string& what,
                                      const NameTable<Enum, kCount>& names) const {
  ASSIGN_OR_RETURN(const std::string value, text(node, what));
  std::vector<std::string> accepted;
  for (const auto& [known, name] : names) {
    if (name == value) return known;
    accepted.emplace_back(name);
  }
  return refuse(node, what + " is " + quote_excerpt(value),
                list_of_names(accepted) + suggestion(value, accepted));
}

Result<void> DictionaryParser::read_part(InputEntry& entry, const Entry& part,
                                         const std::string& what) const {
  const auto& [key, node] = part;
  const std::string named = key + " of " + what;
  if (key == "label") {
    ASSIGN_OR_RETURN(entry.label, words(node, named));
  } else if (key == "definition") {
    ASSIGN_OR_RETURN(entry.definition, words(node, named));
  } else if (key == "low") {
    ASSIGN_OR_RETURN(entry.low, words(node, named));
  } else if (key == "high") {
    ASSIGN_OR_RETURN(entry.high, words(node, named));
  } else if (key == "missing") {
    ASSIGN_OR_RETURN(entry.missing, words(node, named));
  } else if (key == "format") {
    ASSIGN_OR_RETURN(entry.format, choice(node, named, kFormats));
  } else if (key == "direction") {
    ASSIGN_OR_RETURN(entry.direction, choice(node, named, kDirections));
  } else if (key == "review") {
    ASSIGN_OR_RETURN(entry.review, choice(node, named, kReviews));
  } else if (key == "changeable") {
    ASSIGN_OR_RETURN(entry.changeable, flag(node, named));
  } else {
    ASSIGN_OR_RETURN(const auto values, table(node, named));
    for (const auto& [value, in_words] : values) {
      ASSIGN_OR_RETURN(entry.values[value], words(in_words, "the value " + quote_excerpt(value)));
    }
  }
  return {};
}

Result<InputEntry> DictionaryParser::input(const YAML::Node& node, const std::string& name) const {
  const std::string what = "the input " + quote_excerpt(name);
  ASSIGN_OR_RETURN(const auto parts, table(node, what,
                                           {"label", "format", "direction", "definition", "review",
                                            "changeable", "low", "high", "missing", "values"}));
  InputEntry entry;
  for (const Entry& part : parts) RETURN_IF_ERROR(read_part(entry, part, what));
  if (entry.label.fr.empty()) return refuse(node, what + " has no label", "label: {fr: …, en: …}");
  if (entry.format == ValueFormat::kText && (entry.low || entry.high)) {
    return refuse(node, what + " is text, which is neither low nor high", "values");
  }
  if (entry.format != ValueFormat::kText && !entry.values.empty()) {
    return refuse(node, what + " is a number and has values in words", "format: text");
  }
  return entry;
}

Result<InputDictionaryPtr> DictionaryParser::read(const YAML::Node& root) {
  ASSIGN_OR_RETURN(const auto parts, table(root, "the dictionary",
                                           {"dictionary", "name", "request", "values", "inputs"}));
  std::shared_ptr<InputDictionary> dictionary(new InputDictionary());
  bool version = false;
  for (const auto& [key, node] : parts) {
    if (key == "dictionary") {
      if (!node.IsScalar() || node.Scalar() != kLanguageVersion) {
        return refuse(node, "a dictionary of another version", "dictionary: 1");
      }
      version = true;
    } else if (key == "name") {
      ASSIGN_OR_RETURN(dictionary->name_, text(node, "name"));
    } else if (key == "request") {
      if (!node.IsSequence()) return refuse(node, "request is no list", "a list of inputs");
      for (const YAML::Node& item : node) {
        ASSIGN_OR_RETURN(std::string input_name, text(item, "an input of request"));
        dictionary->request_.push_back(std::move(input_name));
      }
    } else if (key == "values") {
      ASSIGN_OR_RETURN(const auto values, table(node, "values"));
      for (const auto& [value, in_words] : values) {
        ASSIGN_OR_RETURN(dictionary->values_[value],
                         words(in_words, "the value " + quote_excerpt(value)));
      }
    } else {
      ASSIGN_OR_RETURN(const auto inputs, table(node, "inputs"));
      for (const auto& [name, body] : inputs) {
        ASSIGN_OR_RETURN(dictionary->entries_[name], input(body, name));
      }
    }
  }
  if (!version) return refuse(root, "no version", "dictionary: 1");
  return InputDictionaryPtr(std::move(dictionary));
}

Result<InputDictionaryPtr> InputDictionary::parse(std::string_view yaml, const std::string& name) {
  if (yaml.size() > kMaxBytes) {
    return fail(ErrorCode::kLimit, "dictionary too large", name,
                "at most " + std::to_string(kMaxBytes) + " bytes");
  }
  if (!is_clean_utf8(yaml)) {
    return fail(ErrorCode::kInput, "the dictionary is not UTF-8 text", name,
                "a file saved as UTF-8");
  }
  RETURN_IF_ERROR(check_yaml(yaml, name));
  try {
    return DictionaryParser(name).read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    const int line = std::max(error.mark.line, 0) + 1;
    return fail(ErrorCode::kInput, "no YAML (" + error.msg + ")", name + ":" + std::to_string(line),
                "YAML");
  }
}

Result<InputDictionaryPtr> InputDictionary::load(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const std::string yaml, read_text_file(path, kMaxBytes));
  return parse(yaml, path.string());
}

Result<InputDictionaryPtr> InputDictionary::choose(
    const std::optional<std::filesystem::path>& shipped, std::span<const std::string> inputs) {
  if (shipped) return load(*shipped);
  const std::string_view yaml(clairscore_dictionary_home_credit_begin,
                              static_cast<std::size_t>(clairscore_dictionary_home_credit_end -
                                                       clairscore_dictionary_home_credit_begin));
  ASSIGN_OR_RETURN(InputDictionaryPtr home_credit,
                   parse(yaml, "the built-in dictionary home_credit"));
  const auto known = std::ranges::count_if(
      inputs, [&](const std::string& name) { return home_credit->find(name) != nullptr; });
  if (2 * static_cast<std::size_t>(known) >= inputs.size()) return home_credit;
  return InputDictionaryPtr(new InputDictionary());
}

const InputEntry* InputDictionary::find(std::string_view input) const {
  const auto found = entries_.find(input);
  return found == entries_.end() ? nullptr : &found->second;
}

void InputDictionary::write_inputs(JsonWriter& json, std::span<const Asked> inputs) const {
  json.begin_object();
  for (const Asked& asked : inputs) {
    const InputEntry* known = find(asked.name);
    InputEntry entry;
    if (known != nullptr) {
      entry = *known;
    } else {
      entry.label = {asked.name, asked.name};
    }
    // What the values are decides, not what the dictionary expects.
    if (asked.text) {
      entry.format = ValueFormat::kText;
    } else if (entry.format == ValueFormat::kText) {
      entry.format = ValueFormat::kNumber;
    }
    if (asked.is_protected) entry.review = Review::kProtected;
    json.key(asked.name).begin_object();
    write_entry(json, entry);
    json.end_object();
  }
  json.end_object();
}

void InputDictionary::write_values(JsonWriter& json) const {
  json.begin_object();
  for (const auto& [value, words] : values_) write_words(json, value, words);
  json.end_object();
}

}  // namespace clairscore
