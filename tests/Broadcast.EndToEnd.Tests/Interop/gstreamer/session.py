"""What publish.py and watch.py share: GStreamer's webrtcbin with WHIP and WHEP around it."""

import json
import os
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)
_reports = threading.Lock()


def report(event, **details):
    """Tells the test what happened: one JSON object a line. Streaming threads call it too."""
    with _reports:
        print(json.dumps({"event": event, **details}), flush=True)


def fail(message):
    """Ends the process from any thread: an exception in a callback of GLib would only be printed."""
    print(message, file=sys.stderr, flush=True)
    os._exit(1)


class Session:
    """Runs a pipeline with a webrtcbin named "webrtc" as one WHIP or WHEP session, until standard input ends."""

    def __init__(self, pipeline, url, token=None):
        self.pipeline = pipeline
        self.webrtc = pipeline.get_by_name("webrtc")
        self._url, self._token, self._resource = url, token, None
        self._loop = GLib.MainLoop()
        # Kept, because PyGObject takes over the only reference there is: webrtcbin made the agent with a floating one.
        self._ice_agent = self.webrtc.get_property("ice-agent")
        # The server under test listens on loopback only, which libnice does not gather by itself.
        self._ice_agent.emit("add-local-ip-address", "127.0.0.1")
        self.webrtc.connect("on-negotiation-needed", self._offer)
        self.webrtc.connect("notify::ice-gathering-state", self._on_gathering)
        self.webrtc.connect("notify::connection-state", self._on_state)

    def run(self, limit_seconds=120):
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", lambda _, message: fail(f"{message.src.name}: {message.parse_error()}"))
        # Ends by itself, whatever happens to the process that started it.
        GLib.timeout_add_seconds(limit_seconds, lambda: fail("Nobody ended the session in time."))
        threading.Thread(target=self._read_to_end, daemon=True).start()
        self.pipeline.set_state(Gst.State.PLAYING)
        self._loop.run()
        self.pipeline.set_state(Gst.State.NULL)

    def _read_to_end(self):
        sys.stdin.read()
        GLib.idle_add(self._leave)

    def _leave(self):
        """Ends the session at the server, then here."""
        report("left", status=self._request("DELETE", self._resource)[0])
        self._loop.quit()

    def _offer(self, webrtc):
        webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self._on_offer))

    def _on_offer(self, promise):
        # The reply owns the description, so it has to live as long.
        reply = promise.get_reply()
        self.webrtc.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def _on_gathering(self, webrtc, _):
        if webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            # A request would hold up webrtcbin's own thread.
            GLib.idle_add(self._post)

    def _post(self):
        offer = self.webrtc.get_property("local-description").sdp.as_text()
        status, headers, body = self._request("POST", self._url, offer)
        if status != 201:
            fail(f"{status}: {body}")
        self._resource = urllib.parse.urljoin(self._url, headers["Location"])
        _, answer = GstSdp.SDPMessage.new_from_text(body)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, answer)
        self.webrtc.emit("set-remote-description", description, Gst.Promise.new())

    def _on_state(self, webrtc, _):
        report("state", state=webrtc.get_property("connection-state").value_nick)

    def _request(self, method, url, body=None):
        headers = {"Content-Type": "application/sdp"} if body else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(url, body.encode() if body else None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()
