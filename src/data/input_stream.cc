#include "data/input_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace clairscore {

namespace {

constexpr std::size_t kRawBytes = std::size_t{1} << 18U;

std::string system_reason(int error_number) {
  return std::generic_category().message(error_number);
}

}  // namespace

/// A file that is open, and an event that ends waiting for its bytes.
class InputStream::Descriptor {
 public:
  Descriptor(int fd, bool owned) : fd_(fd), owned_(owned), event_(::eventfd(0, EFD_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (owned_) ::close(fd_);
    if (event_ >= 0) ::close(event_);
  }

  int fd() const { return fd_; }
  bool has_event() const { return event_ >= 0; }

  void interrupt() const {
    const std::uint64_t one = 1;
    // Nothing but a full counter refuses it, and then the event is there already.
    [[maybe_unused]] const ssize_t put = ::write(event_, &one, sizeof(one));
  }

  Result<std::size_t> read(std::span<char> room, const std::string& name) const {
    while (true) {
      pollfd waited[2] = {{fd_, POLLIN, 0}, {event_, POLLIN, 0}};
      if (::poll(waited, 2, -1) < 0) {
        if (errno == EINTR) continue;
        return cannot_read(errno, name);
      }
      if ((waited[1].revents & POLLIN) != 0) {
        return fail(ErrorCode::kInternal, "reading was interrupted", name);
      }
      const ssize_t got = ::read(fd_, room.data(), room.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR && errno != EAGAIN) return cannot_read(errno, name);
    }
  }

 private:
  static tl::unexpected<Error> cannot_read(int error_number, const std::string& name) {
    return fail(ErrorCode::kInternal, "cannot read: " + system_reason(error_number), name);
  }

  int fd_;
  bool owned_;
  int event_;
};

Result<InputStream> InputStream::of(std::string name, std::shared_ptr<Descriptor> descriptor) {
  struct stat status{};
  if (!descriptor->has_event() || ::fstat(descriptor->fd(), &status) != 0) {
    return fail(ErrorCode::kInternal, "cannot read: " + system_reason(errno), name);
  }
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::kNotFound, "a folder where a file was expected", name,
                "the path of a file");
  }
  std::optional<std::uint64_t> size;
  if (S_ISREG(status.st_mode)) size = static_cast<std::uint64_t>(status.st_size);
  const Source source = [descriptor, name](std::span<char> room) {
    return descriptor->read(room, name);
  };
  ASSIGN_OR_RETURN(InputStream stream, from(std::move(name), source, size));
  stream.descriptor_ = std::move(descriptor);
  return stream;
}

Result<InputStream> InputStream::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return fail(ErrorCode::kNotFound, "no such file", path.string(),
                  "the path of an existing file");
    }
    return fail(ErrorCode::kNotFound, "cannot open the file: " + system_reason(errno),
                path.string(), "a readable file");
  }
  return of(path.string(), std::make_shared<Descriptor>(fd, true));
}

Result<InputStream> InputStream::standard_input() {
  return of("standard input", std::make_shared<Descriptor>(STDIN_FILENO, false));
}

Result<InputStream> InputStream::from(std::string name, Source source,
                                      std::optional<std::uint64_t> size) {
  InputStream stream;
  stream.name_ = std::move(name);
  stream.source_ = std::move(source);
  stream.size_ = size;
  stream.raw_.resize(kRawBytes);
  // The first two bytes say whether it is gzip.
  while (stream.raw_end_ < 2 && !stream.ended_) RETURN_IF_ERROR(stream.refill());
  if (is_gzip(ByteSpan(stream.raw_).first(stream.raw_end_))) {
    ASSIGN_OR_RETURN(Gunzipper gunzip, Gunzipper::start(stream.name_));
    stream.gunzip_ = std::move(gunzip);
  }
  return stream;
}

Result<bool> InputStream::refill() {
  if (raw_begin_ > 0) {
    std::copy(raw_.begin() + static_cast<std::ptrdiff_t>(raw_begin_),
              raw_.begin() + static_cast<std::ptrdiff_t>(raw_end_), raw_.begin());
    raw_end_ -= std::exchange(raw_begin_, 0);
  }
  const std::span<char> room(reinterpret_cast<char*>(raw_.data()) + raw_end_,
                             raw_.size() - raw_end_);
  ASSIGN_OR_RETURN(const std::size_t got, source_(room));
  ended_ = got == 0;
  raw_end_ += got;
  taken_ += got;
  return !ended_;
}

Result<bool> InputStream::step(std::span<char> room, std::size_t& filled) {
  const ByteSpan raw = ByteSpan(raw_).subspan(raw_begin_, raw_end_ - raw_begin_);
  const std::span<char> rest = room.subspan(filled);
  Gunzipper::Step step;
  if (gunzip_) {
    ASSIGN_OR_RETURN(step, gunzip_->step(raw, rest));
  } else {
    step.taken = step.given = std::min(raw.size(), rest.size());
    if (step.given > 0) std::memcpy(rest.data(), raw.data(), step.given);
  }
  raw_begin_ += step.taken;
  filled += step.given;
  if (step.taken > 0 || step.given > 0) return true;
  if (!ended_) {
    RETURN_IF_ERROR(refill());
    return true;
  }
  if (gunzip_) RETURN_IF_ERROR(gunzip_->finish());
  return false;
}

Result<std::size_t> InputStream::read(std::span<char> room) {
  std::size_t filled = 0;
  while (!error_ && filled < room.size()) {
    const Result<bool> more = step(room, filled);
    if (!more) {
      error_ = more.error();
    } else if (!*more) {
      break;
    }
  }
  if (error_ && filled == 0) return fail(*error_);
  return filled;
}

std::function<void()> InputStream::interrupter() const {
  return [descriptor = descriptor_] {
    if (descriptor) descriptor->interrupt();
  };
}

}  // namespace clairscore
