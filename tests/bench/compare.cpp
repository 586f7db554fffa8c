#include "bench/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bench/median.h"
#include "bench/processes.h"
#include "bench/table.h"
#include "bench/workloads.h"
#include "support/client_stream.h"
#include "support/http_client.h"
#include "support/program.h"
#include "support/server.h"
#include "support/temporary_folder.h"

namespace aforro::bench {
namespace {

namespace fs = std::filesystem;
using test::LoadReport;
using test::Server;

constexpr std::size_t kOrdersBefore = 1'000;  // on either side, before order lists are asked for
constexpr std::size_t kSearchWords = 12;
constexpr std::size_t kBeginningCharacters = 4;
constexpr std::size_t kLookedAt = 24;  // answers, to see how much they find
constexpr double kFindingGoal = 15;
constexpr double kNotableSeconds = 1;
constexpr int kStarts = 5;
constexpr std::chrono::milliseconds kWarmUp{300};
constexpr double kTinyGoal = 0.85;
constexpr double kTlsGoal = 0.8;
constexpr auto kFirstTarget = "/api/search/suggest/?q=phone";

// One side in the rounds of one line.
struct Measured {
  std::vector<double> rates;
  std::vector<double> cpu_micros;     // of the server, for each answer, with what it did afterwards
  std::vector<double> seconds_after;  // it went on working after its last answer
  test::Latencies latencies;
};

// Who answers.
struct Answerer {
  std::string name;
  int port;
  std::function<std::vector<pid_t>()> processes;
};

class Comparer {
 public:
  explicit Comparer(const Comparison& plan)
      : plan_(plan),
        table_({"", "ours", "other", "times", "goal", "p50 ms", "p99 ms", "other p50", "other p99", "cpu us",
                "other cpu", "times"}) {}

  bool run() {
    seed();
    const double start_ms = measure_starts();
    server_ = std::make_unique<Server>(plan_.database, serve_arguments());
    ours_ = {"ours", server_->port(), [this] { return our_processes(); }};
    if (plan_.peer)
      peer_ = Answerer{"the peer", plan_.peer->port, [this] { return peer_processes(plan_.peer->folder); }};

    place_orders_before();
    measure_lines();
    add_memory();
    add_row(
        "start to first answer, ms", start_ms,
        plan_.peer && plan_.peer->start ? std::optional<double>(plan_.peer->start->count()) : std::nullopt);
    if (const int status = server_->stop(); status != 0)
      broken("our server ended with " + std::to_string(status));
    std::printf("%s", table_.text().c_str());
    for (const std::string& note : notes_) std::printf("%s\n", note.c_str());
    return is_sound_;
  }

 private:
  static std::vector<std::string> serve_arguments() { return {"--suggest-rate", "off"}; }

  void seed() const {
    const std::string database = plan_.database.string();
    if (!plan_.database.is_postgres()) {
      for (const auto* ending : {"", "-wal", "-shm", ".log"}) fs::remove(database + ending);
    }
    const test::ProgramResult seeded = test::run_program({"seed", "--uniform", "--database", database});
    if (seeded.exit_status != 0) throw std::runtime_error("\"aforro seed\" failed: " + seeded.err);
  }

  std::vector<pid_t> our_processes() const {
    std::vector<pid_t> all = process_tree(server_->pid());
    if (plan_.database.is_postgres()) {
      const std::vector<pid_t> sessions = postgres_sessions(plan_.database.name());
      all.insert(all.end(), sessions.begin(), sessions.end());
    }
    return all;
  }

  // Milliseconds from the start of the process to its first whole answer, the median of a few.
  double measure_starts() const {
    std::vector<double> times;
    for (int i = 0; i < kStarts; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      Server server(plan_.database, serve_arguments());
      const test::HttpResponse answer = test::HttpClient(server.port()).get(kFirstTarget);
      const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
      if (answer.status != 200)
        throw std::runtime_error("the first answer is " + std::to_string(answer.status));
      times.push_back(time.count());
      server.stop();
    }
    return median(times);
  }

  // So that the lists of orders are as long on both sides.
  void place_orders_before() {
    for (const Answerer* const side : sides()) {
      const Workload work = orders(goods_);
      check(test::run_load({.port = side->port,
                            .connections = 8,
                            .max_requests = kOrdersBefore,
                            .request = work.request,
                            .judge = work.judge}),
            *side, "orders beforehand");
      wait_until_idle(side->processes());
    }
  }

  void measure_lines() {
    measure("inventory listings/s, nothing changes", 20, listings(goods_));
    measure_files();
    measure_tls();
    measure_searches();
    measure_suggestions();
    const Workload ours = browsing(goods_, prices(ours_.port));
    measure_finding("browsing with filters/s", ours, peer_ ? browsing(goods_, prices(peer_->port)) : ours);
    measure("store order lists/s", 15, order_lists(Side::ours, goods_), order_lists(Side::peer, goods_));
    measure("orders of three lines/s", 30, orders(goods_));
    measure("inventory listings/s, 1 in 20 an order", std::nullopt, listings_between_orders(goods_));
  }

  // The peer finds a text as it stands, anywhere, so that one word is in half of its products: it is asked
  // for two words of a title where that finds nearer to as much as we do.
  void measure_searches() {
    std::vector<std::string> ours;
    std::vector<std::string> peers;
    const TitleWords words = title_words(ours_.port);
    const TitleWords peer_words = peer_ ? title_words(peer_->port) : words;
    for (const std::string& word : words.words) {
      if (ours.size() == kSearchWords) break;
      const std::int64_t count = peer_words.words.contains(word) ? count_results(ours_.port, word) : 0;
      if (count == 0) continue;
      ours.push_back(word);
      peers.push_back(peer_ ? nearest(peer_->port, peer_words.phrases_with(word), count) : word);
    }
    if (ours.empty()) throw std::runtime_error("no word is found on both sides");
    measure_finding("searches/s", searches(ours), searches(peers));
  }

  void measure_suggestions() {
    std::set<std::string> beginnings;
    const int peer_port = peer_ ? peer_->port : ours_.port;
    for (const std::string& word : title_words(peer_port).words) {
      const std::string beginning = word.substr(0, kBeginningCharacters);
      if (average_found(ours_.port, suggestions({beginning}), 1) > 0) beginnings.insert(beginning);
    }
    if (beginnings.empty()) throw std::runtime_error("no beginning is found on both sides");
    const Workload both = suggestions({beginnings.begin(), beginnings.end()});
    measure_finding("suggestions/s", both, both);
  }

  // A line whose answers are as long as what is found, which is noted beside it.
  void measure_finding(const std::string& name, const Workload& ours, const Workload& peers) {
    std::string note = name + ": ours find " + shown(average_found(ours_.port, ours, kLookedAt));
    if (peer_) note += ", those of the peer " + shown(average_found(peer_->port, peers, kLookedAt));
    notes_.push_back(note + " on average");
    measure(name, kFindingGoal, ours, peers);
  }

  // The text whose number of results is nearest; the first of them finds something.
  static std::string nearest(int port, const std::vector<std::string>& texts, std::int64_t wanted) {
    std::string best;
    std::int64_t best_distance = 0;
    for (const std::string& text : texts) {
      const std::int64_t count = count_results(port, text);
      const std::int64_t distance = std::abs(count - wanted);
      if (count == 0 || (!best.empty() && distance >= best_distance)) continue;
      best = text;
      best_distance = distance;
    }
    return best;
  }

  void measure_files() {
    if (!plan_.file_server) {
      notes_.emplace_back(
          "nginx is not there to be compared with; `scripts/install-packages bench` installs it, and Debian "
          "starts "
          "it");
      return;
    }
    const std::string target = "/stores/1/inventory/";
    const test::HttpResponse listing = test::HttpClient(ours_.port).get(target);
    std::ofstream(plan_.file_server->folder / "listing.json", std::ios::binary) << listing.body;
    const Answerer files{"nginx", plan_.file_server->port,
                         [this] { return process_tree(plan_.file_server->pid); }};
    measure("one cached listing/s, against nginx's file", std::nullopt, one_page(target, listing.body.size()),
            &files, one_page("/listing.json", listing.body.size()));
    const std::string status = test::HttpClient(ours_.port).get("/livez").body;
    std::ofstream(plan_.file_server->folder / "livez.json", std::ios::binary) << status;
    measure("/livez/s, against nginx's file", kTinyGoal, one_page("/livez", status.size()), &files,
            one_page("/livez.json", status.size()));
  }

  // A server of ours of its own, since the other speaks plainly. Both have the same certificate.
  void measure_tls() {
    if (!plan_.file_server || plan_.file_server->tls_port == 0) return;
    const fs::path certificate = plan_.file_server->tls_folder / "cert.pem";
    std::vector<std::string> arguments = serve_arguments();
    arguments.insert(arguments.end(), {"--tls-cert", certificate.string(), "--tls-key",
                                       (plan_.file_server->tls_folder / "key.pem").string()});
    const Server server(plan_.database, arguments);
    const Answerer ours{"ours over TLS", server.port(), [&server] { return process_tree(server.pid()); }};
    const Answerer files{"nginx over TLS", plan_.file_server->tls_port,
                         [this] { return process_tree(plan_.file_server->pid); }};
    for (const Answerer* const side : {&ours, &files})
      test::speak_tls_at(side->port, test::read_file(certificate));
    const std::string target = "/livez";
    test::HttpClient client(ours.port);
    const std::string body = client.get(target).body;
    std::ofstream(plan_.file_server->folder / "livez.json", std::ios::binary) << body;
    test::HttpClient others_client(files.port);
    if (others_client.get("/livez.json").body != body || client.cipher() != others_client.cipher())
      broken("over TLS both sides must send the same by the same cipher: " + client.cipher() + " here, " +
             others_client.cipher() + " there");
    notes_.push_back("over TLS both speak " + client.cipher());
    measure("/livez over TLS/s, against nginx's file", kTlsGoal, ours, one_page(target, body.size()), &files,
            one_page("/livez.json", body.size()));
  }

  void measure(const std::string& name, std::optional<double> goal, const Workload& both) {
    measure(name, goal, both, both);
  }
  void measure(const std::string& name, std::optional<double> goal, const Workload& ours,
               const Workload& peers) {
    measure(name, goal, ours, peer_ ? &*peer_ : nullptr, peers);
  }

  void measure(const std::string& name, std::optional<double> goal, const Workload& work,
               const Answerer* other, const Workload& others_work) {
    measure(name, goal, ours_, work, other, others_work);
  }

  // The median of the rounds; the sides take turns at being first.
  void measure(const std::string& name, std::optional<double> goal, const Answerer& one, const Workload& work,
               const Answerer* other, const Workload& others_work) {
    if (name.find(plan_.only) == std::string::npos) return;
    Measured ours;
    Measured theirs;
    std::vector<double> times;
    for (std::size_t round = 0; round < plan_.rounds; ++round) {
      std::fprintf(stderr, "%s, round %zu of %zu\n", name.c_str(), round + 1, plan_.rounds);
      const bool ours_first = round % 2 == 0;
      if (ours_first) run_once(one, work, name, ours);
      if (other != nullptr) run_once(*other, others_work, name, theirs);
      if (!ours_first) run_once(one, work, name, ours);
      if (other != nullptr) times.push_back(ours.rates.back() / theirs.rates.back());
    }
    std::vector<std::string> row{name, shown(median(ours.rates))};
    row.push_back(other != nullptr ? shown(median(theirs.rates)) : "");
    row.push_back(other != nullptr ? shown(median(times)) : "");
    row.push_back(goal ? shown(*goal) : "");
    append_latencies(row, ours);
    append_latencies(row, theirs);
    row.push_back(shown(median(ours.cpu_micros)));
    row.push_back(other != nullptr ? shown(median(theirs.cpu_micros)) : "");
    row.push_back(other != nullptr ? shown(median(theirs.cpu_micros) / median(ours.cpu_micros)) : "");
    table_.add(row);
    note_work_after(name, one, ours);
    if (other != nullptr) note_work_after(name, *other, theirs);
  }

  void note_work_after(const std::string& name, const Answerer& side, const Measured& measured) {
    const double seconds = median(measured.seconds_after);
    if (seconds < kNotableSeconds) return;
    notes_.push_back(name + ": " + side.name + " worked on for " + shown(seconds) + " s after " +
                     shown(static_cast<double>(plan_.duration.count()) / 1000.0) + " s of this");
  }

  void run_once(const Answerer& side, const Workload& work, const std::string& name, Measured& measured) {
    const double cpu_before = cpu_seconds_of(side.processes());
    const LoadReport report = test::run_load({.port = side.port,
                                              .connections = plan_.connections,
                                              .warm_up = kWarmUp,
                                              .duration = plan_.duration,
                                              .request = work.request,
                                              .judge = work.judge});
    const std::vector<pid_t> processes = side.processes();  // a database may have started some for this
    measured.seconds_after.push_back(wait_until_idle(processes));
    const double cpu = cpu_seconds_of(processes) - cpu_before;
    check(report, side, name);
    measured.rates.push_back(report.per_second());
    measured.latencies.add(report.latencies);
    if (report.answered > 0) measured.cpu_micros.push_back(cpu * 1e6 / static_cast<double>(report.answered));
  }

  static void append_latencies(std::vector<std::string>& row, const Measured& measured) {
    for (const double share : {0.5, 0.99}) {
      const std::chrono::duration<double, std::milli> time = measured.latencies.quantile(share);
      row.push_back(measured.latencies.count() > 0 ? shown(time.count()) : "");
    }
  }

  void add_memory() {
    constexpr double kMib = 1024.0 * 1024.0;
    const Memory ours = memory_of(ours_.processes());
    const std::optional<Memory> theirs = peer_ ? std::optional(memory_of(peer_->processes())) : std::nullopt;
    const auto mib = [](std::int64_t bytes) { return static_cast<double>(bytes) / kMib; };
    add_row("resident memory, MiB (goal: under 100)", mib(ours.resident_bytes),
            theirs ? std::optional(mib(theirs->resident_bytes)) : std::nullopt);
    add_row("the same, shared pages divided, MiB", mib(ours.proportional_bytes),
            theirs ? std::optional(mib(theirs->proportional_bytes)) : std::nullopt);
  }

  // Of something that should be small.
  void add_row(const std::string& name, double ours, std::optional<double> other) {
    table_.add({name, shown(ours), other ? shown(*other) : "", other ? shown(*other / ours) : ""});
  }

  void check(const LoadReport& report, const Answerer& side, const std::string& name) {
    const std::string where = name + ", " + side.name + ": ";
    if (report.wrong > 0) {
      broken(where + std::to_string(report.wrong) + " wrong answers, the first: " + report.first_wrong);
      if (&side == &ours_) std::fprintf(stderr, "%s", errors_in(server_->log()).c_str());
    }
    if (report.counted == 0) broken(where + "no answer counted");
    if (report.reconnects > 0)
      notes_.push_back(where + std::to_string(report.reconnects) + " connections were closed by the server");
  }

  // The lines that tell of errors, but not more than anybody reads.
  static std::string errors_in(const std::string& log) {
    constexpr std::size_t kMost = 5;
    std::istringstream lines(log);
    std::string errors;
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line) && count < kMost;) {
      if (line.find("\"level\":\"error\"") == std::string::npos) continue;
      errors += line + '\n';
      ++count;
    }
    return errors;
  }

  void broken(const std::string& what) {
    is_sound_ = false;
    notes_.push_back("BROKEN: " + what);
    std::fprintf(stderr, "%s\n", notes_.back().c_str());
  }

  std::vector<const Answerer*> sides() const {
    return peer_ ? std::vector<const Answerer*>{&ours_, &*peer_} : std::vector<const Answerer*>{&ours_};
  }

  const Comparison& plan_;
  const Goods goods_;
  Table table_;
  std::vector<std::string> notes_;
  std::unique_ptr<Server> server_;
  Answerer ours_;
  std::optional<Answerer> peer_;
  bool is_sound_ = true;
};

}  // namespace

bool compare(const Comparison& plan) { return Comparer(plan).run(); }

}  // namespace aforro::bench
