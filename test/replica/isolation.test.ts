import path from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/db/open.ts';
import { createPool } from '../../src/store/db/postgres/pool.ts';
import { openWorkspace } from '../../src/store/db/postgres/workspace.ts';
import { type CloudStage, counted, openCloudStage, type Tenant, until } from './stage.ts';

/**
 * Two workspaces of one process whose ids are the same: those of their channels, people, bots and messages. Each has a
 * word that no other knows, a token and a key of its own. None of it ever crosses.
 */

const WORDS = ['zanzibar', 'quetzal'] as const;

const side = fc.constantFrom(0, 1);
const what = fc.constantFrom('post', 'react', 'search', 'export', 'sum up', 'home', 'edit');
const acts = fc.array(fc.tuple(side, what, fc.nat(5)), { minLength: 6, maxLength: 12 });

async function play(tenant: Tenant, word: string, kind: string, n: number): Promise<void> {
  const { slack, channel, user } = tenant;
  const [first] = slack.messages(channel);
  switch (kind) {
    case 'post':
      tenant.post(`It crashes when I open ${word} ${n}`);
      break;
    case 'react':
      if (first && !first.reactions.some(({ users }) => users.includes(user)))
        slack.react({ channel, ts: first.ts, user, name: 'triangular_flag_on_post' });
      break;
    case 'edit':
      if (first) slack.edit({ channel, ts: first.ts, text: `${word} is broken ${n}` });
      break;
    case 'home':
      await slack.openHome(user);
      break;
    case 'search':
      await tenant.type(`search ${word}`);
      break;
    case 'export':
      await tenant.type('export json');
      break;
    default:
      await tenant.type();
  }
}

/** Every row of a workspace. */
async function readRows({ database }: CloudStage, team: string): Promise<string> {
  const begun = new AsyncDisposableStack();
  const open = async () => {
    if (database.kind === 'sqlite') return openDatabase(path.join(database.file, `${team}.db`));
    const pool = createPool(database.url, { max: 1 });
    begun.defer(() => pool.end());
    return openWorkspace(pool, team);
  };
  const db = await open();
  begun.defer(() => db.destroy());
  const rows: unknown[] = [];
  for (const { name } of await db.introspection.getTables()) {
    if (/^(?:installations|workspaces|inbox|control_)/.test(name)) continue;
    rows.push(name, (await sql`select * from ${sql.table(name)}`.execute(db)).rows);
  }
  await begun.disposeAsync();
  return JSON.stringify(rows);
}

/** All that the people of a workspace can see of the bot. */
const see = ({ slack, channel, user }: Tenant) =>
  JSON.stringify([
    slack.messages(channel),
    slack.ephemerals(),
    slack.views,
    slack.home(user),
    slack.messages(slack.direct(user) ?? channel),
  ]);

test('nothing of a workspace ever gets into another one', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (played) => {
      const stage = await openCloudStage();
      const replica = await stage.start();
      const tenants = [stage.addTenant({ salt: 'SAME' }), stage.addTenant({ salt: 'SAME' })];
      const [one, two] = tenants as [Tenant, Tenant];
      expect([one.channel, one.user, one.slack.botUserId]).toEqual([
        two.channel,
        two.user,
        two.slack.botUserId,
      ]);
      for (const tenant of tenants) await stage.install(tenant);
      await counted([replica], tenants);
      for (const [at, tenant] of tenants.entries()) tenant.post(`Please add a map of ${WORDS[at]}`);
      await stage.cloud.idle();
      await Promise.all(tenants.map((tenant) => tenant.type()));
      for (const tenant of tenants) await until(() => tenant.reacted().length).toBe(1);
      for (const [at, kind, n] of played) {
        const tenant = tenants[at];
        if (tenant) await play(tenant, WORDS[at] ?? '', kind, n);
      }
      await stage.cloud.idle();
      const seen = tenants.map(see);
      for (const [at, tenant] of tenants.entries()) {
        const answer = await tenant.type(`search ${WORDS[1 - at]}`);
        expect(JSON.stringify(answer)).toMatch(/Nothing found/);
      }
      await replica.stop();

      for (const [at, tenant] of tenants.entries()) {
        const [own = '', other = ''] = at === 0 ? WORDS : [...WORDS].reverse();
        const rows = await readRows(stage, tenant.slack.teamId);
        expect(rows).toContain(own);
        expect(rows).not.toContain(other);
        expect(seen[at]).toContain(own);
        expect(seen[at]).not.toContain(other);
        const { botToken } = tenant.slack;
        expect(botToken).toMatch(/^xoxb-/);
        expect(rows).not.toContain(botToken);
        expect(JSON.stringify(replica.lines)).not.toContain(botToken);
      }
    }),
    { numRuns: 4, endOnFailure: true },
  );
});
