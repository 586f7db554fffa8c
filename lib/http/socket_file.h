// The file of a Unix socket, from before the first client can connect until it is removed with this object.
#pragma once

#include <sys/types.h>

#include <string>

namespace aforro::http {

class SocketFile {
 public:
  // Binds the socket to the path and has it listen; nobody can connect before the file has its mode. A socket
  // at which nobody listens any more is replaced. Throws Problem (conflict) if something else is at the path,
  // a socket that is listened at among it, if the path is too long, or no file can be made there.
  SocketFile(int socket, const std::string& path, unsigned mode, int backlog);
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  // Removes the file, if it is still the one that was made.
  ~SocketFile();

  const std::string& path() const { return path_; }  // in full

 private:
  void remove() const noexcept;

  const std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace aforro::http
