import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { ArrayDataset, loadTable, statistics, type TableName, tableNames } from "../../src/data/index.ts";
import { FormatError, IoError, ValueError } from "../../src/errors.ts";
import { type Files, serve, withDataFolder } from "../helpers/data.ts";

const { TSUMIKI_DATA } = process.env;
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const inFolder = (files: Files, work: (folder: string) => Promise<void>): Promise<void> =>
  withDataFolder("tabular", files, work);

describe("loadTable, of small files", () => {
  test("a file whose first line counts, and names the classes", async () => {
    const iris = text("2,4,setosa,versicolor\n5.1,3.5,1.4,0.2,0\n7,3.2,4.7,1.4,1\n");
    await inFolder({ "iris.csv": iris }, async (folder) => {
      assert.deepEqual(await loadTable("iris"), {
        names: ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
        features: Float32Array.of(5.1, 3.5, 1.4, 0.2, 7, 3.2, 4.7, 1.4),
        target: "species",
        targets: Int32Array.of(0, 1),
        classes: ["setosa", "versicolor"],
        count: 2,
        source: folder,
      });
    });
  });

  test("a file of targets beside that of the rows, both packed", async () => {
    const rows = gzipSync("59 2 32.1 101.0 157 93.2 38.0 4.0 4.8598 87\n");
    const files = { "diabetes_data_raw.csv.gz": rows, "diabetes_target.csv.gz": gzipSync("1.51e+02\n") };
    await inFolder(files, async () => {
      const { names, features, targets, classes } = await loadTable("diabetes");
      assert.deepEqual([names[2], features[2], [...targets], classes], ["bmi", Math.fround(32.1), [151], undefined]);
    });
    await inFolder({ ...files, "diabetes_target.csv.gz": gzipSync("1\n2\n") }, () =>
      assert.rejects(loadTable("diabetes"), { code: "TABLE_COUNT", message: /2 targets/ }),
    );
  });

  test("a header, a missing number, and a column of words", async () => {
    const california = text("a,b,median_house_value,ocean_proximity\n1,2,3,NEAR BAY\n4,,6,INLAND\n7,8,9,INLAND\n");
    await inFolder({ "california_housing.csv": california }, async () => {
      const { names, features, targets, count } = await loadTable("california");
      assert.deepEqual([names, [...features], [...targets], count], [["a", "b"], [1, 2, 7, 8], [3, 9], 2]);
    });
  });

  test("counts that do not agree, classes that are none, text for numbers, and no file", async () => {
    const bad = {
      TABLE_COUNT: [
        "3,4,a,b\n1,2,3,4,0\n1,2,3,4,1\n",
        "1,3,a\n1,2,3,4,0\n",
        "1,4,a,b\n1,2,3,4,2\n",
        "1,4,a\n1,2,3,4,0.5\n",
        "1,3,a\n1,2,3,0\n",
      ],
      CSV_NUMBER: ["1,4,a\n1,2,x,4,0\n", "1,4,a\n1,2,0x3,4,0\n", "1,4,a\n1,2,,4,0\n"],
      CSV_RAGGED: ["2,4,a\n1,2,3,4,0\n1,2,3\n"],
      CSV_EMPTY: ["", "0,4,a\n"],
    };
    for (const [code, contents] of Object.entries(bad)) {
      for (const content of contents) {
        await inFolder({ "iris.csv": text(content) }, () =>
          assert.rejects(loadTable("iris"), (error) => error instanceof FormatError && error.code === code, content),
        );
      }
    }
    await inFolder({}, async (folder) => {
      await assert.rejects(loadTable("iris"), { name: "IoError", message: /tabular.*source: "download"/ });
      await assert.rejects(loadTable("iris", { folder }), IoError);
      await assert.rejects(loadTable("toString" as TableName), ValueError);
      await assert.rejects(loadTable("iris", { path: folder } as object), ValueError);
    });
  });

  test("is fetched when asked for, and checked", async () => {
    await inFolder({}, async () => {
      await serve({ "iris.csv": text("150,4,a\n"), "digits.csv.gz": gzipSync("1\n") }, async (address, asked) => {
        for (const name of ["iris", "digits"] as const) {
          const work = loadTable(name, { source: "download", mirrors: [address] });
          await assert.rejects(work, { name: "DownloadError" });
        }
        assert.deepEqual([...new Set(asked)], ["iris.csv", "digits.csv.gz"]);
      });
    });
  });
});

describe("loadTable, of the files as published", () => {
  const folder = join(TSUMIKI_DATA ?? "", "tabular");
  const skip = TSUMIKI_DATA && existsSync(folder) ? false : "no folder tabular in TSUMIKI_DATA";
  /** Rows, features, classes, and the means of the first feature and of the targets. */
  const known: Record<TableName, readonly [number, number, number, number, number]> = {
    iris: [150, 4, 3, 5.8433, 1],
    wine: [178, 13, 3, 13.0006, 0.9382],
    breastCancer: [569, 30, 2, 14.1273, 0.6274],
    diabetes: [442, 10, 0, 48.5181, 152.1335],
    digits: [1797, 64, 10, 0, 4.4908],
    boston: [506, 13, 0, 3.6135, 22.5328],
    california: [20_433, 8, 0, -119.5707, 206_864.4132],
  };
  test("they have the sizes and means that are known", { skip }, async () => {
    for (const name of tableNames) {
      const { count, names, features, targets, classes = [] } = await loadTable(name, { folder });
      const means = [statistics(features, names.length).mean[0], statistics(targets, 1).mean[0]];
      const seen = [count, names.length, classes.length, ...means];
      for (const [i, value] of known[name].entries()) {
        assert.ok(Math.abs(seen[i] - value) <= 1e-4 * Math.max(1, Math.abs(value) / 1e3), `${name}: ${seen}`);
      }
      assert.equal(new Set(names).size, names.length);
      const set = new ArrayDataset({ x: { data: features, shape: [names.length] }, y: targets });
      const { x, y } = set.batch(Uint32Array.of(0, 1), { seed: 0, epoch: 0 });
      assert.deepEqual([x.shape, y.shape, y.dtype], [[2, names.length], [2], classes.length > 0 ? "int32" : "float32"]);
    }
  });
});
