// Emoji as Unicode, by Slack's names. Loads nothing from the network.
import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json';

const SKIN_TONES = ['🏻', '🏼', '🏽', '🏾', '🏿'];

interface Emoji {
  /** The first name, under which Slack stores it. */
  name: string;
  names: readonly string[];
  character: string;
}

const all: Emoji[] = [];
const byName = new Map<string, string>();
for (const [hex, entry] of Object.entries(shortcodes as Record<string, string | string[]>)) {
  const names = Array.isArray(entry) ? entry : [entry];
  // Skin tones have names such as `::skin-tone-2`.
  if (/1F3F[B-F]/.test(hex)) continue;
  const written = String.fromCodePoint(...hex.split('-').map((code) => Number.parseInt(code, 16)));
  // Symbols such as ❤ render as text without the emoji variation selector.
  const character = /^\P{Emoji_Presentation}$/u.test(written) ? `${written}\uFE0F` : written;
  all.push({ name: names[0] ?? '', names, character });
  for (const name of names) byName.set(name, character);
}

/** The emoji of a name such as `bug` or `+1::skin-tone-3`; undefined for a custom or unknown one. */
export function characterOf(name: string): string | undefined {
  const [base = '', tone] = name.split('::');
  const character = byName.get(base);
  const digit = /^skin-tone-([2-6])$/.exec(tone ?? '')?.[1];
  return character === undefined || digit === undefined
    ? character
    : character + (SKIN_TONES[Number(digit) - 2] ?? '');
}

/** A plain text with emoji names replaced by emoji; unknown names stay. */
export function drawEmoji(text: string): string {
  return text.replace(
    /:([\p{L}\d_+'-]+(?:::skin-tone-[2-6])?):/gu,
    (written, name) => characterOf(name) ?? written,
  );
}

const COMMON =
  '+1 -1 white_check_mark eyes raised_hands tada heart joy bug bulb question confounded no_good triangular_flag_on_post rocket fire clap pray 100 thinking_face sob smile wave muscle warning x hourglass_flowing_sand memo rotating_light sparkles point_up ok_hand star zap lock hammer_and_wrench moneybag chart_with_upwards_trend calendar speech_balloon mag email thread'.split(
    ' ',
  );

/** For the picker: common emoji without a query, else at most 60 whose names contain it. */
export function searchEmoji(query: string): Emoji[] {
  const wanted = query
    .trim()
    .toLowerCase()
    .replaceAll(/[\s:]+/g, '_')
    .replaceAll(/^_|_$/g, '');
  if (wanted === '') {
    return COMMON.flatMap((name) => all.find((emoji) => emoji.names.includes(name)) ?? []);
  }
  const rank = ({ names }: Emoji) =>
    Math.min(
      ...names.map((n) =>
        n === wanted ? 0 : n.startsWith(wanted) ? 1 : n.includes(wanted) ? 2 : 3,
      ),
    );
  return all
    .map((emoji) => ({ emoji, at: rank(emoji) }))
    .filter(({ at }) => at < 3)
    .sort((a, b) => a.at - b.at)
    .slice(0, 60)
    .map(({ emoji }) => emoji);
}
