#include "hub/fault_hub.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <list>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/sha256.h"
#include "hub/content_hash.h"
#include "hub/url.h"

namespace clairscore::hub {

namespace {

std::string git_oid(const std::string& content) {
  ContentHash hash(std::string(40, '0'), content.size());
  hash.update(as_bytes(content));
  return hash.finish();
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Reply error_reply(int status, const std::string& code, const std::string& message) {
  Reply reply;
  reply.status = status;
  if (!code.empty()) reply.with("X-Error-Code", code);
  if (!message.empty()) reply.with("X-Error-Message", message);
  reply.body = "{\"error\":\"" + message + "\"}";
  return reply;
}

struct TestRepo {
  std::map<std::string, std::string> refs;
  std::map<std::string, TestFiles> commits;
  std::map<std::string, std::chrono::sys_seconds> made_at;
};

struct Rule {
  Side side;
  std::string part;
  int times;
  Spoil how;
};

int listen_on_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(fd, 64) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port = ntohs(address.sin_port);
  return fd;
}

/// The part of the content that a Range asks for.
Reply content_reply(const Received& request, const std::string& content) {
  Reply reply;
  const std::string range = request.header("range");
  if (range.empty()) {
    reply.body = content;
    return reply;
  }
  const std::size_t first = std::stoul(range.substr(6));
  if (first >= content.size()) {
    reply.status = 416;
    return reply.with("Content-Range", "bytes */" + std::to_string(content.size()));
  }
  reply.status = 206;
  reply.body = content.substr(first);
  return reply.with("Content-Range",
                    fmt::format("bytes {}-{}/{}", first, content.size() - 1, content.size()));
}

}  // namespace

std::string oid_of(const TestFile& file) {
  return file.large ? sha256_hex(as_bytes(file.content)) : git_oid(file.content);
}

std::string Received::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Reply& Reply::with(const std::string& name, const std::string& value) {
  without(name);
  headers.emplace_back(name, value);
  return *this;
}

Reply& Reply::without(const std::string& name) {
  std::erase_if(headers, [&](const auto& header) { return lower(header.first) == lower(name); });
  return *this;
}

std::string Reply::header(const std::string& name) const {
  for (const auto& [key, value] : headers) {
    if (lower(key) == lower(name)) return value;
  }
  return {};
}

class FaultHub::Impl {
 public:
  Impl() {
    fds_[0] = listen_on_loopback(ports_[0]);
    fds_[1] = listen_on_loopback(ports_[1]);
    acceptors_[0] = std::thread([this] { accept_on(Side::kHub); });
    acceptors_[1] = std::thread([this] { accept_on(Side::kFiles); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    stopping_ = true;
    for (std::thread& thread : acceptors_) thread.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : connections_) thread.join();
    for (const int fd : fds_) ::close(fd);
  }

  std::string address(Side side) const {
    return "http://127.0.0.1:" + std::to_string(ports_[side == Side::kHub ? 0 : 1]);
  }

  std::string commit(const Repo& repo, const TestFiles& files, const std::string& ref) {
    const std::lock_guard lock(mutex_);
    TestRepo& stored = repos_[repo.folder_name()];
    std::string text = stored.refs[ref];
    for (const auto& [path, file] : files) text += path + oid_of(file);
    const std::string sha = git_oid(text + std::to_string(stored.commits.size()));
    using namespace std::chrono_literals;
    const int before = static_cast<int>(stored.commits.size());
    stored.made_at[sha] = std::chrono::sys_days(2026y / 7 / 1) + 9h + before * 1h;
    stored.commits[sha] = files;
    stored.refs[ref] = sha;
    return sha;
  }

  std::chrono::sys_seconds made_at(const Repo& repo, const std::string& commit) const {
    const std::lock_guard lock(mutex_);
    return repos_.at(repo.folder_name()).made_at.at(commit);
  }

  void add_rule(Rule rule) {
    const std::lock_guard lock(mutex_);
    rules_.push_back(std::move(rule));
  }
  void clear_rules() {
    const std::lock_guard lock(mutex_);
    rules_.clear();
  }
  std::vector<Received> requests() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    received_.clear();
  }
  void wait_for(Side side, const std::string& part, std::size_t wanted) const {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return count_locked(side, part) >= wanted; });
  }
  std::size_t count(Side side, const std::string& part) const {
    const std::lock_guard lock(mutex_);
    return count_locked(side, part);
  }

 private:
  std::size_t count_locked(Side side, const std::string& part) const {
    return static_cast<std::size_t>(
        std::count_if(received_.begin(), received_.end(), [&](const Received& one) {
          return one.side == side &&
                 (one.method + " " + one.target).find(part) != std::string::npos;
        }));
  }

  void accept_on(Side side) {
    const int fd = fds_[side == Side::kHub ? 0 : 1];
    while (!stopping_) {
      pollfd ready{fd, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int client = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      const std::lock_guard lock(mutex_);
      open_.push_back(client);
      connections_.emplace_back([this, side, client] {
        serve(side, client);
        const std::lock_guard closing(mutex_);
        open_.remove(client);
        ::close(client);
      });
    }
  }

  void serve(Side side, int fd) {
    std::string pending;
    while (true) {
      const auto request = read_request(side, fd, pending);
      if (!request) return;
      Reply reply = usual(*request);
      Spoil how;
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(*request);
        arrived_.notify_all();
        for (Rule& rule : rules_) {
          const std::string line = request->method + " " + request->target;
          if (rule.side != side || rule.times == 0 || line.find(rule.part) == std::string::npos) {
            continue;
          }
          --rule.times;
          how = rule.how;
          break;
        }
      }
      if (how) reply = how(*request, std::move(reply));
      if (!send_reply(fd, *request, reply)) return;
    }
  }

  static std::optional<Received> read_request(Side side, int fd, std::string& pending) {
    std::size_t end = 0;
    while ((end = pending.find("\r\n\r\n")) == std::string::npos) {
      char buffer[4096];
      const ssize_t got = ::recv(fd, buffer, sizeof(buffer), 0);
      if (got <= 0) return std::nullopt;
      pending.append(buffer, static_cast<std::size_t>(got));
    }
    Received request;
    request.side = side;
    std::string head = pending.substr(0, end + 2);
    pending.erase(0, end + 4);
    std::size_t at = head.find("\r\n");
    const std::string line = head.substr(0, at);
    const std::size_t space = line.find(' ');
    request.method = line.substr(0, space);
    request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
    for (at += 2; at < head.size();) {
      const std::size_t next = head.find("\r\n", at);
      const std::size_t colon = head.find(": ", at);
      request.headers[lower(head.substr(at, colon - at))] =
          head.substr(colon + 2, next - colon - 2);
      at = next + 2;
    }
    return request;
  }

  static bool send_all(int fd, std::string_view text) {
    while (!text.empty()) {
      const ssize_t put = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  /// False where the connection has to end.
  bool send_reply(int fd, const Received& request, const Reply& reply) {
    if (reply.raw) {
      send_all(fd, *reply.raw);
      return false;
    }
    if (!reply.silent) {
      std::string head = fmt::format("HTTP/1.1 {} Test\r\n", reply.status);
      for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
      if (reply.chunked) head += "Transfer-Encoding: chunked\r\n";
      if (!reply.chunked && reply.header("content-length").empty()) {
        head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
      }
      if (!send_all(fd, head + "\r\n")) return false;
      if (request.method == "HEAD") return reply.ending == Ending::kKeep;
      std::string body =
          reply.ending == Ending::kKeep ? reply.body : reply.body.substr(0, reply.sent);
      if (reply.chunked) {
        body = fmt::format("{:x}\r\n", body.size()) + body + "\r\n";
        if (reply.ending == Ending::kKeep) body += "0\r\n\r\n";
      }
      if (!send_all(fd, body)) return false;
    }
    if (reply.ending == Ending::kStall || reply.silent) {
      pollfd gone{fd, POLLIN | POLLRDHUP, 0};
      while (!stopping_ && ::poll(&gone, 1, 20) == 0) {
      }
      return false;
    }
    if (reply.ending == Ending::kReset) {
      const linger at_once{1, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    return reply.ending == Ending::kKeep;
  }

  Reply usual(const Received& request) {
    const std::lock_guard lock(mutex_);
    const std::string path = request.target.substr(0, request.target.find('?'));
    for (const auto& [name, repo] : repos_) {
      // "models--org--name" back to its parts.
      const bool model = name.starts_with("models--");
      std::string id = name.substr(name.find("--") + 2);
      if (const auto dashes = id.find("--"); dashes != std::string::npos) {
        id = fmt::format("{}/{}", id.substr(0, dashes), id.substr(dashes + 2));
      }
      const std::string api = fmt::format("/api/{}/{}", model ? "models" : "datasets", id);
      const std::string web = fmt::format("{}/{}/resolve/", model ? "" : "/datasets", id);
      if (request.side == Side::kFiles && path.starts_with(fmt::format("/{}/", name))) {
        return stored_file(request, repo, path.substr(name.size() + 2));
      }
      if (path.starts_with(api + "/revision/")) {
        return revision(repo, decoded(path.substr(api.size() + 10)));
      }
      if (path.starts_with(api + "/tree/")) return tree(repo, decoded(path.substr(api.size() + 6)));
      if (path.starts_with(api + "/commits/")) return history(repo, path.substr(api.size() + 9));
      if (path.starts_with(web)) return resolve(request, name, repo, path.substr(web.size()));
    }
    return error_reply(401, "RepoNotFound", "Invalid username or password.");
  }

  static const TestFiles* at(const TestRepo& repo, const std::string& revision, std::string& sha) {
    const auto ref = repo.refs.find(revision);
    sha = ref == repo.refs.end() ? revision : ref->second;
    const auto found = repo.commits.find(sha);
    return found == repo.commits.end() ? nullptr : &found->second;
  }

  static Reply revision(const TestRepo& repo, const std::string& revision) {
    std::string sha;
    if (at(repo, revision, sha) == nullptr) {
      return error_reply(404, "RevisionNotFound", "Invalid rev id: " + revision);
    }
    Reply reply;
    reply.body = "{\"id\":\"x\",\"sha\":\"" + sha + "\",\"siblings\":[]}";
    return reply;
  }

  static Reply history(const TestRepo& repo, const std::string& commit) {
    const auto found = repo.made_at.find(commit);
    if (found == repo.made_at.end()) return error_reply(404, "RevisionNotFound", "Invalid rev id");
    const std::string date = iso8601_utc(found->second).substr(0, 19);
    Reply reply;
    reply.body = "[{\"id\":\"" + commit +
                 "\",\"title\":\"A commit\",\"message\":\"\",\"authors\":[]," + "\"date\":\"" +
                 date + ".000Z\"}]";
    return reply;
  }

  static Reply tree(const TestRepo& repo, const std::string& revision) {
    std::string sha;
    const TestFiles* files = at(repo, revision, sha);
    if (files == nullptr) return error_reply(404, "RevisionNotFound", "Invalid rev id");
    JsonWriter json;
    json.begin_array();
    json.begin_object().member("type", "directory").member("path", "folder");
    json.member("oid", std::string(40, 'd')).member("size", 0).end_object();
    for (const auto& [path, file] : *files) {
      json.begin_object().member("type", "file").member("path", path);
      json.member("oid", file.large ? git_oid("pointer" + path) : oid_of(file));
      json.member("size", file.content.size());
      if (file.large) {
        json.key("lfs").begin_object().member("oid", oid_of(file));
        json.member("size", file.content.size()).member("pointerSize", 134).end_object();
        json.member("xetHash", std::string(64, 'e'));
      }
      json.end_object();
    }
    json.end_array();
    Reply reply;
    reply.body = json.take();
    return reply;
  }

  Reply resolve(const Received& request, const std::string& name, const TestRepo& repo,
                const std::string& rest) const {
    const std::size_t slash = rest.find('/');
    const std::string path = decoded(rest.substr(slash + 1));
    std::string sha;
    const TestFiles* files = at(repo, decoded(rest.substr(0, slash)), sha);
    if (files == nullptr) return error_reply(404, "RevisionNotFound", "Invalid rev id");
    const auto file = files->find(path);
    if (file == files->end()) {
      return error_reply(404, "EntryNotFound", "Entry not found").with("X-Repo-Commit", sha);
    }
    const std::string oid = oid_of(file->second);
    if (file->second.large) {
      Reply reply;
      reply.status = 302;
      reply.with("X-Repo-Commit", sha).with("X-Linked-Etag", fmt::format("\"{}\"", oid));
      reply.with("X-Linked-Size", std::to_string(file->second.content.size()));
      return reply.with("Location", address(Side::kFiles) + "/" + name + "/" + sha + "/" +
                                        percent_encode(path, true) + "?Signature=very-secret");
    }
    Reply reply = content_reply(request, file->second.content);
    return reply.with("X-Repo-Commit", sha).with("ETag", fmt::format("W/\"{}\"", oid));
  }

  static Reply stored_file(const Received& request, const TestRepo& repo, const std::string& rest) {
    const std::size_t slash = rest.find('/');
    const TestFiles& files = repo.commits.at(rest.substr(0, slash));
    const TestFile& file = files.at(decoded(rest.substr(slash + 1)));
    // The file host has an ETag of its own, which names nothing of ours.
    return content_reply(request, file.content)
        .with("ETag", fmt::format("\"{}\"", std::string(64, 'f')));
  }

  int fds_[2] = {-1, -1};
  std::uint16_t ports_[2] = {0, 0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::map<std::string, TestRepo> repos_;
  std::vector<Rule> rules_;
  std::vector<Received> received_;
  std::list<int> open_;
  std::thread acceptors_[2];
  std::list<std::thread> connections_;
};

FaultHub::FaultHub() : impl_(std::make_unique<Impl>()) {}
FaultHub::~FaultHub() = default;

std::string FaultHub::endpoint() const {
  return impl_->address(Side::kHub);
}
std::string FaultHub::file_host() const {
  return impl_->address(Side::kFiles);
}
std::string FaultHub::commit(const Repo& repo, const TestFiles& files, const std::string& ref) {
  return impl_->commit(repo, files, ref);
}
std::chrono::system_clock::time_point FaultHub::made_at(const Repo& repo,
                                                        const std::string& commit) const {
  return impl_->made_at(repo, commit);
}
void FaultHub::spoil(Side side, std::string part, int times, Spoil how) {
  impl_->add_rule({side, std::move(part), times, std::move(how)});
}
void FaultHub::clear_rules() {
  impl_->clear_rules();
}
std::vector<Received> FaultHub::requests() const {
  return impl_->requests();
}
std::size_t FaultHub::count(Side side, const std::string& part) const {
  return impl_->count(side, part);
}
void FaultHub::forget_requests() {
  impl_->forget();
}
void FaultHub::wait_for(Side side, const std::string& part, std::size_t count) const {
  impl_->wait_for(side, part, count);
}

Spoil answer_status(int status, std::vector<std::pair<std::string, std::string>> headers) {
  return [status, headers = std::move(headers)](const Received&, const Reply&) {
    Reply reply;
    reply.status = status;
    reply.headers = headers;
    return reply;
  };
}

Spoil cut_body(std::size_t sent, Ending ending) {
  return [=](const Received&, Reply usual) {
    usual.sent = sent;
    usual.ending = ending;
    usual.with("Content-Length", std::to_string(usual.body.size()));
    return usual;
  };
}

Spoil change_body(std::function<void(std::string& body)> change) {
  return [change = std::move(change)](const Received&, Reply usual) {
    change(usual.body);
    return usual;
  };
}

Spoil drop_header(std::string name) {
  return [name = std::move(name)](const Received&, Reply usual) {
    usual.without(name);
    return usual;
  };
}

}  // namespace clairscore::hub
