/* Marks: the query, its numbered results, and rings, on a canvas of their own above the points. */

/** Draw the marks. `state` has query, hovered and selected; `view` the matrix and sizes. */
function drawMarks(context, view, state, positions) {
  const { width, height, density } = view;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  const ink = view.style('--mark');
  const paper = view.style('--mark-ink');
  const spotOf = (i) => projected(view.matrix, positions.subarray(i * 3, i * 3 + 3), width, height);
  const results = state.query ? state.query.results.map((result) => ({ ...result, spot: spotOf(result.point) })) : [];
  const star = state.query && state.query.position
    ? projected(view.matrix, state.query.position, width, height) : null;

  if (star && star[2] > 0) {
    context.strokeStyle = ink;
    context.globalAlpha = 0.28;
    context.lineWidth = 1;
    context.beginPath();
    for (const { spot } of results) {
      if (spot[2] <= 0) continue;
      context.moveTo(star[0], star[1]);
      context.lineTo(spot[0], spot[1]);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  const ring = (i, thick) => {
    const [x, y, depth] = spotOf(i);
    if (depth <= 0) return;
    const radius = view.sizeAt(depth) / 2 + 3;
    // Twice, wide in the ground's color below: a ring shows on any color.
    for (const [color, line] of [[paper, thick + 2], [ink, thick]]) {
      context.strokeStyle = color;
      context.lineWidth = line;
      context.beginPath();
      context.arc(x, y, radius, 0, 7);
      context.stroke();
    }
  };
  for (const { point } of results) ring(point, 1.25);
  if (state.selected >= 0) ring(state.selected, 3);
  if (state.hovered >= 0) ring(state.hovered, 2);

  const taken = [];
  if (star && star[2] > 0) {
    drawStar(context, star[0], star[1], 11, ink, paper);
    taken.push([star[0] - 12, star[1] - 12, star[0] + 12, star[1] + 12]);
  }
  context.font = '600 12px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { rank, spot } of results) {
    if (spot[2] > 0) drawNumber(context, String(rank), spot, taken, ink, paper);
  }
}

function drawStar(context, x, y, radius, fill, edge) {
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const [angle, reach] = [(i * Math.PI) / 5 - Math.PI / 2, i % 2 ? radius * 0.45 : radius];
    context.lineTo(x + Math.cos(angle) * reach, y + Math.sin(angle) * reach);
  }
  context.closePath();
  context.lineJoin = 'round';
  context.strokeStyle = edge;
  context.lineWidth = 4;
  context.stroke();
  context.fillStyle = fill;
  context.fill();
}

/** A number beside its point, at the first place that no other number has taken. */
function drawNumber(context, text, [x, y], taken, ink, paper) {
  const [w, h] = [Math.max(18, 10 + text.length * 7), 18];
  let place = null;
  for (let reach = 16; reach <= 88 && !place; reach += 12) {
    for (let turn = 0; turn < 12 && !place; turn++) {
      const angle = -Math.PI / 4 + (turn * Math.PI) / 6;
      const [cx, cy] = [x + Math.cos(angle) * reach, y + Math.sin(angle) * reach];
      const box = [cx - w / 2 - 1, cy - h / 2 - 1, cx + w / 2 + 1, cy + h / 2 + 1];
      const free = taken.every((b) => box[2] < b[0] || box[0] > b[2] || box[3] < b[1] || box[1] > b[3]);
      if (free) place = { cx, cy, box };
    }
  }
  if (!place) return; // the list beside the picture has it
  taken.push(place.box);
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(place.cx, place.cy);
  context.stroke();
  context.beginPath();
  context.roundRect(place.cx - w / 2, place.cy - h / 2, w, h, 9);
  context.fillStyle = ink;
  context.strokeStyle = paper;
  context.fill();
  context.stroke();
  context.fillStyle = paper;
  context.fillText(text, place.cx, place.cy + 0.5);
}
