import { expect, test } from 'vitest';
import { markDone, nextEffect } from '../../src/store/outbox.ts';
import { judged, type Scene, START, startScene, ts } from './scene.ts';

async function runOnce(scene: Scene, ...results: Parameters<Scene['take']>[1]) {
  const sent = await scene.submit();
  await scene.take(sent, results);
  await scene.close(sent.run);
}
test('reactions on one message are delivered in the order in which they were decided', async () => {
  const scene = await startScene();
  await scene.keep(1);
  await runOnce(scene, judged(1));
  await scene.keep(1, { text: 'good', editedTs: ts(50) });
  await runOnce(scene, judged(1, { category: 'praise' }));
  await scene.keep(1, { text: 'bad after all', editedTs: ts(60) });
  await runOnce(scene, judged(1, { urgency: 'high', flagged: true }));
  const onMessage = new Set<string>();
  for (;;) {
    const next = await nextEffect(scene.db, 'reaction', START);
    if (!('due' in next)) break;
    const { effect, id } = next.due;
    if (effect.kind === 'react') onMessage.add(effect.name);
    if (effect.kind === 'unreact') onMessage.delete(effect.name);
    await markDone(scene.db, id, { postedTs: null, trouble: null }, START);
  }
  expect([...onMessage]).toEqual(['bug']);
});
