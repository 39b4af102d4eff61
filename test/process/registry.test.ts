import path from 'node:path';
import { test } from 'vitest';
import { openPlace } from './bot.ts';

test('a job that is added to the registry runs in the bot', async () => {
  const place = await openPlace();
  const added = path.join(import.meta.dirname, 'added-job.ts');
  const bot = place.start({ NODE_OPTIONS: `--import ${added}` });
  await bot.logged('the added job ran');
}, 120_000);
