"""Asking an ONNX file, by the runtime that callers use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnxruntime

Feed: TypeAlias = Mapping[str, npt.NDArray[Any]]

RUNTIME = f"onnxruntime {onnxruntime.__version__}"


def said_by(data: bytes, feed: Feed, *, output: str) -> npt.NDArray[np.float64]:
    """Return what a file says of rows, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (said,) = session.run([output], dict(feed))
    return np.asarray(said, dtype=np.float64)
