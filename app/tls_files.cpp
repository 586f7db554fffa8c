#include "app/tls_files.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <system_error>

#include "app/commands.h"
#include "app/file.h"
#include "base/problem.h"

namespace aforro::app {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr std::int64_t kSecondsPerDay = 24 * 60 * 60;
constexpr std::int64_t kDaysToRenew = 14;

// Nothing that could be waited for, as a pipe: SIGTERM would wait, too.
std::string read_regular(const std::string& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error))
    throw Problem(Problem::Kind::invalid, file + " is no regular file, which can be read again");
  return read_file(file, kMaxFileBytes);
}

http::TlsIdentity read_identity(const TlsFiles& files) {
  return {.certificates = read_regular(files.certificates),
          .key = read_regular(files.key),
          .certificates_name = files.certificates,
          .key_name = files.key};
}

}  // namespace

std::unique_ptr<http::TlsContext> open_tls(Session& session, const TlsFiles& files) {
  if (files.certificates.empty() && files.key.empty()) return nullptr;
  if (files.certificates.empty() || files.key.empty())
    throw wrong_usage("--tls-cert and --tls-key go together: a certificate and its key");
  if (files.certificates == "-" || files.key == "-")
    throw wrong_usage("--tls-cert and --tls-key must be files, which can be read again");
  auto tls = std::make_unique<http::TlsContext>(read_identity(files));
  const std::int64_t left = tls->seconds_left();
  const std::int64_t days = (left + kSecondsPerDay - 1) / kSecondsPerDay;
  if (left < 0) {
    session.remark("note: the certificate in " + files.certificates + " has expired: clients will refuse it");
  } else if (days <= kDaysToRenew) {
    session.remark("note: the certificate in " + files.certificates + " expires within " +
                   std::to_string(days) + (days == 1 ? " day" : " days"));
  }
  return tls;
}

void reload_tls(http::TlsContext& tls, const TlsFiles& files, Log& log) {
  try {
    tls.use(read_identity(files));
    log.info("tls_reloaded",
             {{"certificate", files.certificates}, {"expires_in_days", tls.seconds_left() / kSecondsPerDay}});
  } catch (const std::exception& fault) {
    log.error("tls_not_reloaded", {{"error", fault.what()}});
  }
}

}  // namespace aforro::app
