/** UTF-8 that is checked: where `TextDecoder` only says that something is wrong, this says where. */

/** The text, or the offset of the first character that is not UTF-8. A byte-order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): { readonly text: string } | { readonly badByte: number } {
  const text = decode(bytes, false);
  if (text !== undefined) return { text };
  // The longest prefix that a decoder still waiting for more accepts: the whole characters in it are good.
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decode(bytes.subarray(0, middle), true) === undefined) bad = middle;
    else good = middle;
  }
  return { badByte: new TextEncoder().encode(decode(bytes.subarray(0, good), true)).length };
}

/** The text of bytes that have to be one; `refuse` makes the error of what came in place of UTF-8. */
export function checkedUtf8(bytes: Uint8Array, refuse: (got: string) => Error): string {
  const decoded = decodeUtf8(bytes);
  if ("text" in decoded) return decoded.text;
  throw refuse(`a byte that is not UTF-8 at offset ${decoded.badByte}`);
}

function decode(bytes: Uint8Array, stream: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream });
  } catch {
    return undefined;
  }
}
