import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startStage } from './start-sim.ts';

/** A folder that looks like a built page. */
async function writePage(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'sim-page-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(path.join(root, 'assets'));
  await writeFile(path.join(root, 'index.html'), '<!doctype html><title>A workspace</title>');
  await writeFile(path.join(root, 'assets/index-1a2b.js'), 'export {};');
  return root;
}

interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
}

/** Unlike fetch, it can send any Host header and keeps `..` in the path. */
function ask(
  url: string,
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: target, method, headers }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
    })
      .on('error', reject)
      .end();
  });
}

test('the page is served once it is on, also for permalinks', async () => {
  const { sim, channel } = await startStage();
  expect((await ask(sim.url, '/')).status).toBe(404);
  expect(sim.servePage({ root: await writePage() })).toBe(`${sim.url}/`);
  const page = await ask(sim.url, '/');
  expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect((await ask(sim.url, `/archives/${channel}/p1700000000000100`)).body).toBe(page.body);
  expect(await ask(sim.url, '/assets/index-1a2b.js')).toMatchObject({
    status: 200,
    body: 'export {};',
    headers: { 'content-type': 'text/javascript; charset=utf-8' },
  });
  expect((await ask(sim.url, '/', {}, 'HEAD')).body).toBe('');
  expect((await ask(sim.url, '/', {}, 'POST')).status).toBe(405);
});

test('no files outside of the page are served', async () => {
  const { sim } = await startStage();
  sim.servePage({ root: await writePage() });
  for (const target of [
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/assets/..%2findex.html',
    '/assets/',
    '/assets/missing.js',
    '/index.html',
  ]) {
    expect([target, (await ask(sim.url, target)).status]).toEqual([target, 404]);
  }
});

test('other sites and rebound host names are refused', async () => {
  const { sim } = await startStage();
  sim.servePage({ root: await writePage() });
  const { port } = new URL(sim.url);
  const statusOf = async (headers: Record<string, string>) =>
    (await ask(sim.url, '/', headers)).status;
  expect(await statusOf({ host: `localhost:${port}` })).toBe(200);
  expect(await statusOf({ origin: sim.url })).toBe(200);
  expect(await statusOf({ host: `evil.example:${port}` })).toBe(403);
  expect(await statusOf({ origin: 'https://evil.example' })).toBe(403);
  expect(await statusOf({ host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
  const control = { origin: 'https://evil.example' };
  expect((await ask(sim.url, '/sim/state', control)).status).toBe(403);
  expect((await ask(sim.url, '/sim/state')).status).toBe(200);
});
