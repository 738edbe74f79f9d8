"""Named typed tensors of the Open Inference Protocol: from JSON or bytes to plain values, and back to bytes.

Source: the protocol's `inference_rest.md`, and the binary tensor data extension that Triton's, KServe's and MLServer's
clients speak: after the JSON, whose length a header tells, come the tensors' bytes in order, little-endian.
"""

from __future__ import annotations

import math
import struct
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

from mainstay.domain.errors import did_you_mean
from mainstay.serving.body import WRONG_SHAPE, Unacceptable
from mainstay.serving.wording import short

BYTES = "BYTES"
FLOATS = ("FP16", "FP32", "FP64")
NUMPY = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
DATATYPES = (*NUMPY, BYTES)
BINARY_SIZE = "binary_data_size"
JSON_TEXTS = "pd_json"  # MLServer's name for a column of mixed values, each written as JSON
BASE64 = "base64"
MAX_DIMENSIONS, MAX_LENGTH = 8, 10_000_000  # far more than a table in one request has


class Tensor(msgspec.Struct):
    """One tensor as it came. Its values are in `data`, flat or nested, or in the bytes behind the JSON."""

    name: str
    datatype: str
    shape: list[int]
    data: Any = None
    parameters: dict[str, Any] | None = None


def split_body(body: bytes, json_length: int | None) -> tuple[bytes, bytes]:
    """Return the JSON of a body and the bytes behind it; raises `Unacceptable` for a length that cannot be.

    >>> split_body(b'{"inputs": []}1234', 14)
    (b'{"inputs": []}', b'1234')
    """
    if json_length is None:
        return body, b""
    if not 0 <= json_length <= len(body):
        what = f"inference-header-content-length does not fit a body of {len(body)} bytes"
        raise Unacceptable(WRONG_SHAPE, what, remedy="Send the length of the JSON, a whole number.", status=400)
    return body[:json_length], body[json_length:]


def read_values(tensor: Tensor, behind: bytes, start: int) -> tuple[list[Any], int]:
    """Return the values of a tensor, row after row, and where the next one begins in the bytes behind the JSON.

    NaN is None, for a tensor has no other way to say missing; infinities are texts. Raises `Unacceptable`.

    >>> read_values(Tensor("age", "FP64", [2], [50, float("nan")]), b"", 0)
    ([50, None], 0)
    """
    size = (tensor.parameters or {}).get(BINARY_SIZE)
    if len(tensor.shape) > MAX_DIMENSIONS or not all(0 <= length <= MAX_LENGTH for length in tensor.shape):
        raise _wrong(tensor, "a shape that no table has", "Send [n], or [n, 1], for n rows.")
    if tensor.datatype not in DATATYPES:
        raise _wrong(tensor, f"datatype {tensor.datatype[:20]!r}", did_you_mean(tensor.datatype[:20], DATATYPES))
    if size is None:
        values, end = _flat(tensor), start
    else:
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= len(behind) - start:
            raise _wrong(tensor, f"binary_data_size {short(size)!r}", f"{len(behind) - start} bytes are left for it.")
        end = start + size
        values = _of_bytes(tensor, behind[start:end])
    if len(values) != math.prod(tensor.shape):
        raise _wrong(tensor, f"{len(values)} values", f"Its shape {tensor.shape} wants {math.prod(tensor.shape)}.")
    return _understood(tensor, values), end


def float_bytes(values: Iterable[float | None]) -> bytes:
    """Return numbers as FP64 bytes; None is NaN."""
    return np.array([math.nan if value is None else value for value in values], dtype="<f8").tobytes()


def text_bytes(texts: Iterable[str]) -> bytes:
    """Return texts as BYTES: each after its length.

    >>> text_bytes(["ab", ""])
    b'\\x02\\x00\\x00\\x00ab\\x00\\x00\\x00\\x00'
    """
    encoded = [text.encode() for text in texts]
    return b"".join(piece for text in encoded for piece in (struct.pack("<I", len(text)), text))


def _flat(tensor: Tensor) -> list[Any]:
    values = tensor.data if isinstance(tensor.data, list) else [tensor.data]
    for _ in tensor.shape[1:]:
        if not values or not all(isinstance(value, list) for value in values):
            break
        values = [value for inner in values for value in inner]
    return values


def _of_bytes(tensor: Tensor, raw: bytes) -> list[Any]:
    if tensor.datatype == BYTES:
        return _texts(tensor, raw)
    dtype = np.dtype(NUMPY[tensor.datatype])
    if len(raw) % dtype.itemsize:
        raise _wrong(tensor, f"{len(raw)} bytes", f"Each {tensor.datatype} takes {dtype.itemsize}.")
    values: list[Any] = np.frombuffer(raw, dtype).tolist()
    return values


def _texts(tensor: Tensor, raw: bytes) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(raw):
        end = at + 4 + int.from_bytes(raw[at : at + 4], "little")
        if at + 4 > len(raw) or end > len(raw):
            raise _wrong(
                tensor, f"bytes that end within element {len(found)}", "Each is its length (4 bytes), then it."
            )
        try:
            found.append(raw[at + 4 : end].decode())
        except UnicodeDecodeError as error:
            raise _wrong(tensor, f"element {len(found)} that is not UTF-8", "Send texts as UTF-8.") from error
        at = end
    return found


def _understood(tensor: Tensor, values: Sequence[Any]) -> list[Any]:
    if tensor.datatype in FLOATS:
        return [_number(value) if isinstance(value, float | str) else value for value in values]
    kind = (tensor.parameters or {}).get("content_type")
    if tensor.datatype == BYTES and kind in (JSON_TEXTS, BASE64):
        read = _json_text if kind == JSON_TEXTS else _base64_text
        try:
            return [read(value) if isinstance(value, str) else value for value in values]
        except (msgspec.DecodeError, NotBase64, ValueError, RecursionError) as error:
            raise _wrong(tensor, f"values that are not {kind}", "Leave out its content_type to send texts.") from error
    return list(values)


def _number(value: float | str) -> float | str | None:
    if isinstance(value, str):
        return None if value == "NaN" else value  # what quoting made of NaN
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _json_text(text: str) -> Any:
    return msgspec.json.decode(text)


def _base64_text(text: str) -> str:
    return b64decode(text, validate=True).decode()


def _wrong(tensor: Tensor, came: str, remedy: str) -> Unacceptable:
    return Unacceptable(WRONG_SHAPE, f"input {short(tensor.name)!r} has {came}", remedy=remedy, status=400)
