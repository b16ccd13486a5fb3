import { draw, edgeCurve, pointOf } from './draw.js';
import { layOut } from './layout.js';
import { edgesOf, mostEdges, Scene } from './scene.js';

/** How near a click must be to an edge, in pixels. */
const reach = 9;

/**
 * The cascade as a picture that can be clicked. What it shows is in the tables of nodes and links too, for those who do not see it or use a keyboard.
 */
export class Cascade {
  #canvas;
  #note;
  #feed;
  #choose;
  #scene = new Scene();
  #layout;
  #nodesShown = '';
  #width = 0;
  #chosen;
  #frame;
  #stillness = matchMedia('(prefers-reduced-motion: reduce)');

  /**
   * @param {{ canvas: HTMLCanvasElement, note: HTMLElement, feed: import('../feed/connection.js').Feed, choose: (kind: string, id: string) => void }} parts
   */
  constructor({ canvas, note, feed, choose }) {
    [this.#canvas, this.#note, this.#feed, this.#choose] = [canvas, note, feed, choose];
    new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width === this.#width) return;
      this.#width = contentRect.width;
      this.#nodesShown = '';
      this.update();
    }).observe(canvas.parentElement);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    canvas.addEventListener('click', (event) => this.#click(event));
    canvas.addEventListener('pointermove', (event) => { canvas.style.cursor = this.#find(event) ? 'pointer' : ''; });
  }

  /** @param {{ kind: string, id: string } | undefined} chosen What is marked. */
  mark(chosen) {
    this.#chosen = chosen;
    this.#draw();
  }

  /** Takes what has changed. */
  update() {
    if (this.#width === 0) return;
    const nodes = this.#feed.rows('nodes');
    const shown = JSON.stringify([...nodes.values()].map(({ id, region }) => [id, region]));
    if (shown !== this.#nodesShown) {
      this.#nodesShown = shown;
      this.#layout = layOut([...nodes.values()], this.#width);
    }
    this.#scene.update(edgesOf(this.#feed.rows('links'), this.#places(), (key) => this.#scene.has(key)), performance.now(), this.#stillness.matches);
    this.#describe();
    this.#draw();
  }

  #places() {
    return this.#feed.followed ? this.#feed.places : undefined;
  }

  #draw() {
    if (!this.#layout || this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#drawNow();
      if (this.#scene.isMoving(performance.now())) this.#draw();
    });
  }

  #drawNow() {
    const { height } = this.#layout;
    const density = devicePixelRatio || 1;
    const size = { width: Math.round(this.#width * density), height: Math.round(height * density) };
    if (this.#canvas.width !== size.width || this.#canvas.height !== size.height) {
      Object.assign(this.#canvas, size);
      this.#canvas.style.height = `${height}px`;
    }
    const context = this.#canvas.getContext('2d');
    context.setTransform(density, 0, 0, density, 0, 0);
    const places = this.#places();
    const root = places ? [...places.values()].find((place) => place.root === 1)?.id : undefined;
    draw(context, {
      layout: this.#layout, scene: this.#scene, nodes: this.#feed.rows('nodes'), root, places, chosen: this.#chosen, now: performance.now(), width: this.#width,
      colors: this.#colors(),
    });
  }

  #colors() {
    const style = getComputedStyle(this.#canvas);
    return Object.fromEntries(['ground', 'surface', 'ink', 'soft', 'line', 'edge', 'accent', 'alert', 'live'].map((name) => [name, style.getPropertyValue(`--${name}`)]));
  }

  #describe() {
    const links = this.#feed.rows('links').size;
    const stream = this.#feed.followed;
    const text = stream ? `The tree of ${stream}; standbys are dashed.`
      : links > mostEdges ? `The ${mostEdges} busiest of ${links} links; standbys are dashed. Choose a stream to see its tree.`
        : 'Links between nodes, of all streams; standbys are dashed. Choose a stream to see its tree.';
    if (this.#note.textContent !== text) this.#note.textContent = text;
    const label = `Picture of the cascade: ${this.#feed.rows('nodes').size} nodes, ${links} links. The tables below say the same.`;
    if (this.#canvas.getAttribute('aria-label') !== label) this.#canvas.setAttribute('aria-label', label);
  }

  #click(event) {
    const found = this.#find(event);
    if (found) this.#choose(found.kind, found.id);
  }

  #find({ offsetX: x, offsetY: y }) {
    if (!this.#layout) return undefined;
    for (const [id, place] of this.#layout.places) if (Math.hypot(place.x - x, place.y - y) <= this.#layout.radius + 4) return { kind: 'node', id };
    let [best, nearest] = [undefined, reach];
    for (const edge of this.#scene.edges) {
      const curve = edge.gone ? undefined : edgeCurve(this.#layout.places, edge, performance.now());
      if (!curve) continue;
      for (let step = 1; step < 20; step++) {
        const point = pointOf(curve, step / 20);
        const distance = Math.hypot(point.x - x, point.y - y);
        if (distance < nearest) [best, nearest] = [edge, distance];
      }
    }
    return best && { kind: 'link', id: `${best.from}>${best.to}` };
  }
}

