/* The panel: title, results, filter, legend. Every text goes in as textContent, so it stays text. */

const MATCHES = 50;

/** An element with a class and a text or children. */
function make(tag, className, content = []) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (typeof content === 'string') element.textContent = content;
  else element.append(...content);
  return element;
}

/** A text of the database: it may be written from right to left. */
function landed(tag, className, text) {
  const element = make(tag, className, text);
  element.dir = 'auto';
  return element;
}

function sayWhatIsDrawn(header) {
  const count = header.count.toLocaleString('en');
  const sample = header.total > header.count
    ? `a sample of ${count} of ${header.total.toLocaleString('en')} points (seed ${header.seed})`
    : `${count} ${header.count === 1 ? 'point' : 'points'}`;
  byId('model').textContent = header.model;
  byId('about').textContent =
    `${header.space}: ${sample}. 3-D positions of ${header.dimension} dimensions, ${header.metric}.`;
}

/** What is known of a point, for the card under the pointer and for the panel. */
function describe(map, i) {
  const text = map.texts ? map.texts[i] : 'texts are being unpacked …';
  const facts = make('dl', '');
  const add = (name, value) => facts.append(landed('dt', '', name), landed('dd', '', value));
  for (const column of map.columns) {
    const value = column.values[i];
    if (value !== null) add(column.name, column.labels ? column.labels[value] : shownNumber(value));
  }
  if (map.ids) add('id', String(map.ids[i]));
  return [landed('div', 'words', text), facts];
}

/** A line that selects a point. */
function pointRow(map, i, before, after) {
  const row = make('button', 'row', [
    ...before,
    landed('span', 'text', map.texts ? map.texts[i] : '…'),
    ...(after ? [make('span', 'amount', after)] : []),
  ]);
  row.type = 'button';
  row.dataset.point = i;
  row.addEventListener('click', () => map.select(i, true));
  return make('li', '', [row]);
}

function listResults(map) {
  const { query, dimension, metric } = map.header;
  if (!query) return;
  byId('asked').hidden = false;
  byId('query').textContent = query.text;
  byId('results').replaceChildren(...query.results.map((result) =>
    pointRow(map, result.point, [make('span', 'number', String(result.rank))], result.distance.toFixed(3))));
  byId('asked-note').textContent = query.results.length
    ? `${metric} distance in ${dimension} dimensions; in these three, results may lie apart.`
    : 'nothing was found';
}

/** The choice of columns; `chosen` is the column to begin with, or null. */
function listColumns(map, chosen) {
  const option = (name, value) => Object.assign(document.createElement('option'), { textContent: name, value });
  byId('color').replaceChildren(
    option('nothing: all alike', '-1'),
    ...map.columns.map((column, i) => option(column.name, String(i))));
  byId('color').value = String(map.columns.findIndex((column) => column.name === chosen));
}

function showLegend(map) {
  const { entries, scale } = map.coloring;
  const legend = byId('legend');
  legend.replaceChildren();
  byId('scale').replaceChildren();
  if (scale && entries[0].count) {
    const bar = make('div', 'scale');
    bar.style.background = `linear-gradient(to right, ${scale.stops.join(', ')})`;
    const middle = (scale.low + scale.high) / 2;
    byId('scale').append(bar, make('div', 'ticks', [
      make('span', '', (scale.below ? '≤ ' : '') + shownNumber(scale.low)),
      // Of a span of one there is no middle to name; of whole numbers only a whole one.
      make('span', '', Number.isInteger(scale.low) && !Number.isInteger(middle) ? '' : shownNumber(middle)),
      make('span', '', (scale.above ? '≥ ' : '') + shownNumber(scale.high)),
    ]));
  }
  // One entry alone parts nothing.
  if (entries.filter((entry) => entry.count).length < 2) return;
  entries.forEach((entry, group) => {
    if (!entry.count) return;
    const swatch = make('span', `swatch ${SHAPES[entry.shape]}`);
    swatch.style.background = scale && group === 0
      ? `linear-gradient(to right, ${scale.stops.join(', ')})` : entry.color;
    const row = make('button', 'row', [
      swatch, landed('span', 'text', entry.label), make('span', 'amount', entry.count.toLocaleString('en')),
    ]);
    row.type = 'button';
    row.title = `${entry.label}. Click: hide or show. Double click: only this.`;
    row.setAttribute('aria-pressed', String(!map.hidden.has(group)));
    row.addEventListener('click', () => map.toggle(group, row));
    row.addEventListener('dblclick', () => map.isolate(group));
    legend.append(make('li', '', [row]));
  });
}

/** Mark the points whose text holds every word; null where nothing is filtered. */
function matching(map, wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length || !map.texts) return null;
  // Made at the first filter, not at the start: most people only look.
  map.folded ??= map.texts.map((text) => text.toLowerCase());
  return Uint8Array.from(map.folded, (text) => words.every((word) => text.includes(word)));
}

function listMatches(map) {
  const list = byId('matches');
  list.replaceChildren();
  if (!map.matched) {
    byId('filtered').textContent = '';
    return;
  }
  let count = 0;
  map.matched.forEach((hit, i) => {
    if (hit && ++count <= MATCHES) list.append(pointRow(map, i, []));
  });
  byId('filtered').textContent = `${count.toLocaleString('en')} of ${map.count.toLocaleString('en')}` +
    (count > MATCHES ? `; the first ${MATCHES}:` : '');
}
