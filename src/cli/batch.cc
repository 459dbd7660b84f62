#include "cli/batch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/parallel.h"
#include "data/choose_recipe.h"

namespace clairscore {

namespace {

constexpr std::uint64_t kMaxStandardInput = std::uint64_t{16} << 30U;
constexpr std::size_t kSkippedRowsListed = 20;

Result<Bytes> read_standard_input() {
  Bytes bytes(std::size_t{1} << 20U);
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2);
    const ssize_t got = ::read(STDIN_FILENO, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return fail(ErrorCode::kInternal, "cannot read: " + std::generic_category().message(errno),
                  "standard input");
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > kMaxStandardInput) {
      return fail(ErrorCode::kLimit, "too much input", "standard input", "at most 16 GiB");
    }
  }
  bytes.resize(filled);
  return bytes;
}

void list_skipped(const std::vector<BadRow>& skipped) {
  if (skipped.empty()) return;
  std::size_t listed = 0;
  for (const BadRow& bad : skipped) {
    if (listed++ == kSkippedRowsListed) break;
    std::fputs(fmt::format("clairscore: skipped {}: {}\n",
                           bad.identifier.empty() ? "row" : bad.identifier, to_string(bad.error))
                   .c_str(),
               stderr);
  }
  std::fputs(fmt::format("clairscore: {} skipped{}\n",
                         skipped.size() == 1 ? "1 row" : fmt::format("{} rows", skipped.size()),
                         skipped.size() > listed ? ", the first of which are listed" : "")
                 .c_str(),
             stderr);
}

}  // namespace

Result<Batch> load_batch(const BatchOptions& options, BatchStats& stats) {
  std::shared_ptr<const LoadedModel> model;
  {
    const StepTimer timer(stats.load_model_s);
    ASSIGN_OR_RETURN(model, load_model(options.model));
  }
  stats.threads = options.threads == 0 ? available_threads() : options.threads;
  Bytes standard_input;
  CsvSource source = csv_source(std::filesystem::path(options.data));
  if (options.data == "-") {
    ASSIGN_OR_RETURN(standard_input, read_standard_input());
    source = csv_source(standard_input, "standard input");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> header, source.header());
  ASSIGN_OR_RETURN(const RecipePtr recipe, choose_recipe(options.recipe, *model, header));
  PrepareOptions prepare;
  prepare.on_bad_row = options.on_bad_row == "skip" ? OnBadRow::kSkip : OnBadRow::kRefuse;
  prepare.threads = stats.threads;
  Result<PreparedRows> read = [&] {
    const StepTimer timer(stats.read_s);
    return prepare_rows(source, *recipe, model->signature, prepare);
  }();
  if (!read) return fail(std::move(read.error()));
  PreparedRows& rows = *read;
  stats.read_s -= rows.prepare_seconds;
  stats.prepare_s += rows.prepare_seconds;
  list_skipped(rows.skipped);
  stats.rows = rows.inputs.rows();
  return Batch{std::move(model), std::move(rows.identifiers), std::move(rows.inputs),
               stats.threads};
}

}  // namespace clairscore
