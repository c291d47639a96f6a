/* Unpacking: what Python packed into the page becomes typed arrays and texts (page.py). */

const byId = (id) => document.getElementById(id);

/** The bytes of a base64 block. The block leaves the page: its text would be held twice. */
function takeBytes(id) {
  const block = byId(id);
  const text = atob(block.textContent);
  block.remove();
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The value of a block of JSON that is deflated and in base64. */
async function takeDeflated(id) {
  if (!('DecompressionStream' in window)) {
    throw new Error('this browser cannot unpack texts: it is older than 2023');
  }
  const bytes = new Blob([takeBytes(id)]).stream();
  return new Response(bytes.pipeThrough(new DecompressionStream('deflate'))).json();
}

/** Steps of the box, as they were packed, and positions, x, y, z a point. */
function takePositions(count, box) {
  const steps = new Uint16Array(takeBytes('positions').buffer);
  const positions = new Float32Array(count * 3);
  for (let i = 0; i < positions.length; i++) {
    const axis = i % 3;
    positions[i] = box.low[axis] + (steps[i] / 65535) * box.size[axis];
  }
  return { steps, positions };
}

/** All points in an order whose every beginning is spread evenly over them. */
function spreadOrder(count) {
  // Steps of the golden section come near no earlier one; a step that shares no divisor with the
  // count meets every point once.
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);
  let step = Math.max(1, Math.round(count * 0.618034));
  while (divisor(count, step) !== 1) step++;
  return Uint32Array.from({ length: count }, (_, at) => (at * step) % count);
}

/** A number as people read it. Years have no comma, so it begins at five digits. */
function shownNumber(value) {
  if (Number.isInteger(value)) {
    return Math.abs(value) < 10000 ? String(value) : value.toLocaleString('en');
  }
  return String(Number(value.toPrecision(5)));
}
