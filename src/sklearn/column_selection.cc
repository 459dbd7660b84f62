#include "sklearn/column_selection.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "pickle/ndarray.h"
#include "sklearn/objects.h"
#include "sklearn/read_context.h"

namespace clairscore::sklearn {

namespace {

using pickle::Label;

constexpr std::string_view kAccepted =
    "a column name, a position, a list of either, a mask, or a slice";

/// Columns by name.
class Names {
 public:
  explicit Names(const std::vector<std::string>& names) {
    positions_.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) positions_.emplace(names[i], i);
  }
  std::optional<std::size_t> find(std::string_view name) const {
    const auto found = positions_.find(name);
    return found == positions_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::unordered_map<std::string_view, std::size_t> positions_;
};

Result<std::size_t> by_name(std::string_view name, const Value& at, const Names& names) {
  const auto found = names.find(name);
  if (!found) {
    return ReadContext::refuse(at, ErrorCode::kInput, "no column named " + std::string(name),
                               "one of the fitted columns");
  }
  return *found;
}

Result<std::size_t> by_position(std::int64_t position, const Value& at, std::size_t count) {
  const auto size = static_cast<std::int64_t>(count);
  if (position < -size || position >= size) {
    return ReadContext::refuse(at, ErrorCode::kInput, "no column " + std::to_string(position),
                               "0 to " + std::to_string(count) + ", exclusive");
  }
  return static_cast<std::size_t>(position < 0 ? position + size : position);
}

/// One end of a slice; nothing for None.
Result<std::optional<std::int64_t>> slice_end(const Value& end) {
  if (end.is_none()) return std::nullopt;
  ASSIGN_OR_RETURN(const std::int64_t position, pickle::to_integer(end));
  return position;
}

/// slice(start, stop, step) of positions, as Python's slice.indices resolves it for step > 0.
Result<std::vector<std::size_t>> position_slice(const Value& slice, std::size_t count) {
  const Value arguments = slice.arguments();
  const auto size = static_cast<std::int64_t>(count);
  const auto clamp = [size](std::int64_t end) {
    if (end < 0) end = end < -size ? 0 : end + size;
    return std::min(end, size);
  };
  ASSIGN_OR_RETURN(const auto start, slice_end(arguments.at(0)));
  ASSIGN_OR_RETURN(const auto stop, slice_end(arguments.at(1)));
  ASSIGN_OR_RETURN(const auto step, slice_end(arguments.at(2)));
  if (step.value_or(1) < 1) {
    return ReadContext::refuse(slice, ErrorCode::kUnsupported,
                               "a slice with step " + std::to_string(*step), "a step of 1 or more");
  }
  const std::int64_t stride = std::min(step.value_or(1), size + 1);
  std::vector<std::size_t> positions;
  for (std::int64_t i = clamp(start.value_or(0)); i < clamp(stop.value_or(size)); i += stride) {
    positions.push_back(static_cast<std::size_t>(i));
  }
  return positions;
}

Result<std::vector<std::size_t>> slice_columns(const Value& slice, const Names& names,
                                               std::size_t count) {
  const Value arguments = slice.arguments();
  if (arguments.size() != 3) {
    return ReadContext::refuse(slice, ErrorCode::kInput, "a slice that is not of three parts");
  }
  const Value start = arguments.at(0);
  const Value stop = arguments.at(1);
  if (!start.string() && !stop.string()) return position_slice(slice, count);
  if (!arguments.at(2).is_none()) {
    return ReadContext::refuse(slice, ErrorCode::kUnsupported, "a slice of names with a step",
                               "a slice of names without");
  }
  std::size_t first = 0;
  std::size_t end = count;
  if (!start.is_none()) {
    ASSIGN_OR_RETURN(first, by_name(start.string().value_or(""), start, names));
  }
  if (!stop.is_none()) {
    ASSIGN_OR_RETURN(const std::size_t last, by_name(stop.string().value_or(""), stop, names));
    end = last + 1;
  }
  std::vector<std::size_t> positions;
  for (std::size_t i = first; i < end; ++i) positions.push_back(i);
  return positions;
}

}  // namespace

Result<std::vector<std::size_t>> select_columns(const Value& selection,
                                                const std::vector<std::string>& column_names,
                                                std::size_t count) {
  const Names names(column_names);
  if (const auto name = selection.string()) {
    ASSIGN_OR_RETURN(const std::size_t column, by_name(*name, selection, names));
    return std::vector{column};
  }
  if (selection.kind() == Kind::kInteger) {
    ASSIGN_OR_RETURN(const std::size_t column, by_position(*selection.integer(), selection, count));
    return std::vector{column};
  }
  if (selection.qualified_name() == "builtins.slice") {
    return slice_columns(selection, names, count);
  }
  if (selection.qualified_name() == "sklearn.compose._column_transformer._RemainderColsList") {
    const auto data = selection.attribute("data");
    if (data && data->kind() == Kind::kList) return select_columns(*data, column_names, count);
  }
  const bool sequence = selection.kind() == Kind::kList || selection.kind() == Kind::kTuple;
  if (!sequence && !pickle::is_ndarray(selection)) {
    return ReadContext::refuse(selection, ErrorCode::kUnsupported,
                               "columns chosen by " + describe(selection), std::string(kAccepted));
  }
  ASSIGN_OR_RETURN(const std::vector<Label> labels, pickle::to_labels(selection));
  const bool mask = !labels.empty() && labels.front().kind == Label::Kind::kBoolean;
  if (mask && labels.size() != count) {
    return ReadContext::refuse(selection, ErrorCode::kInput,
                               "a mask of " + std::to_string(labels.size()) + " columns",
                               std::to_string(count) + " columns");
  }
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Label& label = labels[i];
    if (mask && label.kind == Label::Kind::kBoolean) {
      if (label.integer != 0) columns.push_back(i);
    } else if (label.kind == Label::Kind::kText) {
      ASSIGN_OR_RETURN(const std::size_t column, by_name(label.text, selection, names));
      columns.push_back(column);
    } else if (label.kind == Label::Kind::kInteger) {
      ASSIGN_OR_RETURN(const std::size_t column, by_position(label.integer, selection, count));
      columns.push_back(column);
    } else {
      return ReadContext::refuse(selection, ErrorCode::kUnsupported,
                                 "a column chosen by " + pickle::to_text(label),
                                 std::string(kAccepted));
    }
  }
  return columns;
}

}  // namespace clairscore::sklearn
