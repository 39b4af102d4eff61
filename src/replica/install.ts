import { createHmac } from 'node:crypto';
import type { CodedError, InstallationStore } from '@slack/oauth';
import { ErrorCode } from '@slack/oauth';
import type { Log } from '../core/log.ts';
import type { OAuthOptions } from '../listeners/http-receiver.ts';
import { readScopes } from '../manifest.ts';
import type { ManyConfig } from '../many-config.ts';
import { renderFailedPage, renderInstalledPage, renderInstallPage, sendPage } from './pages.ts';

const REDIRECT_PATH = '/slack/oauth_redirect';

/** What people are told who did not get the app installed. */
const FAILED = new Map<string, string>([
  ['access_denied', 'You, or Slack, did not agree to it. Nothing was changed.'],
  [
    ErrorCode.InvalidStateError,
    'The page was open for more than ten minutes, or it was opened in another browser. Nothing was changed.',
  ],
  [ErrorCode.MissingStateError, 'This page belongs to an installation that was begun elsewhere.'],
  [ErrorCode.MissingCodeError, 'This page belongs to an installation that was begun elsewhere.'],
]);

/** How Bolt's receiver leads people through an installation. */
export function createInstallOptions(
  { slack, encryptionKeys }: Pick<ManyConfig, 'slack' | 'encryptionKeys'>,
  store: InstallationStore,
  log: Log,
): OAuthOptions {
  const [key = ''] = encryptionKeys;
  return {
    ...{ clientId: slack.clientId, clientSecret: slack.clientSecret, installationStore: store },
    scopes: readScopes(),
    // The same for all replicas: one may begin what another ends.
    stateSecret: createHmac('sha256', key).update('winnow oauth state').digest('hex'),
    redirectUri: `${slack.publicUrl}${REDIRECT_PATH}`,
    installerOptions: {
      redirectUriPath: REDIRECT_PATH,
      authorizationUrl: slack.authorizeUrl,
      renderHtmlForInstallPath: renderInstallPage,
      // A person waits for the installation, and all calls of a workspace for its renewed token.
      clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, timeout: 10_000 },
      callbackOptions: {
        success({ team, appId, isEnterpriseInstall, enterpriseUrl }, _, __, response) {
          const url = isEnterpriseInstall
            ? `${enterpriseUrl}manage/organization/apps/profile/${appId}/workspaces/add`
            : `slack://app?team=${team?.id}&id=${appId}&tab=home`;
          const name = team?.name ?? 'your organization';
          sendPage(response, 200, renderInstalledPage({ url, name }));
        },
        failure(error, _, request, response) {
          const [status, what] = explain(error, request.url ?? '');
          if (status >= 500) log.error({ err: error }, 'an installation has failed');
          sendPage(response, status, renderFailedPage(what));
        },
      },
    },
  };
}

function explain(error: CodedError, url: string): [status: number, what: string] {
  const refusal = new URL(url, 'http://localhost').searchParams.get('error');
  const known = FAILED.get(refusal ?? '') ?? FAILED.get(error.code);
  if (known !== undefined) return [400, known];
  return [
    500,
    'Something went wrong on our side. Please try again in a few minutes; if it goes on, tell whoever runs Winnow.',
  ];
}
