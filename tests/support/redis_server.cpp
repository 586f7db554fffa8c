#include "support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "redis/link.h"
#include "support/free_port.h"
#include "support/temporary_folder.h"

namespace aforro::test {
namespace {

// The same program as the server, which goes by its name. In Debian's redis-tools it is without a service
// that is run at once.
constexpr std::array kPrograms{"/usr/bin/redis-check-rdb", "/usr/bin/redis-server",
                               "/usr/local/bin/redis-server"};

const char* program() {
  const auto* const found = std::find_if(kPrograms.begin(), kPrograms.end(),
                                         [](const char* each) { return std::filesystem::exists(each); });
  return found == kPrograms.end() ? nullptr : *found;
}

redis::Endpoint endpoint_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  redis::Endpoint endpoint;
  std::memcpy(&endpoint.bytes, &address, sizeof address);
  endpoint.size = sizeof address;
  return endpoint;
}

// Any answer, also an error, is one.
bool answers(int port) {
  std::string why;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  const auto link = redis::Link::open(endpoint_of(port), until, why);
  return link != nullptr && link->ask({"PING"}, until).has_value();
}

}  // namespace

bool RedisServer::is_installed() { return redis::has_reader() && program() != nullptr; }

RedisServer& RedisServer::shared() {
  static RedisServer server;
  return server;
}

RedisServer::RedisServer(const std::vector<std::string>& settings) {
  if (program() == nullptr) throw std::runtime_error("Redis is not installed");
  std::filesystem::create_symlink(program(), folder_ / "redis-server");
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    if (try_to_start(settings)) return;
  }
  throw std::runtime_error("Redis does not start: " + read_file(folder_ / "log"));
}

RedisServer::~RedisServer() {
  if (server_) server_->signal(SIGKILL);
}

std::string RedisServer::url(const std::string& who) const {
  return "redis://" + who + (who.empty() ? "" : "@") + "127.0.0.1:" + std::to_string(port_);
}

void RedisServer::kill() {
  server_->signal(SIGKILL);
  if (!server_->wait(std::chrono::minutes(1))) throw std::runtime_error("Redis does not die");
}

void RedisServer::start(const std::vector<std::string>& settings) {
  if (!try_to_start(settings))
    throw std::runtime_error("Redis does not start: " + read_file(folder_ / "log"));
}

bool RedisServer::try_to_start(const std::vector<std::string>& settings) {
  std::vector<std::string> command{folder_ / "redis-server",
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--daemonize",
                                   "no",
                                   "--dir",
                                   folder_.path(),
                                   "--maxmemory-policy",
                                   "noeviction"};
  command.insert(command.end(), settings.begin(), settings.end());
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  server_ = std::make_unique<Process>(command, Setting{.folder = folder_.path()}, nothing, log, log);
  ::close(nothing);
  ::close(log);
  while (!server_->wait(std::chrono::milliseconds(5))) {
    if (answers(port_)) return true;
  }
  return false;
}

redis::Reply RedisServer::ask(std::initializer_list<std::string_view> words,
                              const std::string& password) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string why;
  const auto link = redis::Link::open(endpoint_of(port_), until, why);
  if (link == nullptr) throw std::runtime_error("Redis takes no connection: " + why);
  if (!password.empty()) link->ask({"AUTH", password}, until);
  const auto reply = link->ask(words, until);
  if (!reply) throw std::runtime_error("Redis does not answer: " + link->why());
  return *reply;
}

}  // namespace aforro::test
