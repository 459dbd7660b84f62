#pragma once

// Writes JSON text: compact, members in the order they are written, doubles as the shortest text
// that reads back the same, NaN and infinities as null. Does no input checks beyond assert: the
// caller nests correctly. Strings must be UTF-8; bytes that are not are written as U+FFFD.
// One writer, one thread.

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace clairscore {

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& number(double value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// Appends text that is already JSON.
  JsonWriter& raw(std::string_view json);
  JsonWriter& numbers(std::span<const double> values);
  JsonWriter& strings(std::span<const std::string> values);

  /// A member in one call.
  JsonWriter& member(std::string_view name, std::string_view value) {
    return key(name).string(value);
  }
  JsonWriter& member(std::string_view name, const char* value) { return key(name).string(value); }
  JsonWriter& member(std::string_view name, double value) { return key(name).number(value); }
  JsonWriter& member(std::string_view name, std::same_as<bool> auto value) {
    return key(name).boolean(value);
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& member(std::string_view name, T value) {
    return key(name).integer(static_cast<std::int64_t>(value));
  }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void before_value();
  std::string out_;
  bool comma_ = false;  // a comma is due before the next value or key
};

/// A JSON string literal with its quotes.
void append_json_string(std::string& out, std::string_view value);

}  // namespace clairscore
