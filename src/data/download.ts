/**
 * Downloads of data sets: streamed to a temporary file, checked, then renamed, so that a file that is there is whole. Two
 * processes that fetch the same file at once both end with a good one.
 */
import { DownloadError, IoError, LimitError } from "../errors.ts";
import { replaceFile } from "../io/files.ts";
import { nodeModule } from "../io/node.ts";

export interface Progress {
  /** The name of the file. */
  readonly file: string;
  /** Bytes received, and how many there will be if the server says so. */
  readonly received: number;
  readonly total: number | undefined;
}

export interface DownloadOptions {
  /** The SHA-256 and the size of the file as it is stored: of the content, where that comes packed. */
  readonly sha256: string;
  readonly bytes: number;
  /** Whether the server has it packed with gzip. */
  readonly gzip?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** How long to wait for the next byte, and for the whole of a file, in milliseconds. */
  readonly idle?: number;
  readonly longest?: number;
  /** How often each address is tried, and the first pause between, in milliseconds; it doubles. */
  readonly attempts?: number;
  readonly pause?: number;
}

/** Why an address failed, and whether it is worth another try. */
class Failure extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isFinal = isFinal;
  }
}

/** Fetches a file to `path` from the first of `urls` that has it. */
export async function download(urls: readonly string[], path: string, options: DownloadOptions): Promise<void> {
  const { attempts = 3, pause = 500, signal } = options;
  const reasons = new Map<string, string>();
  let left = [...urls];
  for (let attempt = 1; left.length > 0 && attempt <= attempts; attempt++) {
    if (attempt > 1) await sleep(pause * 2 ** (attempt - 2), signal);
    for (const url of left) {
      try {
        await replaceFile("download", path, fetchChecked(url, path, options));
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Failure)) throw error;
        reasons.set(url, error.message);
        if (error.isFinal) left = left.filter((other) => other !== url);
      }
    }
  }
  throw new DownloadError({
    in: "download",
    got: [...reasons].map(([url, reason]) => `${reason} from ${url}`).join("; "),
    want: "a connection to one of these",
    fix: `Try later, or fetch it by other means, unpack it, and put it at ${JSON.stringify(path)}`,
  });
}

/** The content of a file, as it comes; throws at its end if it is not what was expected. */
async function* fetchChecked(url: string, path: string, options: DownloadOptions): AsyncGenerator<Uint8Array> {
  const { createHash } = nodeModule("download", "node:crypto");
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of unpacked(fetchBody(url, path, options), options.gzip ?? false)) {
      size += chunk.length;
      if (size > options.bytes) throw tooMuch(url, options.bytes);
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Failure || error instanceof LimitError ? error : failure(error);
  }
  if (size !== options.bytes) throw new Failure(`got ${size} bytes instead of ${options.bytes}`, false);
  const sum = hash.digest("hex");
  if (sum !== options.sha256) throw new Failure(`a file with the SHA-256 ${sum} instead of ${options.sha256}`, true);
}

async function* unpacked(body: AsyncIterable<Uint8Array>, gzip: boolean): AsyncGenerator<Uint8Array> {
  if (!gzip) return yield* body;
  const { DecompressionStream, ReadableStream } = nodeModule("download", "node:stream/web");
  yield* ReadableStream.from(body).pipeThrough(new DecompressionStream("gzip"));
}

async function* fetchBody(
  url: string,
  path: string,
  { bytes, gzip, onProgress, signal, idle = 30_000, longest = 1_800_000 }: DownloadOptions,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const giveUp = (reason: string): void => stop.abort(new Failure(reason, false));
  let silence: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(giveUp, idle, `nothing for ${idle / 1000} s`);
  };
  const whole = setTimeout(giveUp, longest, `no end within ${longest / 1000} s`);
  heard();
  try {
    const response = await fetch(url, {
      headers: { "accept-encoding": "identity" },
      signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    });
    if (!response.ok || !response.body) throw refusal(response.status);
    const length = response.headers.get("content-length");
    const total = length === null ? undefined : Number(length);
    const most = gzip ? bytes + 2 ** 16 : bytes; // what cannot be packed grows a little
    if (total !== undefined && total > most) throw tooMuch(url, most);
    let received = 0;
    for await (const chunk of response.body) {
      heard();
      received += chunk.length;
      if (received > most) throw tooMuch(url, most);
      onProgress?.({ file: path.replace(/^.*[\\/]/, ""), received, total });
      yield chunk;
    }
  } finally {
    clearTimeout(silence);
    clearTimeout(whole);
    stop.abort();
  }
}

/** A server that is busy or broken may be asked again, one that has no such file not. */
const refusal = (status: number): Failure =>
  new Failure(`HTTP status ${status}`, status < 500 && status !== 408 && status !== 429);

const tooMuch = (url: string, limit: number): LimitError =>
  new LimitError({
    in: "download",
    got: `more than ${limit} bytes from ${url}`,
    want: `${limit}`,
    fix: "Check the address",
  });

/** Without a network there is no point in another try. */
const unreachable = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "ERR_INVALID_URL"];

function failure(error: unknown): Failure {
  const { message, code, cause } = error as {
    message: string;
    code?: string;
    cause?: { message?: string; code?: string };
  };
  const known = code ?? cause?.code;
  const isFinal = unreachable.includes(known ?? "");
  return new Failure(cause?.message || known || message, isFinal, { cause: error });
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}

/** Makes a folder for `path` to be downloaded to; `variable` is what a user changes if it cannot be made. */
export async function makeFolder(folder: string, variable: string): Promise<void> {
  const { mkdir } = nodeModule("download", "node:fs/promises");
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const got = `${JSON.stringify(folder)} and ${(cause as Error).message.split(",")[0]}`;
    const fix = `Set ${variable} to a folder that you may write`;
    throw new IoError({ in: "download", got, want: "a folder it can write", fix }, { cause });
  }
}
