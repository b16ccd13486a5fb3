"""watch.py WHEP_URL VP8|H264 — decodes until standard input ends and tells once a second what came."""

import sys

from session import GLib, Gst, GstWebRTC, Session, report

DECODERS = {
    "VP8": "rtpvp8depay ! vp8dec",
    # In this format the depayloader names the profile, which openh264dec wants to know before the first picture.
    "H264": "rtph264depay ! video/x-h264,stream-format=avc ! h264parse ! openh264dec",
    "OPUS": "rtpopusdepay ! opusdec ! audioconvert ! audio/x-raw,format=S16LE",
}

url, codec = sys.argv[1:]
counts = {kind: {"decoded": 0} for kind in ("audio", "video")}
counts["audio"]["peak"] = 0
jitter_buffers = []


def count_decoded(pad, info, kind):
    counts[kind]["decoded"] += 1
    if kind == "video":
        size = pad.get_current_caps().get_structure(0)
        counts[kind]["width"], counts[kind]["height"] = size.get_int("width")[1], size.get_int("height")[1]
    else:
        _, view = info.get_buffer().map(Gst.MapFlags.READ)
        samples = memoryview(view.data).cast("h")
        counts[kind]["peak"] = max(counts[kind]["peak"], *samples)
        info.get_buffer().unmap(view)
    return Gst.PadProbeReturn.OK


def on_pad(webrtc, pad):
    if pad.direction != Gst.PadDirection.SRC:
        return
    description = pad.get_current_caps().get_structure(0)
    kind, encoding = description.get_string("media"), description.get_string("encoding-name")
    chain = Gst.parse_bin_from_description(f"queue ! {DECODERS[encoding]} ! fakesink name={kind} sync=false async=false", True)
    pipeline.add(chain)
    chain.sync_state_with_parent()
    chain.get_by_name(kind).get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, count_decoded, kind)
    pad.link(chain.get_static_pad("sink"))


def on_jitter_buffer(rtpbin, buffer, session, ssrc):
    jitter_buffers.append(buffer)


def tell():
    """What the jitter buffers have lost, and what came after they had given up on it, tells a lossy server from a slow machine."""
    stats = [buffer.get_property("stats") for buffer in jitter_buffers]
    names = ("num-pushed", "num-lost", "num-late", "num-duplicates", "rtx-count", "rtx-success-count")
    report("counts", **counts, buffers=[{name: each.get_value(name) for name in names} for each in stats])
    return GLib.SOURCE_CONTINUE


pipeline = Gst.Pipeline.new("watch")
webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
webrtc.connect("pad-added", on_pad)
webrtc.get_by_name("rtpbin").connect("new-jitterbuffer", on_jitter_buffer)
pipeline.add(webrtc)
for caps in (
    "application/x-rtp,media=audio,encoding-name=OPUS,encoding-params=(string)2,clock-rate=48000,payload=97",
    f"application/x-rtp,media=video,encoding-name={codec},clock-rate=90000,payload=96,rtcp-fb-nack-pli=true,rtcp-fb-ccm-fir=true"
    + (",packetization-mode=(string)1,profile-level-id=(string)42e01f" if codec == "H264" else ""),
):
    transceiver = webrtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
    transceiver.set_property("do-nack", True)
GLib.timeout_add_seconds(1, tell)
Session(pipeline, url).run()
