"""The service: workers that answer on one socket, and a child that moves what they answered into the journal."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType

from mainstay.domain.errors import Asked, Refused
from mainstay.interfaces.http.forked import Forked
from mainstay.interfaces.http.rates import make_rates
from mainstay.interfaces.http.settings import GRACE_S, MULTIPROCESS, Front, Settings, is_loopback
from mainstay.interfaces.http.supervisor import Child, Role, keep_all, started
from mainstay.interfaces.logs import begin_logging
from mainstay.workflows.home import has_keys, require_home

WORKER = "mainstay.interfaces.http.worker"
INGESTER = "mainstay.interfaces.ingester"
INGEST_EVERY_S = 60.0
INGEST_AFTER_S = 2.0  # the ingester loads heavy libraries: workers come up first
LAST_ROUND_S = 60.0
BACKLOG = 2048
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

PLAIN = Front()

log = logging.getLogger("mainstay.http")


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    workers: int = 1,
    ingest_every_s: float | None = INGEST_EVERY_S,
    front: Front = PLAIN,
) -> None:
    """Answer decisions for the home in a project's folder until SIGTERM or SIGINT; call it in the main thread.

    With port 0 the system chooses one (the log says which). With `ingest_every_s` None the spool is left to others.
    Raises `Refused` for an address beyond this machine without keys and `insecure_host`, `Asked` for one, or for a
    certificate, that cannot be used, `NotFound` where there is no home.
    """
    _check(port=port, workers=workers)
    require_home(folder)
    require_certificate(front)
    if not (is_loopback(host) or front.insecure_host or has_keys(folder)):
        raise Refused(
            f"no key was made yet, so the service answers on this machine only, not on {host!r}",
            remedy="Make one: mainstay keys add NAME --scopes decide,outcomes,actions. Or add --insecure-host, behind "
            "a proxy that checks who calls, or in a closed network.",
        )
    begin_logging(front.log_format)
    with listening(host, port) as listener, tempfile.TemporaryDirectory(prefix="mainstay-metrics-") as counters:
        address = _address(listener, "https" if front.tls_cert else "http")
        rates = Path(counters) / "rates"
        make_rates(rates)
        settings = Settings(
            folder=str(folder.absolute()),
            socket=listener.fileno(),
            parent=os.getpid(),
            loopback=is_loopback(host),
            rates=str(rates),
            front=front,
        )
        ingesting = [] if ingest_every_s is None else [Child(_ingester(settings, ingest_every_s))]
        worker = _worker(settings, counters)
        answering = [Child(worker) for _ in range(workers)]
        came_up = _run(answering, ingesting, listener, ready=lambda: log.info("answering on %s", address))
    if not came_up:
        raise Refused("the workers do not start", remedy="Why is in the lines above; then run: mainstay doctor.")


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen on an address; raises `Asked` where that cannot be."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise Asked(f"{host!r} is no address of this machine: {error.strerror}", remedy="Use 127.0.0.1.") from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            what = f"cannot listen on {host} port {port}: {error.strerror}"
            raise Asked(what, remedy="Stop what uses it, or take another: --port 8081.") from error
        yield listener


def require_certificate(front: Front) -> None:
    """Raise `Asked` for a certificate and key that do not go together, or cannot be read."""
    if not front.tls_cert and not front.tls_key:
        return
    if not (front.tls_cert and front.tls_key):
        raise Asked("a certificate and its key come together", remedy="Name both: --tls-cert FILE --tls-key FILE.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(front.tls_cert, front.tls_key, password=_no_password)
    except (OSError, ValueError) as error:  # an error of OpenSSL is an OSError
        what = f"{front.tls_cert} and {front.tls_key} are no certificate and key that can be used"
        remedy = "Both are PEM files, the key without a password: the whole chain in the first, its key in the second."
        raise Asked(what, remedy=remedy) from error


def _no_password() -> str:
    raise ValueError("nobody is there to be asked")


def _check(*, port: int, workers: int) -> None:
    if not 0 <= port <= 65_535:
        raise Asked(f"{port} is not a port", remedy="Use 1 to 65535, or 0 for any that is free.")
    if not 1 <= workers <= 256:
        raise Asked(f"{workers} workers", remedy="Use 1 to 256; one per core is enough.")


def _run(answering: list[Child], ingesting: list[Child], listener: socket.socket, *, ready: Callable[[], None]) -> bool:
    with _stop_signals() as stopping:
        try:
            return keep_all([*answering, *ingesting], stopping=stopping, ready=ready)
        finally:
            listener.close()  # who calls from now on is refused, not left waiting
            # First those that do not answer yet: they too hold the socket, and who waits at it when they die is lost.
            _stop([child for child in answering if not child.is_up()], GRACE_S + 5)
            _stop(answering, GRACE_S + 5)
            _stop(ingesting, LAST_ROUND_S)


def _stop(children: list[Child], seconds: float) -> None:
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait(seconds)


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Turn SIGTERM and SIGINT into a question that can be asked."""
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _worker(settings: Settings, counters: str) -> Role:
    """Load what workers run, by name and with the environment that its libraries look at while they are loaded.

    Each worker goes on from here: nothing is loaded twice, or held twice in memory.
    """
    os.environ.update(ONE_THREAD | {MULTIPROCESS: counters})
    gc.disable()  # what is loaded stays: looking for garbage meanwhile takes a twentieth of the time
    run: Callable[[Settings], None] = import_module(WORKER).run
    gc.freeze()  # or a look for garbage would write to all of it, and each worker have pages of its own
    gc.enable()
    return Role("worker", partial(Forked, partial(run, settings), keeps=settings.socket), beats=True)


def _ingester(settings: Settings, every_s: float) -> Role:
    """A process of its own: it loads heavy libraries, and may use all cores."""
    arguments = ("-m", INGESTER, settings.folder, str(every_s), settings.front.log_format)
    environment: Mapping[str, str] = dict(os.environ)
    return Role("ingester", lambda: started(arguments, environment), beats=False, first_pause_s=INGEST_AFTER_S)


def _address(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
