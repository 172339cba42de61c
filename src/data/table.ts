/** Tables of numbers with a target: iris, wine and others by name, read strictly. Runs in Node. */
import { FormatError, ValueError } from "../errors.ts";
import { readFile } from "../io/files.ts";
import { gunzip, isGzip } from "../io/gzip.ts";
import { nodeModule } from "../io/node.ts";
import { decodeUtf8 } from "../io/utf8.ts";
import { checkOptions, print } from "../tensor/arguments.ts";
import { type Csv, numbers, parseCsv } from "./csv.ts";
import {
  fetchMissing,
  findFolder,
  nameIn,
  namesIn,
  notFound,
  type Placed,
  type PlaceOptions,
  placeOptions,
} from "./place.ts";
import { type TableDescription, type TableFile, type TableName, tables } from "./table-list.ts";

/** The tables that `loadTable` knows. */
export const tableNames: readonly TableName[] = Object.keys(tables) as TableName[];

export interface Table {
  /** The names of the features. */
  readonly names: readonly string[];
  /** `(count, names.length)`: the rows one after another. */
  readonly features: Float32Array;
  /** `(count)`: numbers in float32, or the numbers of classes in int32. */
  readonly targets: Float32Array | Int32Array;
  /** What the target is. */
  readonly target: string;
  /** What the targets stand for, where they are classes. */
  readonly classes?: readonly string[];
  readonly count: number;
  /** Where it is from. */
  readonly source: string;
}

/**
 * Loads a table by its name: `const { features, targets, names } = await loadTable("iris")`, of which
 * `new ArrayDataset({ x: { data: features, shape: [names.length] }, y: targets })` makes a data set. Its files are looked for in
 * the folder `tabular` of TSUMIKI_DATA or of the cache.
 */
export async function loadTable(name: TableName, options: PlaceOptions = {}): Promise<Table> {
  checkOptions("loadTable", options, placeOptions);
  if (!Object.hasOwn(tables, name)) {
    const want = tableNames.join(", ");
    throw new ValueError({ in: "loadTable", got: `the table ${print(name)}`, want, fix: "Choose one of them" });
  }
  const table = tables[name];
  const { folder, source = "auto", mirrors } = options;
  const holds = (names: ReadonlySet<string>): boolean => table.files.every((file) => nameIn(names, file.name));
  const placed: Placed = { in: `loadTable("${name}")`, name: "tabular", holds };
  const addresses = (file: TableFile): readonly string[] =>
    mirrors?.map((mirror) => `${mirror}${file.name}${file.gzip ? ".gz" : ""}`) ?? [file.url];
  let found = folder ?? (await findFolder(placed));
  if (found === undefined) {
    if (source === "auto") throw await notFound(placed);
    const urls = new Map(table.files.map((file) => [file.name, addresses(file)]));
    found = await fetchMissing(placed, table.files, (file) => urls.get(file.name) ?? [], options);
  }
  return readTable(placed.in, table, found);
}

async function readTable(op: string, table: TableDescription, folder: string): Promise<Table> {
  const { join } = nodeModule(op, "node:path");
  const present = await namesIn(folder);
  const content = async ({ name }: TableFile): Promise<Uint8Array> => {
    const path = join(folder, nameIn(present, name) ?? name);
    const bytes = await readFile(op, path);
    return isGzip(bytes) ? gunzip(`${op} of ${JSON.stringify(path)}`, bytes, 2 ** 26) : bytes;
  };
  const bytes = await content(table.files[0]);
  const { separator = ",", counted = false, without = [] } = table;
  const csv = parseCsv(bytes, { separator, header: table.names === undefined, skip: counted ? 1 : 0 });
  const ownTargets = table.files.length > 1 ? parseCsv(await content(table.files[1]), { header: false }) : undefined;

  // In a header the target has its name. Elsewhere columns are numbered, and it is the last.
  const target = ownTargets ? undefined : table.names ? String(csv.columns.length - 1) : table.target;
  const used = csv.columns.filter((column) => column !== target && !without.includes(column));
  const names = table.names ?? used;
  if (used.length !== names.length) throw miscounted(op, `${used.length} features`, `${names.length}`);
  const counts = counted ? countsOf(bytes) : [];
  if (counted) checkCounts(op, counts, csv, used);
  const columns = used.map((column) => numbers(csv, column, table.hasGaps ? { missing: Number.NaN } : {}));
  const wanted = ownTargets ? numbers(ownTargets, "0") : numbers(csv, target as string);
  if (wanted.length !== csv.rows.length) throw miscounted(op, `${wanted.length} targets`, `${csv.rows.length}`);

  const whole = Array.from(wanted.keys()).filter((row) => columns.every((column) => !Number.isNaN(column[row])));
  const features = Float32Array.from(whole.flatMap((row) => columns.map((column) => column[row])));
  const common = { names, features, target: table.target, count: whole.length, source: folder };
  const targets = Float32Array.from(whole, (row) => wanted[row]);
  if (!table.classes) return { ...common, targets };
  const classes = table.classes === "counted" ? counts.slice(2) : table.classes;
  const bad = targets.find((y) => !Number.isInteger(y) || y < 0 || y >= classes.length);
  if (bad !== undefined) throw miscounted(op, `the class ${bad}`, `0 to ${classes.length - 1}`);
  return { ...common, targets: Int32Array.from(targets), classes };
}

/** The fields of the first line, which is ASCII. */
function countsOf(bytes: Uint8Array): string[] {
  const end = bytes.indexOf(0x0a);
  const decoded = decodeUtf8(bytes.subarray(0, end < 0 ? bytes.length : end));
  return "text" in decoded ? decoded.text.trimEnd().split(",") : [];
}

function checkCounts(op: string, [rows, features]: readonly string[], csv: Csv, used: readonly string[]): void {
  if (Number(rows) === csv.rows.length && Number(features) === used.length) return;
  throw miscounted(
    op,
    `${csv.rows.length} rows of ${used.length} features`,
    `${rows} of ${features}, as its first line says`,
  );
}

const miscounted = (op: string, got: string, want: string): FormatError =>
  new FormatError("TABLE_COUNT", { in: op, got, want, fix: "Fetch the file again" });
