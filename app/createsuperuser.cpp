#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>

#include "accounts/users.h"
#include "app/commands.h"
#include "app/file.h"
#include "app/terminal.h"
#include "base/json_writer.h"
#include "base/problem.h"

namespace aforro::app {
namespace {

constexpr std::size_t kMaxPasswordBytes = 4096;

struct Options {
  std::string username;
  std::string email;
  bool password_stdin = false;
};

std::string password_from_input() {
  std::string password = read_file("-", kMaxPasswordBytes);
  if (password.ends_with('\n')) password.pop_back();
  if (password.ends_with('\r')) password.pop_back();
  return password;
}

std::string password_from_terminal() {
  if (!can_ask()) {
    throw Problem(Problem::Kind::invalid,
                  "there is no terminal to ask for the password; give it with --password-stdin or"
                  " AFORRO_SUPERUSER_PASSWORD");
  }
  const auto password = ask_password("Password: ");
  if (!password) throw Problem(Problem::Kind::invalid, "no password was given; nothing was changed");
  if (ask_password("Password (again): ") != password) {
    throw Problem(Problem::Kind::invalid, "the two passwords are not the same; nothing was changed");
  }
  return *password;
}

std::string read_password(const Options& options) {
  if (options.password_stdin) return password_from_input();
  if (const char* const given = std::getenv("AFORRO_SUPERUSER_PASSWORD"); given != nullptr && *given != '\0')
    return given;
  return password_from_terminal();
}

void create(Session& session, const Options& options) {
  if (options.username.empty()) throw wrong_usage("--username must not be empty");
  const std::string password = read_password(options);
  const Database database = session.open_database(sql::Missing::create);
  const auto created =
      accounts::Users(*database.engine, session.clock())
          .create_superuser(options.username,
                            options.email.empty() ? std::nullopt : std::optional(options.email), password);
  const bool is_new = created == accounts::Users::Created::made;
  if (!session.wants_json()) {
    session.print((is_new ? "created the administrator " : "set the password of the administrator ") +
                  options.username + "\n");
    return;
  }
  JsonWriter json;
  json.begin_object().key("username").string(options.username).key("is_new").boolean(is_new).end_object();
  session.print_json(json.take());
}

}  // namespace

void add_createsuperuser(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "createsuperuser", "make an administrator, or set the password of one who was imported");
  const auto options = std::make_shared<Options>();
  command->add_option("--username", options->username, "the name to sign in with")
      ->required()
      ->type_name("NAME");
  command->add_option("--email", options->email, "where to reach them")->type_name("ADDRESS");
  command->add_flag(
      "--password-stdin", options->password_stdin,
      "read the password from standard input; else AFORRO_SUPERUSER_PASSWORD, else it is asked for");
  session.add_common(*command, "aforro createsuperuser --username ada --email ada@example.org");
  command->callback([&session, options] { create(session, *options); });
}

}  // namespace aforro::app
