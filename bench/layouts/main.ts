import { parseArgs } from 'node:util';
import { startServer } from '../../test/postgres/server.ts';
import { flatten } from '../flatten.ts';
import { fill } from './fill.ts';
import { tryIsolation } from './isolation.ts';
import { type Layout, schemas, teams } from './layouts.ts';
import { readTables } from './schema.ts';
import { measureSpeed, type Way } from './speed.ts';
import { create, dump, measureSize, migrate, remove, time, watchAutovacuum } from './upkeep.ts';

/** `npm run bench:layouts`: see README.md. */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '1000,5000' },
    layouts: { type: 'string', default: 'teams,schemas' },
    messages: { type: 'string', default: '300' },
    large: { type: 'string', default: '10' },
    seen: { type: 'string', default: '1000' },
    repetitions: { type: 'string', default: '5000' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const messages = Number(values.messages);
const LARGE = { workspaces: Number(values.large), messages: 20_000 };
const effort = { seen: Number(values.seen), repetitions: Number(values.repetitions) };

const began = performance.now();
const say = (line: string) =>
  console.error(`${Math.round((performance.now() - began) / 1000)} s: ${line}`);

const WAYS: Record<Layout['name'], Way[]> = {
  schemas: ['plain', 'named', 'named each'],
  teams: ['plain', 'named'],
};

async function measure(layout: Layout): Promise<Record<string, object>> {
  const server = await startServer('shared_buffers = 1GB\n');
  const figures: Record<string, object> = {};
  try {
    const owner = await server.connect('owner');
    const admin = await server.connect('postgres');
    await owner.query(layout.prepare);
    const all: string[] = [];
    let made = 0;
    for (const size of sizes) {
      const stage = (line: string) => say(`${layout.name}, ${size} workspaces: ${line}`);
      const added = Array.from({ length: size - all.length }, () => `T${++made}`);

      stage('creating');
      const before = await measureSize(server, admin);
      const maker = layout.teamColumn ? await server.connect('bot') : owner;
      const created = await create(maker, layout, added);
      const empty = await measureSize(server, admin);
      const each = (key: keyof typeof empty) => (empty[key] - before[key]) / added.length;

      stage('filling');
      const large = all.length === 0 ? added.slice(0, LARGE.workspaces) : [];
      await fill(admin, layout, large, LARGE.messages);
      await fill(admin, layout, added.slice(large.length), messages);
      all.push(...added);
      await server.set('fsync', 'on');
      await admin.query('checkpoint');
      const filledSize = await measureSize(server, admin);

      stage('creating ten durably');
      const ten = Array.from({ length: 10 }, (_, n) => `D${size}-${n}`);
      const durable = await create(maker, layout, ten);
      const checkpointMs = await time(() => admin.query('checkpoint'));
      stage('deleting them');
      const removeMs = await remove(maker, layout, ten);
      const filled = all.splice(-5);
      const removeFilledMs = await remove(maker, layout, filled);
      if (maker !== owner) await maker.end();

      const speed: Record<string, object> = {};
      for (const way of WAYS[layout.name]) {
        stage(`statements, ${way}`);
        speed[way] = await measureSpeed(server, layout, all, way, effort);
      }
      stage('migrating');
      const migration = await migrate(owner, layout, all, size);
      stage('dumping');
      const dumped = await dump(server, layout, all.at(-1) ?? '');
      let vacuumS: number | undefined;
      if (size === sizes[0]) {
        // As PostgreSQL has to do it by itself before its transaction ids are used up.
        stage('vacuuming');
        vacuumS = (await time(() => admin.query('vacuum'))) / 1000;
      }
      stage('watching autovacuum');
      const autovacuumCpuMs = await watchAutovacuum(server);
      figures[size] = {
        create: {
          ...created,
          durableP50Ms: durable.p50Ms,
          checkpointMs,
          files: each('files'),
          kb: each('databaseMb') * 1024,
        },
        size: filledSize,
        migration,
        dump: dumped,
        ...(vacuumS !== undefined && { vacuumS }),
        autovacuumCpuMs,
        remove: { emptyMs: removeMs, filledMs: removeFilledMs },
        isolation: await tryIsolation(server, layout, all),
        speed,
      };
      await server.set('fsync', 'off');
      console.error(JSON.stringify({ [layout.name]: { [size]: figures[size] } }));
      if (size === sizes.at(-1)) {
        stage('crashing');
        await owner.end();
        await admin.end();
        Object.assign(figures[size], { restartAfterCrashS: (await server.crash()) / 1000 });
      }
    }
  } finally {
    await server.stop();
  }
  return figures;
}

const tables = await readTables();
const known = { schemas: schemas(tables), teams: teams(tables) };
const figures: Record<string, Record<string, object>> = {};
for (const name of values.layouts.split(',')) {
  const layout = Object.values(known).find((one) => one.name === name);
  if (!layout) throw new Error(`--layouts takes schemas and teams, not "${name}".`);
  figures[name] = await measure(layout);
}
if (values.json) console.log(JSON.stringify(figures));
else {
  for (const [name, bySize] of Object.entries(figures)) {
    for (const [size, part] of Object.entries(bySize)) {
      console.log(`\n${name}, ${size} workspaces`);
      console.table(flatten(part));
    }
  }
}
