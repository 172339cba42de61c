/** Where data sets are looked for and kept. */
import { nodeModule } from "../io/node.ts";

/** The folder that the variable TSUMIKI_DATA names: data sets that the user has, one folder each. */
export const dataFolder = (): string | undefined => process.env.TSUMIKI_DATA || undefined;

/** The folder of what was downloaded, where the system keeps such things. `variable` is how to choose another. */
export async function cacheFolder(): Promise<{ folder: string; variable: string }> {
  const { join } = nodeModule("cacheFolder", "node:path");
  const { homedir } = nodeModule("cacheFolder", "node:os");
  const { env, platform } = process;
  if (env.XDG_CACHE_HOME) return { folder: join(env.XDG_CACHE_HOME, "tsumiki"), variable: "XDG_CACHE_HOME" };
  if (platform === "win32" && env.LOCALAPPDATA) {
    return { folder: join(env.LOCALAPPDATA, "tsumiki", "cache"), variable: "XDG_CACHE_HOME" };
  }
  const caches = platform === "darwin" ? join("Library", "Caches") : ".cache";
  return { folder: join(homedir(), caches, "tsumiki"), variable: "XDG_CACHE_HOME" };
}
