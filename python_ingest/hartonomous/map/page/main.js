/* Putting it together: the state, the picture when something changed, and what people do. */

const header = JSON.parse(byId('header').textContent);
const [pointsCanvas, marksCanvas, card] = [byId('points'), byId('marks'), byId('card')];
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

/** What the painters, the picker and the panel share. */
const map = {
  header,
  count: header.count,
  box: header.box,
  ...takePositions(header.count, header.box),
  order: spreadOrder(header.count),
  looks: new Uint8Array(header.count * 4),
  columns: [],
  ids: null,
  texts: null,
  matched: null,
  hidden: new Set(),
  query: header.query,
  hovered: -1,
  selected: -1,
  column: null,
  redraw,
  select,
  toggle,
  isolate,
};
const camera = new Camera(map.positions, map.box);
const spots = new Spots(map);
// Many points need small ones: at 250 they are 9 pixels wide in the first view, at 100,000 three.
const basePixels = Math.min(Math.max(9 * (250 / map.count) ** 0.18, 2.5), 10);
let [painter, view, theme] = [null, null, 'light'];
let [drawing, pointsChanged, viewChanged, settled] = [false, true, false, false];
let [share, lastFrame] = [1, 0];

// ---- the view ----

function currentView() {
  const { clientWidth: width, clientHeight: height } = byId('picture');
  const density = window.devicePixelRatio || 1;
  const pixels = [basePixels * camera.first.distance, Math.max(basePixels * 0.5, 1.5), basePixels * 3 + 6];
  const styles = getComputedStyle(document.documentElement);
  const reach = camera.first.distance * 0.35;
  return {
    width, height, density, pixels,
    side: Math.min(width, height),
    matrix: camera.matrix(width / Math.max(height, 1)),
    sizeAt: (depth) => Math.min(Math.max(pixels[0] / depth, pixels[1]), pixels[2]),
    haze: [Math.max(camera.distance - reach, 0), reach * 2],
    ground: rgbOf(header.palettes[theme].ground),
    style: (name) => styles.getPropertyValue(name).trim(),
    drawn: map.count,
  };
}

/** Draw at the next frame what changed: the marks alone, the points too, or from another view. */
function redraw({ points = true, moved = points } = {}) {
  viewChanged ||= moved;
  pointsChanged ||= points;
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function draw() {
  drawing = false;
  view = currentView();
  for (const canvas of [pointsCanvas, marksCanvas]) {
    const [width, height] = [Math.round(view.width * view.density), Math.round(view.height * view.density)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  }
  if (viewChanged) {
    // Not before the picture shows it: until then people point at what the old view shows.
    spots.stale = spots.unplaced = true;
    hover(null);
  }
  if (pointsChanged) {
    if (viewChanged && settled) drawFewer(performance.now());
    pointsChanged = viewChanged = false;
    if (painter instanceof PlainPainter) spots.place(view);
    painter.draw(view, spots);
  }
  drawMarks(marksCanvas.getContext('2d'), view, map, map.positions);
}

/**
 * While the view moves, draw as many points as this machine manages at 25 pictures a second; all of
 * them once it rests. Weak graphics, or none, then follow the hand at 100,000 points, too.
 */
function drawFewer(now) {
  const took = now - lastFrame;
  lastFrame = now;
  const least = Math.min(1, 5000 / map.count);
  if (took > 45 && took < 1000) share = Math.max(share * Math.max(40 / took, 0.3), least);
  else if (took < 25) share = Math.min(share * 1.1, 1);
  view.drawn = Math.ceil(map.count * share);
  clearTimeout(drawFewer.timer);
  if (share < 1) drawFewer.timer = setTimeout(() => redraw({ moved: false }), 150);
}

/** Colors and states of all points, after a choice. */
function restyle() {
  const { coloring, looks, matched, hidden } = map;
  const colors = coloring.entries.map((entry) => rgbOf(entry.color));
  for (let i = 0; i < map.count; i++) {
    const group = coloring.group[i];
    looks.set((coloring.rgb && coloring.rgb(i)) || colors[group], i * 4);
    const state = hidden.has(group) ? 2 : matched && !matched[i] ? 1 : 0;
    looks[i * 4 + 3] = coloring.entries[group].shape + 4 * state;
  }
  painter.looksChanged();
  spots.stale = true;
  redraw({ moved: false });
}

function recolor(column) {
  map.column = column;
  map.coloring = coloringOf(column, map.count, header.palettes[theme]);
  showLegend(map);
  restyle();
}

function setTheme(name) {
  theme = name;
  document.documentElement.dataset.theme = name;
  if (painter) recolor(map.column);
}

// ---- what people do ----

function toggle(group, row) {
  if (!map.hidden.delete(group)) map.hidden.add(group);
  // The row stays, or a double click would lose its second half.
  row.setAttribute('aria-pressed', String(!map.hidden.has(group)));
  restyle();
}

function isolate(group) {
  const others = map.coloring.entries.map((_, i) => i).filter((i) => i !== group);
  const alone = others.every((i) => map.hidden.has(i));
  map.hidden = new Set(alone ? [] : others);
  showLegend(map);
  restyle();
}

/** Show a point in the panel, and bring it to the middle; -1 unselects. */
function select(i, center = false) {
  map.selected = i;
  byId('selected').hidden = i < 0;
  byId('selected-card').replaceChildren(...(i < 0 ? [] : describe(map, i)));
  for (const row of document.querySelectorAll('.row[data-point]')) {
    row.classList.toggle('current', Number(row.dataset.point) === i);
  }
  if (center && i >= 0) fly([...map.positions.subarray(i * 3, i * 3 + 3)]);
  redraw({ points: false });
}

/** Move the target in a quarter of a second, so that the eye can follow. */
function fly(target) {
  const [from, began] = [camera.target, performance.now()];
  const step = (now) => {
    const part = calm ? 1 : Math.min((now - began) / 250, 1);
    const eased = part * part * (3 - 2 * part);
    camera.target = from.map((value, i) => value + (target[i] - value) * eased);
    redraw();
    if (part < 1) requestAnimationFrame(step);
  };
  step(began);
}

function hover(x, y, reach) {
  const began = performance.now();
  const found = x === null ? -1 : spots.at(x, y, view, reach);
  marksCanvas.classList.toggle('over', found >= 0);
  if (found !== map.hovered) {
    map.hovered = found;
    card.hidden = found < 0;
    if (found >= 0) card.replaceChildren(...describe(map, found));
    redraw({ points: false });
  }
  if (found >= 0) {
    // Beside the pointer, on the side with room.
    const left = x + 16 + card.offsetWidth > view.width ? x - 16 - card.offsetWidth : x + 16;
    const top = Math.min(y + 12, view.height - card.offsetHeight - 8);
    card.style.transform = `translate(${Math.max(left, 4)}px, ${Math.max(top, 4)}px)`;
  }
  performance.clearMeasures('map:hover'); // the last is enough, and thousands would pile up
  performance.measure('map:hover', { start: began, end: performance.now() });
  return found;
}

function listen() {
  const pointers = new Map();
  let [travelled, last] = [0, null];
  const place = (event) => {
    const box = marksCanvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const zoomAt = (factor, [x, y]) => {
    camera.zoom(factor, x - view.width / 2, y - view.height / 2, view.side);
    redraw();
  };
  marksCanvas.addEventListener('pointerdown', (event) => {
    marksCanvas.setPointerCapture(event.pointerId);
    if (!pointers.size) travelled = 0;
    pointers.set(event.pointerId, place(event));
    last = null;
    marksCanvas.classList.add('turning');
  });
  marksCanvas.addEventListener('pointermove', (event) => {
    const at = place(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      hover(...at, 5);
      return;
    }
    const [dx, dy] = [at[0] - before[0], at[1] - before[1]];
    travelled += Math.abs(dx) + Math.abs(dy);
    pointers.set(event.pointerId, at);
    if (pointers.size > 1) {
      // Two fingers: their middle moves the picture, their distance zooms it.
      const [a, b] = [...pointers.values()];
      const now = { middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], apart: Math.hypot(a[0] - b[0], a[1] - b[1]) };
      if (last && now.apart > 0) {
        camera.move(now.middle[0] - last.middle[0], now.middle[1] - last.middle[1], view.side);
        zoomAt(last.apart / now.apart, now.middle);
      }
      last = now;
    } else if (event.shiftKey || event.buttons & 6) {
      camera.move(dx, dy, view.side);
    } else {
      camera.turn(-dx * 0.008, dy * 0.008);
    }
    redraw();
  });
  const released = (event) => {
    pointers.delete(event.pointerId);
    last = null;
    if (!pointers.size) marksCanvas.classList.remove('turning');
  };
  marksCanvas.addEventListener('pointerup', (event) => {
    // A finger covers more than a pointer, and trembles more.
    const touch = event.pointerType === 'touch';
    if (pointers.size === 1 && travelled < (touch ? 12 : 4) && event.button === 0) {
      select(spots.at(...place(event), view, touch ? 16 : 5));
    }
    released(event);
  });
  marksCanvas.addEventListener('pointercancel', released);
  marksCanvas.addEventListener('pointerleave', () => hover(null));
  marksCanvas.addEventListener('contextmenu', (event) => event.preventDefault());
  marksCanvas.addEventListener('dblclick', (event) => {
    const found = spots.at(...place(event), view, 5);
    if (found >= 0) select(found, true);
  });
  marksCanvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 0 ? 1 : 30;
    zoomAt(Math.exp(Math.min(Math.max(event.deltaY * lines, -200), 200) * 0.0016), place(event));
  }, { passive: false });

  const middle = () => [view.width / 2, view.height / 2];
  const home = () => { camera.home(); redraw(); };
  byId('closer').addEventListener('click', () => zoomAt(0.8, middle()));
  byId('farther').addEventListener('click', () => zoomAt(1.25, middle()));
  byId('home').addEventListener('click', home);
  byId('unselect').addEventListener('click', () => select(-1));
  byId('theme').addEventListener('click', () => setTheme(theme === 'dark' ? 'light' : 'dark'));
  byId('color').addEventListener('change', () => {
    map.hidden.clear();
    recolor(map.columns[Number(byId('color').value)] ?? null);
  });
  byId('filter').addEventListener('input', () => {
    clearTimeout(listen.timer);
    listen.timer = setTimeout(() => {
      map.matched = matching(map, byId('filter').value);
      listMatches(map);
      restyle();
    }, 120);
  });

  const look = (yaw, pitch) => { Object.assign(camera, { yaw, pitch }); redraw(); };
  const keys = {
    '+': () => zoomAt(0.8, middle()), '=': () => zoomAt(0.8, middle()), '-': () => zoomAt(1.25, middle()),
    0: home, Home: home, 1: () => look(0, 0), 2: () => look(Math.PI / 2, 0), 3: () => look(0, 1.57),
    Escape: () => select(-1),
    '/': () => byId('filter').focus(),
  };
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches('input, select')) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    if (event.key in arrows) {
      const [x, y] = arrows[event.key];
      // As if the picture were dragged by the key's direction.
      if (event.shiftKey) camera.move(x * 40, y * 40, view.side);
      else camera.turn(-x * 0.12, y * 0.12);
      redraw();
    } else if (event.key in keys) {
      keys[event.key]();
    } else {
      return;
    }
    event.preventDefault();
  });
  new ResizeObserver(() => redraw()).observe(byId('picture'));
}

// ---- the start: points first, then colors, then texts, as each is unpacked ----

async function start() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  setTheme(dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
  sayWhatIsDrawn(header);
  painter = GlPainter.on(pointsCanvas, map);
  const say = (text) => Object.assign(byId('message'), { textContent: text, hidden: !text });
  const plain = painter ? '' : 'This browser has no WebGL: points are drawn more slowly.';
  painter ??= new PlainPainter(pointsCanvas, map);
  recolor(null);
  draw();
  listen();
  performance.measure('map:points', { start: 0, end: performance.now() });
  const { ids, columns } = await takeDeflated('columns');
  Object.assign(map, { ids, columns });
  listColumns(map, header.color);
  recolor(columns.find((column) => column.name === header.color) ?? null);
  listResults(map);
  map.texts = await takeDeflated('texts');
  listResults(map);
  say(plain);
  settled = true;
  performance.measure('map:ready', { start: 0, end: performance.now() });
}

start().catch((error) => {
  byId('message').textContent = `The map could not be drawn whole: ${error.message}`;
  byId('message').hidden = false;
});
