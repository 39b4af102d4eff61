// Turns what a person types into what Slack stores: entities, and tokens for people, channels and links.
import type { Workspace } from './workspace.ts';

const escapeEntities = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Code, a link, or a word that names a person or a channel. */
const PIECES =
  /(```[\s\S]*?```|`[^`\n]+`)|(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]}*_~])|(?<![\w@#])([@#])([\p{L}\p{N}._-]*[\p{L}\p{N}])/gu;

/** A typed message as an app reads it. Code is unchanged. */
export function storeTyped(typed: string, world: Pick<Workspace, 'users' | 'channels'>): string {
  let stored = '';
  let done = 0;
  for (const match of typed.matchAll(PIECES)) {
    const [all, code, url, sigil, name = ''] = match;
    stored += escapeEntities(typed.slice(done, match.index));
    if (code !== undefined) stored += escapeEntities(code);
    else if (url !== undefined) stored += `<${escapeEntities(url)}>`;
    else stored += (sigil === '@' ? nameSomeone(name, world) : nameChannel(name, world)) ?? all;
    done = match.index + all.length;
  }
  return stored + escapeEntities(typed.slice(done));
}

function nameSomeone(name: string, { users }: Pick<Workspace, 'users'>): string | undefined {
  const lower = name.toLowerCase();
  if (['here', 'channel', 'everyone'].includes(lower)) return `<!${lower}>`;
  const user = [...users.values()].find((u) => u.name.toLowerCase() === lower);
  return user && `<@${user.id}>`;
}

function nameChannel(name: string, { channels }: Pick<Workspace, 'channels'>): string | undefined {
  const channel = [...channels.values()].find((c) => c.kind !== 'im' && c.name === name);
  return channel && `<#${channel.id}|${channel.name}>`;
}
