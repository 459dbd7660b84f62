#include "data/csv_blocks.h"

#include <algorithm>
#include <span>
#include <utility>

#include "data/csv_header.h"

namespace clairscore {

namespace {

/// Finds a character from ever later places, remembering the answer.
class Finder {
 public:
  Finder(std::string_view text, char sought) : text_(text), sought_(sought) {}

  /// The first place at or after `from`; the text's size when there is none.
  std::size_t next(std::size_t from) {
    if (!known_ || place_ < from) {
      place_ = std::min(text_.find(sought_, from), text_.size());
      known_ = true;
    }
    return place_;
  }

 private:
  std::string_view text_;
  char sought_;
  std::size_t place_ = 0;
  bool known_ = false;
};

}  // namespace

std::size_t end_of_records(std::string_view text, std::size_t lines) {
  Finder line_feed(text, '\n');
  Finder carriage_return(text, '\r');
  Finder quote(text, '"');
  std::size_t at = 0;
  std::size_t end = 0;
  while (lines > 0) {
    const std::size_t line_end = std::min(line_feed.next(at), carriage_return.next(at));
    const std::size_t quoted = quote.next(at);
    if (line_end == text.size() && quoted == text.size()) break;
    if (line_end < quoted) {
      at = line_end + 1;
      if (text[line_end] == '\r' && at < text.size() && text[at] == '\n') ++at;
      end = at;
      --lines;
      continue;
    }
    at = quoted + 1;
    // Elsewhere than at the start of a field, a quote is a character like another.
    const char before = quoted == 0 ? '\n' : text[quoted - 1];
    if (before != ',' && before != '\n' && before != '\r') continue;
    while (true) {
      const std::size_t closing = text.find('"', at);
      if (closing == std::string_view::npos) return end;
      at = closing + 1;
      if (at == text.size() || text[at] != '"') break;
      ++at;  // two stand for one
    }
  }
  return end;
}

void CsvBlocks::fill(std::size_t bytes) {
  if (ended_ || error_ || buffer_.size() - begin_ >= bytes) return;
  buffer_.erase(0, std::exchange(begin_, 0));
  std::size_t have = buffer_.size();
  buffer_.resize(bytes);
  while (have < bytes && !ended_ && !error_) {
    const Result<std::size_t> got = input_.read(std::span(buffer_).subspan(have));
    if (got) {
      have += *got;
      ended_ = *got == 0;
    } else {
      error_ = got.error();
    }
  }
  buffer_.resize(have);
}

Result<CsvBlocks> CsvBlocks::open(InputStream input, CsvBlockOptions options) {
  options.bytes = std::max<std::size_t>(options.bytes, 1);
  options.lines = std::max<std::size_t>(options.lines, 1);
  CsvBlocks blocks(std::move(input), options);
  // Read on until a record ends, or the header is longer than any may be.
  std::size_t wanted = std::max<std::size_t>(options.bytes, 1U << 16U);
  const std::size_t most = options.limits.max_record_bytes + 2 * options.limits.max_field_bytes;
  constexpr std::size_t kByteOrderMarkBytes = 3;
  while (true) {
    blocks.fill(wanted);
    std::string_view text = blocks.ready();
    const std::size_t mark = text.starts_with("\xEF\xBB\xBF") ? kByteOrderMarkBytes : 0;
    text.remove_prefix(mark);
    const std::size_t blank = std::min(text.find_first_not_of("\r\n \t"), text.size());
    if (blocks.ended_ || wanted > most || end_of_records(text, text.size()) > blank) break;
    if (blocks.error_) return fail(*blocks.error_);
    wanted *= 2;
  }
  ASSIGN_OR_RETURN(CsvHeader header,
                   parse_csv_header(blocks.ready(), blocks.input_.name(), options.limits));
  blocks.header_ = std::move(header.names);
  blocks.begin_ += header.body;
  return blocks;
}

Result<std::optional<CsvBlock>> CsvBlocks::next() {
  // Past this many bytes the reader of cells tells that a record is too long.
  const std::size_t most =
      options_.limits.max_record_bytes + 2 * options_.limits.max_field_bytes + 16;
  CsvBlock block;
  std::size_t end = 0;
  for (std::size_t wanted = options_.bytes; end == 0; wanted *= 2) {
    fill(wanted);
    const std::string_view text = ready();
    end = end_of_records(text.substr(0, wanted), options_.lines);
    if (end > 0) break;
    if (error_ && text.size() <= wanted) return fail(*error_);
    if (ended_ && text.size() <= wanted) {
      if (text.empty()) return std::nullopt;
      end = text.size();
    } else if (wanted > most) {
      block.cut_short = true;
      end = text.size();
    }
  }
  block.text = ready().substr(0, end);
  begin_ += end;
  if (block.cut_short) {
    ended_ = true;
    begin_ = buffer_.size();
  }
  return block;
}

}  // namespace clairscore
