/* Coloring: a column becomes a color and a shape a point, and a legend. */

const SHAPES = ['disc', 'square', 'triangle', 'diamond'];

function rgbOf(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** The color at a place 0..1 of a gradient of hex stops. */
function gradientAt(stops, place) {
  const at = Math.min(Math.max(place, 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(at), stops.length - 2);
  const [from, to] = [rgbOf(stops[left]), rgbOf(stops[left + 1])];
  return from.map((value, i) => Math.round(value + (to[i] - value) * (at - left)));
}

/**
 * How to color by a column, or all alike by none.
 *
 * `group` is the legend's entry of each point; `entries` those entries, with an empty one where a
 * group has no point. Groups are what the legend hides and shows.
 */
function coloringOf(column, count, palette) {
  const group = new Uint8Array(count);
  const plain = { color: palette.plain, shape: 0 };
  if (!column) return { group, entries: [{ ...plain, label: 'all points', count }] };
  const values = column.values;
  if (column.labels) return byCategory(column, group, palette);
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  // The outermost hundredths share the scale's ends: one stray value would gray out all others.
  const at = (share) => known[Math.round(share * (known.length - 1))];
  const [low, high] = known.length > 200 ? [at(0.01), at(0.99)] : [at(0), at(1)];
  for (let i = 0; i < count; i++) group[i] = values[i] === null ? 1 : 0;
  const place = (value) => (high > low ? (value - low) / (high - low) : 0.5);
  // 256 colors are as many as eyes tell apart, and spare a color computed a point.
  const shades = Array.from({ length: 256 }, (_, i) => gradientAt(palette.gradient, i / 255));
  const shadeOf = (i) => Math.round(Math.min(Math.max(place(values[i]), 0), 1) * 255);
  return {
    group,
    entries: [
      { ...plain, label: 'a value', count: known.length },
      { color: palette.none, shape: 0, label: 'no value', count: count - known.length },
    ],
    scale: { low, high, below: at(0) < low, above: at(1) > high, stops: palette.gradient },
    rgb: (i) => (values[i] === null ? null : shades[shadeOf(i)]),
  };
}

function byCategory(column, group, palette) {
  const hues = palette.categories.length;
  const own = hues * SHAPES.length;
  // One category more than fits would turn only one into "other": it needs two to save a place.
  const shown = Math.min(column.labels.length, own);
  const entries = column.labels.slice(0, shown).map((label, i) => ({
    label,
    color: palette.categories[i % hues],
    shape: Math.floor(i / hues),
    count: 0,
  }));
  const others = column.labels.length - shown;
  entries.push({ label: `${others.toLocaleString('en')} others`, color: palette.other, shape: 0, count: 0 });
  entries.push({ label: 'no value', color: palette.none, shape: 0, count: 0 });
  for (let i = 0; i < group.length; i++) {
    const value = column.values[i];
    group[i] = value === null ? shown + 1 : Math.min(value, shown);
    entries[group[i]].count++;
  }
  return { group, entries };
}
