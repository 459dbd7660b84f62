#pragma once

// Finds the records and fields of CSV text: RFC 4180 with the habits of pandas' reader.
//
// A field that starts with a quote runs to the closing quote, two quotes inside stand for one, and
// it may hold commas and line ends; what follows the closing quote up to the comma belongs to the
// field as it is. A quote elsewhere is a character like another. Lines end in LF, CRLF or CR. Empty
// lines and lines of only spaces and tabs are skipped. One object, one thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace clairscore {

class CsvScanner {
 public:
  struct Limits {
    std::size_t field_bytes;
    std::size_t record_bytes;
  };
  enum class Status {
    kRecord,
    kEnd,           // no record starts before the stop
    kUnterminated,  // the text ends within quotes
    kFieldTooLong,  // a field passes field_bytes
    kRecordTooLong,
  };

  /// Reads from `position` in a text that ends at `end`. Records that start at or after `stop` are
  /// left to another.
  CsvScanner(const char* position, const char* stop, const char* end, Limits limits)
      : position_(position), stop_(stop), end_(end), limits_(limits) {}

  /// Reads one record, calling on_field(column, text) for its fields in order; the texts are valid
  /// until the next call. on_field returns how many of the fields that follow it will not be called
  /// for; these are only counted. On kFieldTooLong, fields() is the column it happened in.
  template <typename OnField>
  Status next(OnField&& on_field);

  /// Number of fields of the last record.
  std::size_t fields() const { return fields_; }
  /// Whether the last record may hold a byte outside ASCII or a NUL. False is certain.
  bool suspicious() const { return suspicious_; }
  /// Where the next record starts.
  const char* position() const { return position_; }

 private:
  /// The end of an unquoted field: its comma, its line end, or the end of the text.
  const char* find_field_end(const char* from);
  /// Passes over fields that stand in plain text, `count` at most; lowers count by those it passed.
  /// Returns the start of the first field it did not pass.
  const char* skip_plain_fields(const char* from, std::size_t& count) const;
  /// Skips blank lines; false when no record starts before the stop.
  bool find_record();
  /// Reads the quoted field at `from` into `text`; the place after it, or nullptr with status_ set.
  const char* read_quoted(const char* from, std::string_view& text);
  std::string& next_buffer();

  const char* position_;
  const char* stop_;
  const char* end_;
  Limits limits_;
  std::size_t fields_ = 0;
  bool suspicious_ = false;
  Status status_ = Status::kRecord;
  std::deque<std::string> buffers_;  // texts of this record that are not one piece of the file
  std::size_t buffers_used_ = 0;
};

template <typename OnField>
CsvScanner::Status CsvScanner::next(OnField&& on_field) {
  if (!find_record()) return Status::kEnd;
  const char* const start = position_;
  buffers_used_ = 0;
  suspicious_ = false;
  fields_ = 0;
  const char* p = start;
  std::size_t skipped = 0;  // fields to come that are only counted
  while (true) {
    if (skipped > 0) {
      const std::size_t before = skipped;
      p = skip_plain_fields(p, skipped);
      fields_ += before - skipped;
    }
    std::string_view text;
    if (p != end_ && *p == '"') {
      p = read_quoted(p, text);
      if (p == nullptr) return status_;
    } else {
      const char* const from = p;
      p = find_field_end(from);
      text = std::string_view(from, static_cast<std::size_t>(p - from));
    }
    if (text.size() > limits_.field_bytes) return Status::kFieldTooLong;
    if (static_cast<std::size_t>(p - start) > limits_.record_bytes) return Status::kRecordTooLong;
    if (skipped > 0) {
      --skipped;
    } else {
      skipped = on_field(fields_, text);
    }
    ++fields_;
    if (p == end_) break;
    const char c = *p++;
    if (c == ',') continue;
    if (c == '\r' && p != end_ && *p == '\n') ++p;
    break;
  }
  position_ = p;
  return Status::kRecord;
}

}  // namespace clairscore
