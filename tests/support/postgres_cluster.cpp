#include "support/postgres_cluster.h"

#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "support/free_port.h"
#include "support/postgres_process.h"

namespace aforro::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPassword = "s3cret";

// Where initdb and postgres are, of the newest version; empty if they are not installed.
fs::path programs() {
  static const fs::path kFound = [] {
    std::vector<fs::path> folders;
    std::error_code none;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
      if (fs::exists(version.path() / "bin" / "initdb")) folders.push_back(version.path() / "bin");
    }
    std::sort(folders.begin(), folders.end());
    return folders.empty() ? fs::path() : folders.back();
  }();
  return kFound;
}

// What initdb makes, kept beside the program for the next process: it takes a second, a copy a twentieth.
// Empty if there is no place for it.
fs::path kept_data() {
  const char* const program = std::getenv("AFORRO_PROGRAM");
  if (program == nullptr) return {};
  const fs::path version = programs().parent_path().filename();
  return fs::path(program).parent_path() /
         ("postgres-" + version.string() + "-of-" + std::to_string(::getuid()));
}

// False if there is nothing kept.
bool take_kept(const fs::path& data) {
  const fs::path kept = kept_data();
  if (kept.empty() || !fs::exists(kept)) return false;
  fs::copy(kept, data, fs::copy_options::recursive);
  give_to_postgres(data);
  return true;
}

// Several processes may be at it at once: each makes its own, and one gets the name.
void keep(const fs::path& data) {
  const fs::path kept = kept_data();
  if (kept.empty()) return;
  const fs::path mine = kept.string() + '.' + std::to_string(::getpid());
  std::error_code failed;
  fs::copy(data, mine, fs::copy_options::recursive, failed);
  if (!failed) fs::rename(mine, kept, failed);
  if (failed) fs::remove_all(mine, failed);
}

// Programs that are run by another user than the server's find its socket there.
void let_into(const TemporaryFolder& folder) {
  fs::permissions(folder.path(), fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
}

}  // namespace

bool PostgresCluster::is_installed() { return !programs().empty(); }

PostgresCluster& PostgresCluster::shared() {
  static PostgresCluster cluster;
  return cluster;
}

PostgresCluster::PostgresCluster(Writes writes, std::vector<std::string> settings)
    : writes_(writes), settings_(std::move(settings)) {
  give_to_postgres(folder_.path());
  let_into(folder_);
  if (!take_kept(data())) {
    // A default collation that is not ours, so that a text compared by it shows.
    const auto made = launch_as_postgres({programs() / "initdb", "--pgdata=" + data().string(), "--no-sync",
                                          "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                                          "--locale-provider=icu", "--icu-locale=en-US", "--auth-local=trust",
                                          "--auth-host=scram-sha-256"},
                                         folder_.path())
                          ->wait(std::chrono::minutes(1));
    if (made != 0) throw std::runtime_error("initdb fails: " + read_file(folder_ / "log"));
    keep(data());
  }
  start();
  query("postgres", "CREATE ROLE aforro LOGIN CREATEDB PASSWORD '" + std::string(kPassword) + "'");
}

PostgresCluster::PostgresCluster(const PostgresCluster& primary, const std::string& name)
    : writes_(primary.writes_), settings_(primary.settings_) {
  give_to_postgres(folder_.path());
  let_into(folder_);
  const std::string target = "host=" + primary.folder_.path().string() +
                             " port=" + std::to_string(primary.port_) +
                             " user=postgres application_name=" + name;
  const auto copied = launch_as_postgres({programs() / "pg_basebackup", "--pgdata=" + data().string(),
                                          "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
                                          "--wal-method=stream", "--dbname=" + target},
                                         folder_.path())
                          ->wait(std::chrono::minutes(1));
  if (copied != 0) throw std::runtime_error("pg_basebackup fails: " + read_file(folder_ / "log"));
  // After a break it would wait 5 s, and a primary that waits for it with each COMMIT as well.
  settings_.emplace_back("-cwal_retrieve_retry_interval=100ms");
  start();
}

PostgresCluster::~PostgresCluster() {
  if (server_) server_->signal(SIGQUIT);
  if (server_) server_->wait(std::chrono::seconds(10));
}

void PostgresCluster::start() {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (port_ == 0) port_ = free_port();
    if (try_to_start()) return;
    if (databases_ > 0) break;  // somebody knows the port
    port_ = 0;                  // taken by somebody else meanwhile
  }
  throw std::runtime_error("PostgreSQL does not start: " + read_file(folder_ / "log"));
}

bool PostgresCluster::try_to_start() {
  std::vector<std::string> command{programs() / "postgres",
                                   "-D" + data().string(),
                                   "-cunix_socket_directories=" + folder_.path().string(),
                                   "-clisten_addresses=127.0.0.1",
                                   "-cport=" + std::to_string(port_),
                                   "-cmax_connections=200"};
  if (writes_ == Writes::to_memory) {
    command.insert(command.end(),
                   {"-cfsync=off", "-cfull_page_writes=off", "-cwal_level=minimal", "-cmax_wal_senders=0"});
  }
  command.insert(command.end(), settings_.begin(), settings_.end());
  server_ = launch_as_postgres(std::move(command), folder_.path());
  while (!server_->wait(std::chrono::milliseconds(5))) {
    if (is_answering()) return true;
  }
  return false;
}

bool PostgresCluster::is_answering() const {
  const std::string target = "host=" + folder_.path().string() + " port=" + std::to_string(port_);
  return PQping(target.c_str()) == PQPING_OK;
}

void PostgresCluster::stop() {
  server_->signal(SIGINT);
  if (!server_->wait(std::chrono::minutes(1))) throw std::runtime_error("PostgreSQL does not stop");
}

void PostgresCluster::kill() {
  server_->signal(SIGQUIT);
  if (!server_->wait(std::chrono::minutes(1))) throw std::runtime_error("PostgreSQL does not die");
}

void PostgresCluster::promote() const { query("postgres", "SELECT pg_promote()"); }

void PostgresCluster::signal(int number) const {
  const std::string server = std::to_string(server_->pid());
  for (const auto& process : fs::directory_iterator("/proc")) {
    const std::string name = process.path().filename();
    std::ifstream stat(process.path() / "stat");
    std::string id;
    std::string command;
    std::string state;
    std::string parent;
    if (stat >> id >> command >> state >> parent && parent == server) ::kill(std::stoi(name), number);
  }
  server_->signal(number);
}

std::string PostgresCluster::url(std::string_view name) const {
  return "postgres://aforro:" + std::string(kPassword) + "@127.0.0.1:" + std::to_string(port_) + "/" +
         std::string(name);
}

std::string PostgresCluster::socket_folder() const { return folder_.path().string(); }

void PostgresCluster::encrypt(const Certificate& certificate) {
  const auto put = [&](const char* name, const std::string& text) {
    const std::filesystem::path file = data() / name;
    std::ofstream(file) << text;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    give_to_postgres(file);
  };
  put("server.crt", certificate.pem);
  put("server.key", certificate.key);
  query("postgres", "ALTER SYSTEM SET ssl = on");
  query("postgres", "SELECT pg_reload_conf()");
}

std::string PostgresCluster::create_database(std::string_view copy_of) {
  // A child that was forked has names of its own.
  const std::string name = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++databases_);
  // By files: with fsync off that takes a fifth of the time of a copy through the log.
  query("postgres", "CREATE DATABASE " + name + " OWNER aforro TEMPLATE " + std::string(copy_of) +
                        (writes_ == Writes::to_memory ? " STRATEGY file_copy" : ""));
  return name;
}

void PostgresCluster::drop_database(const std::string& name) {
  query("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
}

PostgresSession::Rows PostgresCluster::query(std::string_view database, const std::string& sql) const {
  PostgresSession session("host=" + folder_.path().string() + " port=" + std::to_string(port_) +
                          " user=postgres dbname=" + std::string(database));
  return session.query(sql);
}

}  // namespace aforro::test
