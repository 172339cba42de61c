/** The digits that the package holds, as one packed file for browsers: labels, then images, in the order of the split. */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { loadMnist } from "../../src/data/index.ts";

const fileName = "digits.bin.gz";

async function pack(): Promise<Buffer> {
  const { train, test } = await loadMnist({ source: "embedded" });
  return gzipSync(Buffer.concat([train.labels, test.labels, train.images, test.images]), { level: 9 });
}

export function digits(): Plugin {
  let packed: Promise<Buffer> | undefined;
  const bytes = (): Promise<Buffer> => (packed ??= pack());
  return {
    name: "digits",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName, source: await bytes() });
    },
    configureServer(server) {
      server.middlewares.use(`/${fileName}`, (_, response) => {
        void bytes().then((body) => response.setHeader("content-type", "application/gzip").end(body));
      });
    },
  };
}
