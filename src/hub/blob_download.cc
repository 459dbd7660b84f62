#include "hub/blob_download.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "hub/file_lock.h"
#include "hub/header_values.h"
#include "hub/partial_file.h"

namespace clairscore::hub {

namespace {

namespace fs = std::filesystem;

/// How long another process may be silent before its lock is no longer waited for.
constexpr std::chrono::minutes kLockPatience{2};

/// Bytes of a body into a partial file, and out of it again where a range was not honoured.
class PartialSink final : public BodySink {
 public:
  PartialSink(PartialFile& file, FetchProgress& progress) : file_(file), progress_(progress) {}

  bool begin(const HttpHead& head) override {
    if (file_.filled() == 0) return true;
    const auto range = content_range(head.header("content-range").value_or(""));
    const bool packed = head.header("content-encoding").value_or("identity") != "identity";
    const bool continues = head.status == 206 && range && range->first == file_.filled() &&
                           range->total.value_or(file_.size()) == file_.size() && !packed;
    if (continues) return true;
    // The whole file, which is as good; or another part of it, which is not.
    if (head.status == 206 && (!range || range->first != 0 || packed)) {
      wrong_range_ = true;
      return false;
    }
    return restart();
  }

  bool write(ByteSpan bytes) override {
    const auto done = file_.append(bytes);
    if (!done) {
      error_ = done.error();
      return false;
    }
    received_ = received_ || !bytes.empty();
    progress_.add_bytes(static_cast<std::int64_t>(bytes.size()));
    return true;
  }

  bool restart() {
    progress_.add_bytes(-static_cast<std::int64_t>(file_.filled()));
    const auto done = file_.restart();
    if (!done) error_ = done.error();
    return done.has_value();
  }

  bool wrong_range() const { return wrong_range_; }
  bool received() const { return received_; }
  const std::optional<HubError>& error() const { return error_; }

 private:
  PartialFile& file_;
  FetchProgress& progress_;
  std::optional<HubError> error_;
  bool wrong_range_ = false;
  bool received_ = false;
};

HubError corrupt(const BlobRequest& request, const std::string& what) {
  return make_error(Fault::kCorrupt, what + ", twice",
                    request.repo.text() + ", " + request.file.path + " at " + request.commit,
                    "the file that its oid " + request.file.oid() + " names");
}

/// Fills the file to its size, over as many attempts as make progress.
HubResult<void> fill(HubClient& client, const BlobRequest& request, PartialFile& file,
                     FetchProgress& progress, const std::stop_token& stop) {
  int retry = 0;
  while (true) {
    PartialSink sink(file, progress);
    Attempt attempt =
        client.body(request.repo, request.commit, request.file.path, file.filled(), sink, stop);
    if (attempt.complete) return {};
    if (sink.error()) return fail(*sink.error());
    if (sink.wrong_range() || (attempt.status == 416 && file.filled() > 0)) {
      attempt.error = make_error(Fault::kBadAnswer, "a range that was not asked for",
                                 request.repo.text() + ", " + request.file.path);
      attempt.again = true;
      if (!sink.restart()) return fail(*sink.error());
    }
    if (!attempt.again) return fail(attempt.error);
    retry = sink.received() ? 1 : retry + 1;
    if (retry > kMostRetries) return fail(attempt.error);
    progress.report_trouble(to_string(attempt.error.error));
    RETURN_IF_ERROR(client.wait_before_retry(attempt, retry, stop));
  }
}

/// Downloads and verifies; once more from zero where the result is not what its name says.
HubResult<void> fill_and_verify(HubClient& client, const BlobRequest& request, PartialFile& file,
                                FetchProgress& progress, Log& log, const std::stop_token& stop) {
  std::string what;
  for (int round = 0; round < 2; ++round) {
    if (file.filled() < file.size()) {
      if (auto filled = fill(client, request, file, progress, stop); !filled) {
        if (filled.error().fault != Fault::kCorrupt) return filled;
        what = filled.error().error.what;
      }
    }
    if (what.empty() && file.verify()) return {};
    if (what.empty()) {
      what = file.filled() == file.size()
                 ? "bytes that are not those of the file"
                 : "a file that ends after " + std::to_string(file.filled()) + " of " +
                       std::to_string(file.size()) + " bytes";
    }
    if (round == 1) break;
    log.warning(request.file.path + " of " + request.repo.text() + ": " + what +
                "; downloading it again");
    progress.add_bytes(-static_cast<std::int64_t>(file.filled()));
    RETURN_IF_ERROR(file.restart());
    what.clear();
  }
  return fail(corrupt(request, what));
}

/// Waits for another process that downloads the same, as long as its file grows.
FileLock lock_blob(const Cache& cache, const BlobRequest& request, Log& log, Waiter& waiter,
                   const std::stop_token& stop) {
  const fs::path path = cache.lock(request.repo, request.file.oid());
  const fs::path blob = cache.blob(request.repo, request.file.oid());
  std::uint64_t seen = 0;
  auto changed = waiter.now();
  const auto grown = [&] {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(cache.blobs(request.repo), error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(request.file.oid() + ".")) {
        bytes += Cache::file_size(entry.path()).value_or(0);
      }
    }
    return std::exchange(seen, bytes) != bytes;
  };
  return FileLock::acquire(
      path, waiter, stop,
      [&] {
        log.info("waiting for another process that downloads " + request.file.path + " of " +
                 request.repo.text() + " (" + path.string() + ")");
      },
      [&] {
        if (Cache::file_size(blob) == request.file.content_size()) return true;
        if (grown()) changed = waiter.now();
        const bool silent = waiter.now() - changed > kLockPatience;
        if (silent) log.warning("no longer waiting for the lock " + path.string());
        return silent;
      });
}

}  // namespace

HubResult<bool> download_blob(HubClient& client, const Cache& cache, const BlobRequest& request,
                              FetchProgress& progress, Log& log, Waiter& waiter,
                              const std::stop_token& stop) {
  const std::string& oid = request.file.oid();
  const std::uint64_t size = request.file.content_size();
  const fs::path blob = cache.blob(request.repo, oid);
  const FileLock lock = lock_blob(cache, request, log, waiter, stop);
  if (stop.stop_requested()) return fail(make_error(Fault::kStopped, "stopped", {}));
  if (Cache::file_size(blob) == size) {
    progress.add_bytes(static_cast<std::int64_t>(size));
    return false;
  }
  ASSIGN_OR_RETURN(PartialFile file, PartialFile::open(cache.blobs(request.repo), oid, size));
  progress.add_bytes(static_cast<std::int64_t>(file.filled()));
  auto done = fill_and_verify(client, request, file, progress, log, stop);
  if (done) done = file.publish(blob);
  if (done) return true;
  // Another process may have been first, whose file is as good.
  if (done.error().fault != Fault::kStopped && Cache::file_size(blob) == size) {
    file.remove();
    return false;
  }
  const bool resumable =
      (done.error().fault == Fault::kUnreachable || done.error().fault == Fault::kStopped ||
       done.error().fault == Fault::kServerError || done.error().fault == Fault::kRateLimited) &&
      file.filled() > 0;
  if (!resumable) file.remove();
  if (done.error().fault == Fault::kDisk) {
    done.error().error.accepted +=
        " (" + std::to_string(size) + " bytes for " + request.file.path + ")";
  }
  return fail(std::move(done.error()));
}

}  // namespace clairscore::hub
