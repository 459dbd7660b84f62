#include "synth/layout.h"

#include <algorithm>

#include "base/numbers.h"
#include "synth/csv_text.h"

namespace clairscore::synth {

Layout::Layout(const Profile& profile) {
  for (const ProfileColumn& from : profile.columns) {
    Column& column = columns_.emplace_back();
    column.name = from.name;
    column.decimals = from.decimals;
    std::size_t longest = kMaxNumberText;
    if (from.kind == ProfileColumn::Kind::kNumber) {
      column.form = from.integer ? Column::Form::kInteger : Column::Form::kDecimal;
    } else if (from.kind == ProfileColumn::Kind::kCategory) {
      column.form = Column::Form::kCategory;
      for (const ProfileCategory& category : from.categories) {
        column.texts.push_back(category.value);
        column.fields.push_back(csv_field(category.value));
        column.numbers.push_back(
            static_cast<std::int64_t>(parse_double(category.value).value_or(0)));
        column.frequencies.push_back(category.frequency);
        longest = std::max(longest, column.fields.back().size());
      }
    }
    longest_line_ += longest + 1;
  }
  longest_line_ += 2;  // the extra column
}

Result<Cell> Layout::category(std::size_t column, std::string_view text) const {
  const std::vector<std::string>& texts = columns_[column].texts;
  const auto found = std::ranges::find(texts, text);
  if (found == texts.end()) {
    return fail(ErrorCode::kInput, "no category \"" + std::string(text) + "\"",
                "profile, " + columns_[column].name);
  }
  return found - texts.begin();
}

void Layout::hold_as_number(std::size_t column) {
  columns_[column].form = Column::Form::kDecimal;
  columns_[column].decimals = 0;
}

std::string Layout::header(std::string_view extra) const {
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) line += ',';
    line += csv_field(columns_[i].name);
    if (i == 0 && !extra.empty()) line.append(",").append(extra);
  }
  return line + '\n';
}

char* Layout::write_line(const std::vector<Cell>& cells, char extra, char* out) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    const Cell cell = cells[i];
    if (cell != kMissing) {
      switch (column.form) {
        case Column::Form::kInteger:
          out = write_integer(out, cell);
          break;
        case Column::Form::kDecimal:
          out = write_decimal(out, cell, column.decimals);
          break;
        case Column::Form::kCategory: {
          const std::string& field = column.fields[static_cast<std::size_t>(cell)];
          out = std::ranges::copy(field, out).out;
        }
      }
    }
    *out++ = ',';
    if (i == 0 && extra != 0) {
      *out++ = extra;
      *out++ = ',';
    }
  }
  out[-1] = '\n';
  return out;
}

}  // namespace clairscore::synth
