import { expect, test } from 'vitest';
import { mayName, withoutName } from '../../../src/core/privacy/mentioned.ts';

/** A name is a whole word of what people see. */

const post = (text: string) =>
  JSON.stringify({ kind: 'post', text, blocks: [{ type: 'section', block_id: 'text-ana' }] });

test.each([
  ['Claimed by Ana.', true],
  ['Claimed by ANA', true],
  ['(ana)', true],
  ['Analytics chart is empty', false],
  ['The banana is late', false],
  ['', false],
])('%s', (text, names) => {
  expect(mayName(post(text), 'Ana')).toBe(names);
});

test('names that mean something in JSON, in blocks or in patterns are names like others', () => {
  for (const name of ['text', 'type', 'post', 'section', '$&', '(x)', 'a|b', '\\d']) {
    expect([name, mayName(post('Nothing here'), name)]).toEqual([name, false]);
    expect([name, mayName(post(`By ${name}!`), name)]).toEqual([name, true]);
  }
  expect(mayName(post('R&amp;D said so'), 'R&D')).toBe(true);
});

test('only the name goes', () => {
  const said = { text: 'Claimed by Ana. Anabel waits.', blocks: [{ type: 'Ana', text: 'Ana' }] };
  expect(withoutName(said, 'Ana')).toEqual({
    text: 'Claimed by somebody. Anabel waits.',
    blocks: [{ type: 'Ana', text: 'somebody' }],
  });
});
