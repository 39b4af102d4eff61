/**
 * What people ask the bot itself: by mentioning it in a channel, or in a direct message. A question to
 * the bot is answered and is not feedback. Whatever is not surely a question counts as feedback, because
 * a question without an answer is asked again, but feedback that is lost is lost.
 */

/** The sub-commands of `/classify-feedback`. */
export const COMMAND_WORDS = [
  'run',
  'cancel',
  'status',
  'summary',
  'search',
  'export',
  'forget',
  'settings',
  'help',
] as const;
export type CommandWord = (typeof COMMAND_WORDS)[number];

/** Other words that ask for help. */
export const HELP_WORDS = ['usage', 'commands', '?', '-h', '--help'] as const;

/** What is asked: what the bot can do, or something that a sub-command answers. */
export type Question = { kind: 'help' } | { kind: 'command'; word: CommandWord };

const HELP: Question = { kind: 'help' };

/** Longer texts are no questions of these kinds. */
const LONGEST = 120;

/** What may follow a sub-command without making it a sentence. */
const ARGUMENTS: Partial<Record<CommandWord, RegExp>> = {
  summary: /^(?:today|\d{1,3}d)$/,
  export: /^(?:csv|json)(?: (?:today|\d{1,4}d|\d{4}-\d\d-\d\d))?$/,
};

const GREETING =
  /^(?:hi|hiya|hello|hey|hallo|hullo|howdy|moin|hola|ciao|salut|bonjour|good (?:morning|afternoon|evening|day)|there)\b[ ,]*/;

const PLEASE = /(?:(?:^| )(?:please|pls|plz)| (?:thanks|thank you))$/;

const QUESTIONS = new RegExp(
  `^(?:${[
    'ping|test',
    'menu|manual|info about you|about',
    'hilfe|aide|ayuda|aiuto|ajuda',
    '(?:i need |show |get |see )?help(?: me| us)?(?: out)?',
    '(?:can|could) you help(?: me| us)?(?: out)?',
    '(?:list|show)(?: me)?(?: all| the| your)? commands',
    'what(?: are)?(?: the| your)? commands(?: are there| do you have| do you know| can i use)?',
    'what (?:else )?(?:can|do|could) you do(?: here| for me| for us)?',
    'what (?:can|do) i do with (?:you|this|this bot|winnow)',
    "(?:what|who)(?: is|'s|s) (?:this|this bot|that bot|winnow)",
    "(?:what|who) are you|what(?: is|'s|s) your (?:job|purpose)",
    'what do (?:you do|the (?:emoji|emojis|reactions|signs) mean)',
    'what do (?:these|those|your) (?:emoji|emojis|reactions|signs) mean',
    'how (?:do|can|should|would) (?:i|we) use (?:you|this|it|this bot|winnow)',
    'how (?:do|does) (?:you|this|it|this bot|winnow) work',
    'how to use (?:you|this|it|this bot|winnow)',
    'are you (?:there|here|alive|awake|online|up|running|working|a bot)',
    'was kannst du(?: tun)?|wer bist du',
    'que sais-tu faire|que peux-tu faire|qui es-tu',
  ].join('|')})$`,
);

/** Whether a message mentions the bot. @param text Slack's: escaped, with its tokens */
export const mentions = (text: string, botUserId: string): boolean =>
  text.includes(`<@${botUserId}>`) || text.includes(`<@${botUserId}|`);

/**
 * What a message asks the bot, apart from mentioning it.
 * @param text Slack's: escaped, with its tokens
 * @returns null when it says something else
 */
export function readQuestion(text: string, botUserId: string): Question | null {
  const left = text
    .replaceAll(new RegExp(`<@${botUserId}(?:\\|[^<>]*)?>`, 'g'), ' ')
    .replaceAll(/(?<=^|\s):[a-z0-9_+'-]+(?:::skin-tone-\d)?:(?=\s|$)/g, ' ');
  if (left.length > LONGEST) return null;
  const words = left.toLowerCase().replaceAll('’', "'").replaceAll(/\s+/g, ' ').trim();
  // Nothing is left but marks, such as `?` or `!`.
  if (/^[\p{P}\p{S}\s]*$/u.test(words)) return HELP;
  if (isHelpWord(words)) return HELP;
  const bare = trimMarks(words)
    .replace(/^\/?classify-feedback\b ?/, '')
    .replace(GREETING, '')
    .replace(GREETING, '')
    .replace(/^winnow\b[ ,]*/, '')
    .replace(/^please /, '')
    .replace(PLEASE, '');
  const asked = trimMarks(bare);
  if (asked === '' || isHelpWord(asked) || QUESTIONS.test(asked)) return HELP;
  const [first = '', ...more] = asked.split(' ');
  const word = COMMAND_WORDS.find((one) => one === first);
  if (!word) return null;
  const rest = more.join(' ');
  if (rest !== '' && !ARGUMENTS[word]?.test(rest)) return null;
  return word === 'help' ? HELP : { kind: 'command', word };
}

const isHelpWord = (word: string) => HELP_WORDS.some((one) => one === word);

/** Without the marks at its beginning and end. */
const trimMarks = (words: string) =>
  words.replace(/^[^\p{L}\p{N}/<-]+/u, '').replace(/[^\p{L}\p{N}>]+$/u, '');
