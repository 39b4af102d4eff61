import { type ReactNode, useState } from 'react';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { Mrkdwn, PlainText } from '../text.tsx';
import { isJson, type Json, wordsOf } from './values.ts';

/** Asks for confirmation if the element has a confirm dialog. */
export function useConfirmed(element: Json): { ask(then: () => void): void; dialog: ReactNode } {
  const [then, setThen] = useState<() => void>();
  const { confirm } = element;
  return {
    ask: (next) => (isJson(confirm) ? setThen(() => next) : next()),
    dialog:
      then && isJson(confirm) ? (
        <ConfirmDialog
          title={wordsOf(confirm.title)}
          text={
            isJson(confirm.text) && confirm.text.type === 'mrkdwn' ? (
              <Mrkdwn text={wordsOf(confirm.text)} />
            ) : (
              <PlainText text={wordsOf(confirm.text)} />
            )
          }
          confirm={wordsOf(confirm.confirm)}
          deny={wordsOf(confirm.deny)}
          tone={confirm.style === 'danger' ? 'danger' : 'primary'}
          onClose={(isConfirmed) => {
            setThen(undefined);
            if (isConfirmed) then();
          }}
        />
      ) : null,
  };
}
