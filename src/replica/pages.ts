import type { ServerResponse } from 'node:http';

/** The pages that people see when they install the app: no scripts, nothing from elsewhere. */

const STYLE = `
  :root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
  main { max-width: 34rem; padding: 2rem 1.5rem; }
  h1 { font-size: 1.6rem; line-height: 1.2; }
  a.button { display: inline-block; padding: 0.7rem 1.4rem; border-radius: 0.5rem; background: #611f69; color: #fff;
    font-weight: 600; text-decoration: none; }
  a.button:focus-visible { outline: 3px solid; outline-offset: 3px; }
  ol { padding-left: 1.2rem; } li { margin: 0.4rem 0; }
  code { font-size: 0.95em; }
`;

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
<h1>${escapeHtml(title)}</h1>
${body}
</main></body>
</html>
`;

/** @param url Slack's page that asks for consent */
export const renderInstallPage = (url: string): string =>
  page(
    'Add Winnow to Slack',
    `<p>Winnow reads the feedback channels that you invite it to, sorts what people write, and posts one summary a day.</p>
<p><a class="button" href="${escapeHtml(url)}">Add to Slack</a></p>
<p>Slack shows you what Winnow may do before you agree. You can take it out again at any time.</p>`,
  );

/** @param url opens Winnow in Slack */
export const renderInstalledPage = ({ url, name }: { url: string; name: string }): string =>
  page(
    `Winnow is in ${name}`,
    `<p>Two things are left to do, in Slack:</p>
<ol>
<li>Open <b>Winnow</b>, tab <b>Home</b>. It says what is missing.</li>
<li>Invite it to a feedback channel: <code>/invite @Winnow</code>.</li>
</ol>
<p><a class="button" href="${escapeHtml(url)}">Open Winnow in Slack</a></p>`,
  );

/** @param what what went wrong, and what to do, in plain words */
export const renderFailedPage = (what: string): string =>
  page(
    'Winnow was not added',
    `<p>${escapeHtml(what)}</p>
<p><a class="button" href="install">Try again</a></p>`,
  );

export function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'referrer-policy': 'no-referrer',
  });
  response.end(html);
}
