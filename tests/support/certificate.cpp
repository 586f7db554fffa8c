#include "support/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <random>
#include <stdexcept>

namespace aforro::test {
namespace {

void require(bool succeeded) {
  if (!succeeded) throw std::runtime_error("no certificate can be made");
}

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  require(bio && write(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

struct Parts {
  std::string common_name;
  std::string names = {};  // empty: an authority
  int days = 30;
  KeyOf kind = KeyOf::p256;
};

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  require(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

BIO* reading(const std::string& pem) { return BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())); }

Certificate make(const Parts& parts, const Certificate* authority) {
  const Key key(parts.kind == KeyOf::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free);
  const X509Ptr made(X509_new(), X509_free);
  require(key && made);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), static_cast<long>(std::random_device()() >> 1U));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), parts.days < 0 ? parts.days * 48L * 60 * 60 : -60L * 60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), parts.days * 24L * 60 * 60);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(parts.common_name.c_str()), -1, -1, 0);
  if (parts.names.empty()) {
    add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(made.get(), NID_subject_alt_name, parts.names);
  }
  if (authority == nullptr) {
    X509_set_issuer_name(made.get(), name);
    require(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
  } else {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> pem(reading(authority->pem), BIO_free_all);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> secret(reading(authority->key), BIO_free_all);
    const X509Ptr issuer(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr), X509_free);
    const Key signing(PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    require(issuer && signing);
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get()));
    require(X509_sign(made.get(), signing.get(), EVP_sha256()) > 0);
  }
  return {.pem = pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, made.get()); }),
          .key = pem_of([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace

Certificate make_certificate(int days, KeyOf kind) {
  return make({.common_name = "localhost", .names = "DNS:localhost,IP:127.0.0.1", .days = days, .kind = kind},
              nullptr);
}

// Under a name of its own, by which others are told from it.
Certificate make_authority() {
  return make({.common_name = "an authority of tests, " + std::to_string(std::random_device()())}, nullptr);
}

Certificate make_certificate_by(const Certificate& authority, const std::string& names) {
  return make({.common_name = "a server of tests", .names = names}, &authority);
}

}  // namespace aforro::test
