import type { SimView } from '../../sim/slack/types.ts';
import { REHEARSAL } from '../../src/slack/blocks/actions.ts';
import { words } from '../people/stage.ts';
import { openedBy, openSettings } from './steps.ts';
import type { World } from './world.ts';

/**
 * Somebody tries the settings without a category, and adopts them. What came to nothing they do again, until the
 * form no longer has that category.
 */
export async function trySettings(world: World, key: string): Promise<void> {
  const { slack, claude, alive, ana: user } = world;
  const asked = new Set(claude.asked);
  for (;;) {
    const opened = await openSettings(world, key);
    if (!opened) continue;
    const { form, values } = opened;
    if (!values) break;
    const next = JSON.stringify(form.view).includes(REHEARSAL.show)
      ? REHEARSAL.show
      : REHEARSAL.try;
    const press = { user, viewId: form.id, actionId: next, values };
    const view = await openedBy(world, () => slack.click(press));
    if (view?.view.submit) {
      if (next === REHEARSAL.show) world.results.set('rehearsal', describe(view));
      await alive(slack.submitView({ viewId: view.id, user }));
      await world.rest();
    }
    await slack.closeView({ viewId: form.id, all: true });
  }
  for (const prompt of claude.asked) if (!asked.has(prompt)) world.rehearsed.add(prompt);
}

/** What it cost hangs on the crash. */
const describe = ({ view }: SimView) => words(view.blocks).replace(/\$[\d.]+/g, 'cost');
