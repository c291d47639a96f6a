const { nodes, edges } = JSON.parse(document.getElementById('data').textContent);
const picture = document.getElementById('picture');
const boxes = [...document.querySelectorAll('.node')];
const lines = [...document.querySelectorAll('#edges path')];
let chosen = null;

// Everything that can be reached along the edges in one direction.
function reached(from, side, other) {
  const found = new Set([from]);
  for (const node of found) {
    for (const edge of edges) if (edge[side] === node) found.add(edge[other]);
  }
  return found;
}

function light(node) {
  picture.classList.toggle('lighting', node !== null);
  const back = node === null ? new Set() : reached(node, 'start', 'end');
  const forth = node === null ? new Set() : reached(node, 'end', 'start');
  boxes.forEach((box, i) => box.classList.toggle('lit', back.has(i) || forth.has(i)));
  lines.forEach((line, i) => {
    const { start, end } = edges[i];
    const lit = (back.has(start) && back.has(end)) || (forth.has(start) && forth.has(end));
    line.classList.toggle('lit', lit);
  });
}

function element(name, text, parent) {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
}

function choose(node) {
  chosen = node;
  boxes.forEach((box, i) => box.classList.toggle('chosen', i === node));
  light(node);
  document.getElementById('hint').hidden = node !== null;
  document.getElementById('selected').hidden = node === null;
  if (node === null) return;
  const { label, title, properties } = nodes[node];
  document.getElementById('kind').textContent = label;
  document.getElementById('name').textContent = title;
  const list = document.getElementById('properties');
  list.replaceChildren();
  for (const [name, value] of properties) {
    element('dt', name, list);
    element('dd', value, list);
  }
  const joined = document.getElementById('joined');
  joined.replaceChildren();
  edges.forEach(({ start, end, type, said }) => {
    if (start !== node && end !== node) return;
    const far = start === node ? end : start;
    const words = start === node ? `${type} → ` : `← ${type} `;
    const button = element('button', `${words}${nodes[far].label} ${nodes[far].title}${said}`, element('li', '', joined));
    button.type = 'button';
    button.addEventListener('click', () => { choose(far); boxes[far].focus(); });
  });
}

boxes.forEach((box, i) => {
  box.addEventListener('click', () => choose(i));
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose(i);
  });
  box.addEventListener('pointerenter', () => { if (chosen === null) light(i); });
  box.addEventListener('pointerleave', () => { if (chosen === null) light(null); });
});
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') choose(null); });
performance.mark('map:ready');
