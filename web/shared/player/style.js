/** Style of `<broadcast-player>`. A player is dark in light pages too: nothing beside a picture should glow. */
export const style = `
:host {
  --accent: #59d0c2; --second: #ffb454; --warn: #ff8f7d; --live: #ff5d47; --ink: #f4f3ef; --soft: #b9bfc6; --ground: #0c0f12;
  display: block; position: relative; aspect-ratio: 16 / 9; min-height: 180px; overflow: hidden;
  background: var(--ground); color: var(--ink); border-radius: var(--broadcast-player-radius, 12px);
  font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  container-type: inline-size;
}
:host([hidden]) { display: none; }
:host(:fullscreen) { border-radius: 0; aspect-ratio: auto; width: 100%; height: 100%; }
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
.frame { position: absolute; inset: 0; outline: none; }
.frame.idle { cursor: none; }
video, .poster { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
video { opacity: 0; }
video.shown { opacity: 1; }
.poster { object-fit: cover; opacity: .45; }
.icon { display: block; width: 22px; height: 22px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

button { font: inherit; color: inherit; border: 0; background: none; cursor: pointer; }
button, input { touch-action: manipulation; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.sound-only { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 10px; color: var(--soft); background: radial-gradient(circle at 50% 45%, #1a2a2b, var(--ground) 70%); }
.sound-only .icon { width: 48px; height: 48px; color: var(--accent); }
.sound-only .why { padding: 0 24px; font-size: 13px; text-align: center; text-wrap: balance; }
.notice { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 6px; padding: 24px; text-align: center; }
.headline { font-size: clamp(17px, 3cqi, 24px); font-weight: 600; letter-spacing: -.01em; text-wrap: balance; }
.detail { color: var(--soft); max-width: 44ch; text-wrap: balance; }
.notice .retry { margin-top: 12px; }
.ring { position: relative; width: 72px; height: 72px; margin-bottom: 12px; }
.ring i { position: absolute; inset: 0; margin: auto; width: 12px; height: 12px; border-radius: 50%; background: var(--accent); }
.ring i + i { width: 100%; height: 100%; background: none; border: 2px solid var(--accent); animation: spread 2.8s ease-out infinite; opacity: 0; }
.ring i + i + i { animation-delay: 1.4s; }
.picture.notice { background: #0c0f12d9; }
.failed .ring { display: none; }
@keyframes spread { 0% { transform: scale(.2); opacity: .9; } 100% { transform: scale(1); opacity: 0; } }

.start { position: absolute; inset: 0; margin: auto; width: 84px; height: 84px; border-radius: 50%; background: var(--accent); color: #06211e; display: grid; place-items: center; }
.start .icon { width: 40px; height: 40px; }
.start:hover { background: #7adfd2; }
.pill { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; padding: 0 18px; border-radius: 22px; background: var(--ink); color: #14181c; font-weight: 600; }
.pill:hover { background: #fff; }
.unmute { position: absolute; left: 50%; bottom: 76px; transform: translateX(-50%); box-shadow: 0 4px 24px #0008; white-space: nowrap; }

.top { position: absolute; top: 0; left: 0; right: 0; display: flex; gap: 8px; align-items: center; padding: 12px 14px; pointer-events: none; }
.top > span { display: inline-flex; align-items: center; gap: 6px; height: 26px; padding: 0 10px; border-radius: 13px; background: #0c0f12b8; font-size: 13px; font-weight: 600; font-variant-numeric: tabular-nums; }
.top .icon { width: 16px; height: 16px; }
.top .badge { background: #c02a17; color: #fff; }
.badge i { width: 7px; height: 7px; border-radius: 50%; background: #fff; }
.again { color: #ffd9a0; }

.controls { position: absolute; left: 0; right: 0; bottom: 0; display: flex; align-items: center; gap: 2px; padding: 36px 10px 8px; background: linear-gradient(transparent, #000000b0); transition: opacity .2s; }
.controls button { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 10px; }
.controls button:hover { background: #ffffff24; }
.controls button[aria-pressed=true] { color: var(--accent); }
.quality { position: relative; }
.controls .choose { display: flex; justify-content: center; width: auto; min-width: 44px; padding: 0 8px; font-size: 14px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: pre; }
.menu { position: absolute; z-index: 1; right: 0; bottom: 48px; width: max-content; min-width: min(290px, 100cqi - 16px); overflow-y: auto; padding: 6px; border-radius: 12px; background: #14191deb; box-shadow: 0 4px 24px #0008; }
.controls .menu button { display: flex; flex-wrap: wrap; gap: 0 10px; align-content: center; align-items: center; justify-content: flex-start; width: 100%; height: auto; min-height: 44px; padding: 4px 12px 4px 8px; text-align: left; }
.menu .icon { width: 18px; height: 18px; color: var(--accent); visibility: hidden; }
.menu [aria-checked=true] .icon { visibility: visible; }
.menu .detail { margin-left: auto; padding-left: 14px; font-size: 13px; font-variant-numeric: tabular-nums; }
/* It fits the menu, which does not grow with it, and keeps its two lines whatever it says. */
.menu .why { width: 0; min-width: 100%; min-height: 2.7em; padding-left: 28px; font-size: 13px; line-height: 1.35; font-weight: 400; color: var(--soft); text-wrap: pretty; }
.volume { width: 96px; height: 44px; accent-color: var(--ink); margin: 0 8px 0 2px; cursor: pointer; }
.space { flex: 1; }
.frame.idle .controls, .frame.idle .top .viewers { opacity: 0; }
.frame.blank .controls .toggle, .frame.blank .controls .pip { visibility: hidden; }

.statistics { position: absolute; top: 48px; left: 14px; width: min(350px, calc(100% - 28px)); max-height: calc(100% - 116px); overflow: auto; overscroll-behavior: contain; padding: 12px 14px; border-radius: 10px; background: #0c0f12e8; font-size: 13px; font-variant-numeric: tabular-nums; }
.statistics .chosen { min-height: 2.7em; margin-bottom: 8px; line-height: 1.35; color: var(--soft); text-wrap: pretty; }
.statistics .chosen b { margin-right: 4px; color: var(--ink); }
.statistics dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 12px; }
.statistics dt { color: var(--soft); }
.statistics dd { text-align: right; }
.statistics .plots { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
.statistics figure { min-width: 0; }
.statistics .wide { grid-column: 1 / -1; }
.statistics figcaption { display: flex; justify-content: space-between; gap: 8px; color: var(--soft); white-space: nowrap; }
.statistics figcaption b { color: var(--ink); font-weight: 600; }
.statistics .key::before { content: ""; display: inline-block; width: 14px; margin-right: 5px; vertical-align: 4px; border-top: 2px solid var(--accent); }
.statistics .key.line::before { border-top: 2px dashed var(--second); }
.statistics canvas { display: block; width: 100%; height: 34px; color: var(--accent); }
.statistics .wide canvas { height: 56px; }
.statistics .span { margin: 2px 0 10px; font-size: 12px; color: var(--soft); }

@container (max-width: 480px) {
  .volume { display: none; }
  .choose .auto { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .controls .choose { padding: 0 4px; font-size: 13px; }
  .quality { position: static; }
  .menu { right: 8px; bottom: 56px; }
  .controls .menu button { min-height: 36px; padding-block: 2px; }
  .sound-only { padding-bottom: 44px; gap: 2px; }
  .sound-only .icon { width: 36px; height: 36px; }
  .notice { padding: 10px 16px 54px; }
  .unmute { bottom: 58px; }
  .ring { width: 52px; height: 52px; margin-bottom: 4px; }
  .statistics { top: 8px; left: 8px; width: calc(100% - 16px); max-height: calc(100% - 64px); padding: 8px 12px; font-size: 12px; }
  .statistics .chosen { margin-bottom: 4px; }
  .statistics .plots { gap: 4px 14px; }
  .statistics canvas { height: 24px; }
  .statistics .wide canvas { height: 34px; }
  .statistics dl { grid-template-columns: auto 1fr auto 1fr; }
  .frame.blank .statistics { display: none; }
  .frame:has(.statistics:not([hidden])) :is(.unmute, .top) { display: none !important; }
}
@media (prefers-reduced-motion: reduce) {
  .ring i + i { animation: none; opacity: .5; }
  .ring i + i + i { width: 55%; height: 55%; }
  .controls { transition: none; }
}`;
