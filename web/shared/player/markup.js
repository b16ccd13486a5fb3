import { icon } from '../ui/icons.js';

/** The inside of `<broadcast-player>`. */
export const markup = `
<div class="frame">
  <video playsinline></video>
  <video playsinline aria-hidden="true" tabindex="-1"></video>
  <img class="poster" alt="" hidden>

  <div class="sound-only" hidden>${icon('microphone')}<span>Sound only</span><span class="why" hidden></span></div>

  <div class="notice" hidden>
    <div class="ring" aria-hidden="true"><i></i><i></i><i></i></div>
    <p class="headline"></p>
    <p class="detail"></p>
    <button class="retry pill" type="button" hidden>Try again</button>
  </div>
  <button class="start" type="button" aria-label="Play" hidden>${icon('play')}</button>
  <button class="unmute pill" type="button" hidden>${icon('muted')}<span>Tap for sound</span></button>

  <div class="top">
    <span class="badge" hidden><i aria-hidden="true"></i>Live</span>
    <span class="viewers" hidden>${icon('viewers')}<span class="count"></span><span class="sr"> watching</span></span>
    <span class="again" hidden>Reconnecting…</span>
  </div>

  <section class="statistics" aria-label="Statistics" tabindex="0" hidden></section>

  <div class="controls" role="toolbar" aria-label="Player">
    <button class="toggle" type="button" title="Pause (space)">${icon('pause')}</button>
    <button class="mute" type="button" title="Mute (m)">${icon('sound')}</button>
    <input class="volume" type="range" min="0" max="1" step="0.05" aria-label="Volume">
    <span class="space"></span>
    <div class="quality" hidden>
      <button class="choose" type="button" aria-haspopup="menu" aria-expanded="false" aria-controls="qualities"></button>
      <div id="qualities" class="menu" role="menu" aria-label="Quality" hidden></div>
    </div>
    <button class="stats" type="button" title="Statistics (i)" aria-label="Statistics" aria-pressed="false">${icon('stats')}</button>
    <button class="pip" type="button" title="Picture in picture (p)" aria-label="Picture in picture" hidden>${icon('pip')}</button>
    <button class="full" type="button" title="Full screen (f)" aria-label="Full screen">${icon('fullscreen')}</button>
  </div>
  <p class="status sr" role="status" aria-live="polite"></p>
</div>`;
