import { formatCodec } from '../shared/ui/format.js';
import { canScale, codecFor, describePlan, layerPlans } from '../shared/layers/plan.js';
import { sendableVideoCodecs } from '../shared/link/encoding.js';

/**
 * @typedef {{ source: 'camera' | 'screen' | 'none', camera: string, microphone: string, height: number, fps: number,
 *   codec: string, layers: import('../shared/layers/plan.js').LayersWish, bitrate: number, screenSound: boolean, echoCancellation: boolean, noiseSuppression: boolean,
 *   autoGainControl: boolean }} Settings
 *   Device ids may be empty (the default device); microphone may be `none`; bitrate 0 is automatic.
 */

const key = 'broadcast.publish.settings';

/** The settings form, and its memory in this browser. */
export class SettingsForm {
  #form;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    this.#listCodecs();
    this.#restore();
    this.#arrange();
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('change', () => {
      this.#arrange();
      this.#remember();
    });
  }

  /** @returns {Settings} */
  get value() {
    const fields = this.#form.elements;
    const on = (name) => fields[name].checked;
    return {
      source: fields.source.value, camera: fields.camera.value, microphone: fields.microphone.value,
      height: Number(fields.height.value), fps: Number(fields.fps.value),
      codec: fields.codec.value, layers: fields.layers.value, bitrate: Number(fields.bitrate.value), screenSound: on('screenSound'),
      echoCancellation: on('echoCancellation'), noiseSuppression: on('noiseSuppression'), autoGainControl: on('autoGainControl'),
    };
  }

  /** @param {Settings['source']} source */
  set source(source) {
    this.#form.elements.source.value = source;
    this.#arrange();
  }

  /** @param {boolean} live Locks what only a new session could change. */
  set live(live) {
    this.#form.elements.codec.disabled = this.#form.elements.layers.disabled = live;
    this.#form.querySelector('#codec-hint').hidden = !live;
  }

  #listCodecs() {
    const select = this.#form.elements.codec;
    for (const type of sendableVideoCodecs()) select.append(new Option(formatCodec(type), type));
  }

  /** Shows only what matters for the chosen source. */
  #arrange() {
    this.#arrangeLayers();
    const { source, microphone } = this.value;
    for (const part of this.#form.querySelectorAll('[data-for]')) {
      const wanted = part.dataset.for.split(' ');
      part.hidden = wanted.includes('microphone') ? microphone === 'none' : !wanted.includes(source);
    }
    this.#form.querySelector('#layers-hint').textContent = describePlan(layerPlans(planned(this.value))[0]);
  }

  /** SVC is a matter of the codec; what it cannot do is not offered. */
  #arrangeLayers() {
    const { codec, layers } = this.#form.elements;
    const svc = layers.querySelector('[value=svc]');
    svc.disabled = !canScale(codecFor('svc', codec.value)) || !sendableVideoCodecs().some(canScale);
    if (svc.disabled && layers.value === 'svc') layers.value = 'auto';
  }

  #remember() {
    try {
      // A screen is chosen anew each time; asking for it at the next visit would be a surprise.
      const { source, ...others } = this.value;
      localStorage.setItem(key, JSON.stringify(source === 'screen' ? others : { source, ...others }));
    } catch {
      // Storage may be full or forbidden; then the defaults come back next time.
    }
  }

  #restore() {
    let saved = {};
    try {
      saved = JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      return;
    }
    for (const [name, value] of Object.entries(saved)) {
      const field = this.#form.elements[name];
      if (!field) continue;
      if (typeof value === 'boolean') field.checked = value;
      else if (name === 'camera' || name === 'microphone') field.dataset.wanted = value; // the lists are filled later
      else if (name === 'source' || [...field.options].some((option) => option.value === String(value))) field.value = value;
    }
  }
}

/** What the settings come to for a camera that gives what is asked of it. */
function planned(settings) {
  const { height } = settings;
  const { layers, codec, ...encoding } = encodingOf(settings);
  return { ...encoding, layers, codec: codecFor(layers, codec), width: Math.round((height * 16) / 9), height };
}

/**
 * The encoder's part of the settings.
 * @param {Settings} settings
 * @returns {import('../shared/link/encoding.js').Encoding}
 */
export function encodingOf({ codec, layers, bitrate, height, fps, source }) {
  return {
    codec, layers, height,
    maxBitrate: bitrate || undefined,
    maxFramerate: fps,
    // Text on a screen must stay legible, a face must stay fluent. `balanced` sounds better than it is: Chromium then
    // stays at a small picture and 10 frames per second for half a minute, whatever the network can carry.
    degradationPreference: source === 'screen' ? 'maintain-resolution' : 'maintain-framerate',
  };
}
