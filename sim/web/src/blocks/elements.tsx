// The interactive elements: each sends the person's actions to the app.
import { type ReactNode, useRef, useState } from 'react';
import { drawEmoji } from '../emoji.ts';
import { Link } from '../entities.tsx';
import { Menu } from '../popover.tsx';
import { Mrkdwn, PlainText } from '../text.tsx';
import type { ElementProps } from './element-props.ts';
import { type Press, useBlockHost } from './host.tsx';
import { PickerElement } from './picker-elements.tsx';
import { MultiSelect, SingleSelect } from './select-elements.tsx';
import { TextElement } from './text-elements.tsx';
import { UnknownBlock } from './unknown-block.tsx';
import { useConfirmed } from './use-confirmed.tsx';
import { useHeld } from './use-held.ts';
import { isJson, listOf, optionsOf, textOf, wordsOf } from './values.ts';

export function ElementView(props: ElementProps): ReactNode {
  switch (props.element.type) {
    case 'button':
    case 'icon_button':
    case 'workflow_button':
      return <Button {...props} />;
    case 'feedback_buttons':
      return <FeedbackButtons {...props} />;
    case 'overflow':
      return <Overflow {...props} />;
    case 'static_select':
    case 'users_select':
    case 'channels_select':
    case 'conversations_select':
      return <SingleSelect {...props} />;
    case 'multi_static_select':
    case 'multi_users_select':
    case 'multi_channels_select':
    case 'multi_conversations_select':
      return <MultiSelect {...props} />;
    case 'checkboxes':
    case 'radio_buttons':
      return <Choices {...props} />;
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return <PickerElement {...props} />;
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
    case 'rich_text_input':
      return <TextElement {...props} />;
    default:
      return <UnknownBlock block={props.element} />;
  }
}

function Button({ element, blockId }: ElementProps) {
  const host = useBlockHost();
  const { ask, dialog } = useConfirmed(element);
  const url = textOf(element.url);
  const tone = textOf(element.style);
  const label = textOf(element.accessibility_label) || undefined;
  const words = <PlainText text={wordsOf(element.text)} />;
  const press: Press = typeof element.value === 'string' ? { value: element.value } : {};
  const send = () => void host.press(blockId, textOf(element.action_id), press);
  if (url !== '')
    return (
      <Link url={url} className={`button ${tone}`} onClick={send}>
        {words}
      </Link>
    );
  return (
    <>
      <button
        type="button"
        className={`button ${tone}`}
        aria-label={label}
        aria-busy={host.isBusy}
        onClick={() => ask(send)}
      >
        {words}
      </button>
      {dialog}
    </>
  );
}

function FeedbackButtons({ element, blockId }: ElementProps) {
  const host = useBlockHost();
  return [element.positive_button, element.negative_button].filter(isJson).map((thumb) => (
    <button
      key={textOf(thumb.value)}
      type="button"
      className="button"
      aria-label={textOf(thumb.accessibility_label) || undefined}
      onClick={() =>
        void host.press(blockId, textOf(element.action_id), { value: textOf(thumb.value) })
      }
    >
      <PlainText text={wordsOf(thumb.text)} />
    </button>
  ));
}

function Overflow({ element, blockId }: ElementProps) {
  const host = useBlockHost();
  const { ask, dialog } = useConfirmed(element);
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className="button overflow-button"
        aria-label="More"
        aria-haspopup="menu"
        onClick={() => setOpen(true)}
      >
        ⋯
      </button>
      {isOpen ? (
        <Menu
          anchor={anchor}
          onClose={() => setOpen(false)}
          label="More"
          items={listOf(element.options).map((option) => ({
            label: drawEmoji(wordsOf(option.text)),
            note: wordsOf(option.description) || undefined,
            run: () =>
              ask(() =>
                host.press(blockId, textOf(element.action_id), {
                  selectedOption: textOf(option.value),
                }),
              ),
          }))}
        />
      ) : null}
      {dialog}
    </>
  );
}

function Choices({ element, blockId, input }: ElementProps) {
  const { value, change } = useHeld(element, blockId, input === undefined || input.sends);
  const isRadio = element.type === 'radio_buttons';
  const chosen = isRadio ? [value] : Array.isArray(value) ? value : [];
  const toggle = (option: string) => {
    if (isRadio) change(option);
    else change(chosen.includes(option) ? chosen.filter((v) => v !== option) : [...chosen, option]);
  };
  const name = input?.id ?? `${blockId}-${textOf(element.action_id)}`;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a label
    <div
      className="choices"
      role={isRadio ? 'radiogroup' : 'group'}
      aria-labelledby={input?.labelId}
      aria-describedby={input?.describedBy}
    >
      {optionsOf(element).map((option) => {
        const id = textOf(option.value);
        return (
          <label key={id} className="choice">
            <input
              type={isRadio ? 'radio' : 'checkbox'}
              name={name}
              checked={chosen.includes(id)}
              onChange={() => toggle(id)}
            />
            <span>
              {isJson(option.text) && option.text.type === 'mrkdwn' ? (
                <Mrkdwn text={wordsOf(option.text)} />
              ) : (
                <PlainText text={wordsOf(option.text)} />
              )}
              {option.description ? (
                <span className="quiet choice-note">{wordsOf(option.description)}</span>
              ) : null}
            </span>
          </label>
        );
      })}
    </div>
  );
}
