import { z } from 'zod';
import { isTimeZone } from '../../core/zones.ts';
import type { Context } from '../../jobs/context.ts';
import { nextTime } from '../../jobs/runs/schedule.ts';
import { readSettings, saveSettings } from '../../jobs/settings/in-force.ts';
import { SETTINGS } from '../../slack/blocks/actions.ts';
import { renderZoneChosen } from '../../slack/blocks/greeting.ts';
import { SETTINGS_REFUSALS } from '../../slack/blocks/settings/saved.ts';
import { findSettingsProblem } from '../modals/may-change-settings.ts';
import type { Register, Said } from '../tools.ts';

/** The button of the greeting that makes the schedules follow the time zone of the reader. */
export const registerTimeZone: Register = (app, { context, emit, apologize, answer }) => {
  app.action(SETTINGS.zone, async ({ action, body, ack, respond }) => {
    const said = await onZoneChosen(context, action, body.user.id).catch(apologize('btn'));
    await ack();
    emit('settings');
    await answer(respond, said);
  });
};

const actionSchema = z.looseObject({ value: z.string().refine(isTimeZone) });

/** Saves the zone, unless somebody has chosen one meanwhile. */
async function onZoneChosen(context: Context, action: unknown, user: string): Promise<Said> {
  const { value: timeZone } = actionSchema.parse(action);
  const problem = await findSettingsProblem(context, user);
  if (problem) return SETTINGS_REFUSALS[problem];
  const { settings, change } = await readSettings(context.db, context);
  const { summarySchedule } = settings;
  if (settings.timeZone === timeZone) return sayChosen();
  if (change) return changedMeanwhile(settings.timeZone);
  const saved = await saveSettings(context, { content: { ...settings, timeZone }, user, shown: 0 });
  return saved.kind === 'changed_meanwhile'
    ? changedMeanwhile(context.settings.timeZone)
    : sayChosen();

  function sayChosen(): Said {
    return renderZoneChosen(timeZone, nextTime(summarySchedule, timeZone, context.clock.now()));
  }
}

const changedMeanwhile = (timeZone: string) =>
  `Somebody has changed the settings meanwhile: schedules follow ${timeZone}. You can change that with \`/classify-feedback settings\`.`;
