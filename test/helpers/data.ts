/** Places for data sets: folders of made files, and a server that has them. */
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { inTemporaryFolder } from "../folder.ts";

export type Files = Readonly<Record<string, Uint8Array>>;

/** An IDX file of bytes. */
export function idx(sizes: readonly number[], data: readonly number[]): Uint8Array {
  return Uint8Array.of(0, 0, 8, sizes.length, ...sizes.flatMap((size) => [0, 0, 0, size]), ...data);
}

/** A file of a tar archive, or a folder where there is no content. */
export interface Member {
  readonly name: string;
  readonly content?: Uint8Array;
  /** Instead of that of a file or folder, and instead of the real one. */
  readonly type?: string;
  readonly size?: string;
  readonly prefix?: string;
}

/** A tar archive in the format ustar. */
export function tar(members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ name, content, type = content ? "0" : "5", size, prefix = "" }) => {
    const header = Buffer.alloc(512);
    const octal = (content?.length ?? 0).toString(8).padStart(11, "0");
    const fields: [number, string][] = [
      [0, name],
      [100, "0000644"],
      [124, size ?? octal],
      [156, type],
      [345, prefix],
    ];
    for (const [at, text] of [...fields, [257, "ustar\0" + "00"]] as [number, string][])
      header.write(text, at, "latin1");
    const sum = header.fill(" ", 148, 156).reduce((a, b) => a + b, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    const padding = Buffer.alloc((512 - ((content?.length ?? 0) % 512)) % 512);
    return [header, content ?? Buffer.alloc(0), padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Puts files in a folder, which is made, as are those in their names. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

/** Calls `work` with the folder of a data set of these files in that of TSUMIKI_DATA, while the cache is elsewhere and empty. */
export async function withDataFolder(
  name: string,
  files: Files,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const { TSUMIKI_DATA, XDG_CACHE_HOME } = process.env;
  await inTemporaryFolder(async (root) => {
    const folder = join(root, "data", name);
    await writeFiles(folder, files);
    process.env.TSUMIKI_DATA = join(root, "data");
    process.env.XDG_CACHE_HOME = join(root, "cache");
    try {
      await work(folder);
    } finally {
      for (const [name, value] of Object.entries({ TSUMIKI_DATA, XDG_CACHE_HOME })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
}

/** Calls `work` with the address of a server that has these files, and the names that were asked for. */
export async function serve(files: Files, work: (address: string, asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? "";
    asked.push(name);
    if (Object.hasOwn(files, name)) response.end(files[name]);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
