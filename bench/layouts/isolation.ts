import type pg from 'pg';
import type { Role, Server } from '../../test/postgres/server.ts';
import { type Layout, within } from './layouts.ts';

/**
 * What happens when the code is wrong: each attempt with the number of rows that it read or changed,
 * or with PostgreSQL's refusal.
 */
export async function tryIsolation(
  server: Server,
  layout: Layout,
  [mine = '', others = '']: string[],
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  const attempt = async (
    name: string,
    role: Role,
    act: (client: pg.Client) => Promise<pg.QueryResult>,
  ) => {
    const client = await server.connect(role);
    const result = await act(client).then(
      (done) => `${done.command} ${done.rowCount}`,
      (error: Error) => error.message,
    );
    await client.end();
    outcomes[name] = result;
  };
  const read = 'select * from users';
  const row = (columns: string, values: string) =>
    `insert into users (${columns}id) values (${values}'U-wrong')`;

  await attempt('read within a workspace', 'bot', (client) =>
    within(client, layout.begin(mine), () => client.query(read)),
  );
  await attempt('read without one', 'bot', (client) => client.query(read));
  await attempt('write without one', 'bot', (client) => client.query(row('', '')));
  await attempt('read after a transaction', 'bot', async (client) => {
    await within(client, layout.begin(mine), () => client.query(read));
    return client.query(read);
  });
  await attempt('write after a transaction', 'bot', async (client) => {
    await within(client, layout.begin(mine), () => client.query(read));
    return client.query(row('', ''));
  });
  const reads: Record<Layout['name'], string> = {
    schemas: `select * from "${others}".users`,
    teams: `select * from users where team = '${others}'`,
  };
  await attempt('read another by name', 'bot', (client) =>
    within(client, layout.begin(mine), () => client.query(reads[layout.name])),
  );
  const writes: Record<Layout['name'], string> = {
    schemas: `insert into "${others}".users (id) values ('U-wrong')`,
    teams: row('team, ', `'${others}', `),
  };
  await attempt('write into another by name', 'bot', (client) =>
    within(client, layout.begin(mine), () => client.query(writes[layout.name])),
  );
  await attempt('read without one as the owner', 'owner', (client) => client.query(read));
  await attempt('read without one as a superuser', 'postgres', (client) => client.query(read));
  await attempt('change the setting within a statement', 'bot', (client) =>
    within(client, layout.begin(mine), async () => {
      await client.query(layout.begin(others));
      return client.query(read);
    }),
  );
  return outcomes;
}
