import { z } from 'zod';
import type { CategoryRow, SettingsForm } from '../../core/settings/form.ts';
import { cleanText } from '../../core/text.ts';
import { INPUT, parseBlockId } from '../../slack/blocks/settings/settings.ts';

/** Reads the contents of the settings modal, which Slack sends along with every action in it. */

const valueSchema = z.looseObject({
  value: z.string().transform(cleanText).nullish(),
  selected_time: z.string().nullish(),
  selected_option: z.looseObject({ value: z.string() }).nullish(),
  selected_options: z.array(z.looseObject({ value: z.string() })).nullish(),
});

/** @returns the id of a settings change; NaN, which equals no id, if the text is none */
const readChange = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

const modalSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  view: z.looseObject({
    private_metadata: z.string().transform(readChange),
    blocks: z.array(z.looseObject({ block_id: z.string() })),
    state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), valueSchema)) }),
  }),
});

export interface Modal {
  user: string;
  /** The id of the settings change that the modal shows; 0 for none. */
  change: number;
  form: SettingsForm;
  /** The block of the first input: errors that concern no particular input are shown there. */
  firstBlock: string;
}

export function readModal(body: unknown): Modal {
  const { user, view } = modalSchema.parse(body);
  const values = new Map<string, z.infer<typeof valueSchema>>();
  for (const [block, actions] of Object.entries(view.state.values)) {
    const field = parseBlockId(block)?.field;
    const value = actions[INPUT];
    if (field && value) values.set(field, value);
  }
  const typed = (field: string) => values.get(field)?.value ?? '';
  const picked = (field: string) =>
    values.get(field)?.selected_options?.map(({ value }) => value) ?? [];
  const inputs = view.blocks.filter(({ block_id }) => parseBlockId(block_id));
  const categories = inputs.flatMap(({ block_id }): CategoryRow[] => {
    const row = /^(.+)-name$/.exec(parseBlockId(block_id)?.field ?? '')?.[1];
    if (!row) return [];
    return [
      {
        row,
        name: typed(`${row}-name`),
        emoji: typed(`${row}-emoji`),
        meaning: typed(`${row}-meaning`),
      },
    ];
  });
  return {
    user: user.id,
    change: view.private_metadata,
    firstBlock: inputs[0]?.block_id ?? '',
    form: {
      days: picked('days').map(Number),
      time: values.get('time')?.selected_time ?? null,
      summaryCron: typed('summaryCron'),
      timeZone: typed('timeZone'),
      classifyEvery: values.get('classifyEvery')?.selected_option?.value ?? null,
      classifyCron: typed('classifyCron'),
      rules: typed('rules'),
      remindHours: typed('remindHours'),
      closeTheLoop: picked('closeTheLoop').includes('on'),
      asTheyCome: values.get('asTheyCome')?.selected_option?.value === 'on',
      categories,
    },
  };
}
