import type { ModalView } from '@slack/types';
import type { Field, Problems, SettingsForm } from '../../../core/settings/form.ts';
import { plain } from '../controls.ts';
import { bold, bullets, richText, section, text } from '../rich-text.ts';

/** The mistakes in the settings form, where Slack shows none beside the inputs: on top of it. */

/** What the inputs are called here, where nothing stands above them. */
const NAMES: Record<Exclude<keyof SettingsForm, 'categories'>, string> = {
  days: 'Summary on',
  time: 'Summary at',
  summaryCron: 'Summary, by a cron pattern',
  timeZone: 'Time zone',
  classifyEvery: 'Classify in between',
  classifyCron: 'Classify in between, by a cron pattern',
  asTheyCome: 'Classify new messages',
  rules: 'When one of these fits',
  remindHours: 'Reminder',
  closeTheLoop: 'Closing the loop',
};

const ROW_NAMES = {
  name: 'Category',
  emoji: 'Emoji of category',
  meaning: 'What belongs to category',
};

function nameOf(field: Field, { categories }: SettingsForm): string {
  if (field in NAMES) return NAMES[field as keyof typeof NAMES];
  const [, row, part] = /^(.+)-(name|emoji|meaning)$/.exec(field) ?? [];
  const number = categories.findIndex((category) => category.row === row) + 1;
  return `${ROW_NAMES[part as keyof typeof ROW_NAMES]} ${number}`;
}

export function renderMistakes(form: SettingsForm, problems: Problems): ModalView {
  return {
    type: 'modal',
    title: plain('Settings'),
    close: plain('Back'),
    blocks: [
      richText(
        section(text('The settings cannot be tried yet. Please correct this in the form:')),
        bullets(
          [...problems].map(([field, why]) => section(bold(nameOf(field, form)), text(`: ${why}`))),
        ),
      ),
    ],
  };
}
