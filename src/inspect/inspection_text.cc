#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/numbers.h"
#include "inspect/inspection.h"

namespace clairscore {

namespace {

constexpr std::size_t kLineWidth = 100;
constexpr std::size_t kMaxNameWidth = 34;
constexpr std::size_t kMaxShownCategories = 6;

/// Text from a file as a terminal may print it: control characters, also the two-byte ones and
/// those that turn the direction of writing, become "?".
std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = [&](std::size_t n) {
      return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U;
    };
    if (byte < 0x20 || byte == 0x7F) {
      out += '?';
    } else if (byte == 0xC2 && next(1) >= 0x80 && next(1) <= 0x9F) {  // U+0080 to U+009F
      out += '?';
      i += 1;
    } else if (byte == 0xE2 && ((next(1) == 0x80 && next(2) >= 0xAA && next(2) <= 0xAE) ||
                                (next(1) == 0x81 && next(2) >= 0xA6 && next(2) <= 0xA9))) {
      out += '?';  // U+202A to U+202E, U+2066 to U+2069
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Characters, not bytes.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string out(text);
  const std::size_t used = width(text);
  if (used < columns) out.append(columns - used, ' ');
  return out;
}

/// 403332 -> "403,332".
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ") {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty() && !part.empty()) text += separator;
    text += part;
  }
  return text;
}

class Writer {
 public:
  explicit Writer(const Inspection& inspection) : inspection_(inspection) {}

  std::string write() {
    write_file();
    write_steps();
    write_estimator();
    write_inputs();
    write_globals();
    write_other_files();
    write_verdict();
    return std::move(out_);
  }

 private:
  void line(std::string_view text = {}) {
    out_ += text;
    out_ += '\n';
  }
  void heading(std::string_view text) {
    if (!out_.empty()) line();
    line(text);
  }
  /// "  label   text", left out when there is no text; long texts go on under themselves.
  void field(std::string_view label, const std::string& text, std::size_t label_width = 12) {
    if (text.empty()) return;
    wrapped("  " + padded(label, label_width) + "  ", printable(text));
  }
  void wrapped(const std::string& first, std::string_view text) {
    const std::string indent(width(first), ' ');
    std::string current = first;
    std::size_t used = 0;
    while (!text.empty()) {
      const std::size_t space = text.find(' ');
      const std::string_view word = text.substr(0, space);
      if (used > 0 && width(current) + 1 + width(word) > kLineWidth) {
        line(current);
        current = indent;
        used = 0;
      }
      if (used > 0) current += ' ';
      current += word;
      used += 1;
      text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    line(current);
  }

  void write_file() {
    const ModelCard& card = inspection_.card;
    line(printable(card.path));
    std::vector<std::string> parts;
    if (!card.file.empty()) {
      parts = {card.file};
      if (!card.sha256.empty()) parts.push_back(grouped(card.size_bytes) + " bytes");
      if (inspection_.protocol) {
        parts.push_back(inspection_.container + ", protocol " +
                        std::to_string(*inspection_.protocol));
      } else if (!inspection_.container.empty() && !card.sha256.empty()) {
        parts.push_back(inspection_.container);
      }
    }
    field("file", joined(parts));
    field("sha256", card.sha256);
    if (inspection_.stopped_at) {
      field("read",
            fmt::format("{} of {} bytes of pickle, {} values", grouped(*inspection_.stopped_at),
                        grouped(inspection_.pickle_bytes), grouped(inspection_.pickle_values)));
    }
    field("library", library());
    field("flavors", joined(inspection_.flavors));
    field("created", card.utc_time_created);
    field("run", card.run_id);
    field("id", card.model_uuid);
    if (inspection_.refusal && !inspection_.threshold_from_model) return;
    field("threshold",
          double_to_text(inspection_.threshold) +
              (inspection_.threshold_from_model ? " (metadata.optimal_threshold)" : " (default)"));
  }

  std::string library() const {
    const ModelCard& card = inspection_.card;
    std::vector<std::string> parts;
    const std::string name = card.flavor == "sklearn"    ? "scikit-learn"
                             : card.flavor == "lightgbm" ? "LightGBM"
                             : card.flavor == "xgboost"  ? "XGBoost"
                             : card.flavor == "catboost" ? "CatBoost"
                                                         : card.flavor;
    if (!card.library_version.empty()) parts.push_back(name + " " + card.library_version);
    if (!card.python_version.empty()) parts.push_back("Python " + card.python_version);
    if (!card.mlflow_version.empty()) parts.push_back("MLflow " + card.mlflow_version);
    parts.push_back(card.serialization_format);
    return joined(parts);
  }

  static std::size_t name_width(const ObjectTree& tree, std::size_t depth) {
    std::size_t widest = 2 * depth + width(tree.name);
    for (const ObjectTree& child : tree.children) {
      widest = std::max(widest, name_width(child, depth + 1));
    }
    return widest;
  }

  void write_steps() {
    if (!inspection_.objects) return;
    heading("Steps");
    const ObjectTree& root = *inspection_.objects;
    const std::size_t names = std::clamp(name_width(root, 0), width("model"), kMaxNameWidth);
    write_object(root, 0, names);
  }

  void write_object(const ObjectTree& tree, std::size_t depth, std::size_t names) {
    std::string text = printable(tree.class_name);
    const std::size_t dot = text.rfind('.');
    if (tree.supported && dot != std::string::npos) text = text.substr(dot + 1);
    std::vector<std::string> parameters;
    for (const auto& [name, value] : tree.parameters) {
      if (value != "None" && value != "False") parameters.push_back(name + "=" + value);
    }
    if (!parameters.empty()) text += "(" + joined(parameters) + ")";
    if (!tree.supported) text += fmt::format(" — not supported, byte {}", tree.offset);
    const std::string label =
        std::string(2 * depth, ' ') + (depth == 0 ? "model" : printable(tree.name));
    wrapped("  " + padded(label, names) + "  ", printable(text));
    for (const ObjectTree& child : tree.children) write_object(child, depth + 1, names);
  }

  void write_estimator() {
    if (inspection_.features.empty() && inspection_.estimator.empty()) return;
    heading("Model");
    field("estimator",
          inspection_.estimator.empty() ? "none: transformers only" : inspection_.estimator);
    field("classes", joined(inspection_.classes));
    field("scores in", inspection_.scale);
    if (inspection_.trees) {
      const auto& trees = *inspection_.trees;
      field("trees", fmt::format("{}; {} leaves; {} tests deep at most; categorical splits: {}",
                                 grouped(trees.trees), grouped(trees.leaves), trees.depth,
                                 grouped(trees.categorical_splits)));
    }
    std::vector<std::string> base;
    for (const double value : inspection_.base_values) base.push_back(double_to_text(value));
    field("base value", joined(base));
    field("features", grouped(inspection_.features.size()));
  }

  void write_inputs() {
    if (inspection_.inputs.empty()) return;
    heading(fmt::format("Inputs ({})", inspection_.inputs.size()));
    std::size_t names = 0;
    for (const InspectedInput& input : inspection_.inputs) {
      names = std::max(names, width(printable(input.name)));
    }
    names = std::min(names, kMaxNameWidth);
    for (const InspectedInput& input : inspection_.inputs) {
      std::string text;
      if (!input.used) text = "not used";
      if (!input.categories.empty()) text = categories(input.categories);
      std::string row = "  " + padded(printable(input.name), names) + "  " + padded(input.type, 8) +
                        "  " + padded(input.required ? "required" : "optional", 8);
      if (text.empty()) {
        line(row);
      } else {
        wrapped(row + "  ", printable(text));
      }
    }
  }

  static std::string categories(const std::vector<std::string>& all) {
    std::string text;
    for (std::size_t i = 0; i < all.size() && i < kMaxShownCategories; ++i) {
      if (i > 0) text += " | ";
      text += all[i];
    }
    if (all.size() > kMaxShownCategories) {
      text += fmt::format(" | … {} in all", all.size());
    }
    return text;
  }

  void write_globals() {
    if (!inspection_.objects && inspection_.globals.empty()) return;
    const auto unlisted = static_cast<std::size_t>(
        std::count_if(inspection_.globals.begin(), inspection_.globals.end(),
                      [](const InspectedGlobal& global) { return !global.listed; }));
    heading(fmt::format(
        "Names in the pickle ({}, {})", inspection_.globals.size(),
        unlisted == 0 ? std::string("all known") : fmt::format("{} not known", unlisted)));
    for (const InspectedGlobal& global : inspection_.globals) {
      line(fmt::format("  byte {:>9}  {:<9}  {}", grouped(global.offset),
                       global.listed ? "known" : "NOT KNOWN",
                       printable(global.module + "." + global.name)) +
           (!global.listed && global.called ? "  (Python would call it)" : ""));
    }
  }

  void write_other_files() {
    if (inspection_.card.other_files.empty()) return;
    heading("Other files (not read)");
    for (const std::string& file : inspection_.card.other_files) line("  " + printable(file));
  }

  void write_verdict() {
    heading("Verdict");
    if (inspection_.refusal) {
      wrapped("  refused: ", printable(to_string(*inspection_.refusal)));
      write_danger();
      return;
    }
    const bool all_known = std::all_of(inspection_.globals.begin(), inspection_.globals.end(),
                                       [](const InspectedGlobal& global) { return global.listed; });
    wrapped("  accepted: ",
            all_known ? "every name in the file is known; nothing in it is ever executed"
                      : "nothing in the file is ever executed; the names that are not known are "
                        "in parts that no prediction uses (Python would import them)");
    if (!inspection_.scores) {
      line("  can transform rows; there is no estimator to score with");
    } else if (inspection_.explains) {
      line(inspection_.trees ? "  can score, and explain by path-dependent SHAP values"
                             : "  can score, and explain by the terms of its sum");
    } else {
      wrapped("  can score; cannot explain: ", printable(inspection_.why_not_explained));
    }
  }

  void write_danger() {
    constexpr std::size_t kMostNamed = 5;
    std::vector<std::string> called;
    std::size_t unnamed = 0;
    for (const InspectedGlobal& global : inspection_.globals) {
      if (!global.called || global.listed) continue;
      if (called.size() < kMostNamed) {
        called.push_back(global.module + "." + global.name);
      } else {
        ++unnamed;
      }
    }
    if (called.empty()) {
      line("  cannot be loaded; nothing of it was executed");
      return;
    }
    if (unnamed > 0) called.push_back(fmt::format("{} more", grouped(unnamed)));
    wrapped("  cannot be loaded; not known to be safe in Python, which would call ",
            printable(joined(called)));
  }

  const Inspection& inspection_;
  std::string out_;
};

}  // namespace

std::string to_text(const Inspection& inspection) {
  return Writer(inspection).write();
}

}  // namespace clairscore
