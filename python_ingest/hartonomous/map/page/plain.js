/* Drawing without WebGL: a canvas, points stamped from far to near. Slower, and it says so. */

const PARTS = 24;

class PlainPainter {
  constructor(canvas, data) {
    Object.assign(this, { canvas, data, context: canvas.getContext('2d', { alpha: false }) });
    this.stamps = new Map();
  }

  looksChanged() {
    this.stamps.clear();
  }

  /** Draw the first points of the order; `spots` are all points, projected (pick.js). */
  draw(view, spots) {
    const { context, data } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = `rgb(${view.ground})`;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    const [begin, range] = view.haze;
    // Sorting into a few slices of depth is enough for the eye and costs a tenth of a full sort.
    const slices = Array.from({ length: PARTS + 1 }, () => []);
    for (let at = 0; at < view.drawn; at++) {
      const i = data.order[at];
      const state = data.looks[i * 4 + 3] >> 2;
      if (state === 2 || spots.depth[i] <= 0) continue;
      const part = Math.floor(((spots.depth[i] - begin) / range) * PARTS);
      slices[state === 1 ? PARTS : Math.min(Math.max(part, 0), PARTS - 1)].push(i);
    }
    for (let part = PARTS; part >= 0; part--) {
      const haze = part === PARTS ? 0.8 : (0.55 * part) / PARTS;
      for (const i of slices[part]) {
        const size = Math.round(view.sizeAt(spots.depth[i]) * view.density * (part === PARTS ? 0.75 : 1));
        const stamp = this.stamp(i, Math.max(size, 1), part, haze, view.ground);
        context.drawImage(stamp, spots.x[i] * view.density - size / 2, spots.y[i] * view.density - size / 2);
      }
    }
  }

  /** A small picture of one look at one size, drawn once. */
  stamp(i, size, part, haze, ground) {
    const [r, g, b, code] = this.data.looks.subarray(i * 4, i * 4 + 4);
    const shape = code & 3;
    const key = ((((r * 256 + g) * 256 + b) * 4 + shape) * 64 + part) * 64 + size;
    const known = this.stamps.get(key);
    if (known) return known;
    const stamp = document.createElement('canvas');
    stamp.width = stamp.height = size;
    const context = stamp.getContext('2d');
    const color = [r, g, b].map((value, axis) => Math.round(value + (ground[axis] - value) * haze));
    context.fillStyle = `rgb(${color})`;
    context.scale(size, size);
    context.beginPath();
    if (shape === 0) context.arc(0.5, 0.5, 0.5, 0, 7);
    else if (shape === 1) context.rect(0.08, 0.08, 0.84, 0.84);
    else [[0.5, 0], [1, shape === 2 ? 0.95 : 0.5], [0.5, shape === 2 ? 0.95 : 1], [0, shape === 2 ? 0.95 : 0.5]]
      .forEach(([x, y]) => context.lineTo(x, y));
    context.fill();
    this.stamps.set(key, stamp);
    return stamp;
  }
}
