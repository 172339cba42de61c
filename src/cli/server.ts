/**
 * A server of files for this machine only: the built Lab, and nothing else. It answers who comes from its own pages or
 * types its address; what another web site sends, whatever name it has given this machine, is refused.
 */
import { createReadStream, realpathSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";

export interface ServerOptions {
  /** The folder of files, `index.html` first. */
  readonly folder: string;
  /** Answers besides files, by path; JSON. */
  readonly answers?: Readonly<Record<string, () => unknown>>;
  /** The first port to try; the next ones follow where it is taken. */
  readonly port: number;
  /** How many ports are tried. */
  readonly tries: number;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".ttf": "font/ttf",
  ".svg": "image/svg+xml",
  ".gz": "application/gzip",
  ".json": "application/json",
};

/** Of every answer: memory may be shared among threads, nothing comes from elsewhere, and no code is made of text. */
const headers = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
};
const host = "127.0.0.1";
/** Milliseconds for a request to come in whole, and connections at once. */
const patience = 10_000;
const mostConnections = 256;

/** Serves until it is closed; resolves when it listens, to the server and its port. Rejects where no port is free. */
export async function serveFiles(options: ServerOptions): Promise<{ server: Server; port: number }> {
  const root = realpathSync(options.folder);
  const server = createServer({
    headersTimeout: patience,
    requestTimeout: patience,
    connectionsCheckingInterval: 2000,
  });
  server.maxConnections = mostConnections;
  for (let port = options.port; ; port++) {
    try {
      await listen(server, port);
      const address = server.address();
      const actual = typeof address === "object" && address !== null ? address.port : port;
      server.on("request", (request, response) => answer(request, response, { ...options, root, port: actual }));
      return { server, port: actual };
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!isTaken || port + 1 >= options.port + options.tries || port >= 65_535) throw error;
    }
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

interface Place {
  readonly root: string;
  readonly port: number;
  readonly answers?: Readonly<Record<string, () => unknown>>;
}

function answer(request: IncomingMessage, response: ServerResponse, place: Place): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const status = refusal(request, place.port);
  if (status !== null) {
    refuse(response, status);
    return;
  }
  const path = pathOf(request.url ?? "");
  if (path === null) refuse(response, 400);
  else if (place.answers && Object.hasOwn(place.answers, path)) sendJson(response, place.answers[path]());
  else sendFile(request, response, place.root, path);
}

/** Why a request is not answered, as a status; null if it is. */
function refusal(request: IncomingMessage, port: number): number | null {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`, ...(port === 80 ? ["127.0.0.1", "localhost"] : [])];
  const hosts = request.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1].toLowerCase() === "host");
  if (hosts.length !== 1) return 400;
  if (!names.includes(hosts[0].toLowerCase())) return 403;
  const { origin } = request.headers;
  if (origin !== undefined && !names.some((name) => origin === `http://${name}`)) return 403;
  // A link from another site may open the page; that site may not load parts of it.
  const isElsewhere = ["cross-site", "same-site"].includes(`${request.headers["sec-fetch-site"]}`);
  if (isElsewhere && request.headers["sec-fetch-mode"] !== "navigate") return 403;
  const length = request.headers["content-length"];
  if (request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")) return 413;
  return request.method === "GET" || request.method === "HEAD" ? null : 405;
}

/** The path of a file in parts that name only files below; null for anything else. */
function pathOf(url: string): string | null {
  if (!url.startsWith("/") || url.startsWith("//")) return null;
  try {
    const path = decodeURIComponent(url.split(/[?#]/)[0]);
    const isPlain = !/[\0\\:]/.test(path) && !path.split("/").some((part) => part === ".." || part === ".");
    return isPlain ? path : null;
  } catch {
    return null; // not UTF-8
  }
}

function sendFile(request: IncomingMessage, response: ServerResponse, root: string, path: string): void {
  const wanted = join(root, path.endsWith("/") ? `${path}index.html` : path);
  let [file, size] = [wanted, 0];
  try {
    file = realpathSync(wanted);
    const stat = statSync(file);
    if (!file.startsWith(root + sep) || !stat.isFile()) throw new Error("not a file of the folder");
    size = stat.size;
  } catch {
    refuse(response, 404);
    return;
  }
  const range = rangeOf(request.headers.range, size);
  if (range === "none") {
    response.setHeader("content-range", `bytes */${size}`);
    refuse(response, 416);
    return;
  }
  // Names of assets say what is in them; the page itself is asked for anew.
  response.setHeader("cache-control", path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
  response.setHeader("accept-ranges", "bytes");
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.setHeader("content-length", Math.max(end - start + 1, 0));
  if (range) response.setHeader("content-range", `bytes ${start}-${end}/${size}`);
  response.writeHead(range ? 206 : 200);
  if (request.method === "HEAD" || size === 0) {
    response.end();
    return;
  }
  const stream = createReadStream(file, { start, end });
  stream.on("error", () => response.destroy()); // gone while it was read
  response.on("close", () => stream.destroy());
  stream.pipe(response);
}

/** The part that is asked for; null for all; "none" for what is not there, or for several parts. */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | null | "none" {
  if (header === undefined) return null;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  if (!match || (match[1] === "" && match[2] === "")) return "none";
  const start = match[1] === "" ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const end = match[1] === "" || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start <= end && start < size ? { start, end } : "none";
}

function sendJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value);
  response.setHeader("content-type", "application/json");
  response.setHeader("cache-control", "no-store");
  response.setHeader("content-length", Buffer.byteLength(body));
  response.writeHead(200).end(body);
}

function refuse(response: ServerResponse, status: number): void {
  response.setHeader("connection", "close");
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.writeHead(status).end(`${status}\n`);
}
