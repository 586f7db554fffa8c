#include "support/pgbouncer.h"

#include <signal.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "support/free_port.h"
#include "support/postgres_process.h"
#include "support/wait_until.h"

namespace aforro::test {
namespace {

constexpr const char* kProgram = "/usr/sbin/pgbouncer";

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

bool PgBouncer::is_installed() { return std::filesystem::exists(kProgram); }

PgBouncer::PgBouncer(const PostgresCluster& cluster, const std::string& settings) : cluster_(cluster) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    configure(settings);
    if (try_to_start()) return;
  }
  throw std::runtime_error("PgBouncer does not start: " + read_file(folder_ / "log"));
}

PgBouncer::~PgBouncer() {
  if (server_) server_->signal(SIGKILL);
}

std::string PgBouncer::url(std::string_view name) const {
  return "postgres://aforro@127.0.0.1:" + std::to_string(port_) + "/" + std::string(name);
}

void PgBouncer::configure(const std::string& settings) const {
  folder_.write("ini", "[databases]\n* = host=" + cluster_.socket_folder() +
                           " port=" + std::to_string(cluster_.port()) +
                           " user=aforro\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " +
                           std::to_string(port_) + "\nunix_socket_dir =\nauth_type = any\n" + settings);
  give_to_postgres(folder_.path());
}

bool PgBouncer::try_to_start() {
  server_ = launch_as_postgres({kProgram, (folder_ / "ini").string()}, folder_.path());
  const bool has_begun = wait_until([this] {
    return read_file(folder_ / "log").find("process up") != std::string::npos ||
           server_->wait(std::chrono::milliseconds(0)).has_value();
  });
  return has_begun && !server_->wait(std::chrono::milliseconds(0));
}

void PgBouncer::reload(const std::string& settings) {
  configure(settings);
  const auto reads = [this] {
    const std::string log = read_file(folder_ / "log");
    return count_of(log, "RELOAD") + count_of(log, "got SIGHUP");
  };
  const std::size_t before = reads();
  server_->signal(SIGHUP);
  if (!wait_until([&] { return reads() > before; }))
    throw std::runtime_error("PgBouncer does not reload: " + read_file(folder_ / "log"));
}

}  // namespace aforro::test
