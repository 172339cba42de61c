/** Files that are often taken for safetensors, known by their first bytes, and what to do with each. None is ever run. */

interface Kind {
  readonly what: string;
  readonly fix: string;
  /** What the file begins with, a character for each byte. */
  readonly starts: readonly string[];
  /** Whether white space may come first, and either case. */
  readonly isText?: boolean;
}

const convert = 'In Python: safetensors.torch.save_file(torch.load(path, weights_only=True), "model.safetensors")';

const kinds: readonly Kind[] = [
  {
    what: "a zip archive, such as a PyTorch .pt or .pth, a .keras or an .npz",
    starts: ["PK\x03\x04", "PK\x05\x06"],
    fix: convert,
  },
  {
    what: "a Python pickle, such as an old PyTorch .pt or .pth",
    starts: ["\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"],
    fix: convert,
  },
  { what: "an HDF5 file, such as a Keras .h5", starts: ["\x89HDF\r\n"], fix: "Convert it with Keras or h5py" },
  { what: "a GGUF model", starts: ["GGUF"], fix: "Take the model's safetensors from its publisher; GGUF is quantized" },
  { what: "an .npy array", starts: ["\x93NUMPY"], fix: "Convert it with safetensors.numpy.save_file" },
  { what: "a gzip file", starts: ["\x1f\x8b"], fix: "Unpack it first" },
  {
    what: "an HTML page",
    starts: ["<!doctype", "<html", "<head", "<?xml"],
    isText: true,
    fix: "Download the file itself; this is a page about it, or one that asks for a login",
  },
  {
    what: "a Git LFS pointer",
    starts: ["version https://git-lfs"],
    isText: true,
    fix: 'Fetch the file itself with "git lfs pull"',
  },
  {
    what: "a JSON text, such as an index of shards",
    starts: ["{", "["],
    isText: true,
    fix: "Name the .safetensors file itself",
  },
];

/** What the file is whose first bytes these are, if it is none of ours. */
export function foreign(first: Uint8Array): { readonly what: string; readonly fix: string } | undefined {
  const bytes = Array.from(first.subarray(0, 64), (byte) => String.fromCharCode(byte)).join("");
  // Ours, though damaged: a header's length may look like anything, but a brace follows it.
  if (bytes[8] === "{") return undefined;
  const text = bytes.trimStart().toLowerCase();
  return kinds.find(({ starts, isText }) => starts.some((start) => (isText ? text : bytes).startsWith(start)));
}
