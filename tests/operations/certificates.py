"""The Secrets that cert-manager would make of a manifest's Certificates, as folders of files."""

import pathlib
import subprocess

import manifests

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def _openssl(*arguments):
    subprocess.run(["openssl", "req", "-x509", "-days", "1", *_KEY, *map(str, arguments)],
                   check=True, capture_output=True)


def _issue(certificate, authority, folder):
    names = [f"DNS:{name}" for name in certificate["spec"].get("dnsNames", [])]
    names += [f"URI:{uri}" for uri in certificate["spec"].get("uris", [])]
    folder.mkdir()
    _openssl("-CA", authority / "ca.crt", "-CAkey", authority / "ca.key", "-subj", "/",
             "-addext", "basicConstraints=critical,CA:FALSE",
             "-addext", "subjectAltName=critical," + ",".join(names),
             "-keyout", folder / "tls.key", "-out", folder / "tls.crt")
    (folder / "ca.crt").write_bytes((authority / "ca.crt").read_bytes())


def issue_all(resources, folder):
    """Of every Certificate but the authority's: {name of its Secret: folder of its files}."""
    folder = pathlib.Path(folder)
    _openssl("-subj", "/CN=outerloop", "-keyout", folder / "ca.key", "-out", folder / "ca.crt")
    secrets = {}
    for certificate in manifests.of_kind(resources, "Certificate"):
        if not certificate["spec"].get("isCA"):
            name = certificate["spec"]["secretName"]
            secrets[name] = folder / name
            _issue(certificate, folder, secrets[name])
    return secrets
