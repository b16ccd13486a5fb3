/** Opening cameras, microphones and screens. Every function returns tracks and leaves closing them to the caller. */

const aspectRatio = 16 / 9;

/** @returns {boolean} Whether the browser gives devices to this page at all: secure origins and localhost only. */
export function devicesAvailable() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

/**
 * @param {import('./settings.js').Settings} settings
 * @returns {Promise<MediaStreamTrack>}
 */
export async function openCamera({ camera, height, fps }) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: {
      ...(camera ? { deviceId: { exact: camera } } : {}),
      width: { ideal: Math.round(height * aspectRatio) }, height: { ideal: height }, frameRate: { ideal: fps },
    },
  });
  return hinted(stream.getVideoTracks()[0], 'motion');
}

/**
 * @param {import('./settings.js').Settings} settings
 * @returns {Promise<MediaStreamTrack>}
 */
export async function openMicrophone({ microphone, echoCancellation, noiseSuppression, autoGainControl }) {
  const raw = !echoCancellation && !noiseSuppression && !autoGainControl;
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: {
      ...(microphone ? { deviceId: { exact: microphone } } : {}),
      echoCancellation, noiseSuppression, autoGainControl,
      ...(raw ? { channelCount: { ideal: 2 } } : {}), // processing is mono; untouched sound may be music in stereo
    },
  });
  return hinted(stream.getAudioTracks()[0], raw ? 'music' : 'speech');
}

/**
 * Lets the person choose a screen, window or tab.
 * @param {import('./settings.js').Settings} settings
 * @returns {Promise<{ video: MediaStreamTrack, audio?: MediaStreamTrack }>}
 */
export async function openScreen(settings) {
  const { fps, screenSound } = settings;
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: screenConstraints(settings),
    // What is shared goes out as it is; the voice processing of the microphone has no place here.
    audio: screenSound && { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const [video] = stream.getVideoTracks();
  const [audio] = stream.getAudioTracks();
  return { video: hinted(video, fps > 30 ? 'motion' : 'detail'), audio: audio && hinted(audio, 'music') };
}

/**
 * Upper limits for a shared screen, whose own size is what it is.
 * @param {import('./settings.js').Settings} settings
 * @returns {MediaTrackConstraints}
 */
export function screenConstraints({ height, fps }) {
  return { width: { max: Math.round(height * aspectRatio) }, height: { max: height }, frameRate: { max: fps } };
}

function hinted(track, hint) {
  if ('contentHint' in track) track.contentHint = hint;
  return track;
}
