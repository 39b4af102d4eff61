// The values of a view's inputs, read from the blocks that the app sent.
export type Json = Readonly<Record<string, unknown>>;
/** block_id → action_id → the person's input; null when it is empty. */
export type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** The text of a text object or a string. */
export function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return isJson(value) && typeof value.text === 'string' ? value.text : '';
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function optionsOf(element: Json): Json[] {
  return [
    ...listOf(element.options),
    ...listOf(element.option_groups).flatMap((g) => listOf(g.options)),
  ];
}

const INITIAL_KEYS: Record<string, string> = {
  channels_select: 'initial_channel',
  conversations_select: 'initial_conversation',
  datepicker: 'initial_date',
  datetimepicker: 'initial_date_time',
  multi_channels_select: 'initial_channels',
  multi_conversations_select: 'initial_conversations',
  multi_users_select: 'initial_users',
  timepicker: 'initial_time',
  users_select: 'initial_user',
};

/** The initial value of an element. */
export function initialOf(element: Json): unknown {
  const type = textOf(element.type);
  if (isJson(element.initial_option)) return element.initial_option.value;
  if (Array.isArray(element.initial_options))
    return listOf(element.initial_options).map((option) => option.value);
  const key = INITIAL_KEYS[type] ?? 'initial_value';
  return element[key] ?? (isMany(type) ? [] : null);
}

export function isMany(type: string): boolean {
  return type.startsWith('multi_') || type === 'checkboxes';
}

/** Errors that keep a view from being submitted, by block_id, as the person reads them. */
export function findMissing(blocks: readonly Json[], values: Values): Record<string, string> {
  const wrong: Record<string, string> = {};
  for (const block of blocks) {
    if (block.type !== 'input' || !isJson(block.element)) continue;
    const { element } = block;
    const blockId = textOf(block.block_id);
    const held = values[blockId]?.[textOf(element.action_id)];
    const value = held === undefined ? initialOf(element) : held;
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    if (isEmpty) {
      if (block.optional !== true) wrong[blockId] = 'Please complete this required field.';
      continue;
    }
    const problem = checkValue(element, value);
    if (problem) wrong[blockId] = problem;
  }
  return wrong;
}

function checkValue(element: Json, value: unknown): string | undefined {
  const { type, min_length: least, max_length: most } = element;
  if (typeof value !== 'string') return undefined;
  if (typeof least === 'number' && value.length < least)
    return `Please write at least ${least} characters.`;
  if (typeof most === 'number' && value.length > most)
    return `Please write at most ${most} characters.`;
  if (type === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(value))
    return 'Please enter an email address.';
  if (type === 'url_text_input' && !/^https?:\/\/\S+$/.test(value))
    return 'Please enter a link that begins with http:// or https://.';
  if (type !== 'number_input') return undefined;
  const number = Number(value);
  if (
    !Number.isFinite(number) ||
    (element.is_decimal_allowed === false && !Number.isInteger(number))
  )
    return element.is_decimal_allowed === false
      ? 'Please enter a whole number.'
      : 'Please enter a number.';
  if (element.min_value !== undefined && number < Number(element.min_value))
    return `Please enter at least ${element.min_value}.`;
  if (element.max_value !== undefined && number > Number(element.max_value))
    return `Please enter at most ${element.max_value}.`;
  return undefined;
}

/** Only the values of inputs in these blocks: an update may have removed some. */
export function keepKnown(values: Values, blocks: readonly Json[]): Values {
  const there = new Set<string>();
  for (const block of blocks)
    for (const element of [block.element, block.accessory, ...listOf(block.elements)])
      if (isJson(element)) there.add(`${block.block_id} ${element.action_id}`);
  return Object.fromEntries(
    Object.entries(values).map(([blockId, held]) => [
      blockId,
      Object.fromEntries(Object.entries(held).filter(([id]) => there.has(`${blockId} ${id}`))),
    ]),
  );
}
