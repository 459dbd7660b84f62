#include "synth/synth.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "base/parallel.h"
#include "synth/applicant.h"
#include "synth/profile.h"

namespace clairscore {
namespace {

/// Passes blocks on in order: a thread that has block n waits until block n − 1 is through.
/// Threads take blocks in ascending order, so the block all wait for is always being worked on.
class OrderedWriter {
 public:
  explicit OrderedWriter(const SynthSink& sink) : sink_(sink) {}

  void write(std::uint64_t block, std::string_view text) {
    std::unique_lock lock(mutex_);
    turn_.wait(lock, [&] { return next_ == block || stopped_; });
    if (stopped_) return;
    if (auto written = sink_(text); !written) {
      error_ = std::move(written.error());
      stopped_ = true;
    }
    ++next_;
    turn_.notify_all();
  }

  /// No block after this is written: another thread's exception leaves a gap.
  void stop() {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    turn_.notify_all();
  }

  bool stopped() {
    const std::scoped_lock lock(mutex_);
    return stopped_;
  }

  /// After all threads are done.
  Result<void> result() {
    if (error_) return fail(std::move(*error_));
    return {};
  }

 private:
  const SynthSink& sink_;
  std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ = 0;
  bool stopped_ = false;
  std::optional<Error> error_;
};

}  // namespace

Result<void> synthesize(const SynthOptions& options, const SynthSink& sink) {
  if (options.rows > kMaxSynthRows) {
    return fail(ErrorCode::kUsage, "too many rows", "--rows " + std::to_string(options.rows),
                "at most " + std::to_string(kMaxSynthRows));
  }
  ASSIGN_OR_RETURN(const synth::Profile profile, synth::home_credit_profile());
  ASSIGN_OR_RETURN(const synth::ApplicantGenerator generator,
                   synth::ApplicantGenerator::create(profile));
  RETURN_IF_ERROR(sink(generator.header(options.with_target)));

  const std::uint64_t blocks = (options.rows + synth::kBlockRows - 1) / synth::kBlockRows;
  OrderedWriter writer(sink);
  parallel_blocks(blocks, 1, options.threads, [&](std::size_t block, std::size_t) {
    if (writer.stopped()) return;
    try {
      const std::uint64_t rest = options.rows - block * synth::kBlockRows;
      std::string text;
      text.reserve(synth::kBlockRows * 1024);
      generator.append_block(
          options.seed, block,
          static_cast<std::size_t>(std::min<std::uint64_t>(rest, synth::kBlockRows)),
          options.with_target, text);
      writer.write(block, text);
    } catch (...) {
      writer.stop();
      throw;
    }
  });
  return writer.result();
}

}  // namespace clairscore
