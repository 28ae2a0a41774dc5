# SPDX-License-Identifier: GPL-3.0-or-later
"""The line to the cloud: a TCP relay on loopback that can be cut and mended, and counts what goes up."""
import socket
import threading


class Uplink:
    def __init__(self, target_port):
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.bytes_up = 0
        self._up = True
        self._open = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        with self._lock:
            self._up = False
            for end in list(self._open):
                self._shut(end)

    def mend(self):
        with self._lock:
            self._up = True

    @staticmethod
    def _shut(end):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _accept(self):
        while True:
            client, _ = self._listener.accept()
            if not self._up:
                client.close()
                continue
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._relay, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._relay, args=(server, client, False), daemon=True).start()

    def _relay(self, source, target, up):
        try:
            while data := source.recv(65536):
                target.sendall(data)
                if up:
                    self.bytes_up += len(data)
        except OSError:
            pass
        self._shut(source)
        self._shut(target)
        with self._lock:
            self._open -= {source, target}
