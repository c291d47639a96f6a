/* Picking: which point lies under the pointer. A grid over the picture, made once a view, leaves a
   few points to look at for each movement of the pointer. */

const CELL = 12;

class Spots {
  constructor(data) {
    this.data = data;
    this.x = new Float32Array(data.count);
    this.y = new Float32Array(data.count);
    this.depth = new Float32Array(data.count);
    this.order = new Uint32Array(data.count);
    this.cellOf = new Int32Array(data.count);
    this.stale = this.unplaced = true;
  }

  /** Project all points; `view` has matrix, width and height. */
  place(view) {
    if (!this.unplaced) return;
    const { positions, count } = this.data;
    const [m, width, height] = [view.matrix, view.width / 2, view.height / 2];
    for (let i = 0; i < count; i++) {
      const [x, y, z] = [positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]];
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      this.depth[i] = w;
      this.x[i] = ((m[0] * x + m[4] * y + m[8] * z + m[12]) / w + 1) * width;
      this.y[i] = (1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w) * height;
    }
    this.unplaced = false;
  }

  /** Sort the visible points into cells, by counting. */
  sort(view) {
    this.place(view);
    this.columns = Math.ceil(view.width / CELL);
    this.rows = Math.ceil(view.height / CELL);
    const starts = new Uint32Array(this.columns * this.rows + 1);
    for (let i = 0; i < this.data.count; i++) {
      const [x, y] = [this.x[i], this.y[i]];
      const seen = this.data.looks[i * 4 + 3] < 4 && this.depth[i] > 0 &&
        x >= 0 && y >= 0 && x < view.width && y < view.height;
      this.cellOf[i] = seen ? Math.floor(y / CELL) * this.columns + Math.floor(x / CELL) : -1;
      if (seen) starts[this.cellOf[i] + 1]++;
    }
    for (let cell = 0; cell < starts.length - 1; cell++) starts[cell + 1] += starts[cell];
    const next = starts.slice();
    for (let i = 0; i < this.data.count; i++) {
      if (this.cellOf[i] >= 0) this.order[next[this.cellOf[i]]++] = i;
    }
    this.starts = starts;
    this.stale = false;
  }

  /** The foremost point that covers a pixel, else the nearest within `reach` pixels, else -1. */
  at(px, py, view, reach) {
    if (this.stale) this.sort(view);
    const far = reach + view.pixels[2] / 2;
    const span = (at, most) => [Math.max(Math.floor((at - far) / CELL), 0), Math.min(Math.floor((at + far) / CELL), most - 1)];
    const [left, right] = span(px, this.columns);
    const [top, bottom] = span(py, this.rows);
    let [covering, nearest, depth, distance] = [-1, -1, Infinity, Infinity];
    for (let row = top; row <= bottom; row++) {
      const end = this.starts[row * this.columns + right + 1];
      for (let at = this.starts[row * this.columns + left]; at < end; at++) {
        const i = this.order[at];
        const away = Math.hypot(this.x[i] - px, this.y[i] - py);
        const radius = view.sizeAt(this.depth[i]) / 2;
        if (away <= radius && this.depth[i] < depth) [covering, depth] = [i, this.depth[i]];
        if (away <= radius + reach && away < distance) [nearest, distance] = [i, away];
      }
    }
    return covering >= 0 ? covering : nearest;
  }
}
