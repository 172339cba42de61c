/** gzip, unpacked with a limit: a megabyte of it can hold a gigabyte of zeros. */
import { FormatError, LimitError } from "../errors.ts";

/** Whether these are the first bytes of a gzip file. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The content of a gzip file of one member, of at most `limit` bytes. Checksums and lengths are checked, and anything after
 * the member is refused: a second member too, which RFC 1952 would join.
 */
export async function gunzip(operation: string, bytes: Uint8Array, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > limit) throw tooLarge(operation, limit);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new FormatError(
      "GZIP",
      {
        in: operation,
        got: `a broken gzip file of ${bytes.length} bytes (${(cause as Error).message.trim()})`,
        want: "one whole member with the right checksum",
        fix: "Fetch the file again",
      },
      { cause },
    );
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** The error for more than `limit` bytes where the size is not known before they come. */
export const tooLarge = (operation: string, limit: number): LimitError =>
  new LimitError({
    in: operation,
    got: `more than ${limit} bytes`,
    want: `at most ${limit}`,
    fix: "Raise the limit if you trust the source",
  });
