/**
 * Files, read and replaced safely. Everything that Tsumiki writes for a user goes through `replaceFile`, so that a crash
 * or a full disk leaves the old file as it was. Browsers load this file too.
 */
import { IoError } from "../errors.ts";
import { nodeModule } from "./node.ts";

/** What is asked of an open file. */
export interface OpenFile {
  stat(): Promise<{ readonly size: number }>;
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(from: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What is asked of a file system. Tests pass one whose n-th call fails. */
export interface FileSystem {
  open(path: string, flags: string): Promise<OpenFile>;
  mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

/** The most that is asked of one read or write; Node takes less than 2 GiB. */
const stretch = 2 ** 30;

const advice: Record<string, string> = {
  ENOENT: "Check the path; the folder has to exist",
  EACCES: "Choose a place that you may read and write",
  EPERM: "Choose a place that you may read and write",
  EROFS: "Choose a place that you may read and write",
  ENOSPC: "Free some space, or choose another disk",
  EISDIR: "Name a file, not a folder",
  ENOTDIR: "Name a folder where the path needs one",
  ENAMETOOLONG: "Choose a shorter path",
  ELOOP: "Mend the symbolic link",
};

/** The error of a file operation, with the path and the way out. */
export function ioError(operation: string, path: string, cause: unknown, reads = false): IoError {
  const {
    code = "",
    message = String(cause),
    syscall,
  } = cause as { code?: string; message?: string; syscall?: string };
  if (code === "ENOENT" && syscall === "open" && reads) {
    const fix = "Check the path, which counts from the folder that the program was started in unless it begins with /";
    const got = `${JSON.stringify(path)}, which does not exist`;
    return new IoError({ in: operation, got, want: "a file that is there", fix }, { cause });
  }
  const fix = advice[code] ?? "Check the path and the disk";
  const got = `${JSON.stringify(path)} and ${message.split(",")[0]}`;
  return new IoError({ in: operation, got, want: "a file it can use", fix }, { cause });
}

/** A file open for reading, closed by `await using`. A short read throws what `short` returns. */
export interface Reader extends AsyncDisposable {
  readonly size: number;
  /** Fills `into` from `position` of the file. */
  read(into: Uint8Array, position: number): Promise<void>;
}

export async function openForReading(
  operation: string,
  path: string,
  short: () => Error,
  files?: FileSystem,
): Promise<Reader> {
  const attempt = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw ioError(operation, path, cause, true);
    }
  };
  const file = await attempt((files ?? nodeModule(operation, "node:fs/promises")).open(path, "r"));
  try {
    const { size } = await attempt(file.stat());
    return {
      size,
      async read(into, position) {
        for (let at = 0; at < into.length; ) {
          const length = Math.min(into.length - at, stretch);
          const { bytesRead } = await attempt(file.read(into, at, length, position + at));
          if (bytesRead === 0) throw short();
          at += bytesRead;
        }
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The whole of a file. */
export async function readFile(operation: string, path: string, files?: FileSystem): Promise<Uint8Array<ArrayBuffer>> {
  const short = (): Error => ioError(operation, path, new Error("it was cut while it was read"));
  await using file = await openForReading(operation, path, short, files);
  const bytes = new Uint8Array(file.size);
  await file.read(bytes, 0);
  return bytes;
}

/**
 * Writes `content` to a temporary file in the folder of `path`, syncs it, and renames it over `path`. If anything fails,
 * what `content` throws included, the file at `path` is as it was and the temporary file is gone.
 */
export async function replaceFile(
  operation: string,
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  files?: FileSystem,
): Promise<void> {
  const fs = files ?? nodeModule(operation, "node:fs/promises");
  const { dirname, join } = nodeModule(operation, "node:path");
  const folder = dirname(path);
  // A name of its own, not one made from the path's: that may be as long as the file system takes.
  const name = `.tsumiki-${crypto.randomUUID().slice(0, 13)}.tmp`;
  const temporary = join(folder, name);
  let fromContent: unknown;
  try {
    const file = await fs.open(temporary, "wx");
    try {
      try {
        for await (const chunk of watched(content, (error) => (fromContent = error))) await writeAll(file, chunk);
        await file.sync();
      } finally {
        await file.close();
      }
      await fs.rename(temporary, path);
    } catch (error) {
      await fs.unlink(temporary).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw error === fromContent ? error : ioError(operation, path, error);
  }
  await syncFolder(fs, folder);
}

/** The same chunks; tells an error of their source from one of the file. */
async function* watched(
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const source = Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : content[Symbol.iterator]();
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>;
      try {
        next = await source.next();
      } catch (error) {
        onError(error);
        throw error;
      }
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

async function writeAll(file: OpenFile, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, Math.min(chunk.length - at, stretch));
    at += bytesWritten;
  }
}

/** Makes a rename last through a power cut, on systems that can: the new file is whole with or without it. */
async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  try {
    const handle = await fs.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {}
}
