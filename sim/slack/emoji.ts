// Slack's emoji names. Slack stores a reaction under the emoji's first name: `thumbsup` as `+1`.
import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };

const primaryNames = new Map<string, string>();
const codes = new Map<string, string>();
for (const [code, entry] of Object.entries(shortcodes as Record<string, string | string[]>)) {
  const names = Array.isArray(entry) ? entry : [entry];
  for (const name of names) primaryNames.set(name, names[0] ?? name);
  codes.set(names[0] ?? '', code.toLowerCase());
}

/** Slack counts skin tones from 2. */
const FIRST_TONE = 0x1f3fb - 2;

/** The code points of an emoji by its first name, as rich text has them; undefined for custom ones. */
export function codeOf(name: string): string | undefined {
  const [base = '', tone] = name.split('::skin-tone-');
  const code = codes.get(base);
  if (code === undefined || tone === undefined) return code;
  return `${code}-${(FIRST_TONE + Number(tone)).toString(16)}`;
}

export interface EmojiSet {
  /** The name under which Slack stores it; undefined for an unknown emoji. */
  resolve(name: string): string | undefined;
  add(name: string): void;
  /** Removes a custom one. */
  remove(name: string): void;
  /** The first names of Slack's own. */
  standard(): string[];
  custom(): Record<string, string>;
}

export function createEmojiSet(): EmojiSet {
  const custom = new Set<string>();
  return {
    resolve(name) {
      const [base = '', tone, ...more] = name.split('::');
      if (more.length > 0) return undefined;
      if (tone !== undefined && !/^skin-tone-[2-6]$/.test(tone)) return undefined;
      const primary = custom.has(base) ? base : primaryNames.get(base);
      if (primary === undefined) return undefined;
      return tone === undefined ? primary : `${primary}::${tone}`;
    },
    add: (name) => void custom.add(name),
    remove(name) {
      if (!custom.delete(name)) throw new Error(`There is no custom emoji :${name}:.`);
    },
    standard: () => [...new Set(primaryNames.values())],
    custom: () =>
      Object.fromEntries([...custom].map((n) => [n, `https://emoji.slack-edge.com/T/${n}/1.png`])),
  };
}
