"""Certificates and tokens for a test, made with openssl: authorities and issuers, and what they sign."""

import base64
import datetime
import json
import pathlib
import subprocess


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

    def sign(self, name, days=30, names="DNS:localhost,IP:127.0.0.1", seconds=None):
        """(certificate, key) of that common name, and of `names` (None: no others); with `days` below zero it has expired.
        `seconds`: it ends so soon."""
        certificate, key, request = (self.folder / f"{name}.{suffix}" for suffix in ("pem", "key", "csr"))
        extensions = self.folder / "extensions"
        extensions.write_text(f"subjectAltName={names}\n" if names else "basicConstraints=CA:FALSE\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
                 "-subj", f"/CN={name}")
        if seconds is not None:  # Which "openssl x509" of Debian 12 cannot say.
            settings = self.folder / "ca.cnf"
            settings.write_text(f"[ca]\ndefault_ca=own\n[own]\ndatabase={self.folder}/index\nrand_serial=yes\nnew_certs_dir={self.folder}\n"
                                "unique_subject=no\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
            (self.folder / "index").touch()
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
            _openssl("ca", "-batch", "-notext", "-config", settings, "-cert", self.certificate, "-keyfile", self._key, "-in", request,
                     "-out", certificate, "-enddate", f"{end:%y%m%d%H%M%SZ}", "-extfile", extensions)
            return certificate, key
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                 "-out", certificate, "-days", days, "-extfile", extensions)
        return certificate, key


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An identity provider: one RSA key, its JWKS, and tokens that it signs."""

    def __init__(self, folder, kid="first"):
        self._key = pathlib.Path(folder) / f"{kid}.key"
        self.kid = kid
        _openssl("genrsa", "-out", self._key, "2048")
        modulus = subprocess.run(["openssl", "rsa", "-in", self._key, "-noout", "-modulus"], check=True, capture_output=True, text=True, timeout=60)
        self.public = {"kty": "RSA", "kid": kid, "use": "sig", "e": "AQAB", "n": _base64(bytes.fromhex(modulus.stdout.strip().partition("=")[2]))}

    def jwks(self):
        return json.dumps({"keys": [self.public]})

    def token(self, claims, header=None):
        head = {"alg": "RS256", "kid": self.kid, **(header or {})}
        text = ".".join(_base64(json.dumps(part).encode()) for part in (head, claims))
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self._key], input=text.encode(), check=True, capture_output=True, timeout=60)
        return f"{text}.{_base64(signed.stdout)}"
