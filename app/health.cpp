// Whether a server is ready, for those who watch over it: HEALTHCHECK of a container, a script before a
// deployment goes on.
#include <curl/curl.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "app/commands.h"
#include "base/json_writer.h"
#include "base/problem.h"
#include "http/listen_address.h"

namespace aforro::app {
namespace {

constexpr long kPatienceMs = 2'000;
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;

struct Target {
  std::string url;
  std::string socket = {};      // the path of a Unix socket that the server listens on
  bool is_ours_by_name = true;  // its certificate must be of the name in the url
};

struct Answer {
  long status = 0;   // 0: there was none
  std::string body;  // or why there was none
};

// A server that listens on every address is asked on this machine's own.
std::string reachable(const http::TcpAddress& address) {
  if (address.host == "0.0.0.0") return "127.0.0.1";
  return address.host == "::" ? "::1" : address.host;
}

// The server that `serve` would be with the same settings. What certificate it has is its own business: it is
// asked here whether it is there, and nothing is told to it.
Target own_server(const std::string& listen) {
  const auto address = http::parse_listen_address(listen);
  if (!address) throw wrong_usage("--listen must be HOST:PORT, :PORT or PORT, or unix:PATH");
  const char* const certificate = std::getenv("AFORRO_TLS_CERT");
  const bool is_encrypted = certificate != nullptr && *certificate != '\0';
  if (const auto* const socket = std::get_if<http::UnixAddress>(&*address)) {
    return {.url = is_encrypted ? "https://localhost" : "http://localhost",
            .socket = socket->path,
            .is_ours_by_name = false};
  }
  http::TcpAddress tcp = std::get<http::TcpAddress>(*address);
  tcp.host = reachable(tcp);
  return {.url = http::to_string(tcp, is_encrypted), .is_ours_by_name = false};
}

Target given_server(std::string url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    throw wrong_usage("URL must be that of a server, as in http://127.0.0.1:8000");
  }
  while (url.ends_with('/')) url.pop_back();
  if (url.find_first_of("/?#", url.find("://") + 3) != std::string::npos) {
    throw wrong_usage("URL must be that of a server and not of a page, as in http://127.0.0.1:8000");
  }
  return {.url = std::move(url)};
}

std::size_t collect(char* bytes, std::size_t, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + count > kMaxAnswerBytes) return 0;  // ends it
  text.append(bytes, count);
  return count;
}

// Throws std::runtime_error if the library takes it for none.
template <class Value>
void set(CURL* request, CURLoption option, Value value) {
  if (const CURLcode code = curl_easy_setopt(request, option, value); code != CURLE_OK) {
    throw std::runtime_error(curl_easy_strerror(code));
  }
}

Answer ask(const Target& target) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> request(curl_easy_init(), curl_easy_cleanup);
  if (!request) throw std::bad_alloc();
  Answer answer;
  const std::string url = target.url + "/readyz";
  set(request.get(), CURLOPT_URL, url.c_str());
  set(request.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  set(request.get(), CURLOPT_TIMEOUT_MS, kPatienceMs);
  set(request.get(), CURLOPT_NOSIGNAL, 1L);
  set(request.get(), CURLOPT_QUICK_EXIT, 1L);  // nor wait for a name to be resolved in the end
  set(request.get(), CURLOPT_PROXY, "");  // what the environment says of proxies is for the world outside
  if (!target.socket.empty()) set(request.get(), CURLOPT_UNIX_SOCKET_PATH, target.socket.c_str());
  if (!target.is_ours_by_name) {
    set(request.get(), CURLOPT_SSL_VERIFYPEER, 0L);
    set(request.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  }
  set(request.get(), CURLOPT_WRITEFUNCTION, collect);
  set(request.get(), CURLOPT_WRITEDATA, &answer.body);
  const CURLcode code = curl_easy_perform(request.get());
  if (code != CURLE_OK) return {.status = 0, .body = curl_easy_strerror(code)};
  curl_easy_getinfo(request.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

// What a problem document says; empty if it is none.
std::string detail_of(const std::string& body) {
  const auto document = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  const bool has_detail =
      document.is_object() && document.contains("detail") && document["detail"].is_string();
  return has_detail ? document["detail"].get<std::string>() : std::string();
}

std::string why_not(const Target& target, const Answer& answer) {
  const std::string where = target.socket.empty() ? target.url : "unix:" + target.socket;
  if (answer.status == 0) return where + " does not answer: " + answer.body;
  const std::string detail = detail_of(answer.body);
  return where + " is not ready: " + std::to_string(answer.status) + (detail.empty() ? "" : ", " + detail);
}

void check_health(Session& session, const Target& target) {
  const Answer answer = ask(target);
  if (answer.status != 200) throw Problem(Problem::Kind::unavailable, why_not(target, answer));
  if (!session.wants_json()) return session.print("ready\n");
  JsonWriter json;
  json.begin_object().key("status").string("ready").end_object();
  session.print_json(json.take());
}

}  // namespace

void add_health(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "health", "ask a server whether it can take orders: exit status 0 if so, 1 if not");
  const auto url = std::make_shared<std::string>();
  const auto listen = std::make_shared<std::string>("127.0.0.1:8000");
  command->add_option("URL", *url,
                      "the server, as in http://127.0.0.1:8000; without it, the one of --listen");
  command->add_option("--listen", *listen, "where the server listens, as serve has it")
      ->type_name("HOST:PORT|unix:PATH")
      ->capture_default_str();
  session.add_manners(*command, "aforro health http://127.0.0.1:8000", kCommandPatience);
  command->callback([&session, url, listen] {
    check_health(session, url->empty() ? own_server(*listen) : given_server(*url));
  });
}

}  // namespace aforro::app
