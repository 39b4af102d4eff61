// /oauth/v2/authorize: what the app asks for, the page on which a person decides, and where that leads.
// https://docs.slack.dev/authentication/installing-with-oauth, November 2026
import { type AppOptions, isRedirectAllowed } from './app.ts';
import type { Codes } from './codes.ts';
import {
  type Directory,
  type Enterprise,
  findPlace,
  isEnterprise,
  listInstallers,
  type Mounted,
  requireInstaller,
} from './directory.ts';

/** The parameters of the address that the app sends a person to. */
export interface AuthorizeQuery {
  client_id: string;
  scope: string;
  user_scope: string;
  state: string;
  redirect_uri: string;
  /** The workspace that the app suggests. */
  team: string;
}

type Checked =
  /** Slack shows an error and does not send the person back. */
  | { kind: 'error'; error: string }
  | { kind: 'back'; url: string }
  | { kind: 'ask'; scopes: string[] };

export interface Consent {
  check(query: AuthorizeQuery): Checked;
  /** The address that the person is sent to. Throws if the person may not install the app there. */
  allow(query: AuthorizeQuery, place: string, user: string): string;
  deny(query: AuthorizeQuery): string;
  page(query: AuthorizeQuery): { status: number; html: string } | { location: string };
}

export function readQuery(params: URLSearchParams): AuthorizeQuery {
  const read = (name: keyof AuthorizeQuery) => params.get(name) ?? '';
  return {
    client_id: read('client_id'),
    scope: read('scope'),
    user_scope: read('user_scope'),
    state: read('state'),
    redirect_uri: read('redirect_uri'),
    team: read('team'),
  };
}

export function createConsent(options: {
  app: AppOptions;
  directory: Directory;
  codes: Codes;
}): Consent {
  const { app, directory, codes } = options;

  const sendBack = (query: AuthorizeQuery, params: Record<string, string>): string => {
    const url = new URL(query.redirect_uri || (app.redirectUrls[0] ?? ''));
    for (const [name, value] of Object.entries({ ...params, state: query.state }))
      url.searchParams.set(name, value);
    return url.href;
  };

  const check: Consent['check'] = (query) => {
    if (query.client_id !== app.clientId) return { kind: 'error', error: 'invalid_client_id' };
    if (query.redirect_uri !== '' && !isRedirectAllowed(app, query.redirect_uri))
      return { kind: 'error', error: 'bad_redirect_uri' };
    const scopes = [...new Set(query.scope.split(/[\s,]+/).filter((scope) => scope !== ''))];
    const isKnown = scopes.every((scope) => app.scopes.includes(scope));
    // The app has no scopes for people.
    if (!isKnown || query.user_scope !== '')
      return { kind: 'back', url: sendBack(query, { error: 'invalid_scope' }) };
    if (scopes.length === 0) return { kind: 'error', error: 'no_scopes' };
    return { kind: 'ask', scopes };
  };

  const decide = (query: AuthorizeQuery, params: (scopes: string[]) => Record<string, string>) => {
    const checked = check(query);
    if (checked.kind === 'error')
      throw new Error(`Slack shows an error and sends nobody back: ${checked.error}.`);
    return checked.kind === 'back' ? checked.url : sendBack(query, params(checked.scopes));
  };

  return {
    check,
    allow: (query, id, user) =>
      decide(query, (scopes) => {
        requireInstaller(findPlace(directory, id), user);
        const redirectUri = query.redirect_uri || undefined;
        return { code: codes.issue({ place: id, user, scopes, redirectUri }) };
      }),
    deny: (query) => decide(query, () => ({ error: 'access_denied' })),
    page(query) {
      const checked = check(query);
      if (checked.kind === 'back') return { location: checked.url };
      if (checked.kind === 'error')
        return { status: 400, html: drawPage(`<p>Something went wrong: ${checked.error}</p>`) };
      const suggested = directory.workspaces.get(query.team);
      const places = suggested
        ? [suggested]
        : [...directory.enterprises.values(), ...directory.workspaces.values()];
      return { status: 200, html: drawPage(drawForm(query, checked.scopes, places)) };
    },
  };
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);
}

function drawPage(content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Slack</title>${content}</html>`;
}

function drawForm(
  query: AuthorizeQuery,
  scopes: string[],
  places: readonly (Mounted | Enterprise)[],
): string {
  const hidden = Object.entries(query).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  const choices = places.flatMap((place) =>
    listInstallers(place).map(({ id, realName }) => {
      const where = isEnterprise(place) ? 'the whole organization' : place.team.world.teamName;
      const shown = escapeHtml(`${realName} installs it in ${where}`);
      return `<option value="${place.id} ${id}">${shown}</option>`;
    }),
  );
  return `<form method="post" action="/oauth/v2/authorize">
<p>The app is requesting permission to access a Slack workspace.</p>
<ul>${scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`).join('')}</ul>
${hidden.join('\n')}
<p><select name="as">${choices.join('')}</select></p>
<p><button name="decision" value="deny">Cancel</button>
<button name="decision" value="allow">Allow</button></p>
</form>`;
}
