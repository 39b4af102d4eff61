import { describe, expect, test } from 'vitest';
import { fillGroups, findItem, readItems } from '../../../sim/claude/group-items.ts';
import { fillAnswer } from '../../../sim/claude/keyword-rules.ts';

/** Arbitrary tags: the stand-in has no special case for them. */

const PROMPT = `
<topic id="a7">Printing of labels is slow</topic>
<topic id="b2">Coffee machine</topic>
<note id="1">
The printing of my labels takes an hour
</note>
<note id="2">Labels: printing is slow</note>
<note id="3">Where do the bicycles stand?</note>
<note id="4">&lt;note id="9">Labels printing&lt;/note></note>
<note>no id</note>`;

const ids = (kind: string) => ({
  type: 'array',
  items: { type: 'string' },
  description: `Ids of <${kind}> tags`,
});
const schema = {
  type: 'object',
  properties: {
    lists: {
      type: 'array',
      items: { type: 'object', properties: { mine: ids('note'), theirs: ids('topic') } },
    },
  },
};
const choice = {
  type: 'object',
  properties: { pick: { type: 'string', description: 'The id of the <topic> that fits, or none' } },
};

const items = readItems(PROMPT);

describe('tags with an id', () => {
  test('can be grouped', () => {
    expect(items.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'topic a7',
      'topic b2',
      'note 1',
      'note 2',
      'note 3',
      'note 4',
    ]);
    expect(readItems('no tags')).toEqual([]);
  });

  test('are grouped by shared words, in the form that the schema asks for', () => {
    expect(fillAnswer(PROMPT, schema, { items })).toEqual({
      lists: [{ mine: ['1', '2', '4'], theirs: ['a7'] }],
    });
  });

  test('make wider groups where these have titles: one shared word is enough, and names them', () => {
    const lists = {
      type: 'array',
      items: { type: 'object', properties: { title: { type: 'string' }, mine: ids('note') } },
    };
    const some = readItems(
      '<note id="1">Exporting takes long</note><note id="2">The export is empty</note><note id="3">Bicycles</note>',
    );
    expect(fillAnswer('', { type: 'object', properties: { lists } }, { items: some })).toEqual({
      lists: [{ title: 'Exporting', mine: ['1', '2'] }],
    });
  });

  test('of another kind that are both similar to one are merged', () => {
    const some = readItems(
      '<topic id="x">red apples</topic><topic id="y">green pears</topic><note id="n">red apples and green pears</note>',
    );
    expect(fillAnswer('', schema, { items: some })).toEqual({
      lists: [{ mine: ['n'], theirs: ['x', 'y'] }],
    });
  });

  test('are chosen for a text, or none', () => {
    const pick = (text: string) => fillAnswer(text, choice, { items }).pick;
    expect(pick('The labels are slow, printing them')).toBe('a7');
    expect(pick('Where is my bicycle')).toBe('none');
    expect(findItem([], 'printing labels')).toBeUndefined();
  });

  test('get wrong ids on request', () => {
    expect(fillAnswer('labels printing', choice, { items, strange: true }).pick).not.toBe('a7');
    const { lists } = fillAnswer(PROMPT, schema, { items, strange: true });
    expect(lists).toEqual([
      { mine: ['1', '2', '4'], theirs: ['a7'] },
      { mine: ['1', '2', '4', expect.any(String)], theirs: ['a7', expect.any(String)] },
    ]);
  });
});

test('a schema without groups gets none', () => {
  expect(fillGroups({ type: 'object', properties: {} }, items)).toBeUndefined();
  expect(
    fillGroups({ type: 'object', properties: { tags: { type: 'array' } } }, items),
  ).toBeUndefined();
  expect(fillGroups({ type: 'string' }, items)).toBeUndefined();
});
