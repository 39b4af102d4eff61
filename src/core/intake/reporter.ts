import { cleanText, toPlainText } from '../text.ts';

/**
 * Who says what a post says. A person's post is its author's. A post of a form, a ticket system or a
 * relay is said by the person whom it names; its author is only the one who brings it.
 */

export interface Reporter {
  /** A person in Slack. For an integration that names nobody, the user that it posts as. */
  author: string | null;
  /** What to call them when Slack knows no name: people outside of Slack, integrations. */
  authorName: string | null;
  /** Tells people apart: an id, or a name or address in lower case; null when nobody is named. */
  reporter: string | null;
}

export interface Post {
  /** Gathered, as Slack's text. */
  text: string;
  user: string | null;
  /** The integration; null for people. */
  bot: string | null;
  username: string | null;
  /** The name of the integration itself. */
  botName: string | null;
  /** Who sent the e-mail that it brings. */
  sender: { name: string; address: string } | null;
}

export function findReporter(post: Post): Reporter {
  const { user, bot, username, botName, sender } = post;
  if (bot === null) return { author: user, authorName: username, reporter: user };
  if (sender && (sender.name || sender.address)) {
    return named(sender.name || sender.address, sender.address || sender.name);
  }
  const lines = post.text.split('\n').map((line) =>
    line
      .replace(BOLD_LABEL, '$1: ')
      .replace(/[*_~`]/g, '')
      .trim(),
  );
  const mentioned = findMention(lines);
  if (mentioned) return { author: mentioned, authorName: null, reporter: mentioned };
  const name = findName(lines) ?? (username && isPerson(username, botName) ? username : undefined);
  if (name) return named(name, name);
  return { author: user, authorName: username ?? botName, reporter: null };
}

/** `*From* Jane` */
const BOLD_LABEL = /^\s*\*([^*:]{2,30}):?\*:?[ \t]+(?=\S)/;

const named = (name: string, key: string): Reporter => ({
  author: null,
  authorName: name,
  reporter: key.toLowerCase(),
});

const BY =
  "reported by|reporter|(?:reporter|submitter|requester|sender|author)(?:'s|’s)? name|submitted by|submitter|requested by|requester|requestor|raised by|sent by|sender|posted by|shared by|filed by|opened by|created by|creator|written by|author|feedback from|feedback by|from|gemeldet von|rapporté par|reportado por";
const NAME =
  "name|full name|your name|first and last name|(?:customer|contact|client|employee|respondent|reviewer|user)(?:'s|’s)? name|customer|contact|client|employee|respondent|reviewer|user|nombre|nom";
const EMAIL = 'e-?mail|e-?mail address|your e-?mail|contact e-?mail|customer e-?mail';

const fieldOf = (labels: string) =>
  new RegExp(`^(?:[^\\p{L}\\p{N}<]+)?(?:${labels})\\s*(?:[:：]\\s*(.*)|\\s(<@.*)|)$`, 'iu');
const MENTION_FIELD = fieldOf(
  `${BY}|${NAME}|who|who (?:are you|is it|is (?:reporting|submitting|asking)|(?:reported|submitted|requested|sent|wrote) (?:it|this))\\??`,
);
const BY_FIELD = fieldOf(BY);
const NAME_FIELD = fieldOf(NAME);
const EMAIL_FIELD = fieldOf(EMAIL);

/** The values of a field: beside its label, or in the line below. */
function valuesOf(lines: string[], field: RegExp): string[] {
  return lines.flatMap((line, n) => {
    const match = field.exec(line);
    if (!match) return [];
    return match[1]?.trim() || match[2]?.trim() || lines[n + 1] || [];
  });
}

const MENTION = /<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/g;

/** `Submitted by <@U1>`, `New feedback from <@U1>`; nobody who only handles it. */
const SAID_BY =
  /(?:reported|submitted|requested|raised|sent|posted|shared|filed|opened|created|written|suggested|asked|feedback|response|message|review|request|report|idea|submission|entry|form|ticket|issue|bug) (?:by|from) <@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/i;
/** `<@U1> has submitted a form` */
const SAID =
  /(?:^|[,.!:] |\bthat )<@([UW][A-Z0-9]+)(?:\|[^<>]*)?> (?:has |have )?(?:just )?(?:submitted|reported|requested|raised|sent|posted|shared|filed|opened|created|wrote|says|said|suggested|suggests|asked|asks|filled|answered|responded|completed)\b/i;
/** `<@U1>: it is slow` */
const SPEAKS = /^<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>\s*:\s/;
const THANKED =
  /\bthank(?:s| you),? <@([UW][A-Z0-9]+)(?:\|[^<>]*)?>,? for (?:your|the|this|sharing|reporting|submitting)\b/i;

function findMention(lines: string[]): string | undefined {
  for (const value of valuesOf(lines, MENTION_FIELD)) {
    const people = new Set([...value.matchAll(MENTION)].map(([, id]) => id));
    // Of several people nobody knows who it is.
    if (people.size === 1) return [...people][0];
  }
  for (const line of lines) {
    const said = SAID_BY.exec(line) ?? SAID.exec(line) ?? SPEAKS.exec(line) ?? THANKED.exec(line);
    if (said) return said[1];
  }
  return undefined;
}

const NOBODY = /^(?:-+|–|—|n\/?a|none|nobody|anonymous|unknown|not given|guest|test|true|false)$/i;

/** The name in such a field, or else the address. */
function findName(lines: string[]): string | undefined {
  for (const field of [BY_FIELD, NAME_FIELD, EMAIL_FIELD]) {
    for (const value of valuesOf(lines, field)) {
      const name = withoutRemarks(cleanText(toPlainText(value, () => '')));
      if (isName(name)) return name;
    }
  }
  for (const line of lines) {
    const [, name] = NAMED_BY.exec(line) ?? NAMED_SPEAKS.exec(line) ?? [];
    if (name && isName(name) && !SOFTWARE.test(name)) return name;
  }
  return undefined;
}

/** `Jane (jane@x.example)`, `Jane via Teams` */
const withoutRemarks = (name: string): string => {
  const own = name.replace(/\s*(?:\(.*\)|\[.*\]|\bvia .*|[\w.+-]+@[\w.-]+)$/i, '').trim();
  return own || name.trim();
};

const CAPITALIZED = "\\p{Lu}[\\p{L}'’-]+(?: \\p{Lu}[\\p{L}'’.-]*){1,3}";
/** `New review by Jane Doe` */
const NAMED_BY = new RegExp(
  `^(?:[^\\p{L}]*)(?:(?:[Aa] )?[Nn]ew |[Aa]n? )?(?:[Rr]eview|[Ff]eedback|[Rr]esponse|[Mm]essage|[Rr]equest|[Rr]eport|[Ii]dea|[Ss]ubmission|[Tt]icket|[Ii]ssue|[Bb]ug|[Bb]ug report) (?:by|from) (${CAPITALIZED})\\s*(?:$|[:(\\[★☆–—-])`,
  'u',
);
/** `Jane Doe wrote:` */
const NAMED_SPEAKS = new RegExp(
  `^(${CAPITALIZED}) (?:wrote|writes|said|says|asked|asks|commented|replied)\\s*:`,
  'u',
);

const isName = (name: string): boolean =>
  /\p{L}/u.test(name) &&
  name.length <= 60 &&
  name.split(/\s+/).length <= 5 &&
  !/[:?!]|\/\/|^@/.test(name) &&
  !NOBODY.test(name);

/** Words that integrations, and hardly any people, are called by. */
const SOFTWARE =
  /\b(?:bot|app|apps|api|form|forms|feedback|survey|surveys|webhook|webhooks|integration|alert|alerts|monitor|review|reviews|support|help ?desk|desk|system|notification|notifications|notifier|workflow|ticket|tickets|report|reports|reporter|service|team|store|play|customer|customers|voice|zapier|jira|github|gitlab|linear|zendesk|intercom|typeform|google|hubspot|salesforce|slack|discord|teams|telegram|whatsapp|twitter|reddit|facebook|trustpilot|capterra|website|web|site|page|portal|widget|dashboard|mobile|ios|android|chat|inbox|beta|production|staging|user|users|canny|productboard|sentry|statuspage|nps|crm)\b/i;

/** Whether a post's `username` is a person's, as relays of other chats set it. */
function isPerson(username: string, botName: string | null): boolean {
  // `Jane (Discord)`, `Jane via Teams`
  const own = username.replace(/\s*(?:\(.*\)|\[.*\]|\b(?:via|from|on|@) .*)$/i, '').trim();
  if (own === '' || own.toLowerCase() === botName?.toLowerCase()) return false;
  return isName(own) && !SOFTWARE.test(own);
}
