import { icon } from '../ui/icons.js';

/** The inside of `<recording-player>`. */
export const markup = `
<div class="frame">
  <video class="shown" playsinline preload="metadata"></video>
  <div class="notice" hidden>
    <div class="ring" aria-hidden="true"><i></i><i></i><i></i></div>
    <p class="headline"></p>
    <p class="detail"></p>
    <button class="retry pill" type="button" hidden>Try again</button>
  </div>
  <button class="start" type="button" aria-label="Play" hidden>${icon('play')}</button>
  <div class="sound-only" hidden>${icon('microphone')}<span>Sound only</span></div>

  <div class="controls vod" role="toolbar" aria-label="Player">
    <div class="seeking">
      <output class="bubble" hidden><i class="tile" hidden></i><b class="chapter" hidden></b><span class="at"></span></output>
      <div class="track" aria-hidden="true"><i class="buffered"></i><i class="played"></i><span class="marks"></span></div>
      <input class="seek" type="range" min="0" max="1" step="0.1" value="0" aria-label="Position">
    </div>
    <button class="toggle" type="button" title="Play (space)">${icon('play')}</button>
    <button class="mute" type="button" title="Mute (m)">${icon('sound')}</button>
    <input class="volume" type="range" min="0" max="1" step="0.05" aria-label="Volume">
    <span class="clock"><span class="now">0:00</span><span class="soft"> / <span class="total">0:00</span></span></span>
    <span class="space"></span>
    <button class="live text" type="button" hidden><i aria-hidden="true"></i>Live</button>
    <button class="speed text" type="button" title="Speed" aria-label="Speed: normal">1×</button>
    <button class="pip" type="button" title="Picture in picture (p)" aria-label="Picture in picture" hidden>${icon('pip')}</button>
    <button class="full" type="button" title="Full screen (f)" aria-label="Full screen">${icon('fullscreen')}</button>
  </div>
  <p class="status sr" role="status" aria-live="polite"></p>
</div>`;

/** What it needs beside the style of `<broadcast-player>`. */
export const style = `
.controls.vod { flex-wrap: wrap; padding-top: 30px; }
.seeking { position: relative; flex: 1 0 100%; height: 24px; margin: 0 6px; }
.seek { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.seeking:has(.seek:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.track { position: absolute; left: 0; right: 0; top: 10px; height: 4px; border-radius: 2px; background: #ffffff38; transition: transform .12s; }
.seeking:hover .track { transform: scaleY(1.7); }
.track > i { position: absolute; left: 0; top: 0; bottom: 0; border-radius: 2px; background: #ffffff59; }
.track > .played { background: var(--accent); }
.marks i { position: absolute; top: -1px; width: 3px; height: 6px; margin-left: -1px; border-radius: 1px; background: #fff; }
.bubble { position: absolute; bottom: 30px; display: grid; justify-items: center; gap: 2px; padding: 4px; border-radius: 8px; background: #0c0f12e8; font-size: 13px; font-weight: 600; font-variant-numeric: tabular-nums; transform: translateX(-50%); pointer-events: none; white-space: nowrap; }
.bubble .tile { display: block; border-radius: 5px; background-repeat: no-repeat; }
.bubble .chapter { font-weight: 400; max-width: 200px; overflow: hidden; text-overflow: ellipsis; }
.clock { padding: 0 8px; font-size: 14px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.clock .soft { color: var(--soft); }
.controls button.text { display: inline-flex; gap: 7px; align-items: center; width: auto; min-width: 44px; padding: 0 10px; font-size: 14px; font-weight: 600; justify-content: center; }
.live i { width: 8px; height: 8px; border-radius: 50%; background: var(--soft); }
.live[aria-pressed=true] { color: var(--ink) !important; }
.live[aria-pressed=true] i { background: var(--live); }
.frame.blank .controls { visibility: hidden; }
@container (max-width: 480px) { .clock .soft { display: none; } .controls .speed { display: none; } }`;
