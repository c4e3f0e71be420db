"""Receivers of notifications, on this machine alone, until they are killed. Each prints a line for what it gets, once it has
written its port into the file that is its last argument.

webhook SECRET PORT FILE: HTTP; checks signatures as docs/alerts.md says. PORT 0 is any.
mail FILE: SMTP; exits with status 3 where aiosmtpd is not installed.
"""

import hashlib
import hmac
import http.server
import json
import pathlib
import sys
import time


def started(port):
    pathlib.Path(sys.argv[-1]).write_text(f"{port}\n")


def webhook(secret, port):
    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent = self.headers["X-Bourse-Timestamp"]
            expected = "sha256=" + hmac.new(secret.encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest()
            is_signed = hmac.compare_digest(expected, self.headers["X-Bourse-Signature"]) and abs(time.time() - int(sent)) < 300
            message = json.loads(body)
            print(message["id"], message["event"], message["rule"], message["subject"] or "-",
                  "signed" if is_signed and self.headers["X-Bourse-Id"] == message["id"] else "FORGED", flush=True)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    started(server.server_port)
    server.serve_forever()


def mail():
    try:
        from aiosmtpd.controller import Controller
    except ImportError:
        sys.exit(3)
    import email
    import socket

    class Receiver:
        async def handle_DATA(self, server, session, envelope):
            letter = email.message_from_bytes(envelope.content)
            text = " ".join(letter.get_payload(decode=True).decode().split())
            print(",".join(envelope.rcpt_tos), "|", letter["Subject"], "|", letter["Message-ID"], "|", text, flush=True)
            return "250 accepted"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Controller(Receiver(), hostname="127.0.0.1", port=port).start()
    started(port)
    while True:
        time.sleep(60)


if sys.argv[1] == "webhook":
    webhook(sys.argv[2], int(sys.argv[3]))
else:
    mail()
