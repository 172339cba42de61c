/** The small tables that machine learning has used for decades: what is in them, and where they are published. */
import type { Published } from "./place.ts";

/** A file with the address that it has. */
export interface TableFile extends Published {
  readonly url: string;
}

/** How a table is written. */
export interface TableDescription {
  /** The file of the rows, and that of the targets where these have one of their own. */
  readonly files: readonly TableFile[];
  readonly separator?: string;
  /** Whether the first line is scikit-learn's: how many rows and features there are, then the classes. */
  readonly counted?: boolean;
  /** The names of the features; the file has them in a header if they are not given. */
  readonly names?: readonly string[];
  /** The name of the target, which is the last column unless a header says otherwise or a file has it. */
  readonly target: string;
  /** What the targets 0, 1, … stand for; `counted` files name their own. A table without classes has numbers as targets. */
  readonly classes?: readonly string[] | "counted";
  /** Columns of text, which are left out. */
  readonly without?: readonly string[];
  /** Whether numbers may be missing; rows that lack one are left out. */
  readonly hasGaps?: boolean;
}

const sklearn = "https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.2.1/sklearn/datasets/data/";
const file = (name: string, bytes: number, sha256: string, url = sklearn + name): TableFile =>
  url.endsWith(".gz")
    ? { name: name.replace(".gz", ""), bytes, sha256, url, gzip: true }
    : { name, bytes, sha256, url };

const cell = [
  "radius",
  "texture",
  "perimeter",
  "area",
  "smoothness",
  "compactness",
  "concavity",
  "concave points",
  "symmetry",
  "fractal dimension",
];
const upTo = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));

export type TableName = "iris" | "wine" | "breastCancer" | "diabetes" | "digits" | "boston" | "california";

export const tables: Readonly<Record<TableName, TableDescription>> = {
  /** 150 flowers of three species, 4 lengths in cm (Anderson 1935; Fisher 1936). */
  iris: {
    files: [file("iris.csv", 2734, "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449")],
    counted: true,
    names: ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
    target: "species",
    classes: "counted",
  },
  /** 178 wines from three growers, 13 chemical measures (Forina 1991). */
  wine: {
    files: [file("wine_data.csv", 11_157, "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede")],
    counted: true,
    names: [
      "alcohol",
      "malic acid",
      "ash",
      "alcalinity of ash",
      "magnesium",
      "total phenols",
      "flavanoids",
      "nonflavanoid phenols",
      "proanthocyanins",
      "color intensity",
      "hue",
      "od280/od315 of diluted wines",
      "proline",
    ],
    target: "grower",
    classes: "counted",
  },
  /** 569 tumours, malignant or benign: 10 measures of cell nuclei, their errors and their worst (Street, Wolberg & Mangasarian 1993). */
  breastCancer: {
    files: [file("breast_cancer.csv", 119_913, "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed")],
    counted: true,
    names: [...cell.map((x) => `mean ${x}`), ...cell.map((x) => `${x} error`), ...cell.map((x) => `worst ${x}`)],
    target: "diagnosis",
    classes: "counted",
  },
  /** 442 patients, 10 measures as they were taken, and how far their diabetes went within a year (Efron et al. 2004). */
  diabetes: {
    files: [
      file("diabetes_data_raw.csv.gz", 19_733, "ec2683754c379fdffc39f53922c475eff67e2fb9c94c7c27207b7c4371d51726"),
      file("diabetes_target.csv.gz", 11_050, "244713a551f62a291a354212d8a048adec6cb1244b2bc44e66a0698f5006d26d"),
    ],
    separator: " ",
    names: ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"],
    target: "progression",
  },
  /** 1,797 handwritten digits of 8 × 8 pixels, from 0 to 16 (Alpaydin & Kaynak 1998). */
  digits: {
    files: [file("digits.csv.gz", 264_712, "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8")],
    names: Array.from({ length: 64 }, (_, i) => `pixel ${i >> 3},${i % 8}`),
    target: "digit",
    classes: upTo(10),
  },
  /**
   * 506 districts of Boston, 13 features, and the median value of homes in $1000 (Harrison & Rubinfeld 1978). One feature, B,
   * codes race: prefer `california`.
   */
  boston: {
    files: [
      file("boston_house_prices.csv", 34_742, "d98212636026544fc9b9c0f372e5f819872e6fa6fa757ab025efdda22180f2d6"),
    ],
    counted: true,
    target: "MEDV",
  },
  /**
   * 20,640 districts of California in 1990, 8 features, and the median value of homes in $ (Pace & Barry 1997, with
   * changes by Géron). The 207 without a number of bedrooms are left out, and so is the column of words, `ocean_proximity`.
   */
  california: {
    files: [
      file(
        "california_housing.csv",
        1_423_529,
        "8a3727f4cf54ac1a327f69b1d5b4db54c5834ea81c6e4efc0d163300022a685e",
        "https://raw.githubusercontent.com/ageron/handson-ml/b7051594/datasets/housing/housing.csv",
      ),
    ],
    target: "median_house_value",
    without: ["ocean_proximity"],
    hasGaps: true,
  },
};
