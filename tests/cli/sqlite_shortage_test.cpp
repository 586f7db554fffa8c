// Commands and the server with too few descriptors, no threads, little memory: each says in one line what is
// missing, or does what it was asked for; the shop is never called damaged, and stays in order.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "support/engine.h"
#include "support/expect_program.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

using namespace aforro::test;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kSomebody = 23'456;  // whom limits bind that root has passed by

using Command = std::vector<std::string>;

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands{{"orders", "1"},
                                              {"verify"},
                                              {"search", "mug"},
                                              {"order", "--store", "1", "--item", "12:1"},
                                              {"migrate"},
                                              {"import", "products", "-"},
                                              {"seed"},
                                              {"backup", "copy.db"},
                                              {"serve", "--listen", "127.0.0.1:0"}};
  return kCommands;
}

// To the end, which for a server that comes so far is SIGTERM.
ProgramResult run(Command command, const fs::path& database, Setting setting) {
  const bool is_seed = command.front() == "seed";
  if (is_seed) {
    command.insert(command.end(), {"--products", "5", "--stores", "1", "--rows-per-store", "5"});
  }
  const bool is_backup = command.front() == "backup";
  const fs::path file = is_seed ? database.parent_path() / "new.db" : database;
  command.insert(command.end(), {"--database", file.string()});
  setting.folder = database.parent_path();
  setting.input = "title,price,category,sku\nMug,1,Kitchen,M-1\n";
  Program program(command, setting);
  if (command.front() == "serve") {
    CHECK(wait_until([&] { return has(program.out(), "listening") || !program.is_running(); }));
    program.signal(SIGTERM);
  }
  ProgramResult result = program.finish();
  if (command.front() == "serve") {  // it may have greeted, and sent confirmations, before it found out
    result.out.clear();
    result.err.erase(0, result.err.find("aforro: "));
  }
  for (const char* const more : {"", "-wal", "-shm", "-journal"}) {
    if (is_seed) fs::remove(file.string() + more);
    if (is_backup) fs::remove(database.parent_path() / ("copy.db" + std::string(more)));
  }
  return result;
}

struct ShopOfAll {
  TemporaryFolder folder;
  fs::path file = make_database(Goods::corner, folder).file();
  ShopOfAll() {
    // For whoever runs the program.
    fs::permissions(folder.path(), fs::perms::all);
    for (const auto& entry : fs::directory_iterator(folder.path())) fs::permissions(entry, fs::perms::all);
  }
};

}  // namespace

#if !defined(__SANITIZE_ADDRESS__)  // which looks at objects by a pipe, and without takes them for bad ones
TEST_CASE("without descriptors every command says so, and from some number on does what it is asked") {
  const ShopOfAll shop;
  for (const Command& command : commands()) {
    CAPTURE(command.front());
    bool has_succeeded = false;
    int refused = 0;
    for (rlim_t count = 5; count < 40 && !has_succeeded; ++count) {
      CAPTURE(count);
      const ProgramResult result =
          run(command, shop.file, {.limits = {{.resource = RLIMIT_NOFILE, .value = count}}});
      INFO(result.err);
      has_succeeded = result.exit_status == 0;
      if (has_succeeded || result.exit_status == 127) continue;  // 127: not even the program was loaded
      ++refused;
      check_refused(result, "out of file descriptors: raise the limit");
      CHECK(!has(result.err, "damaged"));
    }
    CHECK(has_succeeded);
    CHECK(refused > 0);
  }
  check_verified(shop.file);
}
#endif

TEST_CASE("without threads every command that needs one says so") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can run the program as somebody who has no process yet");
    return;
  }
  const ShopOfAll shop;
  for (const Command& command : commands()) {
    CAPTURE(command.front());
    for (rlim_t count = 1; count < 6; ++count) {
      CAPTURE(count);
      const ProgramResult result =
          run(command, shop.file,
              {.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}},  // it needs a thread of its own
               .limits = {{.resource = RLIMIT_NPROC, .value = count}},
               .user = kSomebody});
      INFO(result.err);
      if (result.exit_status == 0) continue;
      check_refused(result, "no thread can be started: raise the limit");
      CHECK(!has(result.err, "damaged"));
    }
  }
  check_verified(shop.file);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which take their memory in advance
TEST_CASE("with too little memory every command says so, or does what it is asked") {
  constexpr rlim_t kMiB = 1024 * 1024;
  // With less the system or the libraries give up before the program runs itself.
  rlim_t least = 16 * kMiB;
  while (run_program({"--version"}, {.limits = {{.resource = RLIMIT_AS, .value = least}}}).exit_status != 0) {
    least += kMiB / 4;
  }
  const ShopOfAll shop;
  int refused = 0;
  for (const Command& command : commands()) {
    CAPTURE(command.front());
    for (rlim_t bytes = least; bytes < 100 * kMiB;
         bytes += bytes < least + 16 * kMiB ? kMiB / 2 : 10 * kMiB) {
      CAPTURE(bytes);
      const ProgramResult result =
          run(command, shop.file, {.limits = {{.resource = RLIMIT_AS, .value = bytes}}});
      INFO(result.err);
      if (result.exit_status == 0 || result.exit_status == 127) continue;
      ++refused;
      const bool is_of_threads = has(result.err, "no thread can be started");
      check_refused(result, is_of_threads ? "or on memory" : "out of memory");
      CHECK(!has(result.err, "damaged"));
    }
  }
  CHECK(refused > 0);
  check_verified(shop.file);
}
#endif
