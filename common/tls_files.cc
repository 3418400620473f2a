#include "common/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr unsigned kReloadSeconds = 1;

absl::Status Refuse(const std::string& flag, const std::string& path, const std::string& why) {
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", path, " ", why));
}

absl::StatusOr<std::string> Read(const std::string& flag, const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (text.ok()) return text;
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", text.status().message()));
}

Memory Open(const std::string& text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
}

// In place of OpenSSL's, which asks at the terminal.
int NoPassword(char*, int, int, void*) { return 0; }

absl::StatusOr<Certificate> ReadCertificate(const std::string& flag, const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, Read(flag, path));
  Certificate certificate(PEM_read_bio_X509(Open(text).get(), nullptr, NoPassword, nullptr),
                          X509_free);
  if (certificate == nullptr) return Refuse(flag, path, "holds no PEM certificate");
  return certificate;
}

absl::StatusOr<PrivateKey> ReadKey(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, Read("--tls-key", path));
  PrivateKey key(PEM_read_bio_PrivateKey(Open(text).get(), nullptr, NoPassword, nullptr),
                 EVP_PKEY_free);
  if (key == nullptr) return Refuse("--tls-key", path, "holds no PEM key without a password");
  return key;
}

absl::Status CheckPair(const TlsFiles& files) {
  if (files.cert.empty()) return absl::InvalidArgumentError("--tls-key: give --tls-cert as well");
  if (files.key.empty()) return absl::InvalidArgumentError("--tls-cert: give --tls-key as well");
  ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate("--tls-cert", files.cert));
  ASSIGN_OR_RETURN(const PrivateKey key, ReadKey(files.key));
  if (X509_check_private_key(certificate.get(), key.get()) == 1) return absl::OkStatus();
  return Refuse("--tls-key", files.key, absl::StrCat("is not the key of ", files.cert));
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files) {
  if (!files.cert.empty() || !files.key.empty()) RETURN_IF_ERROR(CheckPair(files));
  if (files.ca.empty()) return absl::OkStatus();
  return ReadCertificate("--tls-ca", files.ca).status();
}

std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchTlsFiles(
    const TlsFiles& files) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.cert, files.ca, kReloadSeconds);
}

}  // namespace outerloop
