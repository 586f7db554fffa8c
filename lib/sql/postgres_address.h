// The url of a PostgreSQL database, taken apart by libpq: which servers it names, and in which order they are
// tried. A value. Part of the driver.
#pragma once

#include <string>
#include <vector>

namespace aforro::sql {

// One server of a url, as libpq's parameters have it. What is empty is as the whole url has it.
struct PostgresHost {
  std::string name = {};     // a folder for a Unix socket
  std::string address = {};  // in place of looking the name up
  std::string port = {};
  std::string target = {};  // target_session_attrs
  bool is_one_of_several = false;

  std::string shown() const { return (name.empty() ? address : name) + (port.empty() ? "" : ":" + port); }
};

class PostgresAddress {
 public:
  // Throws Problem (invalid) if the url can't be read.
  explicit PostgresAddress(std::string url);

  const std::string& url() const { return url_; }

  // At least one. Of several servers, the one that takes writes is meant unless target_session_attrs says
  // otherwise: on a standby, what has been acknowledged may be missing yet.
  const std::vector<PostgresHost>& hosts() const { return hosts_; }

 private:
  std::string url_;
  std::vector<PostgresHost> hosts_;
};

}  // namespace aforro::sql
