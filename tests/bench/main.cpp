// The benchmark's program: compares our program with others, puts load on any running server, replays the
// real invoices. tests/bench/run starts what it needs; see there, and docs/benchmarks.md.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

#include "bench/compare.h"
#include "bench/order_engine.h"
#include "bench/table.h"
#include "bench/workloads.h"
#include "support/certificate.h"
#include "support/replay.h"

namespace aforro::bench {
namespace {

constexpr std::size_t kPortTries = 1'000;

double to_ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

void print_latencies(const test::Latencies& latencies) {
  std::printf("latency, ms: p50 %s, p90 %s, p99 %s, p99.9 %s, max %s\n",
              shown(to_ms(latencies.quantile(0.5))).c_str(), shown(to_ms(latencies.quantile(0.9))).c_str(),
              shown(to_ms(latencies.quantile(0.99))).c_str(), shown(to_ms(latencies.quantile(0.999))).c_str(),
              shown(to_ms(latencies.quantile(1))).c_str());
}

struct LoadOptions {
  std::string kind;
  int port = 8000;
  std::size_t connections = 32;
  std::size_t threads = 1;
  double seconds = 5;
  double rate = 0;  // closed loop
  Goods goods;
};

Workload workload(const LoadOptions& options) {
  if (options.kind == "orders") return orders(options.goods);
  if (options.kind == "one-product") return orders_of_one_product(options.goods);
  if (options.kind == "listings") return listings(options.goods);
  if (options.kind == "mixed") return listings_between_orders(options.goods);
  if (options.kind == "order-lists") return order_lists(Side::ours, options.goods);
  if (options.kind == "browsing") return browsing(options.goods, prices(options.port));
  const std::set<std::string> words = title_words(options.port).words;
  if (options.kind == "searches") return searches({words.begin(), words.end()});
  std::set<std::string> beginnings;
  for (const std::string& word : words) beginnings.insert(word.substr(0, 4));
  return suggestions({beginnings.begin(), beginnings.end()});
}

bool load(const LoadOptions& options) {
  const Workload work = workload(options);
  const test::LoadReport report = test::run_load(
      {.port = options.port,
       .connections = options.connections,
       .threads = options.threads,
       .warm_up = std::chrono::milliseconds(300),
       .duration = std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000)),
       .per_second = options.rate > 0 ? std::optional(options.rate) : std::nullopt,
       .request = work.request,
       .judge = work.judge});
  std::printf("%s: %s/s counted in %s s, %zu passed over, %zu wrong, %zu reconnects\n", options.kind.c_str(),
              shown(report.per_second()).c_str(), shown(report.seconds).c_str(), report.passed_over,
              report.wrong, report.reconnects);
  print_latencies(report.latencies);
  if (report.answered > 0)
    std::printf("client: %s us of processor time for each answer\n",
                shown(report.client_cpu_seconds * 1e6 / static_cast<double>(report.answered)).c_str());
  if (report.wrong > 0) std::fprintf(stderr, "first wrong answer: %s\n", report.first_wrong.c_str());
  return report.wrong == 0 && report.counted > 0;
}

bool replay(const std::string& database, std::size_t clients) {
  const auto data = test::online_retail_folder();
  if (!data) {
    std::printf(
        "The replay of real invoices is skipped: AFORRO_DATA does not name the folder of the data.\n");
    return true;
  }
  const test::Replay result = test::replay_invoices(*data, database, {.clients = clients});
  const auto sent = static_cast<double>(result.confirmed + result.rejected);
  std::printf(
      "replayed %zu invoices with %zu lines of %lld products in %s s by %zu clients: %s orders/s, %s "
      "lines/s\n",
      result.invoices, result.lines, static_cast<long long>(result.products),
      shown(result.load.seconds).c_str(), clients, shown(sent / result.load.seconds).c_str(),
      shown(static_cast<double>(result.lines) / result.load.seconds).c_str());
  std::printf(
      "confirmed %lld, rejected %lld (%s %%); the largest had %zu lines, the most of one product was %lld\n",
      static_cast<long long>(result.confirmed), static_cast<long long>(result.rejected),
      shown(100.0 * static_cast<double>(result.rejected) / sent).c_str(), result.most_lines,
      static_cast<long long>(result.largest_quantity));
  print_latencies(result.load.latencies);
  for (const std::string& fault : result.faults) std::fprintf(stderr, "BROKEN: %s\n", fault.c_str());
  if (result.faults.empty())
    std::printf(
        "for every product: stock set - sold = shelf = sum of movements; every order is stored once\n");
  return result.faults.empty();
}

// Ports that were free a moment ago, for programs that cannot choose one themselves. From below those that
// the system gives to whoever connects, so that none is taken by a client before its server comes.
void print_free_ports(std::size_t count) {
  std::random_device random;
  std::uniform_int_distribution<int> any(10'000, 32'000);
  std::vector<int> sockets;
  for (std::size_t tries = 0; sockets.size() < count && tries < kPortTries; ++tries) {
    const int port = any(random);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) throw std::system_error(errno, std::generic_category(), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      std::printf("%d\n", port);
      sockets.push_back(socket);
    } else {
      ::close(socket);
    }
  }
  const bool found_all = sockets.size() == count;
  for (const int socket : sockets) ::close(socket);
  if (!found_all) throw std::runtime_error("there are not enough free ports");
}

int run(int argc, char** argv) {
  CLI::App program("Measures aforro; AFORRO_PROGRAM names it");
  program.require_subcommand(1);
  bool all_right = true;

  Comparison comparison{.database = std::string(), .peer = {}, .file_server = {}};
  std::string our_database;
  int peer_port = 0;
  std::string peer_folder;
  std::int64_t peer_start_ms = 0;
  int file_port = 0;
  std::string file_folder;
  pid_t file_pid = 0;
  int tls_port = 0;
  std::string tls_folder;
  double seconds = 3;
  CLI::App* const compare_command = program.add_subcommand("compare", "ours, beside the peer and nginx");
  compare_command
      ->add_option("--database", our_database, "ours: a file, or an empty database at postgres://…")
      ->required();
  compare_command->add_option("--peer-port", peer_port);
  compare_command->add_option("--peer-folder", peer_folder, "with its pid files");
  compare_command->add_option("--peer-start-ms", peer_start_ms, "of its web server, to the first answer");
  compare_command->add_option("--nginx-port", file_port);
  compare_command->add_option("--nginx-folder", file_folder, "whose files it serves");
  compare_command->add_option("--nginx-pid", file_pid);
  compare_command->add_option("--nginx-tls-port", tls_port);
  compare_command->add_option("--tls-folder", tls_folder,
                              "with its certificate, see the command of that name");
  compare_command->add_option("--only", comparison.only, "the lines whose name has this in it");
  compare_command->add_option("--rounds", comparison.rounds)->check(CLI::Range(1, 1000));
  compare_command->add_option("--seconds", seconds, "of one side in one round")
      ->check(CLI::Range(0.1, 3600.0));
  compare_command->add_option("--connections", comparison.connections)->check(CLI::Range(1, 10'000));
  compare_command->callback([&] {
    comparison.database = our_database;
    comparison.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    if (peer_port != 0) {
      comparison.peer = Peer{peer_port, peer_folder, {}};
      if (peer_start_ms > 0) comparison.peer->start = std::chrono::milliseconds(peer_start_ms);
    }
    if (file_port != 0)
      comparison.file_server = FileServer{file_port, file_folder, file_pid, tls_port, tls_folder};
    all_right = compare(comparison);
  });

  std::string certificate_folder;
  CLI::App* const certificate_command =
      program.add_subcommand("certificate", "makes cert.pem and key.pem, of 127.0.0.1");
  certificate_command->add_option("folder", certificate_folder, "where they go")->required();
  certificate_command->callback([&] {
    const test::Certificate certificate = test::make_certificate();
    std::ofstream(std::filesystem::path(certificate_folder) / "cert.pem") << certificate.pem;
    std::ofstream(std::filesystem::path(certificate_folder) / "key.pem") << certificate.key;
  });

  EnginePlan engine;
  CLI::App* const orders_command = program.add_subcommand("orders", "the order engine by itself, on SQLite");
  orders_command->add_option("--folder", engine.folder, "to work in, on a real disk")->required();
  orders_command->add_option("--peer-port", peer_port);
  orders_command->add_option("--peer-folder", peer_folder, "with its pid files");
  orders_command->add_option("--rounds", engine.rounds)->check(CLI::Range(1, 1000));
  orders_command->add_option("--seconds", seconds, "of one measurement in one round")
      ->check(CLI::Range(0.1, 3600.0));
  orders_command->add_option("--connections", engine.connections)
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  orders_command->add_option("--grown", engine.grown_orders, "orders in a file that has grown; 0: none")
      ->capture_default_str();
  orders_command->callback([&] {
    engine.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    if (peer_port != 0) engine.peer = Peer{peer_port, peer_folder, {}};
    all_right = measure_order_engine(engine);
  });

  LoadOptions options;
  CLI::App* const load_command = program.add_subcommand("load", "load on a server that is running");
  load_command->add_option("kind", options.kind, "what to ask for")
      ->required()
      ->check(CLI::IsMember({"orders", "one-product", "listings", "mixed", "order-lists", "browsing",
                             "searches", "suggestions"}));
  load_command->add_option("--port", options.port)->capture_default_str();
  load_command->add_option("--connections", options.connections)->capture_default_str();
  load_command->add_option("--threads", options.threads, "of the client")->capture_default_str();
  load_command->add_option("--seconds", options.seconds)->capture_default_str();
  load_command->add_option("--rate", options.rate, "requests/s, due whatever happens (an open loop)");
  load_command->add_option("--stores", options.goods.stores)->capture_default_str();
  load_command->add_option("--products", options.goods.products, "in each store")->capture_default_str();
  load_command->callback([&] { all_right = load(options); });

  std::string replay_database;
  std::size_t clients = 16;
  CLI::App* const replay_command = program.add_subcommand("replay", "the real invoices as orders");
  replay_command
      ->add_option("--database", replay_database,
                   "a file that is not there yet, or an empty database at postgres://…")
      ->required();
  replay_command->add_option("--clients", clients)->capture_default_str();
  replay_command->callback([&] { all_right = replay(replay_database, clients); });

  std::size_t ports = 1;
  CLI::App* const ports_command = program.add_subcommand("free-ports", "names ports that are free");
  ports_command->add_option("count", ports)->required();
  ports_command->callback([&] { print_free_ports(ports); });

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error);
  }
  return all_right ? 0 : 1;
}

}  // namespace
}  // namespace aforro::bench

int main(int argc, char** argv) {
  try {
    return aforro::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
