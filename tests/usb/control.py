"""The virtual dongle's control socket, from Python."""
import json
import socket


class Control:
    """The control socket: a line there, a JSON line back."""

    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(5)
        self.s.connect(str(path))
        self.f = self.s.makefile("r", encoding="ascii")

    def ask(self, line):
        self.s.sendall(line.encode() + b"\n")
        return json.loads(self.f.readline())

    def tell(self, line):
        answer = self.ask(line)
        if not answer["ok"]:
            raise ValueError(answer["error"])

    def state(self):
        return self.ask("state")
