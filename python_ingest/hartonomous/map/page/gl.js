/* Drawing by WebGL: one buffer of positions, one of looks, one call a picture. */

// A look's fourth byte is shape + 4 * state; states: 0 drawn, 1 faded, 2 hidden.
const VERTEX = `
  attribute vec3 a_step;
  attribute vec4 a_look;
  uniform mat4 u_matrix;
  uniform vec3 u_low, u_size, u_ground;
  uniform vec3 u_pixels;     // size at depth 1, least, most
  uniform vec2 u_depth;      // where haze begins, over how much depth it grows
  varying vec3 v_color;
  varying float v_shape, v_pixels;
  void main() {
    float code = floor(a_look.a * 255.0 + 0.5);
    float state = floor(code / 4.0);
    v_shape = code - state * 4.0;
    gl_Position = u_matrix * vec4(u_low + a_step * u_size, 1.0);
    float depth = gl_Position.w;
    gl_PointSize = clamp(u_pixels.x / depth, u_pixels.y, u_pixels.z);
    float haze = 0.55 * clamp((depth - u_depth.x) / u_depth.y, 0.0, 1.0);
    if (state > 0.5) {
      // Faded points lie behind all others, so that they hide none of what was looked for.
      gl_Position.z = depth * 0.99999;
      gl_PointSize *= 0.75;
      haze = 0.8;
    }
    if (state > 1.5) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    v_pixels = gl_PointSize;
    v_color = mix(a_look.rgb, u_ground, haze);
  }`;
const FRAGMENT = `
  precision mediump float;
  varying vec3 v_color;
  varying float v_shape, v_pixels;
  void main() {
    vec2 at = gl_PointCoord * 2.0 - 1.0;
    vec2 side = abs(at);
    // How far inside the shape's edge, 1 being half the point's size.
    float inside = 1.0 - length(at);
    if (v_shape > 2.5) inside = (1.0 - side.x - side.y) * 0.8;
    else if (v_shape > 1.5) inside = min(0.85 - at.y, (at.y + 1.0) * 0.5 - side.x) * 0.9;
    else if (v_shape > 0.5) inside = 0.85 - max(side.x, side.y);
    float pixels = inside * v_pixels * 0.5;
    if (pixels < 0.0) discard;
    // A darker rim parts a point from those of its own color behind it.
    float rim = v_pixels > 5.0 ? mix(0.72, 1.0, smoothstep(0.6, 1.6, pixels)) : 1.0;
    gl_FragColor = vec4(v_color * rim, clamp(pixels + 0.35, 0.0, 1.0));
  }`;

class GlPainter {
  /** Null where the browser has no WebGL, or it refuses. */
  static on(canvas, data) {
    const gl = canvas.getContext('webgl', { alpha: false, antialias: true });
    return gl && new GlPainter(gl, canvas, data);
  }

  constructor(gl, canvas, data) {
    Object.assign(this, { gl, canvas, data });
    this.upload();
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => { this.upload(); data.redraw(); });
  }

  /** Everything that lives in the graphics memory, which a lost context takes with it. */
  upload() {
    const { gl, data } = this;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`WebGL: ${gl.getProgramInfoLog(program)}`);
    }
    gl.useProgram(program);
    // Four steps a point, the last unused: graphics hardware reads in fours of bytes.
    const steps = new Uint16Array(data.count * 4);
    data.order.forEach((i, at) => steps.set(data.steps.subarray(i * 3, i * 3 + 3), at * 4));
    const buffer = (name, size, type, stride, usage, values) => {
      const made = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, made);
      gl.bufferData(gl.ARRAY_BUFFER, values, usage);
      const at = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, type, true, stride, 0);
      return made;
    };
    buffer('a_step', 3, gl.UNSIGNED_SHORT, 8, gl.STATIC_DRAW, steps);
    this.looks = buffer('a_look', 4, gl.UNSIGNED_BYTE, 4, gl.DYNAMIC_DRAW, this.orderedLooks());
    this.uniform = (name) => gl.getUniformLocation(program, name);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    // Soft edges without sorting: coverage by alpha, where blending would need back before front.
    gl.enable(gl.SAMPLE_ALPHA_TO_COVERAGE);
  }

  /** Take over colors and states that changed. */
  looksChanged() {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.looks);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, 0, this.orderedLooks());
  }

  /** Looks in the order of drawing, moved four bytes at a time. */
  orderedLooks() {
    const looks = new Uint32Array(this.data.looks.buffer);
    return new Uint8Array(Uint32Array.from(this.data.order, (i) => looks[i]).buffer);
  }

  /** Draw the first points of the order, as many as `view.drawn` says. */
  draw(view) {
    const { gl, data } = this;
    const ground = view.ground.map((value) => value / 255);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(...ground, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(this.uniform('u_matrix'), false, view.matrix);
    gl.uniform3fv(this.uniform('u_low'), data.box.low);
    gl.uniform3fv(this.uniform('u_size'), data.box.size);
    gl.uniform3fv(this.uniform('u_ground'), ground);
    gl.uniform3fv(this.uniform('u_pixels'), view.pixels.map((value) => value * view.density));
    gl.uniform2fv(this.uniform('u_depth'), view.haze);
    gl.drawArrays(gl.POINTS, 0, view.drawn);
  }
}
