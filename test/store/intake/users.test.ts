import { expect, test } from 'vitest';
import { upsertMembers } from '../../../src/store/intake/users.ts';
import { CHANNEL, START, startScene } from '../scene.ts';

test('a member whom Slack lists twice is stored once', async () => {
  const { commit, db } = await startScene();
  await commit((tx) => upsertMembers(tx, CHANNEL, ['U0ANA', 'U0BEN', 'U0ANA'], START));
  const members = await db.selectFrom('members').select('user').orderBy('user').execute();
  expect(members.map(({ user }) => user)).toEqual(['U0ANA', 'U0BEN']);
});
