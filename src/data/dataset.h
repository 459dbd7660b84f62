#pragma once

// Raw rows -> the rows a model is given: identifiers, and its inputs in the signature's order and
// types. Immutable after construction; safe from any number of threads.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "data/recipe.h"
#include "frame/frame.h"
#include "mlflow/loaded_model.h"

namespace clairscore {

/// Selects and checks the columns of a prepared frame against a signature, in its order: numbers
/// become doubles, text stays text; a column without any value serves as either. `source` says
/// where rows come from, for messages.
///
/// A missing value is accepted where the signature says double, float or string, required or not,
/// as MLflow 2.22 accepts it: its `required` asks for the column only. Errors kInput: a column
/// missing, required or not, since the pipeline needs it; text in a number, a number in a text
/// column; a missing value or a decimal where the signature says integer, long or boolean; each
/// names the column and, where there is one, the row and the value. kUnsupported: binary, datetime
/// and tensor columns.
Result<Frame> conform_to_signature(Frame prepared, const Signature& signature,
                                   const RowSource& source);

/// The types raw columns must have for rows that are read without a look at the others: what the
/// recipe's steps need, and for columns that reach the signature as they are, what it says.
std::map<std::string, ColumnType, std::less<>> raw_types(const Recipe& recipe,
                                                         const Signature& signature);

/// What a dataset is read from: the name in messages, and how to read it.
struct CsvSource {
  std::string name;
  std::function<Result<CsvTable>(const CsvOptions&)> read;
  std::function<Result<std::vector<std::string>>()> header;
};

/// A file, or bytes that outlive the source and a name for them in messages.
CsvSource csv_source(const std::filesystem::path& path);
CsvSource csv_source(ByteSpan bytes, const std::string& name);

struct PrepareOptions {
  OnBadRow on_bad_row = OnBadRow::kRefuse;
  std::size_t threads = 1;
  ColumnTyping typing = ColumnTyping::kDeclared;
};

/// Rows ready for a model: what Dataset holds, without the rule that identifiers are unique.
struct PreparedRows {
  Column identifiers;  // see Dataset::identifiers()
  Frame inputs;
  std::vector<BadRow> skipped;
  RowSource source;
  double prepare_seconds = 0;  // of the time it took, what the recipe and the signature took
};

/// How the rows of a file with a certain header become rows for a model: which columns are read and
/// as what, and what is made of them. With declared types rows may be prepared in blocks, in any
/// order. Immutable; safe from any number of threads.
class RowPreparer {
 public:
  /// `file` stands for the file in messages; the recipe and the signature outlive this. Errors: a
  /// file without the identifier column, or of another width than a model that goes by position.
  static Result<RowPreparer> make(std::string file, const std::vector<std::string>& header,
                                  const Recipe& recipe, const Signature& signature,
                                  const PrepareOptions& options);

  /// How the file is to be read.
  const CsvOptions& csv_options() const { return csv_options_; }
  /// Applies the recipe to rows that were read and conforms them to the signature. There is at
  /// least one.
  Result<PreparedRows> prepare(CsvTable table) const;

 private:
  RowPreparer(std::string file, const Recipe& recipe, const Signature& signature)
      : file_(std::move(file)), recipe_(&recipe), signature_(&signature) {}

  std::string file_;
  const Recipe* recipe_;
  const Signature* signature_;
  ColumnTyping typing_ = ColumnTyping::kDeclared;
  CsvOptions csv_options_;
  /// For a model without column names: the file's columns in the signature's order.
  std::optional<std::vector<std::string>> positions_;
};

/// The error of a file of whose rows none is left: there was none, or all were skipped.
Error no_row_left(const std::string& file, const std::vector<BadRow>& skipped);

/// Reads, applies the recipe and conforms the rows to the signature. Errors: those of the parts, no
/// row at all, or none but bad ones.
Result<PreparedRows> prepare_rows(const CsvSource& source, const Recipe& recipe,
                                  const Signature& signature, const PrepareOptions& options);

class Dataset {
 public:
  /// Reads a CSV, applies the recipe and conforms the result to the signature. With
  /// OnBadRow::kSkip rows that fail are left out and listed. Errors: those of the parts, an
  /// identifier that is missing, a repeated one (it is named with both rows; skipping does not
  /// help, since nobody can say which row is the right one), no row at all, or none but bad ones.
  static Result<Dataset> load(const std::filesystem::path& csv, const Recipe& recipe,
                              const Signature& signature, OnBadRow on_bad_row, std::size_t threads);
  /// The same from memory; `name` stands for the file in messages.
  static Result<Dataset> load(ByteSpan csv, const std::string& name, const Recipe& recipe,
                              const Signature& signature, OnBadRow on_bad_row, std::size_t threads);

  static Result<Dataset> load(const CsvSource& source, const Recipe& recipe,
                              const Signature& signature, OnBadRow on_bad_row, std::size_t threads);

  std::size_t rows() const { return inputs_.rows(); }
  /// The model's inputs, one column per signature input.
  const Frame& inputs() const { return inputs_; }
  /// Identifiers in file order: a kInteger or kText column named as in the file; without one,
  /// "row", the rows' numbers in the file from 1.
  const Column& identifiers() const { return identifiers_; }
  bool integer_identifiers() const { return identifiers_.type() == ColumnType::kInteger; }
  /// The row of an identifier; nothing when there is none.
  std::optional<std::size_t> find(std::int64_t identifier) const;
  std::optional<std::size_t> find(std::string_view identifier) const;
  const std::vector<BadRow>& skipped() const { return skipped_; }

 private:
  Dataset(Column identifiers, Frame inputs)
      : identifiers_(std::move(identifiers)), inputs_(std::move(inputs)) {}
  template <typename Key, typename KeyOfRow>
  std::optional<std::size_t> find_row(Key key, KeyOfRow key_of_row) const;
  /// Orders the rows by identifier; error for a repeated one.
  Result<void> index_identifiers(const RowSource& source);

  Column identifiers_;
  Frame inputs_;
  std::vector<BadRow> skipped_;
  std::vector<std::uint32_t> by_identifier_;  // rows in the order of their identifiers
};

}  // namespace clairscore
