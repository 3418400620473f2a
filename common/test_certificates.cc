#include "common/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>

#include "common/atomic_file.h"

namespace outerloop {
namespace {

constexpr long kBackdate = 3600;  // Seconds.

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

void Require(bool done) {
  if (!done) std::abort();
}

void SetName(X509_NAME* name, const std::string& text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.c_str());
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes, -1, -1, 0) == 1);
}

// Without an issuer, an extension, a signature.
Certificate NewCertificate(const std::string& name, EVP_PKEY* key, long valid_for) {
  Certificate certificate(X509_new(), X509_free);
  uint64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_set_version(certificate.get(), 2);  // Version 3.
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdate);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_for);
  X509_set_pubkey(certificate.get(), key);
  SetName(X509_get_subject_name(certificate.get()), name);
  return certificate;
}

void Extend(X509* certificate, int extension, const std::string& value) {
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, nullptr, extension, value.c_str());
  Require(made != nullptr && X509_add_ext(certificate, made, -1) == 1);
  X509_EXTENSION_free(made);
}

// What `write` writes, as text.
template <typename Write>
std::string ToPem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  Require(write(memory.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string ToPem(X509* certificate) {
  return ToPem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string ToPem(EVP_PKEY* key) {
  return ToPem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace

struct TestAuthority::Identity {
  Key key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  Certificate certificate{NewCertificate("test authority", key.get(), kBackdate * 24)};
};

TestAuthority::TestAuthority() : self_(std::make_unique<const Identity>()) {
  X509* certificate = self_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  Extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  Require(X509_sign(certificate, self_->key.get(), EVP_sha256()) > 0);
}

TestAuthority::~TestAuthority() = default;

TlsFiles TestAuthority::Issue(const std::string& folder, const TestSubject& subject) const {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate = NewCertificate("test", key.get(), subject.valid_for_seconds);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(self_->certificate.get()));
  Extend(certificate.get(), NID_subject_alt_name, subject.names);
  Require(X509_sign(certificate.get(), self_->key.get(), EVP_sha256()) > 0);
  const TlsFiles files = {folder + "/cert.pem", folder + "/key.pem", folder + "/ca.pem"};
  Require(WriteFileAtomically(files.cert, ToPem(certificate.get())).ok());
  Require(WriteFileAtomically(files.key, ToPem(key.get())).ok());
  Require(WriteFileAtomically(files.ca, ToPem(self_->certificate.get())).ok());
  return files;
}

}  // namespace outerloop
