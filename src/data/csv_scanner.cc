#include "data/csv_scanner.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace clairscore {

namespace {

bool ends_field(char c) {
  return c == ',' || c == '\n' || c == '\r';
}

constexpr std::uint64_t kEachByte = 0x0101010101010101U;
constexpr std::uint64_t kHighBits = 0x8080808080808080U;

/// Whether a text has a byte outside ASCII or a NUL.
bool has_odd_byte(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return c == '\0' || static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace

const char* CsvScanner::find_field_end(const char* from) {
  const char* p = from;
  std::uint64_t seen = 0;
  if constexpr (std::endian::native == std::endian::little) {
    // Eight bytes at a time. Comma, LF, CR and NUL are below '-', and so is hardly any other byte
    // of a CSV file: candidates are few, and each is looked at.
    while (end_ - p >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, p, sizeof(word));
      seen |= word;
      std::uint64_t candidates = (word - kEachByte * '-') & ~word & kHighBits;
      while (candidates != 0) {
        const char* const candidate = p + (std::countr_zero(candidates) >> 3U);
        if (ends_field(*candidate)) {
          suspicious_ |= (seen & kHighBits) != 0;
          return candidate;
        }
        suspicious_ |= *candidate == '\0';
        candidates &= candidates - 1;
      }
      p += 8;
    }
  }
  for (; p != end_ && !ends_field(*p); ++p) {
    suspicious_ |= *p == '\0' || static_cast<unsigned char>(*p) >= 0x80;
  }
  suspicious_ |= (seen & kHighBits) != 0;
  return p;
}

const char* CsvScanner::skip_plain_fields(const char* from, std::size_t& count) const {
  const char* start = from;  // of the first field not passed yet
  if constexpr (std::endian::native == std::endian::little) {
    const char* p = from;
    while (count > 0 && end_ - p >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, p, sizeof(word));
      // The high bit of each byte that is below '-', and of each that is a comma.
      const std::uint64_t low =
          ~(((word & ~kHighBits) + kEachByte * (0x80 - '-')) | word) & kHighBits;
      const std::uint64_t other = word ^ (kEachByte * ',');
      std::uint64_t commas = ~(((other & ~kHighBits) + ~kHighBits) | other) & kHighBits;
      if (low != commas) break;  // a line end, a quote, or something to look at byte by byte
      const std::size_t found = ((commas >> 7U) * kEachByte) >> 56U;  // one bit a byte: their sum
      if (found >= count) {
        for (; count > 1; --count) commas &= commas - 1;
        count = 0;
        return p + (std::countr_zero(commas) >> 3U) + 1;
      }
      count -= found;
      if (found > 0) start = p + ((63 - std::countl_zero(commas)) >> 3U) + 1;
      p += 8;
    }
  }
  return start;
}

bool CsvScanner::find_record() {
  while (position_ < stop_) {
    const char c = *position_;
    if (c == '\n' || c == '\r') {
      ++position_;
      continue;
    }
    if (c != ' ' && c != '\t') return true;
    const char* const text =
        std::find_if(position_, end_, [](char b) { return b != ' ' && b != '\t'; });
    if (text != end_ && *text != '\n' && *text != '\r') return true;
    position_ = text;
  }
  return false;
}

const char* CsvScanner::read_quoted(const char* from, std::string_view& text) {
  const char* part = from + 1;
  std::string* buffer = nullptr;
  while (true) {
    const auto left = static_cast<std::size_t>(end_ - part);
    const std::size_t window = std::min(left, limits_.field_bytes + 1);
    const auto* quote = static_cast<const char*>(std::memchr(part, '"', window));
    if (quote == nullptr) {
      status_ = window < left ? Status::kFieldTooLong : Status::kUnterminated;
      return nullptr;
    }
    const std::string_view piece(part, static_cast<std::size_t>(quote - part));
    const char* const after = quote + 1;
    const bool doubled = after != end_ && *after == '"';
    if (!doubled && buffer == nullptr && (after == end_ || ends_field(*after))) {
      text = piece;
      suspicious_ |= has_odd_byte(text);
      return after;
    }
    if (buffer == nullptr) buffer = &next_buffer();
    buffer->append(piece);
    if (doubled) {
      buffer->push_back('"');
      if (buffer->size() > limits_.field_bytes) {
        status_ = Status::kFieldTooLong;
        return nullptr;
      }
      part = after + 1;
      continue;
    }
    const char* const rest_end = find_field_end(after);
    buffer->append(after, rest_end);
    text = *buffer;
    suspicious_ |= has_odd_byte(text);
    return rest_end;
  }
}

std::string& CsvScanner::next_buffer() {
  if (buffers_used_ == buffers_.size()) buffers_.emplace_back();
  std::string& buffer = buffers_[buffers_used_++];
  buffer.clear();
  return buffer;
}

}  // namespace clairscore
