// Routes the requests to the cloud's server: calls, the consent page, and what belongs to one workspace.
import { answer, type Exchange, handleTeamRequest, nameMethod } from '../http-routes.ts';
import type { RateLimits } from '../rate-limits.ts';
import { ApiError, type JsonObject } from '../types.ts';
import { type Calls, readCall, refuseForNow, succeed } from '../web-api/calls.ts';
import { METHODS } from '../web-api/methods.ts';
import { type Consent, readQuery } from './consent.ts';
import { findTarget } from './dispatch.ts';
import { CLOUD_METHODS, type CloudContext, requireToken, testOrgToken } from './methods.ts';

export interface CloudRoutes extends CloudContext {
  calls: Calls;
  consent: Consent;
  /** Of oauth.v2.access; the workspaces have their own for the rest. */
  rateLimits: RateLimits | undefined;
}

export async function handleCloudRequest(cloud: CloudRoutes, exchange: Exchange): Promise<void> {
  const { path, response } = exchange;
  const method = nameMethod(path);
  if (method !== undefined) return serveCall(cloud, exchange, method);
  if (path === '/oauth/v2/authorize') return serveConsent(cloud, exchange);
  const [, id = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
  const mounted = cloud.directory.workspaces.get(id);
  const routes = mounted && { ...mounted.team, sim: mounted.sim };
  if (!routes || !(await handleTeamRequest(routes, { ...exchange, path: rest })))
    answer(response, 404, 'not found');
}

async function serveCall(cloud: CloudRoutes, exchange: Exchange, name: string): Promise<void> {
  const { request, response, body } = exchange;
  const { calls, tokens, directory } = cloud;
  const call = await readCall(request, name, body);
  const known = tokens.find(call.token);
  const serve = (run: () => JsonObject) =>
    calls.serve(request, response, call, {
      refuse() {
        if (name !== 'oauth.v2.access') return undefined;
        const shortage = cloud.rateLimits?.take(name);
        return shortage && refuseForNow(name, shortage);
      },
      run: () => succeed(run()),
    });

  const method = Object.hasOwn(CLOUD_METHODS, name) ? CLOUD_METHODS[name] : undefined;
  if (method) {
    const { args, token } = call;
    return serve(() => method({ ...cloud, request, args, token }));
  }
  if (known?.installation.isOrgWide && name === 'auth.test') {
    return serve(() => {
      tokens.check(known);
      return testOrgToken(cloud, known.installation);
    });
  }
  try {
    if (!Object.hasOwn(METHODS, name)) throw new ApiError('unknown_method');
    // A workspace looks at its tokens itself, and so has the refusal in its log.
    const token =
      known?.installation.isOrgWide === false ? known : requireToken({ tokens, token: call.token });
    const { team } = findTarget(directory, token, call);
    return team.webApi.serve(request, response, call);
  } catch (error) {
    return serve(() => {
      throw error;
    });
  }
}

async function serveConsent({ consent }: CloudRoutes, exchange: Exchange): Promise<void> {
  const { request, response, body } = exchange;
  const sendTo = (location: string) => response.writeHead(302, { location }).end();
  if (request.method === 'POST') {
    const form = new URLSearchParams(body.toString('utf8'));
    const query = readQuery(form);
    const [place = '', user = ''] = (form.get('as') ?? '').split(' ');
    const isAllowed = form.get('decision') === 'allow';
    try {
      sendTo(isAllowed ? consent.allow(query, place, user) : consent.deny(query));
    } catch (error) {
      answer(response, 400, error instanceof Error ? error.message : String(error));
    }
    return;
  }
  const { searchParams } = new URL(request.url ?? '/', 'http://sim');
  const page = consent.page(readQuery(searchParams));
  if ('location' in page) sendTo(page.location);
  else
    response.writeHead(page.status, { 'content-type': 'text/html; charset=utf-8' }).end(page.html);
}
