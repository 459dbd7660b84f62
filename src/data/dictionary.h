#pragma once

// What a portfolio's inputs are called and mean, for people, in the languages of the screen: data
// (YAML), not code. The Home Credit dictionary is built in; another is shipped as dictionary.yaml
// beside MLmodel. docs/dictionary.md describes the language. Immutable and safe from any number of
// threads.

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"

namespace clairscore {

/// A language of the screen.
enum class Language { kFrench, kEnglish };
inline constexpr std::size_t kLanguages = 2;

/// The same words in every language of the screen.
struct Words {
  std::string fr;
  std::string en;
};

/// How a value is written for people.
enum class ValueFormat {
  kNumber,
  kCount,
  kMoney,
  kMoneyYearly,
  kShare,
  kScore,
  kDays,
  kYears,
  kHour,
  kText
};

/// What is known of an input's effect before any model was trained.
enum class Direction { kNone, kHigherIsBetter, kLowerIsBetter };

/// Whether a person must look at a file that an input weighs on.
enum class Review {
  kNone,
  kProtected,  // a ground on which a lender may not treat people differently
  kUnrelated,  // nothing to do with repaying: an accident of the data
};

struct InputEntry {
  Words label;
  ValueFormat format = ValueFormat::kNumber;
  Direction direction = Direction::kNone;
  Words definition;  // may be empty
  Review review = Review::kNone;
  bool changeable = false;              // by the applicant or the request, within months
  std::optional<Words> low;             // in words: a value below the reference
  std::optional<Words> high;            // above it
  std::optional<Words> missing;         // what a missing value means
  std::map<std::string, Words> values;  // of a text input: its categories
};

class InputDictionary {
 public:
  /// Parses and validates YAML text of at most 1 MiB. Errors kInput: `where` is "name:line".
  static Result<std::shared_ptr<const InputDictionary>> parse(std::string_view yaml,
                                                              const std::string& name);
  static Result<std::shared_ptr<const InputDictionary>> load(const std::filesystem::path& path);
  /// The shipped file where there is one; else the built-in one that knows most of these inputs, if
  /// it knows at least half of them; else one without entries.
  static Result<std::shared_ptr<const InputDictionary>> choose(
      const std::optional<std::filesystem::path>& shipped, std::span<const std::string> inputs);

  /// Inputs that say what is asked for and by whom, for the head of a file; may be empty.
  const std::vector<std::string>& request() const { return request_; }
  /// "none" where nothing is known.
  const std::string& name() const { return name_; }
  /// Null for an input that it does not know.
  const InputEntry* find(std::string_view input) const;
  std::size_t size() const { return entries_.size(); }

  /// A table of the inputs asked for, in their order, as an object. One that is not known gets its
  /// own name as its label and `text` says its format.
  struct Asked {
    std::string name;
    bool text = false;
    /// Named by the recipe as protected, whatever the dictionary says.
    bool is_protected = false;
  };
  void write_inputs(JsonWriter& json, std::span<const Asked> inputs) const;
  /// Categories that mean the same wherever they occur.
  void write_values(JsonWriter& json) const;

 private:
  friend class DictionaryParser;
  InputDictionary() = default;

  std::string name_ = "none";
  std::vector<std::string> request_;
  std::map<std::string, Words, std::less<>> values_;
  std::map<std::string, InputEntry, std::less<>> entries_;
};

using InputDictionaryPtr = std::shared_ptr<const InputDictionary>;

std::string_view to_string(ValueFormat format);
std::string_view to_string(Direction direction);
std::string_view to_string(Review review);

}  // namespace clairscore
