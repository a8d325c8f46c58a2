"""A proxy between a tablet and its server that answers as bad networks do."""

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException

# What a wireless network's portal answers in the place of everybody else.
PORTAL = b"<!DOCTYPE html><title>Wi-Fi</title><h1>Welcome</h1><form>...</form>"
PROBLEM = json.dumps({"title": "Trouble", "status": 500}).encode()
DRIPS = 20
DRIP_SECONDS = 0.05


@dataclass(frozen=True)
class Fault:
    """One way to go wrong; `reaches` says whether the server gets the request all the same."""

    kind: str
    reaches: bool = False
    retry_after: int = 0

    def __str__(self) -> str:
        told = ", but it arrives" if self.reaches else ""
        return self.kind + (f" for {self.retry_after} s" if self.retry_after else "") + told


PASS = Fault("pass", reaches=True)
# The answers that a fault puts in the place of the server's: status, type, other headers, body.
ANSWERS = {
    "portal": (200, "text/html", {}, PORTAL),
    "portal in JSON": (200, "application/json", {}, b"{}"),
    "login": (302, "text/html", {"Location": "/healthz"}, b""),
    "401 of a portal": (401, "text/html", {"WWW-Authenticate": "Basic"}, PORTAL),
    "413": (413, "text/html", {}, b"<h1>Too large</h1>"),
    "429": (429, "text/html", {}, b"<h1>Too many</h1>"),
    "500": (500, "application/problem+json", {}, PROBLEM),
    "502": (502, "text/html", {}, b"<h1>Bad gateway</h1>"),
    "503": (503, "text/html", {}, b"<h1>Try later</h1>"),
}
# What spoils the connection or the server's own answer instead. A refused connection cannot be
# chosen request by request: `FaultProxy.refuse` closes the door to all.
SPOILED = ("reset", "hang", "half", "drip", "wrong type")


@dataclass
class Request:
    """What came from the browser."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What goes back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def encode(self) -> bytes:
        """The answer on the wire; each connection serves one."""
        lines = [f"HTTP/1.1 {self.status} -"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"Content-Length: {len(self.body)}", "Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1") + self.body


_FILES: dict[str, Answer] = {}


@dataclass
class FaultProxy:
    """Listens on a port of its own and hands requests on to `upstream`, unless told otherwise.

    `choose(path)` names the fault of each request. While `version` is set, the server
    seems to run a program of that name. `log` says what happened, in order.
    """

    upstream: int
    choose: Callable[[str], Fault] = lambda _path: PASS
    version: str | None = None
    port: int = 0
    log: list[str] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _server: asyncio.Server | None = None
    _thread: threading.Thread | None = None
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address that the tablet knows."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Run in a thread, and listen."""
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.accept()

    def stop(self) -> None:
        """Let go of everybody and end."""
        self.refuse()
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        assert self._thread is not None
        self._thread.join()
        self._loop.close()

    def accept(self) -> None:
        """Open the door, at the port of before if there was one."""
        if self._server is None:
            self._call(self._listen())

    def refuse(self) -> None:
        """Close the door: whoever knocks is refused by the operating system."""
        if self._server is not None:
            self._call(self._close())

    def release(self) -> None:
        """Hang up on everybody whom we let hang."""
        self._call(self._release())

    def _call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        # Who was let in a moment ago is still on the way; asyncio would forget to close them.
        for door in self._server.sockets:
            self._loop.remove_reader(door.fileno())
        await asyncio.sleep(0.01)
        self._server.close()
        self._server = None

    async def _release(self) -> None:
        self._released.set()
        self._released = asyncio.Event()

    async def _end(self) -> None:
        await self._release()
        for writer in self._open:
            writer.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # What was closed goes away in the loop's next turns.
        await self._loop.shutdown_default_executor()
        await asyncio.sleep(0.1)

    # --- one connection --------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser that was killed, or that lost its patience, hangs up at any line.
        self._open.add(writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                request = await _read_request(reader)
                fault = self.choose(request.path)
                await self._answer(request, fault, reader, writer)
        finally:
            writer.close()
            self._open.discard(writer)

    async def _answer(self, request, fault, reader, writer) -> None:
        answer = await asyncio.to_thread(self._ask, request) if fault.reaches else None
        if not request.path.startswith("/static/"):
            told = f" (the server: {answer.status})" if answer else ""
            self.log.append(f"{request.method} {request.path}: {fault}{told}")
        if fault.kind in ANSWERS:
            answer = _made_up(fault)
        elif fault.kind == "reset":
            writer.transport.abort()
            return
        elif fault.kind == "hang" or answer is None:
            await self._hang(reader)
            return
        elif fault.kind == "wrong type":
            answer = replace(answer, headers=[("Content-Type", "application/octet-stream")])
        wire = answer.encode()
        if fault.kind == "half":
            wire = wire[: -max(1, len(answer.body) // 2)]
        if fault.kind == "drip":
            size = len(wire) // DRIPS + 1
            for start in range(0, len(wire), size):
                writer.write(wire[start : start + size])
                await writer.drain()
                await asyncio.sleep(DRIP_SECONDS)
        else:
            writer.write(wire)
            await writer.drain()

    async def _hang(self, reader: asyncio.StreamReader) -> None:
        """Say nothing until the browser gives up or we are told to let go."""
        waits = [asyncio.ensure_future(reader.read()), asyncio.ensure_future(self._released.wait())]
        _, others = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()

    def _ask(self, request: Request) -> Answer | None:
        """The server's answer, None when there is none; blocks."""
        # Files do not change; a tablet fetches some two hundred of them.
        is_file = request.path.startswith("/static/")
        if is_file and request.path in _FILES:
            return _FILES[request.path]
        connection = HTTPConnection("127.0.0.1", self.upstream, timeout=20)
        headers = {**request.headers, "connection": "close", "accept-encoding": "identity"}
        try:
            connection.request(request.method, request.path, request.body or None, headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        kept = [
            (name, value)
            for name, value in response.getheaders()
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}
        ]
        answer = Answer(response.status, kept, self._renamed(request.path, body))
        if is_file and answer.status == 200:
            _FILES[request.path] = answer
        return answer

    def _renamed(self, path: str, body: bytes) -> bytes:
        """The shell, its worker and the set-up, as a program of another version gives them."""
        if self.version is None or path not in {"/kiosk/", "/kiosk/sw.js", "/api/v1/kiosk"}:
            return body
        name = self.version.encode()
        for pattern in (
            rb'("version": ?")[0-9a-z.]+(")',
            rb'(data-version=")[0-9a-z.]+(")',
            rb'(const VERSION = ")[0-9a-z.]+(")',
            rb'("app_version": ?")[0-9a-z.]+(")',
        ):
            body = re.sub(pattern, rb"\g<1>" + name + rb"\g<2>", body)
        return body


def _made_up(fault: Fault) -> Answer:
    status, kind, headers, body = ANSWERS[fault.kind]
    told = [("Content-Type", kind), *headers.items()]
    if fault.retry_after:
        told.append(("Retry-After", str(fault.retry_after)))
    return Answer(status, told, body)


async def _read_request(reader: asyncio.StreamReader) -> Request:
    """One request; browsers tell the length of what they send."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, body)
