#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP server with the manners, good and bad, that http_client and s3_reader must cope with. Loopback only.

    http_peer.py --dir D [--certificate good|other-name|expired|early] [--answers FILE]

With --answers it answers whatever it is asked with what stands in FILE, a JSON list of [status, {header: value}, body],
one after another and the last one ever again.

With --certificate it speaks TLS and leaves the authority that signed its certificate in D/ca.pem, and one that did not
in D/stranger.pem. Prints "ready URL", then "got METHOD PATH" for each request.

    /echo           answers with the request line, the headers and the size of the body
    /status/N       answers N
    /long/N         answers N bytes
    /redirect       points elsewhere
    /hang           never answers
    /page           answers 200 with a portal's page
    /drop           closes the connection instead of answering
    /flaky/KEY      1000 bytes, of which the first answer holds 400; then honours Range and If-Match
    /forgetful/KEY  the same, but Range is not understood
    /replaced/KEY   the same, but by then the object is another
"""

import argparse
import datetime
import http.server
import json
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OBJECT = bytes(i % 251 for i in range(1000))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    cut = set()  # paths whose first answer was cut short
    answers = []  # of --answers

    def handle_request(self):
        print("got", self.command, self.path, flush=True)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if Handler.answers:
            status, headers, text = Handler.answers[0]
            if len(Handler.answers) > 1:
                Handler.answers.pop(0)
            self.answer(status, text.encode(), headers)
            return
        kind, _, rest = self.path.partition("?")[0].removeprefix("/").partition("/")
        if kind == "echo":
            lines = [f"{self.command} {self.path}"] + [f"{k.lower()}: {v}" for k, v in self.headers.items()]
            self.answer(200, "\n".join(lines + [f"body {len(body)}", ""]).encode())
        elif kind == "status":
            self.answer(int(rest))
        elif kind == "long":
            self.answer(200, b"x" * int(rest))
        elif kind == "redirect":
            self.answer(302, headers={"Location": "/echo"})
        elif kind == "hang":
            threading.Event().wait()
        elif kind == "page":
            self.answer(200, b"<html><body>Log in</body></html>", {"Content-Type": "text/html"})
        elif kind == "drop":
            self.close_connection = True
        elif kind in ("flaky", "forgetful", "replaced"):
            self.cut_short(kind)
        else:
            self.answer(404)

    def handle_expect_100(self):
        return True  # and no word of "100 Continue"

    do_GET = do_PUT = do_POST = do_HEAD = handle_request

    def cut_short(self, kind):
        if self.path not in Handler.cut:
            Handler.cut.add(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(OBJECT)))
            self.send_header("ETag", '"one"')
            self.send_header("x-amz-request-id", "1")
            self.end_headers()
            self.wfile.write(OBJECT[:400])
            self.close_connection = True
        elif kind == "forgetful":
            self.answer(200, OBJECT, {"x-amz-request-id": "1"})
        elif self.headers.get("If-Match") != ('"one"' if kind == "flaky" else '"two"'):
            self.answer(412, b"<Error><Code>PreconditionFailed</Code></Error>", {"x-amz-request-id": "1"})
        else:
            begin = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            self.answer(206, OBJECT[begin:], {"Content-Range": f"bytes {begin}-{len(OBJECT) - 1}/{len(OBJECT)}",
                                              "x-amz-request-id": "1"})

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that refuse the certificate


def certificate(subject, key, issuer, issuer_key, begin_days, end_days, names=None):
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder()
               .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
               .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now + datetime.timedelta(days=begin_days))
               .not_valid_after(now + datetime.timedelta(days=end_days))
               .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def write_certificates(folder, kind):
    def key():
        return ec.generate_private_key(ec.SECP256R1())
    authority, stranger, server = key(), key(), key()
    begin, end = {"expired": (-20, -10), "early": (10, 20)}.get(kind, (-1, 10))
    names = ["elsewhere.example"] if kind == "other-name" else ["localhost"]
    files = {
        "ca.pem": certificate("authority", authority, "authority", authority, -30, 30),
        "stranger.pem": certificate("stranger", stranger, "stranger", stranger, -30, 30),
        "server.pem": certificate("server", server, "authority", authority, begin, end, names)
                      + server.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()),
    }
    for name, pem in files.items():
        with open(f"{folder}/{name}", "wb") as file:
            file.write(pem)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", required=True)
    parser.add_argument("--certificate", choices=["good", "other-name", "expired", "early"])
    parser.add_argument("--answers")
    options = parser.parse_args()
    if options.answers:
        with open(options.answers, encoding="utf-8") as file:
            Handler.answers = json.load(file)
    server = Server(("127.0.0.1", 0), Handler)
    if options.certificate:
        write_certificates(options.dir, options.certificate)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(f"{options.dir}/server.pem")
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "https" if options.certificate else "http"
    print(f"ready {scheme}://localhost:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
