#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWS KMS on loopback: asymmetric RSA keys for encryption, over the KMS JSON 1.1 protocol.

It knows CreateKey, CreateAlias, ListAliases, ListKeys, DescribeKey, GetPublicKey, Encrypt and Decrypt, and verifies
each request's Signature Version 4. It is as strict as KMS where a client could be wrong: the signature, the time, the
session token, the key id of an asymmetric decryption, the algorithm. Keys live in memory.

    kms_standin.py [--port 0] [--access-key K --secret-key S] [--session-token T] [--region R] [--account N]
                   [--import-key PEM[=ARN|KEYID]]... [--deny-decrypt ARN]... [--fail-first N] [--delay-ms N]
                   [--ready-file F] [--log F] [--tls-cert PEM --tls-key PEM]

On standard output, when it listens: "ready http://127.0.0.1:PORT", then one line of JSON, [{"pem", "arn"}...], the
imported keys. SIGTERM ends it with status 0.
"""

import argparse
import base64
import ctypes
import datetime
import hashlib
import hmac
import http.server
import json
import os
import re
import signal
import ssl
import sys
import threading
import time
import urllib.parse
import uuid

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLOCK_SKEW_S = 300
BODY_BYTES_MAX = 1 << 20  # KMS's own requests stay far below
PLAINTEXT_HASH = {"RSAES_OAEP_SHA_256": hashes.SHA256, "RSAES_OAEP_SHA_1": hashes.SHA1}
KEY_BITS = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}


class Refusal(Exception):
    """An error response, as KMS names it."""

    def __init__(self, kind, message="", status=400):
        super().__init__(f"{kind}: {message}")
        self.kind, self.message, self.status = kind, message, status


class Key:
    def __init__(self, private_key, arn):
        self.private_key = private_key
        self.arn = arn
        self.key_id = arn.rsplit("/", 1)[1]
        self.created = time.time()

    @property
    def spec(self):
        return f"RSA_{self.private_key.key_size}"

    def metadata(self, account):
        return {
            "AWSAccountId": account, "KeyId": self.key_id, "Arn": self.arn, "CreationDate": round(self.created, 3),
            "Enabled": True, "Description": "", "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled",
            "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": self.spec, "KeySpec": self.spec,
            "EncryptionAlgorithms": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"], "MultiRegion": False,
        }


class Kms:
    """The keys and what may be done with them. Threads: any; `lock` guards the tables."""

    def __init__(self, options):
        self.region, self.account = options.region, options.account
        self.denied = set(options.deny_decrypt)
        self.lock = threading.Lock()
        self.keys = {}  # by ARN
        self.aliases = {}  # name to ARN

    def arn(self, resource):
        return f"arn:aws:kms:{self.region}:{self.account}:{resource}"

    def add(self, private_key, arn=None):
        key = Key(private_key, arn or self.arn(f"key/{uuid.uuid4()}"))
        with self.lock:
            self.keys[key.arn] = key
        return key

    def find(self, request):
        """A key by its id, its ARN, an alias's name or an alias's ARN."""
        name = request.get("KeyId")
        if name is None:
            raise Refusal("ValidationException",
                          "1 validation error detected: Value at 'keyId' failed to satisfy constraint: "
                          "Member must not be null")
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9:/_-]{1,2048}", name):
            raise Refusal("ValidationException", f"'keyId' is malformed: {name!r}")
        with self.lock:
            full = name if name.startswith("arn:") else self.arn(
                name if name.startswith("alias/") else f"key/{name}")
            if ":alias/" in full:
                alias = full.split(":", 5)[5]
                if alias not in self.aliases or full != self.arn(alias):
                    raise Refusal("NotFoundException", f"Alias {full} is not found.")
                full = self.aliases[alias]
            key = self.keys.get(full)
            if key is None:  # an imported key may have an ARN of another account or region
                key = next((key for key in self.keys.values() if key.key_id == name), None)
        if key is None:
            if name.startswith("arn:") and not re.match(r"arn:aws[a-z-]*:kms:[^:]+:[0-9]{12}:(key|alias)/", name):
                raise Refusal("NotFoundException", f"Invalid arn {name}")
            raise Refusal("NotFoundException", f"Key '{full}' does not exist")
        return key

    # Each operation takes the request's JSON and returns the response's.

    def CreateKey(self, request):
        spec = request.get("KeySpec", request.get("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"))
        if spec not in KEY_BITS:
            raise Refusal("UnsupportedOperationException", f"this stand-in makes {', '.join(KEY_BITS)}; not {spec}")
        if request.get("KeyUsage", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
            raise Refusal("UnsupportedOperationException", "this stand-in makes keys for ENCRYPT_DECRYPT only")
        key = self.add(rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS[spec]))
        return {"KeyMetadata": key.metadata(self.account)}

    def CreateAlias(self, request):
        name = request.get("AliasName", "")
        if not re.fullmatch(r"alias/[a-zA-Z0-9/_-]{1,250}", name) or name.startswith("alias/aws/"):
            raise Refusal("InvalidAliasNameException" if name else "ValidationException", f"alias name {name!r}")
        key = self.find({"KeyId": request.get("TargetKeyId")})
        with self.lock:
            if name in self.aliases:
                raise Refusal("AlreadyExistsException", f"An alias with the name {self.arn(name)} already exists")
            self.aliases[name] = key.arn
        return None

    def ListAliases(self, request):
        wanted = self.find(request).arn if request.get("KeyId") else None
        with self.lock:
            return {"Truncated": False, "Aliases": [
                {"AliasName": name, "AliasArn": self.arn(name), "TargetKeyId": arn.rsplit("/", 1)[1]}
                for name, arn in sorted(self.aliases.items()) if wanted in (None, arn)]}

    def ListKeys(self, request):
        with self.lock:
            return {"Truncated": False,
                    "Keys": [{"KeyId": key.key_id, "KeyArn": key.arn} for key in self.keys.values()]}

    def DescribeKey(self, request):
        return {"KeyMetadata": self.find(request).metadata(self.account)}

    def GetPublicKey(self, request):
        key = self.find(request)
        der = key.private_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return {"KeyId": key.arn, "PublicKey": base64.b64encode(der).decode(), "CustomerMasterKeySpec": key.spec,
                "KeySpec": key.spec, "KeyUsage": "ENCRYPT_DECRYPT",
                "EncryptionAlgorithms": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]}

    def Encrypt(self, request):
        key, algorithm = self.find(request), self.algorithm(request)
        plaintext = self.blob(request, "Plaintext", 4096)
        self.refuse_context(request)
        limit = key.private_key.key_size // 8 - 2 * algorithm.digest_size - 2
        if len(plaintext) > limit:
            raise Refusal("ValidationException",
                          f"Algorithm {request['EncryptionAlgorithm']} and key spec {key.spec} cannot encrypt data "
                          f"larger than {limit} bytes.")
        return {"KeyId": key.arn, "EncryptionAlgorithm": request["EncryptionAlgorithm"],
                "CiphertextBlob": base64.b64encode(
                    key.private_key.public_key().encrypt(plaintext, oaep(algorithm))).decode()}

    def Decrypt(self, request):
        ciphertext = self.blob(request, "CiphertextBlob", 6144)
        if request.get("KeyId") is None and request.get("EncryptionAlgorithm") in (None, "SYMMETRIC_DEFAULT"):
            raise Refusal("InvalidCiphertextException")  # only a symmetric ciphertext tells its key
        key, algorithm = self.find(request), self.algorithm(request)
        self.refuse_context(request)
        if key.arn in self.denied:
            raise Refusal("AccessDeniedException",
                          f"User: arn:aws:iam::{self.account}:user/test is not authorized to perform: kms:Decrypt on "
                          f"resource: {key.arn} because no identity-based policy allows the kms:Decrypt action")
        try:
            plaintext = key.private_key.decrypt(ciphertext, oaep(algorithm))
        except ValueError:
            raise Refusal("InvalidCiphertextException") from None
        return {"KeyId": key.arn, "EncryptionAlgorithm": request["EncryptionAlgorithm"],
                "Plaintext": base64.b64encode(plaintext).decode()}

    @staticmethod
    def algorithm(request):
        name = request.get("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
        if name == "SYMMETRIC_DEFAULT" or name == "SM2PKE":
            raise Refusal("InvalidKeyUsageException", f"{name} is not valid for an RSA key")
        if name not in PLAINTEXT_HASH:
            raise Refusal("ValidationException",
                          f"1 validation error detected: Value '{name}' at 'encryptionAlgorithm' failed to satisfy "
                          "constraint: Member must satisfy enum value set: [SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, "
                          "RSAES_OAEP_SHA_256, SM2PKE]")
        return PLAINTEXT_HASH[name]()

    @staticmethod
    def refuse_context(request):
        if request.get("EncryptionContext"):
            raise Refusal("ValidationException", "EncryptionContext is not supported for asymmetric KMS keys")

    @staticmethod
    def blob(request, name, limit):
        try:
            value = base64.b64decode(request[name], validate=True)
        except KeyError:
            raise Refusal("ValidationException", f"1 validation error detected: Value at '{name}' failed to satisfy "
                          "constraint: Member must not be null") from None
        except (ValueError, TypeError):
            raise Refusal("SerializationException", f"{name} is not base64") from None
        if not 1 <= len(value) <= limit:
            raise Refusal("ValidationException", f"1 validation error detected: Value at '{name}' failed to satisfy "
                          f"constraint: Member must have length between 1 and {limit}")
        return value


def oaep(algorithm):
    return padding.OAEP(mgf=padding.MGF1(algorithm=algorithm), algorithm=algorithm, label=None)


OPERATIONS = {name: getattr(Kms, name) for name in (
    "CreateKey", "CreateAlias", "ListAliases", "ListKeys", "DescribeKey", "GetPublicKey", "Encrypt", "Decrypt")}


class SignatureV4:
    """Source: AWS Signature Version 4 signing process ("Create a signed AWS API request"), header form."""

    def __init__(self, options):
        self.access_key, self.secret_key = options.access_key, options.secret_key
        self.session_token, self.region = options.session_token, options.region

    def verify(self, method, target, headers, body):
        authorization = headers.get("authorization")
        if authorization is None:
            raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
        match = re.fullmatch(r"AWS4-HMAC-SHA256\s+(.*)", authorization)
        if not match:
            raise Refusal("IncompleteSignatureException", f"Unsupported AWS 'algorithm': '{authorization.split()[0]}'")
        parts = dict(part.strip().split("=", 1) for part in match[1].split(",") if "=" in part)
        missing = [name for name in ("Credential", "SignedHeaders", "Signature") if not parts.get(name)]
        date = headers.get("x-amz-date", "")
        if not re.fullmatch(r"\d{8}T\d{6}Z", date):
            missing.append("X-Amz-Date")
        if missing:
            raise Refusal("IncompleteSignatureException", f"Authorization header requires {', '.join(missing)}")
        scope = parts["Credential"].split("/")
        if len(scope) != 5:
            raise Refusal("IncompleteSignatureException", f"Credential must have five parts: {parts['Credential']}")
        access_key, day, region, service, terminator = scope
        if access_key != self.access_key:
            raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
        if (day, region, service, terminator) != (date[:8], self.region, "kms", "aws4_request"):
            raise Refusal("InvalidSignatureException",
                          f"Credential should be scoped to {date[:8]}/{self.region}/kms/aws4_request")
        try:
            signed_at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise Refusal("IncompleteSignatureException", f"X-Amz-Date is no time: {date}") from None
        now = datetime.datetime.now(datetime.timezone.utc)
        if abs((now - signed_at).total_seconds()) > CLOCK_SKEW_S:
            early = signed_at > now
            raise Refusal("InvalidSignatureException",
                          f"Signature {'not yet current' if early else 'expired'}: {date} is "
                          f"{'still later' if early else 'now earlier'} than {now:%Y%m%dT%H%M%SZ} (5 min.)")

        names = parts["SignedHeaders"].split(";")
        must = ["host"] + [name for name in headers if name.startswith("x-amz-")]
        unsigned = [name for name in must if name not in names]
        if names != sorted(names) or unsigned or any(name not in headers for name in names):
            raise Refusal("InvalidSignatureException",
                          f"SignedHeaders must be sorted, present, and contain {', '.join(unsigned) or 'host'}")
        if self.session_token and headers.get("x-amz-security-token") != self.session_token:
            raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.")

        body_hash = hashlib.sha256(body).hexdigest()
        stated = headers.get("x-amz-content-sha256", body_hash)
        path, _, query = target.partition("?")
        pairs = sorted((quote(k), quote(v)) for k, v in urllib.parse.parse_qsl(query, keep_blank_values=True))
        canonical = "\n".join([
            method,
            "/".join(quote(part) for part in path.split("/")) or "/",  # once more, for all services but S3
            "&".join(f"{k}={v}" for k, v in pairs),
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            ";".join(names),
            stated if stated == body_hash else "x-amz-content-sha256 does not match",
        ])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", date, "/".join(scope[1:]),
                             hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"AWS4{self.secret_key}".encode()
        for part in scope[1:]:
            key = hmac.digest(key, part.encode(), "sha256")
        expected = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(expected, parts["Signature"]):
            raise Refusal("InvalidSignatureException",
                          "The request signature we calculated does not match the signature you provided. Check your "
                          "AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n"
                          f"The Canonical String for this request should have been\n'{canonical}'\n\n"
                          f"The String-to-Sign should have been\n'{to_sign}'\n")


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "kms-standin"
    timeout = 60
    disable_nagle_algorithm = True
    kms = signature = log = None
    fail_first = 0
    delay_s = 0.0
    count_lock = threading.Lock()

    def do_POST(self):
        operation = self.headers.get("X-Amz-Target", "").removeprefix("TrentService.")
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= BODY_BYTES_MAX:
            self.close_connection = True
            return self.answer(operation, 400, {"__type": "SerializationException", "message": "Content-Length"})
        body = self.rfile.read(length)
        time.sleep(self.delay_s)
        try:
            status, reply = 200, self.reply_to(operation, body)
        except Refusal as refusal:
            status, reply = refusal.status, {"__type": refusal.kind}
            if refusal.message:
                # The one error whose message KMS spells with a capital.
                reply["Message" if refusal.kind == "AccessDeniedException" else "message"] = refusal.message
        self.answer(operation, status, reply)

    def reply_to(self, operation, body):
        with Handler.count_lock:
            if Handler.fail_first > 0:
                Handler.fail_first -= 1
                raise Refusal("ThrottlingException", "Rate exceeded", status=500)
        headers = {}
        for name, value in self.headers.items():
            name = name.lower()
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        self.signature.verify(self.command, self.path, headers, body)
        if self.path != "/" or operation not in OPERATIONS:
            raise Refusal("UnknownOperationException")
        if headers.get("content-type") != "application/x-amz-json-1.1":
            raise Refusal("UnknownOperationException", "Content-Type must be application/x-amz-json-1.1")
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            request = None
        if not isinstance(request, dict):
            raise Refusal("SerializationException", "the body is no JSON object")
        return OPERATIONS[operation](self.kms, request)

    def answer(self, operation, status, reply):
        body = b"" if reply is None else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if self.log:
            self.log.write(json.dumps({"time": time.time(), "operation": operation, "status": status,
                                       "error": None if status == 200 else reply["__type"],
                                       "message": None if status == 200 else reply.get("message", reply.get("Message"))}) + "\n")

    def do_GET(self):
        self.send_error(405)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    tls = None

    def finish_request(self, request, client_address):
        if self.tls:  # in the connection's own thread, so that a silent client holds up no other
            request.settimeout(10)
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (OSError, ssl.SSLError)):
            super().handle_error(request, client_address)


def imported(kms, argument):
    pem, _, name = argument.partition("=")
    try:
        with open(pem, "rb") as file:
            private_key = serialization.load_pem_private_key(file.read(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        sys.exit(f"kms_standin.py: error: --import-key {pem}: {error}")
    if not isinstance(private_key, rsa.RSAPrivateKey):
        sys.exit(f"kms_standin.py: error: --import-key {pem}: not an RSA key")
    arn = None if not name else name if name.startswith("arn:") else kms.arn(f"key/{name}")
    return {"pem": pem, "arn": kms.add(private_key, arn).arn}


def main():
    parser = argparse.ArgumentParser(description="A stand-in for AWS KMS on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--access-key", default="AKIATEST")
    parser.add_argument("--secret-key", default="test-secret")
    parser.add_argument("--session-token", help="every request must carry this one; otherwise any, or none, will do")
    parser.add_argument("--region", default="eu-west-1")
    parser.add_argument("--account", default="111122223333")
    parser.add_argument("--import-key", action="append", default=[], metavar="PEM[=ARN|KEYID]")
    parser.add_argument("--deny-decrypt", action="append", default=[], metavar="ARN")
    parser.add_argument("--fail-first", type=int, default=0, metavar="N", help="500 ThrottlingException that often")
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--ready-file", help="gets the ready line too")
    parser.add_argument("--log", help="a line of JSON a request")
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    options = parser.parse_args()

    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(0)

    Handler.kms = Kms(options)
    Handler.signature = SignatureV4(options)
    Handler.fail_first, Handler.delay_s = options.fail_first, options.delay_ms / 1000
    if options.log:
        Handler.log = open(options.log, "a", buffering=1)
    keys = [imported(Handler.kms, argument) for argument in options.import_key]
    try:
        server = Server(("127.0.0.1", options.port), Handler)
        if options.tls_cert:
            server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.tls.load_cert_chain(options.tls_cert, options.tls_key)
    except OSError as error:
        sys.exit(f"kms_standin.py: error: {error}")

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    ready = f"ready {'https' if server.tls else 'http'}://127.0.0.1:{server.server_address[1]}\n" + json.dumps(keys)
    print(ready, flush=True)
    if options.ready_file:
        with open(f"{options.ready_file}.new", "w") as file:
            file.write(ready + "\n")
        os.replace(f"{options.ready_file}.new", options.ready_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
