#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "support/held_clock.h"
#include "support/on_threads.h"
#include "support/pooled_thread.h"

namespace {

using namespace std::string_view_literals;
using aforro::Log;
using nlohmann::json;

// A pipe, which is what a log mostly goes to, and which takes large pieces apart.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }

  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

  // As much as a pipe holds, if there is so much; nothing once its writer is closed.
  std::string read_some() const {
    std::string piece(65'536, '\0');
    const ssize_t got = ::read(ends_[0], piece.data(), piece.size());
    piece.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return piece;
  }
  // Everything until its writer is closed. Put together afterwards: a text that grows is copied now and then,
  // and nobody reads meanwhile.
  std::string read_all() const {
    std::deque<std::string> pieces;
    for (std::string piece = read_some(); !piece.empty(); piece = read_some()) {
      pieces.push_back(std::move(piece));
    }
    std::string all;
    for (const std::string& piece : pieces) all += piece;
    return all;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What one call writes.
template <class F>
std::string written(F&& call, Log::Level least = Log::Level::debug) {
  Pipe pipe;
  const aforro::test::HeldClock clock;
  Log log(pipe.writer(), least, clock);
  call(log);
  pipe.close_writer();
  return pipe.read_all();
}

TEST_CASE("an event is one line of JSON with time, level and its fields in order") {
  CHECK(written([](Log& log) {
          log.warning("slow", {{"ms", 1'500}, {"path", "/a\"b"}});
        }) ==
        R"({"time":"2026-11-23T20:44:22.699193Z","level":"warning","event":"slow","ms":1500,"path":"/a\"b"})"
        "\n");
}

TEST_CASE("each level has its name, and what is below the least wanted is not written") {
  const auto all = [](Log& log) {
    log.debug("a");
    log.info("b");
    log.warning("c");
    log.error("d");
  };
  std::string levels;
  for (const std::string& line : lines_of(written(all)))
    levels += json::parse(line)["level"].get<std::string>() + " ";
  CHECK(levels == "debug info warning error ");
  CHECK(lines_of(written(all, Log::Level::warning)).size() == 2);
  CHECK(lines_of(written(all, Log::Level::error)).size() == 1);
}

TEST_CASE("a value may hold anything and stays within its line") {
  const std::string odd("line\nbreak\r \0 \x1B[31m caf\xC3\xA9"sv);
  const auto lines = lines_of(written([&](Log& log) { log.info("odd", {{"text", odd}}); }));
  REQUIRE(lines.size() == 1);
  CHECK(json::parse(lines[0])["text"] == odd);
}

TEST_CASE("broken UTF-8 is replaced, so that the line can be read") {
  const auto lines = lines_of(written([](Log& log) { log.info("odd", {{"text", "caf\xC3\xA9 \xFF ok"}}); }));
  REQUIRE(lines.size() == 1);
  CHECK(json::parse(lines[0])["text"] == "caf?? ? ok");
}

TEST_CASE("lines of many threads never mix, however long they are") {
  constexpr int kThreads = 8;
  constexpr int kLines = 100;
  Pipe pipe;
  const aforro::test::HeldClock clock;
  Log log(pipe.writer(), Log::Level::debug, clock);
  std::string all;
  std::thread reader([&] { all = pipe.read_all(); });
  std::vector<std::thread> writers;
  writers.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    writers.emplace_back([&log, thread] {
      // Past what a pipe takes in one piece.
      const std::string text(20'000, static_cast<char>('a' + thread));
      for (int i = 0; i < kLines; ++i) log.info("line", {{"thread", thread}, {"i", i}, {"text", text}});
    });
  }
  for (std::thread& writer : writers) writer.join();
  pipe.close_writer();
  reader.join();

  const auto lines = lines_of(all);
  REQUIRE(lines.size() == kThreads * kLines);
  std::set<std::pair<int, int>> seen;
  for (const std::string& line : lines) {
    REQUIRE(json::accept(line));
    const json event = json::parse(line);
    const int thread = event["thread"];
    REQUIRE(event["text"] == std::string(20'000, static_cast<char>('a' + thread)));
    seen.emplace(thread, event["i"]);
  }
  CHECK(seen.size() == kThreads * kLines);
}

TEST_CASE("a log that cannot be written fails nobody") {
  const aforro::test::HeldClock clock;
  Log log(-1, Log::Level::debug, clock);
  CHECK_NOTHROW(log.error("lost"));
}

TEST_CASE("what is delivered is written at whatever level, and fails whoever sends it if it cannot be") {
  const auto lines = lines_of(written([](Log& log) { log.deliver("sent", {{"id", 7}}); }, Log::Level::error));
  REQUIRE(lines.size() == 1);
  CHECK(json::parse(lines[0])["level"] == "info");
  CHECK(json::parse(lines[0])["id"] == 7);

  const aforro::test::HeldClock clock;
  Log nowhere(-1, Log::Level::debug, clock);
  CHECK_THROWS_AS(nowhere.deliver("sent", {}), std::system_error);
}

TEST_CASE("a log that nobody reads stops nobody, and says how much it lost once it is read again") {
  constexpr int kThreads = 4;
  constexpr int kLines = 5'000;  // far more than a pipe holds
  Pipe pipe;
  const aforro::test::HeldClock clock;
  Log log(pipe.writer(), Log::Level::debug, clock);
  const auto begun = std::chrono::steady_clock::now();
  aforro::test::on_threads(kThreads, [&](int thread) {
    for (int i = 0; i < kLines; ++i) log.info("line", {{"thread", thread}, {"i", i}});
  });
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
  CHECK_THROWS_AS(log.deliver("sent", {}), std::system_error);

  const std::string before = pipe.read_some();
  log.info("after");
  pipe.close_writer();
  const auto lines = lines_of(before + pipe.read_all());

  std::int64_t written = 0;
  std::int64_t lost = 0;
  for (const std::string& line : lines) {
    if (!json::accept(line)) continue;  // the one that did not fit
    const json event = json::parse(line);
    if (event["event"] == "line") ++written;
    if (event["event"] == "log_lines_lost") lost += event["count"].get<std::int64_t>();
  }
  CHECK(json::parse(lines.back())["event"] == "after");
  CHECK(lost > kThreads * kLines / 2);
  CHECK(written + lost == kThreads * kLines);
}

TEST_CASE("a thread that waits for the log's reader gives up its turn first") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.writer(), F_SETPIPE_SZ, 4'096) >= 4'096);
  const aforro::test::HeldClock clock;
  Log log(pipe.writer(), Log::Level::debug, clock);
  const aforro::test::PooledThread pooled;
  log.info("short");
  CHECK(pooled.blocked == 0);
  log.info("long", {{"text", std::string(20'000, 'x')}});
  CHECK(pooled.blocked == 1);
  log.info("lost at once");
  CHECK(pooled.blocked == 1);
}

TEST_CASE("a line that could not be written whole does not swallow the next") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK) == 0);
  const aforro::test::HeldClock clock;
  Log log(pipe.writer(), Log::Level::debug, clock);
  const std::string more_than_fits(200'000, 'x');
  CHECK_THROWS_AS(log.deliver("long", {{"text", more_than_fits}}), std::system_error);
  CHECK_THROWS_AS(log.deliver("short", {}), std::system_error);  // not one byte of it fits

  const std::string torn = pipe.read_some();
  log.deliver("short", {});
  pipe.close_writer();
  const auto lines = lines_of(torn + pipe.read_all());
  REQUIRE(lines.size() == 2);
  CHECK(!json::accept(lines[0]));
  CHECK(json::parse(lines[1])["event"] == "short");
}

}  // namespace
