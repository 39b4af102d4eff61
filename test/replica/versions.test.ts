import { describe, expect, onTestFinished, test } from 'vitest';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { gatherCrowd } from './crowd.ts';
import { makeNextVersion, NEXT } from './next-version.ts';
import { addTenants, openProcesses, shared } from './processes.ts';
import { until } from './stage.ts';

/** A version changes the tables at its start, beside a process of the version before: see docs/decisions. */

/** What docs/decisions/migrations-beside-an-older-process.md allows. */
const HARMLESS = {
  postgres: `
    do $$ declare name text; begin
      for name in select relname from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace loop
        execute format('alter table %I add column next_nullable text', name);
        execute format('alter table %I add column next_number bigint not null default 0', name);
      end loop;
    end $$;
    create table next_table (team text not null default nullif(current_setting('winnow.team', true), ''), id bigint);
    alter table next_table enable row level security;
    alter table next_table force row level security;
    create policy own on next_table using (team = nullif(current_setting('winnow.team', true), ''));
    create index next_index on messages (team, next_number);`,
  control: `
    alter table workspaces add column next_nullable text;
    alter table installations add column next_nullable text;
    alter table inbox add column next_nullable text;
    create table next_control (id text primary key);`,
};

describe.runIf(onPostgres)('a newer version', () => {
  test('starts beside the one before, which goes on until it is stopped', async () => {
    const stage = await openProcesses();
    const old = await stage.launch('old');
    const tenants = await addTenants(stage, [old], 4);
    const crowd = gatherCrowd(stage, tenants);
    await crowd.goOn(2);
    const next = await stage.launch('next', { root: makeNextVersion(HARMLESS) });
    await shared(stage, { old: 2, next: 2 });
    await crowd.goOn(1);
    // It connects again, and opens what it has not had before.
    await stage.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'old'`,
    );
    await addTenants(stage, [old, next], 2);
    await shared(stage, { old: 3, next: 3 });
    await crowd.goOn(1);
    expect(await old.end('SIGTERM')).toBe(0);
    await shared(stage, { next: 6 });
    await crowd.stop();
    const words = [...old.lines, ...next.lines].map((line) => JSON.stringify(line)).join('\n');
    expect(words).not.toContain('cached plan');
  });

  test.each(['postgres', 'control'] as const)(
    'keeps the one before from being started again, which says why (%s)',
    async (schema) => {
      const stage = await openProcesses();
      const root = makeNextVersion({ [schema]: HARMLESS[schema] });
      await stage.launch('next', { root });
      const old = await stage.launch('old', { waits: false });
      const { code, said } = await old.ended;
      expect(code).toBe(1);
      expect(said).toMatch(
        new RegExp(
          `^DATABASE_URL: postgres:\\S+ cannot be used: a newer version of Winnow has changed its tables \\(${NEXT}\\): update Winnow`,
        ),
      );
    },
  );

  test('waits for whoever reads a table that it changes, and nobody waits for it', async () => {
    const stage = await openProcesses();
    const old = await stage.launch('old');
    const [tenant] = await addTenants(stage, [old], 1);
    if (!tenant) throw new Error('there is no workspace');
    // As `pg_dump` does.
    const reader = await stage.server.connect('postgres', 'winnow');
    onTestFinished(() => reader.end());
    await reader.query('begin; lock table messages in access share mode');
    const next = await stage.launch('next', {
      root: makeNextVersion({ postgres: 'alter table messages add column next_nullable text' }),
      waits: false,
    });
    await next.logged('a table that this version changes is in use; trying again');
    tenant.post('The export is broken');
    await stage.cloud.idle();
    await until(() => stage.query('select count(*)::int as stored from messages')).toEqual([
      { stored: 1 },
    ]);
    expect(await tenant.type('status')).toMatchObject({ acked: true });
    expect(next.lines.map(({ msg }) => msg)).not.toContain('ready');
    await reader.query('commit');
    await next.logged('ready');
  });
});
