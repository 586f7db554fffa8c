// Certificates that a test makes for itself: signed by their own key, or by an authority of the test's own.
#pragma once

#include <string>

namespace aforro::test {

struct Certificate {
  std::string pem;
  std::string key;  // in PEM, without a passphrase
};

enum class KeyOf { p256, rsa };

// Of localhost and 127.0.0.1, signed by its own key. Valid from an hour ago for so many days; negative: it
// has expired.
Certificate make_certificate(int days = 30, KeyOf kind = KeyOf::p256);

// Of an authority, which signs others, and one that it has signed for these names: "DNS:db.example".
Certificate make_authority();
Certificate make_certificate_by(const Certificate& authority, const std::string& names);

}  // namespace aforro::test
