"""Certificates for a test, made with openssl: authorities, and what they sign."""

import pathlib
import subprocess

_EXTENSIONS = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, folder, name="ca"):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True)
        self.certificate = self.folder / "ca.pem"
        self._key = self.folder / "ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self._key,
                 "-out", self.certificate, "-subj", f"/CN={name}", "-days", 30)

    def sign(self, name, days=30):
        """(certificate, key) of that name for 127.0.0.1; with `days` below zero it has expired."""
        certificate, key, request = (self.folder / f"{name}.{suffix}" for suffix in ("pem", "key", "csr"))
        extensions = self.folder / "extensions"
        extensions.write_text(_EXTENSIONS)
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
                 "-subj", f"/CN={name}")
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                 "-out", certificate, "-days", days, "-extfile", extensions)
        return certificate, key
