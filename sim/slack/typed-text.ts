// Turns what a person types into what Slack stores: entities, and tokens for people, channels and links.
import type { Workspace } from './workspace.ts';

const escapeEntities = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Code, a link, or a word that names a person or a channel. */
const PIECES =
  /(```[\s\S]*?```|`[^`\n]+`)|(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]}*_~])|(?<![\w@#])([@#])([\p{L}\p{N}._-]*[\p{L}\p{N}])/gu;

/** A typed message as an app reads it. Code is unchanged. */
export function storeTyped(typed: string, world: Pick<Workspace, 'users' | 'channels'>): string {
  return replacePieces(typed, world, ({ id }) => `<@${id}>`);
}

/** What was typed after a slash command that escapes, as the app reads it: people have their names. */
export function escapeTyped(typed: string, world: Pick<Workspace, 'users' | 'channels'>): string {
  return replacePieces(typed, world, ({ id, name }) => `<@${id}|${name}>`);
}

type NamePerson = (person: { id: string; name: string }) => string;

function replacePieces(
  typed: string,
  world: Pick<Workspace, 'users' | 'channels'>,
  namePerson: NamePerson,
): string {
  let replaced = '';
  let done = 0;
  for (const match of typed.matchAll(PIECES)) {
    const [all, code, url, sigil, name = ''] = match;
    replaced += escapeEntities(typed.slice(done, match.index));
    if (code !== undefined) replaced += escapeEntities(code);
    else if (url !== undefined) replaced += `<${escapeEntities(url)}>`;
    else if (sigil === '@') replaced += nameSomeone(name, world, namePerson) ?? all;
    else replaced += nameChannel(name, world) ?? all;
    done = match.index + all.length;
  }
  return replaced + escapeEntities(typed.slice(done));
}

function nameSomeone(
  name: string,
  { users }: Pick<Workspace, 'users'>,
  namePerson: NamePerson,
): string | undefined {
  const lower = name.toLowerCase();
  if (['here', 'channel', 'everyone'].includes(lower)) return `<!${lower}>`;
  const user = [...users.values()].find((u) => u.name.toLowerCase() === lower);
  return user && namePerson(user);
}

function nameChannel(name: string, { channels }: Pick<Workspace, 'channels'>): string | undefined {
  const channel = [...channels.values()].find((c) => c.kind !== 'im' && c.name === name);
  return channel && `<#${channel.id}|${channel.name}>`;
}
