import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { createMetrics } from '../../src/health/metrics.ts';
import { SETTING_NAMES } from '../../src/settings-schema.ts';
import { openFreshDatabase } from '../fresh-database.ts';

const NOWHERE = { kind: 'sqlite', file: '/nowhere/winnow.db' } as const;

/** What operators deploy says what the bot does. */

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const scrape = async () => {
  const metrics = createMetrics({ now: () => 0, sleep: async () => {} });
  metrics.recordCall({ service: 'slack', method: 'auth.test', outcome: 'limited', ms: 1 });
  metrics.watchDatabase(await openFreshDatabase(), NOWHERE);
  return metrics.render();
};

const listMetrics = (text: string) =>
  new Set([...text.matchAll(/\b((?:winnow|nodejs|process)_[a-z0-9_]+)/g)].map(([, name]) => name));

test.each(['deploy/prometheus/alerts.yml', 'deploy/grafana/winnow.json'])(
  '%s asks only for metrics that there are',
  async (file) => {
    const known = listMetrics(await scrape());
    const asked = listMetrics(read(file));
    expect(asked.size).toBeGreaterThan(5);
    expect([...asked].filter((name) => !known.has(name))).toEqual([]);
  },
);

const PROMTOOL = 'promtool';
const hasPromtool = spawnSync(PROMTOOL, ['--version']).status === 0;

test.skipIf(!hasPromtool)('promtool accepts the metrics and the rules', async () => {
  const checked = spawnSync(PROMTOOL, ['check', 'metrics'], { input: await scrape() });
  expect([checked.status, String(checked.stderr)]).toEqual([0, '']);
  const rules = path.join(ROOT, 'deploy/prometheus/alerts.yml');
  expect(execFileSync(PROMTOOL, ['check', 'rules', rules], { encoding: 'utf8' })).toContain(
    'SUCCESS',
  );
});

/** The last instruction of a kind, without its line breaks. */
const instruction = (name: string) =>
  [...read('Dockerfile').matchAll(new RegExp(`^${name} ((?:.*\\\\\\n)*.*)`, 'gm'))]
    .at(-1)?.[1]
    ?.replace(/\\\n\s*/g, '') ?? '';

test('the container starts the bot as npm start does, without npm', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const started = scripts.start.replace('--env-file-if-exists=.env ', '').split(' ');
  expect(JSON.parse(instruction('CMD'))).toEqual(started);
  expect(read('deploy/systemd/winnow.service')).toContain(
    `ExecStart=/usr/bin/env DATABASE_URL=sqlite:/var/lib/winnow/winnow.db /usr/bin/${started.join(' ')}\n`,
  );
});

test('the container has all that it copies, and no more may be sent to build it', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, files = '']) => files.split(' '),
  );
  expect(copied.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  const sent = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, file]) => file);
  expect([...new Set(copied)].sort()).toEqual(sent.sort());
});

test('whatever runs it looks at the same port, and keeps the same folder', () => {
  const port = /HEALTH_PORT=(\d+)/.exec(read('Dockerfile'))?.[1] ?? '';
  const compose = parse(read('compose.yml'));
  const { winnow } = compose.services;
  expect(winnow.environment).toEqual({
    DATABASE_URL: 'sqlite:/data/winnow.db',
    HEALTH_PORT: port,
  });
  expect(winnow.volumes).toEqual(['data:/data']);
  expect(winnow.read_only).toBe(true);
  expect(winnow.pull_policy).toBe('build');
  const [claim, deployment] = parseAllDocuments(read('deploy/kubernetes/winnow.yaml')).map(
    (document) => document.toJS(),
  );
  expect(claim.kind).toBe('PersistentVolumeClaim');
  expect([deployment.spec.replicas, deployment.spec.strategy]).toEqual([1, { type: 'Recreate' }]);
  const [container] = deployment.spec.template.spec.containers;
  expect(container.ports).toEqual([{ name: 'health', containerPort: Number(port) }]);
  expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
  // With the tag `latest`, a cluster would look in a public registry, and keep the first one that it finds.
  expect(container.image).toMatch(/^registry\.example\.com\/winnow:\d+\.\d+\.\d+$/);
  expect(container.imagePullPolicy).toBe('IfNotPresent');
  const fly = read('deploy/fly/fly.toml');
  expect([...fly.matchAll(/^port = (\d+)$/gm)].map(([, found]) => found)).toEqual([port, port]);
  expect(fly).toContain('DATABASE_URL = "sqlite:/data/winnow.db"');
});

test('everything gives the bot longer to stop than it takes', () => {
  const seconds = [
    /stop_grace_period: (\d+)s/.exec(read('compose.yml')),
    /TimeoutStopSec=(\d+)/.exec(read('deploy/systemd/winnow.service')),
    /kill_timeout = (\d+)/.exec(read('deploy/fly/fly.toml')),
    /terminationGracePeriodSeconds: (\d+)/.exec(read('deploy/kubernetes/winnow.yaml')),
  ].map((found) => Number(found?.[1]));
  const [, stop] = /const STOP_MS = ([\d_]+);/.exec(read('src/start.ts')) ?? [];
  const stopSeconds = Number(stop?.replaceAll('_', '')) / 1000;
  expect(stopSeconds).toBeGreaterThan(0);
  expect(seconds.filter((grace) => !(grace > stopSeconds))).toEqual([]);
});

test('two bots, their database and a proxy fit together', () => {
  const { services } = parse(read('compose.scale.yml'));
  const { database, proxy, ...bots } = services;
  expect(Object.keys(bots)).toEqual(['winnow-1', 'winnow-2']);
  const [one, two] = Object.values<typeof database>(bots);
  expect(two).toEqual(one);
  for (const name of Object.keys(one.environment)) expect(SETTING_NAMES).toContain(name);
  const password = one.environment.DATABASE_URL.match(/winnow:(\$\{[^}]+\})@database\/winnow/)?.[1];
  expect(database.environment.WINNOW_PASSWORD).toBe(password);
  const init = read('deploy/scale/create-role.sh');
  expect(init).toContain('create role winnow login');
  expect(init).toContain('create database winnow owner winnow');
  for (const bot of Object.keys(bots)) {
    expect(read('deploy/scale/Caddyfile')).toContain(`${bot}:${one.environment.PORT}`);
    expect(proxy.depends_on).toContain(bot);
  }
  for (const volume of [...proxy.volumes, ...database.volumes]) {
    const [from = ''] = volume.split(':');
    if (from.startsWith('./')) expect(existsSync(path.join(ROOT, from))).toBe(true);
  }
});
