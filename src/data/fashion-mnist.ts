/**
 * Fashion-MNIST: 28 × 28 images of clothes in ten classes, in the files and sizes of MNIST, but harder (Xiao, Rasul &
 * Vollgraf 2017; MIT). Runs in Node.
 */
import { checkOptions } from "../tensor/arguments.ts";
import { fetchIdxImages, holdsFiles, type IdxImages, idxFiles, readIdxImages } from "./idx-images.ts";
import type { ImageSet } from "./images.ts";
import { findFolder, notFound, type PlaceOptions, placeOptions } from "./place.ts";

const files = idxFiles(
  "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
  "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
  "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
  "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
);

const fashionMnist: IdxImages = {
  in: "loadFashionMnist",
  name: "fashion-mnist",
  classes: ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
  files,
  holds: holdsFiles(files),
  publishers: ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
  folders: ["/usr/share/datasets/fashion-mnist"], // Debian's package dataset-fashion-mnist
};

/** Loads the clothes: 60,000 images to train on and 10,000 to test with. */
export async function loadFashionMnist(options: PlaceOptions = {}): Promise<ImageSet> {
  checkOptions("loadFashionMnist", options, placeOptions);
  const { folder, source = "auto" } = options;
  const found = folder ?? (await findFolder(fashionMnist));
  if (found !== undefined) return readIdxImages(fashionMnist, found);
  if (source === "auto") throw await notFound(fashionMnist);
  return fetchIdxImages(fashionMnist, options);
}
