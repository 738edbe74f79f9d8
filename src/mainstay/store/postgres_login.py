"""Asking a PostgreSQL server whether it lets a user in: the driver would try a wrong password for half a minute.

The messages are those of PostgreSQL's protocol 3.0, the proof is SCRAM-SHA-256 (RFC 5802, RFC 7677). Whatever else a
server asks for is left to the driver.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
from base64 import b64decode, b64encode
from dataclasses import dataclass

PROTOCOL = 196_608  # 3.0
OK, SASL, CONTINUE = 0, 10, 11
MECHANISM = b"SCRAM-SHA-256"
MOST_BYTES = 65_536  # of a message
ROUNDS = 60  # messages that are read before the driver is left to it
REFUSALS = ("28P01", "28000", "3D000")  # wrong password, unknown user, unknown database
OF_ENCRYPTION = "pg_hba.conf"  # refused without TLS perhaps, which the driver may use


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks to be let in, and where to."""

    user: str
    password: str
    database: str


def refusal(connection: socket.socket, login: Login) -> str | None:
    """Return why a server refuses a login, None where it does not, or where only the driver can tell; `OSError`."""
    if not login.password.isascii():
        return None  # its form in the proof is the driver's to know
    words = b"".join(each.encode() + b"\0" for each in ("user", login.user, "database", login.database))
    _send(connection, b"", PROTOCOL.to_bytes(4, "big") + words + b"\0")
    nonce = b64encode(secrets.token_bytes(18)).decode()
    for _ in range(ROUNDS):
        kind, body = _received(connection)
        code = int.from_bytes(body[:4], "big")
        if kind == b"E":
            return _refused(body)
        if kind == b"R" and code == SASL and MECHANISM in body[4:].split(b"\0"):
            first = f"n,,n=,r={nonce}".encode()
            _send(connection, b"p", MECHANISM + b"\0" + len(first).to_bytes(4, "big") + first)
        elif kind == b"R" and code == CONTINUE:
            _send(connection, b"p", _proof(login.password, nonce, body[4:].decode()))
        elif kind in (b"Z", b"") or (kind == b"R" and code not in (OK, CONTINUE + 1)):
            return None
    return None


def _proof(password: str, nonce: str, server_first: str) -> bytes:
    told = dict(part.split("=", 1) for part in server_first.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(told["s"]), int(told["i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    final = f"c=biws,r={told['r']}"
    signed = f"n=,r={nonce},{server_first},{final}".encode()
    signature = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
    proof = bytes(left ^ right for left, right in zip(key, signature, strict=True))
    return f"{final},p={b64encode(proof).decode()}".encode()


def _refused(body: bytes) -> str | None:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    code, said = fields.get(b"C", ""), fields.get(b"M", "")
    return said if code in REFUSALS and OF_ENCRYPTION not in said else None


def _send(connection: socket.socket, kind: bytes, body: bytes) -> None:
    connection.sendall(kind + (len(body) + 4).to_bytes(4, "big") + body)


def _received(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the kind and the body of the next message; no kind where it ends, or is none."""
    head = _exactly(connection, 5)
    size = int.from_bytes(head[1:], "big") - 4
    if len(head) < 5 or not 0 <= size <= MOST_BYTES:
        return b"", b""
    return head[:1], _exactly(connection, size)


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size and (part := connection.recv(size - len(parts))):
        parts += part
    return parts
