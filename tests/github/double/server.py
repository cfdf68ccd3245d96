"""The double itself: an HTTP server that answers as GitHub does, and checks both sides."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.github.double import conversation, graph, rest
from tests.github.double.answers import Answers
from tests.github.double.faults import Fault
from tests.github.double.protocol import Protocol
from tests.github.double.state import Request, Rights, World

LISTS = ("check_runs", "workflow_runs")
LATE = 2.5  # seconds by which a hanging answer is late


Hook = Callable[[str, str], None]


class Double:
    """A GitHub of our own; ``prefix`` is ``/api/v3`` for an Enterprise Server.

    It listens on ``host``; clients elsewhere (in a container) know that as ``known_as``.
    ``hooks`` are called with method and path before each request is answered: what happens then
    happens between two requests of the client.
    """

    def __init__(
        self, protocol: Protocol, prefix: str = "", host: str = "127.0.0.1", known_as: str = ""
    ) -> None:
        self.protocol = protocol
        self.prefix = prefix
        self.known_as = known_as or host
        self.world = World()
        self.faults: list[Fault] = []
        self.hooks: list[Hook] = []
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer((host, 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    @property
    def server_url(self) -> str:
        """The address of its pages."""
        return f"http://{self.known_as}:{self._server.server_address[1]}"

    @property
    def api_url(self) -> str:
        """What ``GITHUB_API_URL`` would hold."""
        return self.server_url + self.prefix

    def reset(self) -> World:
        """A new, empty world."""
        with self.lock:
            self.world = World()
            self.faults = []
            self.hooks = []
            return self.world

    def close(self) -> None:
        """Stop serving."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def fault(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request."""
        return next((fault for fault in self.faults if fault.strikes(method, path)), None)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a request, held against the descriptions."""
        with self.lock:
            return _Turn(self, method, target, headers, body).answer()


class Answer:
    """Status, headers and content of an answer."""

    def __init__(self, status: int, content: Any, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.body = b"" if content is None else json.dumps(content).encode()
        self.headers = dict(headers or {})


class _Turn:
    """One request on its way through."""

    def __init__(
        self, double: Double, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        self.double = double
        self.world = double.world
        self.method = method
        split = urlsplit(target)
        self.path = split.path.removeprefix(double.prefix)
        self.query = dict(parse_qsl(split.query))
        token = headers.get("Authorization", "").partition(" ")[2]
        self.rights = self.world.tokens.get(token)
        self.body = body
        self.operation = ""

    def answer(self) -> Answer:
        answer = self._answer()
        request = Request(self.method, self.path, answer.status, self.operation)
        self.world.requests.append(request)
        return answer

    def _answer(self) -> Answer:
        if self.rights is None:
            return Answer(
                401, {"message": "Bad credentials", "documentation_url": "", "status": "401"}
            )
        if self.method == "POST" and self.path in {"/graphql", "/api/graphql"}:
            return self._graphql(self.rights)
        found = rest.find(self.method, self.path)
        if found is None:
            return self._violation(f"{self.method} {self.path} is not an operation that is known")
        return self._rest(self.rights, *found)

    def _rest(self, rights: Rights, described: str, parts: Mapping[str, str]) -> Answer:
        wrong = self.double.protocol.request_fault(self.method, self.path, self.query, self.body)
        if wrong:
            return self._violation(f"request {self.method} {self.path}: {wrong}")
        answers = Answers(
            self.world, self.double.protocol, self.double.api_url, self.double.server_url
        )
        body = json.loads(self.body) if self.body else {}
        call = rest.Call(self.world, answers, rights, parts, self.query, body)
        headers: dict[str, str] = {}
        try:
            status, content = rest.perform(self.method, described, call)
        except rest.Refusal as refusal:
            status, content = refusal.status, refusal.content
        else:
            content, headers = self._paged(content)
        answer = Answer(status, content, headers)
        wrong = self.double.protocol.answer_fault(self.method, self.path, status, answer.body)
        if wrong:
            return self._violation(f"answer {status} to {self.method} {self.path}: {wrong}")
        return answer

    def _graphql(self, rights: Rights) -> Answer:
        asked = json.loads(self.body)
        named = re.match(r"\s*(?:query|mutation)\s+(\w+)", asked["query"])
        self.operation = named[1] if named else "query"
        try:
            return Answer(200, graph.execute(self.world, rights, asked))
        except graph.NotAsDescribed as error:
            return self._violation(f"GraphQL {self.operation}: {error}")

    def _paged(self, content: Any) -> tuple[Any, dict[str, str]]:
        """One page of a list, and the links to the next and last ones."""
        if isinstance(content, dict):
            held = next((key for key in content if key in LISTS), None)
            if held is None:
                return content, {}
            shown, headers = self._paged(content[held])
            return {**content, held: shown}, headers
        if not isinstance(content, list):
            return content, {}
        size = min(int(self.query.get("per_page", "30")), rest.PER_PAGE)
        page = int(self.query.get("page", "1"))
        last = max(1, -(-len(content) // size))
        address = f"{self.double.api_url}{self.path}"
        links = [
            f'<{address}?{urlencode({**self.query, "page": number})}>; rel="{name}"'
            for name, number in (("next", page + 1), ("last", last))
            if page < last
        ]
        shown = content[(page - 1) * size : page * size]
        return shown, {"Link": ", ".join(links)} if links else {}

    def _violation(self, text: str) -> Answer:
        self.world.violations.append(text)
        return Answer(418, {"message": text, "documentation_url": ""})


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with double.lock:
                for hook in list(double.hooks):
                    hook(self.command, self.path)
                fault = double.fault(self.command, self.path)
            if fault is None or fault.done or fault.way in {"cut", "hang"}:
                answer = double.answer(self.command, self.path, dict(self.headers), body)
            if fault and fault.way == "answer":
                content = {"message": fault.message, "documentation_url": "https://docs.github.com"}
                answer = Answer(fault.status, content, fault.headers)
            if fault and fault.way == "drop":
                self.close_connection = True
                return
            if fault and fault.way == "hang":
                double.closing.wait(LATE)
            self._send(answer, cut=bool(fault and fault.way == "cut"))

        def _send(self, answer: Answer, *, cut: bool) -> None:
            with contextlib.suppress(ConnectionError):
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Type", "application/json; charset=utf-8")
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
            self.close_connection = self.close_connection or cut

        def log_message(self, *_: object) -> None:
            """Say nothing: the world remembers every request."""

    for verb in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler._serve)
    return Handler


@contextlib.contextmanager
def serving(prefix: str = "", host: str = "127.0.0.1", known_as: str = "") -> Iterator[Double]:
    """A double for the time of the block."""
    double = Double(Protocol(conversation.ROUTES), prefix, host, known_as)
    try:
        yield double
    finally:
        double.close()
