// Certificates that a test makes for itself, of localhost and 127.0.0.1, signed by their own key.
#pragma once

#include <string>

namespace aforro::test {

struct Certificate {
  std::string pem;
  std::string key;  // in PEM, without a passphrase
};

enum class KeyOf { p256, rsa };

// Valid from an hour ago for so many days; negative: it has expired.
Certificate make_certificate(int days = 30, KeyOf kind = KeyOf::p256);

}  // namespace aforro::test
