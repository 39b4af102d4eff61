import { expect, test } from 'vitest';
import { readDue, setDue } from '../../../src/store/runs/schedules.ts';
import { START, startScene } from '../scene.ts';

test('a schedule is due when it was last said to be, also after a restart', async () => {
  const { db } = await startScene();
  expect(await readDue(db, 'summary', '0 9 * * 1-5')).toBeUndefined();
  await setDue(db, 'summary', '0 9 * * 1-5', START);
  await setDue(db, 'classify', '0 * * * *', START + 1);
  await setDue(db, 'summary', '0 9 * * 1-5', START + 2);
  expect(await readDue(db, 'summary', '0 9 * * 1-5')).toBe(START + 2);
  expect(await readDue(db, 'classify', '0 * * * *')).toBe(START + 1);
});

test('a schedule with another pattern is a new one', async () => {
  const { db } = await startScene();
  await setDue(db, 'summary', '0 9 * * 1-5', START);
  expect(await readDue(db, 'summary', '0 10 * * 1-5')).toBeUndefined();
});
