/**
 * How programs other than a browser go live here.
 * @param {string} origin Of this server, such as `https://live.example.org`.
 * @returns {{ name: string, steps: string, code: string }[]}
 */
export function publishingTools(origin) {
  const endpoint = `${origin}/whip/my-stream`;
  return [
    {
      name: 'OBS',
      steps: 'Settings → Stream: choose the service WHIP, then enter the server and the token. '
        + 'A keyframe interval of 1–2 s lets viewers start at once; B-frames must be off.',
      code: `Service        WHIP\nServer         ${endpoint}\nBearer Token   YOUR_TOKEN`,
    },
    {
      name: 'GStreamer',
      steps: 'Needs the plug-ins of gst-plugins-rs (whipclientsink).',
      code: 'gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=1280,height=720 ! whip. \\\n'
        + '  audiotestsrc is-live=true wave=ticks ! whip. \\\n'
        + `  whipclientsink name=whip signaller::whip-endpoint="${endpoint}" \\\n    signaller::auth-token="YOUR_TOKEN"`,
    },
    {
      name: 'FFmpeg',
      steps: 'Needs FFmpeg 8 or later, built with the whip muxer.',
      code: 'ffmpeg -re -i input.mp4 -c:v libx264 -profile:v baseline -bf 0 -g 60 -tune zerolatency \\\n'
        + `  -c:a libopus -ar 48000 -ac 2 -f whip -authorization "YOUR_TOKEN" \\\n  "${endpoint}"`,
    },
  ];
}
