// The flags of a ChannelSecurity, the same for all programs.
#ifndef OUTERLOOP_COMMON_CHANNEL_FLAGS_H_
#define OUTERLOOP_COMMON_CHANNEL_FLAGS_H_

#include "CLI/CLI.hpp"
#include "common/channel_security.h"

namespace outerloop {

// Every flag is also a variable. None of them takes a secret itself.
inline void AddTlsFlags(CLI::App& app, TlsFiles& files) {
  app.add_option("--tls-cert", files.cert, "PEM file: the certificate that this process shows")
      ->envname("OUTERLOOP_TLS_CERT");
  app.add_option("--tls-key", files.key, "PEM file: the private key of --tls-cert")
      ->envname("OUTERLOOP_TLS_KEY");
  app.add_option("--tls-ca", files.ca, "PEM file: authorities whose certificates are believed")
      ->envname("OUTERLOOP_TLS_CA");
}

inline void AddChannelFlags(CLI::App& app, ChannelSecurity& security) {
  AddTlsFlags(app, security.tls);
  app.add_option("--token-file", security.token_file,
                 "File with the token that says to the coordinator who this is")
      ->envname("OUTERLOOP_TOKEN_FILE");
}

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_CHANNEL_FLAGS_H_
