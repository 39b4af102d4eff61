import { useId } from 'react';
import { PlainText } from '../text.tsx';
import { ElementView } from './elements.tsx';
import { useBlockHost } from './host.tsx';
import { isJson, type Json, textOf, wordsOf } from './values.ts';

const GROUPS = ['checkboxes', 'radio_buttons'];

/** A labelled input with its hint and error. */
export function InputBlock({ block }: { block: Json }) {
  const { form } = useBlockHost();
  const id = useId();
  const { element } = block;
  if (!isJson(element)) return null;
  const blockId = textOf(block.block_id);
  const error = form?.errors[blockId];
  const hint = wordsOf(block.hint);
  const describedBy = [error ? `${id}-error` : '', hint ? `${id}-hint` : '']
    .filter(Boolean)
    .join(' ');
  const label = (
    <>
      <PlainText text={wordsOf(block.label)} />
      {block.optional === true ? <span className="quiet"> (optional)</span> : null}
    </>
  );
  const field = (
    <ElementView
      element={element}
      blockId={blockId}
      input={{
        id,
        labelId: `${id}-label`,
        isRequired: block.optional !== true,
        isWrong: error !== undefined,
        sends: block.dispatch_action === true,
        ...(describedBy ? { describedBy } : {}),
      }}
    />
  );
  return (
    <div className="block-input" data-block={blockId}>
      {GROUPS.includes(textOf(element.type)) ? (
        <div id={`${id}-label`} className="input-label">
          {label}
        </div>
      ) : (
        <label id={`${id}-label`} htmlFor={id} className="input-label">
          {label}
        </label>
      )}
      {field}
      {error ? (
        <p id={`${id}-error`} className="input-error" role="alert">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="quiet input-hint">
          <PlainText text={hint} />
        </p>
      ) : null}
    </div>
  );
}
