#include "cli/batch.h"

#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/ordered_pipeline.h"
#include "base/output.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "data/choose_recipe.h"
#include "data/input_stream.h"

namespace clairscore {

namespace {

constexpr std::size_t kSkippedRowsListed = 20;
/// Cells of the output that a block may come to.
constexpr std::size_t kCellsTogether = std::size_t{1} << 20U;
constexpr std::size_t kLeastLinesTogether = 64;
constexpr std::size_t kMostLinesTogether = 8192;

void list_skipped(const std::vector<BadRow>& listed, std::size_t skipped) {
  if (skipped == 0) return;
  for (const BadRow& bad : listed) {
    std::fputs(fmt::format("clairscore: skipped {}: {}\n",
                           bad.identifier.empty() ? fmt::format("row {}", bad.row)
                                                  : "customer " + bad.identifier,
                           to_string(bad.error))
                   .c_str(),
               stderr);
  }
  std::fputs(fmt::format("clairscore: {} skipped{}\n",
                         skipped == 1 ? "1 row" : fmt::format("{} rows", skipped),
                         skipped > listed.size() ? ", the first of which are listed" : "")
                 .c_str(),
             stderr);
}

/// Gives the blocks' rows their numbers. Blocks are read at the same time, and only one that was
/// read knows how many rows it has: each waits for those before it.
class RowNumbers {
 public:
  /// The number of the first of the block's rows.
  std::size_t place(std::size_t block, std::size_t rows) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return block_ == block; });
    ++block_;
    changed_.notify_all();
    return std::exchange(next_, next_ + rows);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t block_ = 0;
  std::size_t next_ = 1;
};

struct Block {
  CsvBlock csv;
  std::uint64_t bytes = 0;  // of the input, compressed where it is
};

/// A block's rows as they are written.
struct BlockText {
  std::string text;
  std::size_t rows = 0;
  std::uint64_t bytes = 0;
  std::vector<BadRow> skipped;  // the first ones
  std::size_t skipped_count = 0;
  std::optional<Error> refusal;  // of the row after those that are written
};

/// The first rows of a table.
CsvTable rows_of(const CsvTable& table, std::size_t begin, std::size_t count) {
  CsvTable rows;
  rows.frame = table.frame.slice(begin, count);
  const auto first = table.row_numbers.begin() + static_cast<std::ptrdiff_t>(begin);
  rows.row_numbers.assign(first, first + static_cast<std::ptrdiff_t>(count));
  return rows;
}

/// Turns blocks into what is written of them; on any number of threads.
class BlockWorker {
 public:
  BlockWorker(const Batch& batch, const BatchWork& work, BatchStats& stats)
      : batch_(batch), work_(work), clock_(stats.clock) {}

  BlockText run(const Block& block, std::size_t index) {
    BlockText done;
    done.bytes = block.bytes;
    std::size_t first_row = 0;
    bool placed = false;
    const auto place = [&](std::size_t records) {
      if (placed) return first_row;
      placed = true;
      clock_.end(BatchStep::kRead);  // waiting is no work
      first_row = numbers_.place(index, records);
      clock_.begin(BatchStep::kRead);
      return first_row;
    };
    auto read = this->read(block, place);
    if (!placed) numbers_.place(index, 0);
    if (!read) {
      done.refusal = std::move(read.error());
      return done;
    }
    done.refusal = std::move(read->refusal);
    done.skipped_count = read->table.skipped.size();
    done.skipped = std::move(read->table.skipped);
    if (done.skipped.size() > kSkippedRowsListed) done.skipped.resize(kSkippedRowsListed);
    done.rows = read->table.frame.rows();
    if (done.rows == 0) return done;
    if (auto refused = append(std::move(read->table), done.text)) {
      // Rare: read it again, since a table that can be worked on is not copied first.
      if (auto again = this->read(block, place)) {
        find_refused(again->table, std::move(*refused), done);
      } else {
        done.text.clear();
        done.refusal = std::move(again.error());
      }
    }
    return done;
  }

 private:
  Result<CsvBlockRows> read(const Block& block,
                            const std::function<std::size_t(std::size_t)>& place) {
    const StepTimer timer(clock_, BatchStep::kRead);
    return batch_.reader.read(block.csv, place);
  }

  /// Prepares rows and appends them to `out`, or says why it cannot.
  std::optional<Error> append(CsvTable table, std::string& out) {
    const std::size_t row = table.row_numbers.front();
    auto rows = [&] {
      const StepTimer timer(clock_, BatchStep::kPrepare);
      return batch_.preparer.prepare(std::move(table));
    }();
    if (!rows) return std::move(rows.error());
    auto appended = work_.append(*rows, out);
    if (appended) return std::nullopt;
    // The model knows columns and rows of what it was given, not of the file.
    Error error = std::move(appended.error());
    constexpr std::string_view kColumn = "column ";
    constexpr std::string_view kOnlyRow = ", row 1";
    std::string_view column = error.where;
    if (column.ends_with(kOnlyRow)) column.remove_suffix(kOnlyRow.size());
    if (column.starts_with(kColumn)) column.remove_prefix(kColumn.size());
    error.where = cell_place(batch_.blocks.input().name(), row, column);
    return error;
  }

  /// Keeps the rows before the first that cannot be worked on, and its error.
  void find_refused(const CsvTable& table, Error refused, BlockText& done) {
    std::size_t good = 0;
    std::size_t bad = table.frame.rows();  // so many rows are too many
    std::string text;
    done.text.clear();
    while (bad - good > 1) {
      const std::size_t middle = good + (bad - good) / 2;
      text.clear();
      if (append(rows_of(table, 0, middle), text)) {
        bad = middle;
      } else {
        good = middle;
        done.text.swap(text);
      }
    }
    text.clear();
    if (auto alone = append(rows_of(table, good, 1), text)) refused = std::move(*alone);
    done.rows = good;
    done.refusal = std::move(refused);
  }

  const Batch& batch_;
  const BatchWork& work_;
  StepClock& clock_;
  RowNumbers numbers_;
};

/// Writes what the blocks came to, in order.
class BatchWriter {
 public:
  BatchWriter(const Batch& batch, const BatchOptions& options, const BatchWork& work,
              BatchStats& stats)
      : options_(options),
        work_(work),
        stats_(stats),
        file_(batch.blocks.input().name()),
        total_(batch.blocks.input().size()) {
    progress_.emplace(total_ ? work.label : work.label + ", rows done:", total_);
  }

  Result<void> write(BlockText block) {
    {
      const StepTimer timer(stats_.clock, BatchStep::kWrite);
      RETURN_IF_ERROR(put(block.text));
    }
    stats_.rows += block.rows;
    skipped_ += block.skipped_count;
    for (BadRow& bad : block.skipped) {
      if (listed_.size() < kSkippedRowsListed) listed_.push_back(std::move(bad));
    }
    progress_->advance(total_ ? block.bytes : block.rows);
    if (block.refusal) return fail(std::move(*block.refusal));
    return {};
  }

  Result<void> finish() {
    progress_.reset();
    if (!output_) return fail(no_row_left(file_, listed_));
    list_skipped(listed_, skipped_);
    const StepTimer timer(stats_.clock, BatchStep::kWrite);
    return output_->commit();
  }

  Result<void> abandon() {
    progress_.reset();
    if (!output_) return {};
    return output_->abandon();
  }

 private:
  /// The output begins with its first row: before one is known to be good there is none.
  Result<void> put(const std::string& text) {
    if (text.empty()) return {};
    if (!output_) {
      ASSIGN_OR_RETURN(OutputFile output, OutputFile::open(options_.output));
      output_.emplace(std::move(output));
      RETURN_IF_ERROR(output_->write(work_.header));
    }
    return output_->write(text);
  }

  const BatchOptions& options_;
  const BatchWork& work_;
  BatchStats& stats_;
  std::string file_;
  std::optional<std::uint64_t> total_;
  std::optional<Progress> progress_;
  std::optional<OutputFile> output_;
  std::vector<BadRow> listed_;
  std::size_t skipped_ = 0;
};

}  // namespace

Result<Batch> open_batch(const BatchOptions& options, BatchStats& stats) {
  std::shared_ptr<const LoadedModel> model;
  {
    const StepTimer timer(stats.clock, BatchStep::kLoadModel);
    ASSIGN_OR_RETURN(model, load_model(options.model));
  }
  stats.threads = options.threads == 0 ? available_threads() : options.threads;
  const StepTimer timer(stats.clock, BatchStep::kRead);
  ASSIGN_OR_RETURN(InputStream input, options.data == "-" ? InputStream::standard_input()
                                                          : InputStream::open(options.data));
  const std::string file = input.name();
  CsvBlockOptions cut;
  cut.bytes = options.block_bytes;
  ASSIGN_OR_RETURN(CsvBlocks blocks, CsvBlocks::open(std::move(input), cut));
  ASSIGN_OR_RETURN(RecipePtr recipe, choose_recipe(options.recipe, *model, blocks.header()));
  PrepareOptions prepare;
  prepare.on_bad_row = options.on_bad_row == "skip" ? OnBadRow::kSkip : OnBadRow::kRefuse;
  ASSIGN_OR_RETURN(RowPreparer preparer,
                   RowPreparer::make(file, blocks.header(), *recipe, model->signature, prepare));
  ASSIGN_OR_RETURN(CsvBlockReader reader,
                   CsvBlockReader::make(blocks.header(), file, preparer.csv_options()));
  std::string identifier = preparer.csv_options().identifier;
  if (identifier.empty()) identifier = "row";
  return Batch{std::move(model),  std::move(recipe), std::move(blocks),    std::move(preparer),
               std::move(reader), stats.threads,     std::move(identifier)};
}

Result<void> run_batch(Batch& batch, const BatchOptions& options, BatchStats& stats,
                       const BatchWork& work) {
  batch.blocks.limit_lines(std::clamp(kCellsTogether / std::max<std::size_t>(work.cells_per_row, 1),
                                      kLeastLinesTogether, kMostLinesTogether));
  BlockWorker worker(batch, work, stats);
  BatchWriter writer(batch, options, work, stats);
  std::uint64_t taken = 0;
  const OrderedPipeline<Block, BlockText>::Stages stages{
      .produce = [&]() -> Result<std::optional<Block>> {
        const StepTimer timer(stats.clock, BatchStep::kRead);
        ASSIGN_OR_RETURN(std::optional<CsvBlock> csv, batch.blocks.next());
        if (!csv) return std::nullopt;
        const std::uint64_t before = std::exchange(taken, batch.blocks.input().taken());
        return Block{std::move(*csv), taken - before};
      },
      .work = [&](const Block& block, std::size_t index) { return worker.run(block, index); },
      .consume = [&](BlockText block) { return writer.write(std::move(block)); },
      .interrupt = batch.blocks.input().interrupter(),
  };
  // One block a thread, one that is ready for the next to be free, and one that is written.
  auto done = OrderedPipeline<Block, BlockText>::run(stages, batch.threads, batch.threads + 2);
  if (done) return writer.finish();
  RETURN_IF_ERROR(writer.abandon());
  return done;
}

}  // namespace clairscore
