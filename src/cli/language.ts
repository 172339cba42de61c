/** The language in which the command line speaks. */
import { type Language, languages, type Text } from "../experiments/text.ts";

export { type Language, languages, type Text };

/** Words that are no language's, such as what is typed. */
export const sameInAll = (text: string): Text => ({ en: text, ja: text });

type Environment = Readonly<Record<string, string | undefined>>;

/** The language of a locale: Japanese if the environment says so, else English. `LC_ALL` outranks the others, as in POSIX. */
export function languageOf(env: Environment): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
  return /^ja([^a-z]|$)/i.test(locale) ? "ja" : "en";
}
