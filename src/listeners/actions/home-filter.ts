import { z } from 'zod';
import { type HomeFilter, NO_FILTER, WHOSE } from '../../core/home/filter.ts';
import type { Context } from '../../jobs/context.ts';
import { HOME_FILTER, parseOption } from '../../slack/blocks/home/filter.ts';
import { setHomeFilter } from '../../store/home/filters.ts';
import { askHome } from '../../store/home/homes.ts';
import type { Register } from '../tools.ts';

/** The filters of the Home tab. What a person chooses is kept until they choose something else. */
export const registerHomeFilter: Register = (app, { context, emit }) => {
  const ids = [HOME_FILTER.category, HOME_FILTER.channel, HOME_FILTER.clear].join('|');
  app.action(new RegExp(`^(${HOME_FILTER.whose}.*|${ids})$`), async ({ body, ack }) => {
    await onFiltered(context, body);
    await ack();
    emit('home');
  });
};

const filteredSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  actions: z.tuple([
    z.looseObject({
      action_id: z.string(),
      selected_option: z.looseObject({ value: z.string() }).nullish(),
    }),
  ]),
});

/** The first page of what the new filter shows is drawn. */
async function onFiltered({ db, clock }: Context, body: unknown): Promise<void> {
  const { user, actions } = filteredSchema.parse(body);
  const [{ action_id, selected_option }] = actions;
  const change = readChange(action_id, selected_option?.value ?? '');
  await db.transaction().execute(async (tx) => {
    await setHomeFilter(tx, user.id, change);
    await askHome(tx, user.id, clock.now(), { page: 0 });
  });
}

/** Nothing for a choice that the tab does not offer. */
function readChange(actionId: string, value: string): Partial<HomeFilter> {
  if (actionId === HOME_FILTER.clear) return NO_FILTER;
  const choice = parseOption(value);
  if (actionId === HOME_FILTER.category) return choice === undefined ? {} : { category: choice };
  if (actionId === HOME_FILTER.channel) return choice === undefined ? {} : { channel: choice };
  const whose = WHOSE.find((one) => actionId === `${HOME_FILTER.whose}${one}`);
  return whose ? { whose } : {};
}
