#include "api/python_values.h"

#include <cmath>
#include <optional>
#include <vector>

#include "api/json_body.h"
#include "base/numbers.h"

namespace clairscore::api {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// A value in a message is as long as a client made it.
constexpr std::size_t kMaxQuoted = 200;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The text as a number is written in C: without spaces around it and underscores between digits.
/// Nothing where an underscore stands elsewhere.
std::optional<std::string> plain_number(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return plain;
}

/// parse_double() takes what from_chars takes, and so "nan(0)", which Python does not.
std::optional<double> float_of_text(std::string_view text) {
  const auto plain = plain_number(text);
  if (!plain || plain->find('(') != std::string::npos) return std::nullopt;
  return parse_double(*plain);
}

tl::unexpected<PythonError> raise(std::string type, std::string message) {
  return tl::unexpected<PythonError>({std::move(type), std::move(message)});
}

}  // namespace

tl::expected<double, PythonError> python_float(element value) {
  switch (value.type()) {
    case element_type::DOUBLE:
    case element_type::INT64:
    case element_type::UINT64:
      return value.get_double().value_unsafe();
    case element_type::BOOL:
      return bool(value) ? 1.0 : 0.0;
    case element_type::NULL_VALUE:
      return std::nan("");
    case element_type::STRING: {
      const std::string_view text = value;
      if (const auto special = special_number(text)) return *special;
      if (const auto number = float_of_text(text)) return *number;
      return raise("ValueError", "could not convert string to float: " + python_repr(text));
    }
    case element_type::ARRAY:
      return raise("ValueError", "setting an array element with a sequence.");
    case element_type::OBJECT:
      break;
  }
  return raise("TypeError", "float() argument must be a string or a real number, not 'dict'");
}

tl::expected<std::int64_t, PythonError> python_int(element value) {
  switch (value.type()) {
    case element_type::INT64:
      return std::int64_t(value);
    case element_type::UINT64:
      return raise("OverflowError", "Python int too large to convert to C long");
    case element_type::BOOL:
      return bool(value) ? 1 : 0;
    case element_type::DOUBLE: {
      const double number = value;
      constexpr double kBeyond = 9223372036854775808.0;
      if (number != std::trunc(number) || number < -kBeyond || number >= kBeyond) {
        return raise("ValueError", "the integer " + double_to_text(number) + " does not exist");
      }
      return static_cast<std::int64_t>(number);
    }
    case element_type::STRING: {
      const std::string_view text = value;
      if (const auto special = special_number(text)) {
        return raise("ValueError", std::isnan(*special)
                                       ? "cannot convert float NaN to integer"
                                       : "cannot convert float infinity to integer");
      }
      if (auto plain = plain_number(text)) {
        if (plain->starts_with('+') && plain->size() > 1 && is_digit((*plain)[1]))
          plain->erase(0, 1);
        if (const auto number = parse_integer(*plain)) return *number;
      }
      return raise("ValueError", "invalid literal for int() with base 10: " + python_repr(text));
    }
    default:
      return raise("TypeError",
                   "int() argument must be a string, a bytes-like object or a real number, not '" +
                       std::string(python_type(value)) + "'");
  }
}

std::string python_str(element value) {
  switch (value.type()) {
    case element_type::STRING: {
      const std::string_view text = value;
      const auto special = special_number(text);
      return special ? double_to_text(*special) : std::string(text);
    }
    case element_type::INT64:
      return std::to_string(std::int64_t(value));
    case element_type::UINT64:
      return std::to_string(std::uint64_t(value));
    case element_type::DOUBLE:
      return double_to_text(value);
    case element_type::BOOL:
      return bool(value) ? "True" : "False";
    default:
      return "None";
  }
}

std::string_view python_type(element value) {
  switch (value.type()) {
    case element_type::STRING:
      return special_number(value) ? "float" : "str";
    case element_type::INT64:
    case element_type::UINT64:
      return "int";
    case element_type::DOUBLE:
      return "float";
    case element_type::BOOL:
      return "bool";
    case element_type::ARRAY:
      return "list";
    case element_type::OBJECT:
      return "dict";
    case element_type::NULL_VALUE:
      break;
  }
  return "NoneType";
}

std::string python_repr(std::string_view text) {
  const bool cut = text.size() > kMaxQuoted;
  if (cut) {
    std::size_t end = kMaxQuoted;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  const char quote =
      text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"'
                                                                                            : '\'';
  std::string repr(1, quote);
  for (const char c : text) {
    if (c == '\n') {
      repr += "\\n";
    } else if (c == '\t') {
      repr += "\\t";
    } else if (c == '\r') {
      repr += "\\r";
    } else {
      if (c == quote || c == '\\') repr += '\\';
      repr += c;
    }
  }
  if (cut) repr += "…";
  return repr + quote;
}

std::string python_repr(const PythonError& error) {
  return error.type + "(" + python_repr(std::string_view(error.message)) + ")";
}

std::string python_list(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += python_repr(std::string_view(text));
  }
  return list + "]";
}

}  // namespace clairscore::api
