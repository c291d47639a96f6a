/* The camera: it turns about a target, and looks at it from a distance. Angles are radians. */

// Across the shorter side of the picture, so that a telephone shows as much as a screen.
const FIELD_OF_VIEW = 0.7;
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

class Camera {
  /** `positions`: x, y, z a point; the first view is made from them. */
  constructor(positions, box) {
    this.center = box.low.map((low, axis) => low + box.size[axis] / 2);
    this.radius = Math.hypot(...box.size) / 2 || 1;
    this.first = this.firstView(positions);
    this.home();
  }

  /** A view of nearly all points: outliers may lie outside, or the rest would be a speck. */
  firstView(positions) {
    const count = positions.length / 3;
    const step = Math.max(1, Math.floor(count / 5000));
    const sample = [];
    for (let i = 0; i < count; i += step) sample.push(positions.subarray(i * 3, i * 3 + 3));
    const sorted = (values) => values.sort((a, b) => a - b);
    const target = [0, 1, 2].map(
      (axis) => sorted(sample.map((point) => point[axis]))[sample.length >> 1]);
    const reach = sorted(sample.map((point) => Math.hypot(...point.map((v, i) => v - target[i]))));
    const most = reach[Math.floor((sample.length - 1) * 0.97)] || this.radius;
    return { target, distance: (most * 1.02) / Math.sin(FIELD_OF_VIEW / 2), yaw: 0.6, pitch: 0.35 };
  }

  home() {
    Object.assign(this, this.first, { target: [...this.first.target] });
  }

  /** Unit vectors of the picture: right, up and away from the eye. */
  axes() {
    const [cy, sy] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    const [cp, sp] = [Math.cos(this.pitch), Math.sin(this.pitch)];
    return { right: [cy, 0, -sy], up: [-sp * sy, cp, -sp * cy], away: [-cp * sy, -sp, -cp * cy] };
  }

  turn(yaw, pitch) {
    this.yaw += yaw;
    // Straight above, right and left would swap at the next touch.
    this.pitch = Math.min(Math.max(this.pitch + pitch, -1.57), 1.57);
  }

  /** World units that one pixel covers at the target; `side` is the shorter one, in pixels. */
  unitsPerPixel(side) {
    return (2 * this.distance * Math.tan(FIELD_OF_VIEW / 2)) / side;
  }

  /** Move the picture by pixels. */
  move(dx, dy, side) {
    const { right, up } = this.axes();
    const unit = this.unitsPerPixel(side);
    this.target = this.target.map((v, i) => v - right[i] * dx * unit + up[i] * dy * unit);
  }

  /** Come nearer by a factor, keeping what lies at a pixel (from the picture's middle) in place. */
  zoom(factor, dx, dy, side) {
    const before = this.distance;
    const limits = [this.radius * 0.002, this.radius * 20];
    this.distance = Math.min(Math.max(before * factor, limits[0]), limits[1]);
    const kept = before / this.distance - 1;
    this.move(-dx * kept, -dy * kept, side);
  }

  /** Column-major matrix from the world to clip space; its w is the depth from the eye. */
  matrix(aspect) {
    const { right, up, away } = this.axes();
    const eye = this.target.map((v, i) => v - away[i] * this.distance);
    const reach = Math.hypot(...this.target.map((v, i) => v - this.center[i])) + this.radius;
    const near = Math.max(this.distance - reach, this.distance * 0.01);
    const far = this.distance + reach * 1.01;
    const s = Math.min(aspect, 1) / Math.tan(FIELD_OF_VIEW / 2);
    const row = (axis, scale) => [...axis.map((v) => v * scale), -dot(axis, eye) * scale];
    const depth = row(away, 1);
    const [a, b] = [(far + near) / (far - near), (-2 * far * near) / (far - near)];
    const rows = [row(right, s / aspect), row(up, s), depth.map((v, i) => v * a + (i === 3 ? b : 0)), depth];
    const matrix = new Float32Array(16);
    rows.forEach((values, r) => values.forEach((value, c) => { matrix[c * 4 + r] = value; }));
    return matrix;
  }
}

/** Where a place of the world stands in the picture: [x, y, depth], in CSS pixels. */
function projected(matrix, place, width, height) {
  const along = (r) => matrix[r] * place[0] + matrix[4 + r] * place[1] + matrix[8 + r] * place[2] + matrix[12 + r];
  const w = along(3);
  return [(along(0) / w * 0.5 + 0.5) * width, (0.5 - along(1) / w * 0.5) * height, w];
}
