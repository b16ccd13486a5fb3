"""publish.py WHIP_URL TOKEN VP8|H264 — publishes a test picture and a tone until standard input ends."""

import sys

from session import Gst, GstWebRTC, Session

ENCODERS = {
    "VP8": "vp8enc deadline=1 cpu-used=8 target-bitrate=600000 keyframe-max-dist=300 ! rtpvp8pay picture-id-mode=15-bit",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast bitrate=600 key-int-max=300"
    " ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
}

url, token, codec = sys.argv[1:]
pipeline = Gst.parse_launch(f"""
    webrtcbin name=webrtc bundle-policy=max-bundle
    audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! rtpopuspay
      ! application/x-rtp,media=audio,encoding-name=OPUS,encoding-params=(string)2,clock-rate=48000,payload=97 ! queue ! webrtc.
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=30/1 ! videoconvert ! {ENCODERS[codec]}
      ! application/x-rtp,media=video,encoding-name={codec},clock-rate=90000,payload=96 ! queue ! webrtc.
""")
webrtc = pipeline.get_by_name("webrtc")
for index in range(2):
    transceiver = webrtc.emit("get-transceiver", index)
    transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    transceiver.set_property("do-nack", True)
Session(pipeline, url, token).run()
