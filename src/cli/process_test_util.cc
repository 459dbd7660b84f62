#include "cli/process_test_util.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace clairscore {

namespace {

std::string temporary_file(const std::string& content) {
  std::string path = "/tmp/clairscore_test_XXXXXX";
  const int fd = ::mkstemp(path.data());
  ::close(fd);
  std::ofstream(path) << content;
  return path;
}

std::string take_file(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  ::unlink(path.c_str());
  return text.str();
}

/// Starts the binary with its three streams on these files.
int spawn(const std::vector<std::string>& arguments, const std::string& in, const std::string& out,
          const std::string& err, const std::vector<std::string>& variables,
          std::optional<unsigned> user = std::nullopt,
          std::optional<unsigned> seconds = std::nullopt) {
  std::vector<std::string> words{CLAIRSCORE_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> environment{"PATH=/usr/bin:/bin", "HOME=/nonexistent"};
  environment.insert(environment.end(), variables.begin(), variables.end());
  std::vector<char*> envp;
  for (std::string& variable : environment) envp.push_back(variable.data());
  envp.push_back(nullptr);
  const int pid = ::fork();
  if (pid != 0) return pid;
  ::dup2(::open(in.c_str(), O_RDONLY), STDIN_FILENO);
  ::dup2(::open(out.c_str(), O_WRONLY), STDOUT_FILENO);
  ::dup2(::open(err.c_str(), O_WRONLY), STDERR_FILENO);
  if (user && (::setgid(*user) != 0 || ::setuid(*user) != 0)) ::_exit(126);
  if (seconds) {
    const rlimit limit{*seconds, *seconds + 1};
    ::setrlimit(RLIMIT_CPU, &limit);
  }
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

namespace {

Finished run_to_the_end(const std::vector<std::string>& arguments, const std::string& input,
                        const std::vector<std::string>& variables, std::optional<unsigned> user,
                        std::optional<unsigned> seconds = std::nullopt) {
  const std::string in = temporary_file(input);
  const std::string out = temporary_file({});
  const std::string err = temporary_file({});
  const int pid = spawn(arguments, in, out, err, variables, user, seconds);
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  ::unlink(in.c_str());
  return {exit_code_of(status), take_file(out), take_file(err), usage.ru_maxrss};
}

}  // namespace

Finished run_clairscore(const std::vector<std::string>& arguments, const std::string& input,
                        const std::vector<std::string>& variables) {
  return run_to_the_end(arguments, input, variables, std::nullopt);
}

Finished run_clairscore_within(unsigned seconds, const std::vector<std::string>& arguments) {
  return run_to_the_end(arguments, {}, {}, std::nullopt, seconds);
}

Finished run_clairscore_as(unsigned user, const std::vector<std::string>& arguments,
                           const std::vector<std::string>& variables) {
  return run_to_the_end(arguments, {}, variables, user);
}

Running::Running(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& variables)
    : out_path_(temporary_file({})), err_path_(temporary_file({})) {
  pid_ = spawn(arguments, "/dev/null", out_path_, err_path_, variables);
}

Running::~Running() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::unlink(out_path_.c_str());
    ::unlink(err_path_.c_str());
  }
}

void Running::send_signal(int number) const {
  ::kill(pid_, number);
}

Finished Running::wait() {
  int status = 0;
  for (int i = 0; i < 6000; ++i) {
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return {exit_code_of(status), take_file(out_path_), take_file(err_path_), 0};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return {};
}

int Running::get_status(int port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int status = 0;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    if (::write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
      std::array<char, 64> start{};
      const ssize_t got = ::read(fd, start.data(), start.size() - 1);
      if (got > 12) status = std::atoi(start.data() + 9);  // NOLINT(cert-err34-c): fixed format
    }
  }
  ::close(fd);
  return status;
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("no free port");
  }
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

}  // namespace clairscore
