#include "api/json_body.h"

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace clairscore::api {

namespace {

// A noncharacter, which no text that is meant for anybody holds.
constexpr std::string_view kMark = "\xEF\xB7\x90";

constexpr std::array<std::pair<std::string_view, double>, 3> kSpecial = {{
    {"NaN", std::numeric_limits<double>::quiet_NaN()},
    {"Infinity", std::numeric_limits<double>::infinity()},
    {"-Infinity", -std::numeric_limits<double>::infinity()},
}};

/// The text with every bare NaN and Infinity as a marked string; nothing when there is none.
std::optional<std::string> mark_special_numbers(std::string_view text) {
  std::string marked;
  std::size_t copied = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == 'N' || c == 'I' || c == '-')) {
      for (const auto& [word, value] : kSpecial) {
        if (!text.substr(i).starts_with(word)) continue;
        marked.append(text.substr(copied, i - copied)).append("\"").append(kMark);
        marked.append(word).append("\"");
        i += word.size() - 1;
        copied = i + 1;
        break;
      }
    }
  }
  if (copied == 0) return std::nullopt;
  marked.append(text.substr(copied));
  return marked;
}

}  // namespace

Result<void> JsonBody::parse(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  // simdjson allocates for its depth first, and keeps it.
  if (parser_.max_depth() != kMaxJsonDepth || parser_.capacity() < text.size()) {
    if (parser_.allocate(text.size(), kMaxJsonDepth) != simdjson::SUCCESS) {
      return fail(ErrorCode::kLimit, "no memory for the body");
    }
  }
  auto error = parser_.parse(text.data(), text.size()).get(root_);
  if (error != simdjson::SUCCESS && error != simdjson::DEPTH_ERROR) {
    if (const auto marked = mark_special_numbers(text)) {
      error = parser_.parse(*marked).get(root_);
    }
  }
  if (error == simdjson::SUCCESS) return {};
  if (error == simdjson::DEPTH_ERROR) {
    return fail(ErrorCode::kLimit, "the JSON is nested too deeply", {},
                "at most " + std::to_string(kMaxJsonDepth) + " levels");
  }
  return fail(ErrorCode::kInput, simdjson::error_message(error), {}, "JSON");
}

std::optional<double> special_number(std::string_view text) {
  if (!text.starts_with(kMark)) return std::nullopt;
  text.remove_prefix(kMark.size());
  for (const auto& [word, value] : kSpecial) {
    if (text == word) return value;
  }
  return std::nullopt;
}

std::optional<simdjson::dom::element> member(const simdjson::dom::object& object,
                                             std::string_view name) {
  std::optional<simdjson::dom::element> found;
  for (const auto [key, value] : object) {
    if (key == name) found = value;
  }
  return found;
}

}  // namespace clairscore::api
