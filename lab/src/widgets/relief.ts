/** A function of two variables as a landscape in WebGL: shaded, with contours on it and on the floor below, and a way. */
import { Camera, Color, Geometry, Mesh, Polyline, Program, Renderer, Transform, Vec3 } from "ogl";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { rgb } from "../figures/scale.ts";

export type Heights = Pick<Forms["map"], "x" | "y" | "rows" | "cols" | "values">;

/** What is drawn. Colours are hexadecimal, as the theme has them. */
export interface Landscape {
  readonly heights: Heights;
  /** The least and the greatest height that is shown. */
  readonly range: readonly [low: number, high: number];
  readonly way?: Line | undefined;
  readonly colors: { readonly paper: string; readonly ink: string; readonly high: string };
}

/** Where the floor lies below the lowest place, and how high the greatest height stands, where sides are 2 long. */
const [floor, top] = [-0.75, 0.9];

const vertex = `#version 300 es
in vec3 position;
uniform mat4 modelViewMatrix, projectionMatrix;
uniform float flatness;
out float level;
out vec3 place;
void main() {
  level = position.y;
  place = vec3(position.x, mix(position.y * ${top}, ${floor}, flatness), position.z);
  gl_Position = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
}`;
const fragment = `#version 300 es
precision highp float;
in float level;
in vec3 place;
uniform vec3 paper, ink, high;
uniform float flatness;
out vec4 color;
void main() {
  if (level > 1.0) discard;
  vec3 normal = normalize(cross(dFdx(place), dFdy(place)));
  float light = 0.72 + 0.28 * abs(dot(normal, normalize(vec3(0.4, 1.0, 0.3))));
  vec3 ground = mix(mix(paper, high, 0.08 + 0.72 * level) * light, paper, flatness);
  float at = level * 12.0;
  float line = 1.0 - smoothstep(0.6, 1.4, abs(fract(at - 0.5) - 0.5) / max(fwidth(at), 1e-4));
  color = vec4(mix(ground, ink, line * mix(0.45, 0.6, flatness)), 1.0);
}`;
const lineFragment = `precision highp float;
uniform vec3 uColor;
void main() { gl_FragColor = vec4(uColor, 1.0); }`;

export class Relief {
  readonly #renderer: Renderer;
  readonly #camera: Camera;
  readonly #scene = new Transform();
  readonly #ground: Program[];
  #size = "";
  #geometry: Geometry | null = null;
  #way: Polyline | null = null;

  /** Throws where there is no WebGL 2. */
  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("webgl2", { antialias: true, alpha: true, preserveDrawingBuffer: true });
    if (!context) throw new Error("no WebGL 2");
    this.#renderer = new Renderer({ canvas, alpha: true, antialias: true, preserveDrawingBuffer: true });
    const { gl } = this.#renderer;
    this.#camera = new Camera(gl, { fov: 30, near: 0.1, far: 20 });
    this.#ground = [0, 1].map((flatness) => {
      const uniforms = Object.fromEntries(["paper", "ink", "high"].map((name) => [name, { value: new Color() }]));
      return new Program(gl, {
        vertex,
        fragment,
        uniforms: { ...uniforms, flatness: { value: flatness } },
        cullFace: false,
      });
    });
  }

  /** Draws it as seen from a direction and a height, in degrees. */
  draw(
    { heights, range, way, colors }: Landscape,
    { turn, tilt }: { turn: number; tilt: number },
    [width, height]: readonly [number, number],
  ): void {
    const { gl } = this.#renderer;
    this.#renderer.dpr = devicePixelRatio;
    this.#renderer.setSize(width, height);
    const scaled = ground(heights, range);
    const size = `${heights.rows} ${heights.cols}`;
    if (this.#geometry && this.#size === size) {
      const { position } = this.#geometry.attributes;
      position.data = scaled;
      position.needsUpdate = true;
    } else {
      this.#size = size;
      const index = { size: 1, data: triangles(heights) };
      this.#geometry = new Geometry(gl, { position: { size: 3, data: scaled }, index });
      for (const child of [...this.#scene.children]) child.setParent(null);
      for (const program of this.#ground) {
        const mesh = new Mesh(gl, { geometry: this.#geometry, program, frustumCulled: false });
        mesh.setParent(this.#scene);
      }
    }
    for (const { uniforms } of this.#ground) {
      for (const name of ["paper", "ink", "high"] as const) uniforms[name].value.set(...parts(colors[name]));
    }
    this.#setWay(way ? lifted(way, heights, scaled) : [], colors.ink);
    const [a, b] = [(turn * Math.PI) / 180, (tilt * Math.PI) / 180];
    const far = 5.7 * Math.max(1, (1.2 * height) / width);
    this.#camera.perspective({ aspect: width / height });
    this.#camera.position.set(
      far * Math.cos(b) * Math.sin(a),
      far * Math.sin(b) + 0.1,
      far * Math.cos(b) * Math.cos(a),
    );
    this.#camera.lookAt([0, 0.04, 0]);
    this.#renderer.render({ scene: this.#scene, camera: this.#camera });
  }

  #setWay(points: Vec3[], ink: string): void {
    if (this.#way) this.#way.mesh.setParent(null);
    this.#way?.geometry.remove();
    this.#way = null;
    if (points.length < 2) return;
    const color = new Color(...parts(ink));
    this.#way = new Polyline(this.#renderer.gl, {
      points,
      fragment: lineFragment,
      uniforms: { uColor: { value: color }, uThickness: { value: 3 } },
    });
    this.#way.mesh.frustumCulled = false;
    this.#way.mesh.setParent(this.#scene);
    this.#way.resize();
  }

  /** Gives its memory back. */
  close(): void {
    this.#renderer.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

const parts = (color: string): [number, number, number] => {
  const [r, g, b] = rgb(color);
  return [r / 255, g / 255, b / 255];
};

/** Places of the grid, x and z from −1 to 1 and heights from 0 to 1. */
function ground({ rows, cols, values }: Heights, [low, high]: readonly [number, number]): Float32Array {
  const places = new Float32Array(rows * cols * 3);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const i = row * cols + col;
      const up = (values[i] - low) / (high - low || 1);
      places.set([(2 * (col + 0.5)) / cols - 1, up, (2 * (row + 0.5)) / rows - 1], 3 * i);
    }
  }
  return places;
}

function triangles({ rows, cols }: Heights): Uint16Array {
  const index: number[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let col = 0; col + 1 < cols; col++) {
      const i = row * cols + col;
      index.push(i, i + cols, i + 1, i + 1, i + cols, i + cols + 1);
    }
  }
  return new Uint16Array(index);
}

/** How far a way stands above the ground, so that it is not half hidden in it. */
const above = 0.015;

/** A way on the ground, as far as it lies on what is shown; of a long one some points only. */
function lifted(way: Line, { x, y, rows, cols }: Heights, places: Float32Array): Vec3[] {
  const every = Math.max(1, Math.floor(way.x.length / 400));
  const points: Vec3[] = [];
  for (let k = 0; k < way.x.length; k++) {
    if (k % every !== 0 && k !== way.x.length - 1) continue;
    const [right, down] = [(way.x[k] - x[0]) / (x[1] - x[0]), (y[1] - way.y[k]) / (y[1] - y[0])];
    if (!(right >= 0 && right <= 1 && down >= 0 && down <= 1)) break;
    const height = between(places, [down * rows - 0.5, right * cols - 0.5], [rows, cols]);
    if (height > 1) continue;
    points.push(new Vec3(2 * right - 1, height * top + above, 2 * down - 1));
  }
  return points;
}

/** The height at a place between those of the grid. */
function between(places: Float32Array, [row, col]: readonly number[], [rows, cols]: readonly number[]): number {
  const [i, j] = [row, col].map((v, axis) => Math.min(Math.max(Math.floor(v), 0), [rows, cols][axis] - 2));
  const [a, b] = [Math.min(Math.max(row - i, 0), 1), Math.min(Math.max(col - j, 0), 1)];
  const at = (r: number, c: number): number => places[3 * (r * cols + c) + 1];
  return (1 - a) * ((1 - b) * at(i, j) + b * at(i, j + 1)) + a * ((1 - b) * at(i + 1, j) + b * at(i + 1, j + 1));
}
