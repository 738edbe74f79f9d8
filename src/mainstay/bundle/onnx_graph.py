"""A graph of ONNX under construction, in float64 throughout. The one home of the library `onnx`, from the extra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, ValueInfoProto, checker, helper, numpy_helper

from mainstay.domain.plan import Input

OPSET, ML_OPSET, IR_VERSION = 21, 5, 10  # of 2024; trees in float64 need the fifth edition of ai.onnx.ml
ML = "ai.onnx.ml"

Name: TypeAlias = str
Array: TypeAlias = npt.NDArray[Any]


@dataclass(slots=True)
class Graph:
    """What has been added so far.

    `known` keeps what was worked out before, by what it is made of; `given` says of inputs that are no columns, but
    numbers that a caller works out, of which input of the plan.
    """

    nodes: list[NodeProto] = field(default_factory=list)
    tensors: list[TensorProto] = field(default_factory=list)
    inputs: dict[Name, ValueInfoProto] = field(default_factory=dict)
    known: dict[Any, Name] = field(default_factory=dict)
    given: dict[Name, Input] = field(default_factory=dict)


def add(graph: Graph, operation: str, *inputs: Name, domain: str = "", **attributes: Any) -> Name:
    """Add an operation and return the name of what it gives."""
    name = f"{operation}_{len(graph.nodes)}"
    graph.nodes.append(helper.make_node(operation, inputs, [name], domain=domain, **attributes))
    return name


def constant(graph: Graph, values: Sequence[Any] | Array | float, dtype: Any = np.float64) -> Name:
    """Add a constant and return its name."""
    name = f"constant_{len(graph.tensors)}"
    graph.tensors.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
    return name


def once(graph: Graph, key: Any, make: Callable[[], Name]) -> Name:
    """Return what was made for a key before, or make it."""
    if key not in graph.known:
        graph.known[key] = make()
    return graph.known[key]


def column(graph: Graph, name: str, *, is_text: bool) -> Name:
    """Return an input of the whole graph: a column of shape (n_rows, 1), declared where it is first read."""
    kind = TensorProto.STRING if is_text else TensorProto.DOUBLE
    if name not in graph.inputs:
        graph.inputs[name] = helper.make_tensor_value_info(name, kind, [None, 1])
    return name


def is_text(graph: Graph, name: Name) -> bool:
    """Say whether an input of the whole graph is a column of texts."""
    return bool(graph.inputs[name].type.tensor_type.elem_type == TensorProto.STRING)


def tensor(values: Sequence[Any] | Array, dtype: Any) -> TensorProto:
    """Return an array as an attribute of an operation."""
    return numpy_helper.from_array(np.asarray(values, dtype=dtype))


def finished(graph: Graph, output: Name, *, called: str, width: int | None, told: Mapping[str, str]) -> bytes:
    """Return the graph as a file: `output` under a name, shape (n_rows,) or (n_rows, width), and facts beside it."""
    shape = [None] if width is None else [None, width]
    graph.nodes.append(helper.make_node("Identity", [output], [called]))
    whole = helper.make_graph(
        graph.nodes,
        "plan",
        list(graph.inputs.values()),
        [helper.make_tensor_value_info(called, TensorProto.DOUBLE, shape)],
        graph.tensors,
    )
    imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
    model = helper.make_model(whole, opset_imports=imports, ir_version=IR_VERSION, producer_name="mainstay")
    helper.set_model_props(model, dict(told))
    checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
