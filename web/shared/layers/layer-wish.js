import { LayerResource } from './layer-resource.js';
import { noLayers } from './layers-event.js';
import { layerRequest } from './qualities.js';

/** What a viewer wants of the video, whatever session brings it: kept over reconnects, told to every session. */
export class LayerWish {
  #token;
  #sessions = new Set();
  #layers = noLayers;
  #quality = 'auto';
  #size;

  /** @param {string | undefined} token */
  constructor(token) {
    this.#token = token;
  }

  /** @returns {import('./qualities.js').Quality} */
  get quality() {
    return this.#quality;
  }

  set quality(quality) {
    this.#quality = quality;
    this.#tell();
  }

  /** Pixels in which the picture is shown; undefined: no limit. */
  set size(size) {
    this.#size = size;
    this.#tell();
  }

  /** @param {import('./layers-event.js').Layers} layers What the server said last. */
  set layers(layers) {
    this.#layers = layers;
    this.#tell();
  }

  /**
   * What a session shall begin with, before there is a resource to tell it to. It names no layer: one that has gone
   * meanwhile would have the whole session refused.
   * @returns {Record<string, string | number>}
   */
  get opening() {
    return layerRequest(this.#quality, noLayers, this.#size);
  }

  /**
   * Tells a new session too.
   * @param {import('../http/session-resource.js').SessionResource} resource
   * @param {Record<string, string | number>} opening What it was begun with.
   * @returns {{ stop(): void }} To be stopped with the session.
   */
  attach(resource, opening = {}) {
    const session = new LayerResource(resource, this.#token, opening);
    this.#sessions.add(session);
    session.want(this.#wish);
    return {
      stop: () => {
        session.stop();
        this.#sessions.delete(session);
      },
    };
  }

  get #wish() {
    return layerRequest(this.#quality, this.#layers, this.#size);
  }

  #tell() {
    for (const session of this.#sessions) session.want(this.#wish);
  }
}
