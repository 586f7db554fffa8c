#include "support/server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "support/certificate.h"
#include "support/client_stream.h"
#include "support/redis_server.h"
#include "support/temporary_folder.h"

namespace aforro::test {
namespace {

constexpr std::string_view kGreeting = "listening on http://127.0.0.1:";
constexpr std::string_view kGreetingOfTls = "listening on https://127.0.0.1:";
constexpr std::string_view kGreetingOfSocket = "listening on unix:";
constexpr std::string_view kHandedOver = " (handed over by systemd)";

// Reads up to the end of the first line, which is left out. Less if nothing more comes.
std::string read_line(int from, std::chrono::milliseconds timeout) {
  std::string line;
  for (;;) {
    pollfd readable{from, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(timeout.count())) <= 0) return line;
    char byte = 0;
    if (::read(from, &byte, 1) != 1 || byte == '\n') return line;
    line += byte;
  }
}

std::filesystem::path log_file_of(const Location& database) {
  if (!database.is_postgres()) return database.string() + ".log";
  static const TemporaryFolder folder;
  return folder / (database.name() + ".log");
}

// What all servers of this process are who they are by, where they speak TLS.
struct Identity {
  TemporaryFolder folder;
  Certificate certificate = make_certificate();
  std::string certificate_file = folder.write("cert.pem", certificate.pem).string();
  std::string key_file = folder.write("key.pem", certificate.key).string();
};

const Identity& identity() {
  static const Identity ours;
  return ours;
}

// Not where the test says by itself what is spoken, nor on sockets that have no port.
bool shall_speak_tls(const std::vector<std::string>& command, const Setting& setting) {
  const char* const wanted = std::getenv("AFORRO_TEST_TLS");
  if (wanted == nullptr || wanted != std::string_view("1") || setting.handed_over >= 0) return false;
  return std::none_of(command.begin(), command.end(), [](const std::string& argument) {
    return argument.starts_with("--tls-") || argument.starts_with("unix:");
  });
}

// Not where the test says by itself which Redis there is.
bool shall_share_redis(const std::vector<std::string>& command, const Setting& setting) {
  const char* const wanted = std::getenv("AFORRO_TEST_REDIS");
  if (wanted == nullptr || wanted != std::string_view("1")) return false;
  return std::none_of(command.begin(), command.end(), [](const auto& each) { return each == "--redis"; }) &&
         std::none_of(setting.environment.begin(), setting.environment.end(),
                      [](const auto& each) { return each.first == "REDIS_HOST"; });
}

}  // namespace

Server::Server(Location database, const std::vector<std::string>& arguments, const Setting& setting)
    : database_(std::move(database)), log_file_(log_file_of(database_)) {
  const std::filesystem::path program = setting.program.empty() ? program_path() : setting.program;
  std::vector<std::string> command{program.string(), "serve", "--database", database_.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (std::find(command.begin(), command.end(), "--listen") == command.end() && setting.handed_over < 0) {
    command.insert(command.end(), {"--listen", "127.0.0.1:0"});
  }
  const bool speaks_tls = shall_speak_tls(command, setting);
  if (speaks_tls) {
    command.insert(command.end(),
                   {"--tls-cert", identity().certificate_file, "--tls-key", identity().key_file});
  }

  if (shall_share_redis(command, setting)) {
    command.insert(command.end(), {"--redis", RedisServer::shared().url(), "--redis-patience", "5000"});
  }

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = ::open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  process_ = std::make_unique<Process>(command, setting, nothing, ends[1], log);
  out_ = ends[0];
  for (const int file : {nothing, log, ends[1]}) ::close(file);

  std::string line = read_line(out_, setting.timeout);
  if (setting.handed_over >= 0 && line.ends_with(kHandedOver)) line.resize(line.size() - kHandedOver.size());
  if (line.starts_with(kGreetingOfSocket)) socket_ = line.substr(kGreetingOfSocket.size());
  is_encrypted_ = line.starts_with(kGreetingOfTls);
  const std::string_view greeting = is_encrypted_ ? kGreetingOfTls : kGreeting;
  const char* port = line.data() + greeting.size();
  if (socket_.empty() &&
      (!line.starts_with(greeting) ||
       std::from_chars(port, line.data() + line.size(), port_).ptr != line.data() + line.size())) {
    process_->signal(SIGKILL);
    ::close(out_);
    throw std::runtime_error("the server does not listen; it said \"" + line +
                             "\" and logged: " + this->log());
  }
  if (speaks_tls) speak_tls_at(port_, identity().certificate.pem);
}

Server::~Server() {
  process_.reset();
  ::close(out_);
  speak_plainly_at(port_);
}

int Server::stop() {
  process_->signal(SIGTERM);
  return wait();
}

int Server::wait() {
  const auto status = process_->wait(std::chrono::minutes(1));
  if (!status) throw std::runtime_error("the server does not stop; it logged: " + log());
  return *status;
}

void Server::kill() {
  process_->signal(SIGKILL);
  process_->wait(std::chrono::minutes(1));
}

std::string Server::log() const { return read_file(log_file_); }

void Server::limit(const Limit& limit) const {
  rlimit now{};
  const auto resource = static_cast<__rlimit_resource>(limit.resource);
  if (::prlimit(pid(), resource, nullptr, &now) != 0)
    throw std::system_error(errno, std::generic_category(), "prlimit");
  now.rlim_cur = limit.value;
  if (::prlimit(pid(), resource, &now, nullptr) != 0)
    throw std::system_error(errno, std::generic_category(), "prlimit");
}

}  // namespace aforro::test
